// Readability formulas for Spanish and Portuguese: an aid, not a judgement (ISO 24495-1 warns against judging by formulas).

import { syllablesEs } from './syllables-es.ts';
import { syllablesPt } from './syllables-pt.ts';
import { textUnits } from './units.ts';

/** Under so many words a figure says nothing and is not shown. */
export const FEWEST_WORDS = 30;
/** Under so many words a figure is uncertain: it is shown as a range of this many points either way. */
export const FEW_WORDS = 100;
export const FEW_WORDS_MARGIN = 10;

/** From the easiest to the hardest. */
export type Level = 'very-easy' | 'easy' | 'fairly-easy' | 'normal' | 'fairly-hard' | 'hard' | 'very-hard';

export interface Score {
  formula: 'inflesz' | 'fernandez-huerta' | 'martins' | 'gulpease';
  /** Higher is easier, about 0 to 100; short simple texts go beyond. */
  value: number;
  level: Level;
}

export interface Readability {
  words: number;
  sentences: number;
  syllables: number;
  letters: number;
  numbers: number;
  wordsPerSentence: number;
  syllablesPerWord: number;
  /** The one to show first, then a second opinion; empty under FEWEST_WORDS. */
  scores: Score[];
  /** Points either way that a short text's scores may be off. */
  margin: number;
}

type Band = readonly [from: number, level: Level];
/** Barrio-Cantalejo et al. 2008. */
const INFLESZ: readonly Band[] = [
  [80, 'very-easy'],
  [65, 'fairly-easy'],
  [55, 'normal'],
  [40, 'fairly-hard'],
  [-Infinity, 'very-hard'],
];
/** Fernández Huerta 1959. */
const HUERTA: readonly Band[] = [
  [90, 'very-easy'],
  [80, 'easy'],
  [70, 'fairly-easy'],
  [60, 'normal'],
  [50, 'fairly-hard'],
  [30, 'hard'],
  [-Infinity, 'very-hard'],
];
/** Martins, Ghiraldelo, Nunes and Oliveira 1996. */
const MARTINS: readonly Band[] = [
  [75, 'very-easy'],
  [50, 'easy'],
  [25, 'hard'],
  [-Infinity, 'very-hard'],
];
/** Lucisano and Piemontese 1988, for Italian; used for Portuguese without a new fit. */
const GULPEASE: readonly Band[] = [
  [80, 'easy'],
  [60, 'normal'],
  [40, 'hard'],
  [-Infinity, 'very-hard'],
];

const levelOf = (bands: readonly Band[], value: number): Level =>
  bands.find(([from]) => value >= from)?.[1] ?? 'very-hard';

/** Szigriszt-Pazos 1993, with the bands of INFLESZ. */
export const inflesz = (syllablesPerWord: number, wordsPerSentence: number): number =>
  206.835 - 62.3 * syllablesPerWord - wordsPerSentence;

/** The right form has words a sentence; a common misquotation has sentences a hundred words. */
export const fernandezHuerta = (syllablesPerWord: number, wordsPerSentence: number): number =>
  206.84 - 60 * syllablesPerWord - 1.02 * wordsPerSentence;

export const martins = (syllablesPerWord: number, wordsPerSentence: number): number =>
  248.835 - 84.6 * syllablesPerWord - 1.015 * wordsPerSentence;

export const gulpease = (letters: number, words: number, sentences: number): number =>
  89 + (300 * sentences - 10 * letters) / words;

export function readability(text: string, language: 'es' | 'pt'): Readability {
  const { words, sentences, letters, numbers } = textUnits(text);
  const count = language === 'es' ? syllablesEs : syllablesPt;
  const syllables = words.reduce((sum, word) => sum + count(word), 0);
  const [perWord, perSentence] = [syllables / words.length, words.length / sentences];
  const score = (formula: Score['formula'], bands: readonly Band[], value: number): Score => ({
    formula,
    value,
    level: levelOf(bands, value),
  });
  const scores =
    words.length < FEWEST_WORDS
      ? []
      : language === 'es'
        ? [
            score('inflesz', INFLESZ, inflesz(perWord, perSentence)),
            score('fernandez-huerta', HUERTA, fernandezHuerta(perWord, perSentence)),
          ]
        : [
            score('martins', MARTINS, martins(perWord, perSentence)),
            score('gulpease', GULPEASE, gulpease(letters, words.length, sentences)),
          ];
  return {
    words: words.length,
    sentences,
    syllables,
    letters,
    numbers,
    wordsPerSentence: words.length === 0 ? 0 : perSentence,
    syllablesPerWord: words.length === 0 ? 0 : perWord,
    scores,
    margin: words.length < FEW_WORDS ? FEW_WORDS_MARGIN : 0,
  };
}
