// Words and sentences of a text, by one rule that is stated: readability figures of other programs differ where their rules do.

/**
 * A word begins with a letter; hyphens and apostrophes inside belong to it ("fez-se" is one). Numbers are no words: how they are read
 * aloud is nobody's rule, so they count in neither words nor syllables.
 */
const WORD = /\p{L}[\p{L}\p{M}'’-]*/gu;

/** Their full stop ends no sentence. */
const ABBREVIATIONS = new Set(
  `sr sra srta srs dr dra drs prof profa profe ing lic arq gral cnel tte pbro mons don d dª av avda art arts núm num no nº n fig figs pág pag págs pp p ed
   eds cap caps vol vols tel aprox ej p.ej etc ee.uu u.s v.g a.c d.c s.a s.l ltda cia cía exmo exma excmo excma ilmo ilma v.sa
   v.exa rev r jr vs depto dpto dep gob km cm mm kg`.split(/\s+/),
);

export interface TextUnits {
  words: string[];
  sentences: number;
  /** Letters of all words, hyphens and apostrophes left out. */
  letters: number;
  /** Numbers left out of the count of words. */
  numbers: number;
}

/** Whether the stop at `at` is an abbreviation's, an initial's or an ordinal's. */
function isPartOfWord(text: string, at: number): boolean {
  const before = /(?:^|[\s(«"“'¿¡])([\p{L}ºª.\d]+)$/u.exec(text.slice(Math.max(0, at - 20), at))?.[1] ?? '';
  if (before === '') return false;
  if (/^\p{Lu}$/u.test(before)) return true;
  if (/^(?:\p{L}\.)+\p{L}$/u.test(before)) return true;
  if (/^\d+$/.test(before)) return /^\.[ºª°]/.test(text.slice(at));
  return ABBREVIATIONS.has(before.toLowerCase());
}

/** Texts of the sentences, in order. A line that ends without a mark (a heading, an item of a list) ends a sentence. */
export function sentencesOf(text: string): string[] {
  const found: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    let from = 0;
    for (const stop of line.matchAll(/[.!?…]+["'”’»)\]]*(?=\s|$)/gu)) {
      if (stop[0].startsWith('.') && !/[!?…]|\.\./.test(stop[0]) && isPartOfWord(line, stop.index)) {
        const after = line.slice(stop.index + stop[0].length).trimStart();
        // "etc." at the end of a line, or before a sign that opens a sentence, ends one all the same.
        if (after !== '') continue;
      }
      const end = stop.index + stop[0].length;
      found.push(line.slice(from, end).trim());
      from = end;
    }
    found.push(line.slice(from).trim());
  }
  return found.filter((sentence) => sentence.search(WORD) >= 0);
}

export function wordsOf(text: string): string[] {
  return text.normalize('NFC').match(WORD) ?? [];
}

export function textUnits(text: string): TextUnits {
  const words = wordsOf(text);
  return {
    words,
    sentences: sentencesOf(text).length,
    letters: words.reduce((sum, word) => sum + [...word.replace(/['’-]/g, '')].length, 0),
    numbers: (text.match(/(?<![\p{L}\d])\d[\d.,:/]*/gu) ?? []).length,
  };
}
