import { describe, expect, it } from 'vitest';
import { en } from './en/dictionary.ts';
import { es, type Dictionary } from './es/dictionary.ts';
import { createFormats, languageOf, LANGUAGES, type LanguageCode } from './format.ts';
import { pt } from './pt/dictionary.ts';
import { blank } from './texts.ts';

const dictionaries: Record<LanguageCode, Dictionary> = { es, pt, en };

/** Every text of a dictionary by its path; functions are called with marks for their blanks. */
function texts(value: unknown, path: string, code: LanguageCode): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const call = value as (...blanks: unknown[]) => unknown;
    const f = createFormats(code);
    // Texts that count things take the number itself, for the plural's sake.
    return String(call).includes('.plural(') ||
      /requests|packs\.(incomplete|damaged|shell)|damagedFiles/.test(path)
      ? [0, 1, 3].flatMap((n) => texts(call(n, f, '«3»'), `${path}(${n})`, code))
      : texts(call('«1»', '«2»', '«3»'), path, code);
  }
  if (typeof value !== 'object' || value === null) throw new Error(`${path} is no text`);
  return Object.entries(value).flatMap(([key, part]) => texts(part, `${path}.${key}`, code));
}

const interfaceTexts = (code: LanguageCode): [string, string][] => {
  const parts = Object.entries(dictionaries[code]);
  return texts(Object.fromEntries(parts), code, code);
};

describe.each(LANGUAGES)('%s', (code) => {
  it('has a text behind every key, plain and without exclamation', () => {
    for (const [path, text] of interfaceTexts(code)) {
      expect(text.trim(), path).not.toBe('');
      expect(text, path).not.toMatch(/[!¡]|undefined|null|NaN|\[object/);
    }
  });

  it('fills the blanks of every text that has some', () => {
    const { chip, download, models } = dictionaries[code];
    expect(chip.downloading('43 %')).toContain('43 %');
    expect(download.done('1', '2', '50 %')).toMatch(/1.*2.*50 %/);
    expect(models.states.partial('1 MB', '3 MB')).toMatch(/1 MB.*3 MB/);
  });

  it('never calls the starter model Latam-GPT', () => {
    const { first, chat, settings } = dictionaries[code];
    for (const text of [first.what, chat.starter, settings.aboutModel]) {
      expect(text).toContain('Semilla');
      expect(text).toMatch(/\b(no es|não é|not) (o )?Latam-GPT/i);
    }
  });
});

it('has no two languages that share a sentence by mistake', () => {
  const spanish = new Map(interfaceTexts('es').map(([path, text]) => [path.slice(3), text]));
  for (const code of ['pt', 'en'] as const) {
    const same = interfaceTexts(code).filter(
      ([path, text]) =>
        text.split(' ').length > 3 &&
        !text.includes('«') && // few words around blanks are the same in two languages
        spanish.get(path.slice(3)) === text &&
        !/starters|systemPlaceholder/.test(path),
    );
    expect(same).toEqual([]);
  }
});

it('speaks the first of the browser’s languages that it knows', () => {
  expect(languageOf(['qu-PE', 'pt-BR', 'es'])).toBe('pt');
  expect(languageOf(['EN-us'])).toBe('en');
  expect(languageOf(['qu', 'ay'])).toBe('es');
});

describe('formats', () => {
  const spanish = createFormats('es', ['es-UY']);
  it('counts every byte', () => {
    expect(spanish.exactBytes(3382697)).toBe('3.382.697');
    expect(spanish.bytes(3382697).replace(/\s/, ' ')).toBe('3,38 MB');
    expect(createFormats('en', ['en-US']).bytes(33_826_970)).toBe('33.8 MB');
  });

  it('says 100 % only when all is done', () => {
    expect(spanish.percent(0.99999)).toMatch(/^99/);
    expect(spanish.percent(0.29)).toMatch(/^29/);
    expect(spanish.percent(1)).toMatch(/^100/);
  });

  it('knows plurals', () => {
    expect(spanish.plural(1, { one: '# pedido', other: '# pedidos' })).toBe('1 pedido');
    expect(spanish.plural(1200, { one: '# pedido', other: '# pedidos' })).toBe('1.200 pedidos');
  });

  it('says long times in hours and minutes', () => {
    expect(createFormats('en', ['en-US']).duration(7500)).toBe('2 hr 5 min');
  });
});

it('keeps blanks from files short and on one line', () => {
  expect(blank(`a\n${'b'.repeat(500)}`, '')).toHaveLength(80);
  expect(blank('  ', 'un archivo')).toBe('un archivo');
});
