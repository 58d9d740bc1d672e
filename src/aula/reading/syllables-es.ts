// Spanish syllables by the orthographic convention (RAE, Ortografía 2010): counted, never cut, so consonants do not matter.

const OPEN = new Set('aeoáéó');
const STRESSED_CLOSE = new Set('íú');
const VOWELS = /[aeiouáéíóú]+/g;

const base = (vowel: string): string => vowel.normalize('NFD').charAt(0);

/** Whether two neighbouring vowels belong to different syllables. */
function parts(left: string, right: string): boolean {
  if (base(left) === base(right)) return true;
  if (OPEN.has(left) && OPEN.has(right)) return true;
  return (OPEN.has(left) && STRESSED_CLOSE.has(right)) || (STRESSED_CLOSE.has(left) && OPEN.has(right));
}

/** Syllables of one run of vowels. */
function ofRun(run: string): number {
  let count = 1;
  for (let i = 1; i < run.length; i++) {
    const [left = '', here = '', right = ''] = [run[i - 1], run[i], run[i + 1]];
    // Open, close, open: the close vowel begins the next syllable (pa-ra-no-ia, ca-ca-hua-te).
    const beginsNext = OPEN.has(left) && !OPEN.has(here) && OPEN.has(right);
    if (parts(left, here) || beginsNext) count++;
  }
  return count;
}

/** One word without hyphens, in any case. 0 where it has no vowel. */
function ofWord(word: string): number {
  const sounds = word
    .toLowerCase()
    .normalize('NFC')
    .replace(/qu(?=[eiéí])/g, 'q')
    .replace(/gu(?=[eiéí])/g, 'g')
    .replaceAll('ü', 'u')
    // It never keeps vowels apart (prohi-bir has two syllables); "ch" is a consonant all the same.
    .replaceAll('h', '')
    .replace(/y(?=$|[^aeiouáéíóú])/g, 'i')
    .replace(/[àâäãèêëìîïòôöõùû]/g, base);
  return [...sounds.matchAll(VOWELS)].reduce((sum, [run]) => sum + ofRun(run), 0);
}

/** Syllables of a Spanish word; the parts of a word with hyphens are added up. A word without vowels ("Sr", "km") counts one. */
export function syllablesEs(word: string): number {
  return word.split('-').reduce((sum, part) => (part === '' ? sum : sum + Math.max(1, ofWord(part))), 0);
}
