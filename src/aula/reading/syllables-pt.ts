// Brazilian Portuguese syllables (Acordo Ortográfico 1990, Base XX; Bechara): counted, never cut.

const VOWEL = /[aeiouáâãàéêíóôõúü]/;
const ACCENT = /[áâãéêíóôõú]/;
const CLOSE = new Set('iu');
const STRESSED_CLOSE = new Set('íú');

/** Words in which "ui", "eu", "oi" or "ei" is cut at a prefix's or a stem's seam, which no rule on letters tells. */
const SEAMS = /^(?:(?:des|re)?reuni|proib|coib|fluid|reiter|juiza|reintegr|reimpr|reinici|coincid|reinvent)/;

/** i or u after a vowel stands alone before "nh", and before an m, n, r, l or z that closes its syllable (ra-i-nha, a-in-da, ra-iz). */
function standsAlone(rest: string): boolean {
  return /^(?:nh|[mnrlz](?:$|s$|[^aeiouáâãàéêíóôõúüh]))/.test(rest);
}

/** Syllables of the run of vowels word[from, to). */
function ofRun(word: string, from: number, to: number): number {
  const rest = word.slice(to);
  const atEnd = rest === '' || rest === 's';
  const stressedBefore = ACCENT.test(word.slice(0, from));
  let count = 1;
  // Whether the syllable at hand has its falling glide already (ei | a).
  let closed = false;
  for (let i = from + 1; i < to; i++) {
    const [left = '', here = '', right = ''] = [word[i - 1], word[i], i + 1 < to ? word[i + 1] : ''];
    const last = i === to - 1;
    let joins: boolean;
    if ('ãõ'.includes(left) && 'eoi'.includes(here)) joins = true;
    else if (STRESSED_CLOSE.has(here) || closed) joins = false;
    else if (CLOSE.has(here)) {
      // sa-iu, cons-tru-iu: the last two sound together.
      const beginsEnding = here === 'i' && right === 'u' && i === to - 2;
      joins = left !== here && !beginsEnding && !(last && standsAlone(rest));
    } else {
      // his-tó-ria, á-gua, ó-leo: one syllable at the end of a word that is stressed before.
      const weakLeft = 'iueo'.includes(left);
      joins = last && atEnd && stressedBefore && weakLeft && 'aeo'.includes(here) && left !== here;
    }
    if (joins) closed = true;
    else {
      count++;
      closed = false;
    }
  }
  return count;
}

/** One word without hyphens, in any case. 0 where it has no vowel. */
function ofWord(given: string): number {
  const word = given
    .toLowerCase()
    .normalize('NFC')
    // Sounded or not, the u after q and g before a vowel makes no syllable.
    .replace(/([qg])[uü](?=[aeoáâãàéêóôõií])/g, '$1')
    .replaceAll('y', 'i');
  let count = 0;
  for (let at = 0; at < word.length; at++) {
    if (!VOWEL.test(word.charAt(at))) continue;
    let to = at;
    while (to < word.length && VOWEL.test(word.charAt(to))) to++;
    count += ofRun(word, at, to);
    at = to;
  }
  return SEAMS.test(word) ? count + 1 : count;
}

/** Syllables of a Portuguese word; the parts of a word with hyphens are added up. A word without vowels ("Sr", "km") counts one. */
export function syllablesPt(word: string): number {
  return word.split('-').reduce((sum, part) => (part === '' ? sum : sum + Math.max(1, ofWord(part))), 0);
}
