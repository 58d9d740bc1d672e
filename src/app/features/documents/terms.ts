// Words of a text -> the terms it is found by: without accents, without the words every sentence has, by their stems.

import { stemmer as english } from '@orama/stemmers/english';
import { stemmer as portuguese } from '@orama/stemmers/portuguese';
import { stemmer as spanish } from '@orama/stemmers/spanish';

export type TermLanguage = 'es' | 'pt' | 'en';

/**
 * What the stemmers' rules expect and people do not type ("-cion", "-cao"), and Portuguese plurals that they take for other
 * words ("nações" beside "nação"): brought to the accented singular before the stem is cut.
 */
const ENDINGS: Record<TermLanguage, readonly (readonly [RegExp, string])[]> = {
  es: [[/([cs])ion$/, '$1ión']],
  pt: [
    [/(?:c|ç)(?:oes|ões|aes|ães|ao)$/, 'ção'],
    [/(?:oes|ões|aes|ães|ao)$/, 'ão'],
    [/([aeou])is$/, '$1l'],
  ],
  en: [],
};

const STEMMERS: Record<TermLanguage, (word: string) => string> = {
  es: spanish,
  pt: portuguese,
  en: english,
};

/** Articles, prepositions, pronouns, conjunctions, auxiliaries and question words; written without accents. */
const STOP_WORDS: Record<TermLanguage, ReadonlySet<string>> = {
  es: new Set(
    `a al algo algun alguna algunas alguno algunos ante antes asi aun aunque cada como con contra cual cuales cuando
    cuanto cuanta cuantos cuantas de del desde donde dos durante e el ella ellas ello ellos en entre era eran eres es esa
    esas ese eso esos esta estaba estaban estamos estan estar estas este esto estos estoy fue fueron ha habia habian han
    hasta hay he la las le les lo los mas me mi mis mucho muy nada ni no nos nosotros o os otra otras otro otros para pero
    poco por porque pues que quien quienes se sea sean segun ser si sido sin sobre solo son soy su sus suya suyo tal
    tambien tan tanto te tiene tienen todo toda todos todas tu tus un una unas uno unos usted ustedes y ya yo dice dime
    explica explicame documento texto archivo`.split(/\s+/),
  ),
  pt: new Set(
    `a ao aos aquela aquelas aquele aqueles aquilo as ate com como contra cada da das de dela dele deles depois do dos e
    ela elas ele eles em entre era eram essa essas esse esses esta estao estas estava estavam este estes eu foi foram ha
    isso isto ja la lhe lhes mais mas me mesmo meu meus minha minhas muito na nao nas nem no nos nossa nosso num numa o os
    ou para pela pelas pelo pelos por porque porem qual quais quando quanto quantos que quem se seja sem ser seu seus so
    sobre sua suas sao tambem te tem tinha tu tua um uma umas uns voce voces onde diz explique documento texto
    arquivo`.split(/\s+/),
  ),
  en: new Set(
    `a about after all also an and any are as at be because been before but by can could did do does for from had has have
    he her him his how i if in into is it its just me more most my no nor not of on only or other our out over she should
    so some such than that the their them then there these they this those to too under until up very was we were what
    when where which while who whom why will with would you your says explain document text file`.split(
      /\s+/,
    ),
  ),
};

/** Lower case, without accents: "Educación" and "educacion" are one word to whoever types without them. */
export const fold = (word: string): string =>
  word
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '');

/** A long number or a hash is found by its beginning; longer terms only cost. */
const MAX_TERM = 40;

/**
 * A function from a word (as written) to its terms: the stem with its accents read, and the stem of the word as typed
 * without them, so that either way of typing meets the other. [] for stop words. Remembers what it has seen.
 */
export function termsOfWord(language: TermLanguage): (word: string) => string[] {
  const cut = STEMMERS[language];
  const endings = ENDINGS[language];
  const stem = (word: string): string =>
    fold(cut(endings.reduce((text, [pattern, instead]) => text.replace(pattern, instead), word)));
  const stop = STOP_WORDS[language];
  const seen = new Map<string, string[]>();
  return (word) => {
    const lower = word.toLowerCase().normalize('NFC').slice(0, MAX_TERM);
    let terms = seen.get(lower);
    if (!terms) {
      const plain = fold(lower);
      terms = plain === '' || stop.has(plain) ? [] : [...new Set([stem(lower), stem(plain)])];
      seen.set(lower, terms);
    }
    return terms;
  };
}

export const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];
