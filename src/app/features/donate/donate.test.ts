import { describe, expect, it } from 'vitest';
import type { Conversation, MessageNode } from '../../../storage/conversations.ts';
import {
  prepareDonation,
  strikeEverywhere,
  strikePassage,
  struckText,
  toJsonl,
  type Feedback,
} from './donate.ts';
import { suggestStrikes } from './suggest.ts';

const struck = (text: string): string[] =>
  suggestStrikes(text).map(({ start, end, kind }) => `${kind}: ${text.slice(start, end)}`);

describe('suggestions', () => {
  it.each([
    ['Escríbeme a ana.perez+1@liceo.edu.uy, gracias', ['email: ana.perez+1@liceo.edu.uy']],
    [
      'mira https://ejemplo.com/u/ana?x=1 o www.blog.cl.',
      ['link: https://ejemplo.com/u/ana?x=1', 'link: www.blog.cl'],
    ],
    ['sígueme en @ana_perez', ['link: @ana_perez']],
    ['mi cédula es 1.234.567-8', ['id: 1.234.567-8']],
    ['meu CPF: 123.456.789-00', ['id: 123.456.789-00']],
    ['CUIT 20-12345678-9 y DNI 12.345.678.', ['id: 20-12345678-9', 'id: 12.345.678']],
    ['RUT 12.345.678-k', ['id: 12.345.678-k']],
    ['llama al +598 99 123 456', ['phone: +598 99 123 456']],
    ['tel. (011) 4567-8901 hoy', ['phone: (011) 4567-8901']],
    ['liga para 11987654321', ['phone: 11987654321']],
    ['la guerra de 1914-1918 y el 2024-05-12, con 45 alumnos', []],
    ['cuesta 1.500 pesos y pesa 3,75 kg', []],
    ['Hola, ME LLAMO ana pero tengo dudas', ['name: ana']],
    ['Meu nome é João da Silva.', ['name: João da Silva']],
    ['Hola Juan, te presento a María del Carmen Núñez', ['name: Juan', 'name: María del Carmen Núñez']],
    ['El perro ladra. La casa es azul. Quiero dormir.', []],
    ['My name is Peter Smith. The dog barks.', ['name: Peter Smith']],
  ])('in "%s"', (text, expected) => {
    expect(struck(text)).toEqual(expected);
  });

  it('take time in proportion to the text, whatever it is', { timeout: 60_000 }, () => {
    for (const piece of ['a', '.', '(1 ', 'www.', 'Ana ', 'De ', '- ', '1-', 'A.']) {
      expect(() => suggestStrikes(piece.repeat(60_000))).not.toThrow();
    }
  });

  it('never overlap, and cost no more than the text', () => {
    const text = `${'Ana Pérez ana@x.uy +598 99 123 456 1.234.567-8 '.repeat(200)}${'(1 '.repeat(2000)}`;
    const found = suggestStrikes(text);
    found.forEach((strike, i) => expect(strike.start).toBeGreaterThanOrEqual(found[i - 1]?.end ?? 0));
    expect(found.length).toBeGreaterThan(700);
  });
});

describe('donation', () => {
  const node = (
    id: string,
    parentId: string | null,
    role: MessageNode['role'],
    content: string,
  ): MessageNode => ({
    id,
    parentId,
    role,
    content,
    createdAt: 1_700_000_000_000,
  });
  const conversation: Conversation = {
    schema: 1,
    id: 'secret-id',
    title: 'Título privado',
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_001,
    modelId: 'semilla',
    system: 'Ayuda a la maestra Lucía.',
    currentLeaf: 'b',
    nodes: {
      a: node('a', null, 'user', 'Me llamo Lucía Gómez, mi correo es lu@x.uy. ¿Qué es una célula?'),
      b: node('b', 'a', 'assistant', 'Hola, lucía. Una célula es la unidad de la vida.'),
      z: node('z', 'a', 'assistant', 'otra rama'),
    },
  };
  const feedback: Record<string, Feedback> = {
    b: { rating: 'down', reasons: ['incomplete'], note: 'Lucía esperaba más' },
    z: { rating: 'up', reasons: ['clear'], note: '' },
  };

  it('shows the current branch with names suggested wherever they are', () => {
    const donation = prepareDonation(conversation, feedback);
    expect(donation.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant']);
    expect(donation.messages.map(struckText)).toEqual([
      'Ayuda a la maestra [name].',
      'Me llamo [name], mi correo es [email]. ¿Qué es una célula?',
      'Hola, [name]. Una célula es la unidad de la vida.',
    ]);
    const note = donation.messages[2]?.note;
    expect(note && struckText(note)).toBe('[name] esperaba más');
  });

  it('gives exactly what is shown, as one line', () => {
    const line = toJsonl(prepareDonation(conversation, feedback));
    expect(line.endsWith('\n')).toBe(true);
    expect(line.trim()).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      format: 'yupana-donation',
      schema: 1,
      messages: [
        { role: 'system', content: 'Ayuda a la maestra [name].' },
        { role: 'user', content: 'Me llamo [name], mi correo es [email]. ¿Qué es una célula?' },
        {
          role: 'assistant',
          content: 'Hola, [name]. Una célula es la unidad de la vida.',
          model: 'semilla',
          rating: 'down',
          reasons: ['incomplete'],
          note: '[name] esperaba más',
        },
      ],
    });
    for (const secret of ['secret-id', 'Título', 'Lucía', 'lu@x', '1700000000', 'otra rama']) {
      expect(line).not.toContain(secret);
    }
  });

  it('follows the person: passages, phrases, messages left out, suggestions turned off', () => {
    const donation = prepareDonation(conversation, feedback);
    const [system, user, answer] = donation.messages;
    if (!system || !user || !answer) throw new Error('three messages expected');
    system.included = false;
    const at = answer.text.indexOf('la unidad');
    strikePassage(answer, at, at + 'la unidad'.length);
    strikeEverywhere(donation, 'célula');
    for (const strike of user.strikes) if (strike.kind === 'email') strike.on = false;
    expect(toJsonl(donation)).toContain('mi correo es lu@x.uy. ¿Qué es una […]?');
    expect(struckText(answer)).toBe('Hola, [name]. Una […] es […] de la vida.');
    strikePassage(answer, 0, 10_000);
    expect(struckText(answer)).toBe('[…]');
    strikePassage(user, 3, 3);
    for (const message of donation.messages) message.included = false;
    expect(toJsonl(donation)).toBe('');
  });

  it('strikes any phrase, whatever its signs, as whole words', () => {
    const donation = prepareDonation(
      {
        ...conversation,
        system: '',
        nodes: { a: node('a', null, 'user', 'el sol (a+b) soleado SOL') },
        currentLeaf: 'a',
      },
      {},
    );
    strikeEverywhere(donation, 'sol');
    strikeEverywhere(donation, '(a+b)');
    strikeEverywhere(donation, '  ');
    expect(donation.messages.map(struckText)).toEqual(['el […] […] soleado […]']);
  });
});
