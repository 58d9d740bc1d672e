import { describe, expect, test } from 'vitest';
import { fernandezHuerta, gulpease, inflesz, martins, readability } from './readability.ts';
import { sentencesOf, textUnits } from './units.ts';

const ES =
  'El agua es un recurso vital. La usamos cada día para beber, cocinar y lavar. Cuando llueve poco, los ríos bajan y la gente debe cuidarla.';
const PT =
  'A água é um recurso vital. Usamos a água todos os dias para beber, cozinhar e lavar. Quando chove pouco, os rios baixam e as pessoas precisam cuidar dela.';

describe('the formulas against worked examples', () => {
  // 100 words, 180 syllables, 5 sentences; the two common misquotations give 93.74 and 185.36.
  test('Spanish', () => {
    expect(fernandezHuerta(1.8, 20)).toBeCloseTo(78.44, 2);
    expect(inflesz(1.8, 20)).toBeCloseTo(74.7, 1);
  });
  // 100 words, 200 syllables, 5 sentences; the English formula would give 17.34.
  test('Portuguese', () => {
    expect(martins(2, 20)).toBeCloseTo(59.34, 1);
    expect(gulpease(121, 29, 3)).toBeCloseTo(78.31, 2);
  });
});

describe('whole texts counted by hand', () => {
  test('Spanish: 26 words, 3 sentences, 48 syllables, 107 letters', () => {
    const found = readability(ES, 'es');
    expect(found).toMatchObject({ words: 26, sentences: 3, syllables: 48, letters: 107, scores: [] });
    expect(fernandezHuerta(48 / 26, 26 / 3)).toBeCloseTo(87.23, 1);
    expect(inflesz(48 / 26, 26 / 3)).toBeCloseTo(83.15, 1);
  });
  test('Portuguese: 29 words, 3 sentences, 54 syllables, 121 letters', () => {
    expect(readability(PT, 'pt')).toMatchObject({ words: 29, sentences: 3, syllables: 54, letters: 121 });
    expect(martins(54 / 29, 29 / 3)).toBeCloseTo(81.49, 1);
  });
  test('a text of two such passages has figures, said to be uncertain, and its level', () => {
    const { scores, margin } = readability(`${ES} ${ES}`, 'es');
    expect(scores.map(({ formula, level }) => [formula, level])).toEqual([
      ['inflesz', 'very-easy'],
      ['fernandez-huerta', 'easy'],
    ]);
    expect(scores[0]!.value).toBeCloseTo(83.15, 1);
    expect(margin).toBe(10);
    expect(readability(`${PT} ${PT}`, 'pt').scores[0]).toMatchObject({
      formula: 'martins',
      level: 'very-easy',
    });
  });
  test('an empty text has no figures and no NaN', () => {
    expect(readability('  12,5 \n', 'es')).toEqual({
      words: 0,
      sentences: 0,
      syllables: 0,
      letters: 0,
      numbers: 1,
      wordsPerSentence: 0,
      syllablesPerWord: 0,
      scores: [],
      margin: 10,
    });
  });
});

describe('sentences', () => {
  test.each<[string, number]>([
    ['El Sr. Pérez vive en la Av. Italia. Llega hoy.', 2],
    ['La Sra. Díaz y el Dr. J. M. Ruiz llegaron.', 1],
    ['Vale 3.14 o 3,14. Eso dice el art. 5 de la ley.', 2],
    ['¿Vienes? ¡Claro! Espera…', 3],
    ['Título sin punto\nUna oración. Otra.', 3],
    ['- pan\n- leche\n- huevos', 3],
    ['Trajo pan, leche, etc. Luego se fue.', 1],
    ['Trajo pan, leche, etc.', 1],
    ['Dijo: «Vengo.» Y vino.', 2],
    ['Es el 1.º de mayo. Fiesta.', 2],
    ['En EE.UU. hay muchos. Aquí pocos.', 2],
    ['O Exmo. Sr. Prefeito assinou. A Profa. Ana leu.', 2],
    ['...', 0],
  ])('%s', (text, count) => expect(sentencesOf(text)).toHaveLength(count));
  test('numbers are left out and told', () => {
    expect(textUnits('Hay 25 niños y 3,5 kilos en 2026.')).toMatchObject({
      numbers: 3,
      words: ['Hay', 'niños', 'y', 'kilos', 'en'],
    });
  });
});
