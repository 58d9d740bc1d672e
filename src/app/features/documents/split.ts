// A page's text -> passages that end where sentences end and begin with the end of the one before, so that what is said
// across two of them is whole in one.

/** Words of a passage: enough to be understood alone, few enough that several fit a small context. */
export const MIN_WORDS = 120;
export const MAX_WORDS = 200;
/** At most this many words are in two passages. */
export const OVERLAP_WORDS = 40;

/** Offsets in the text that was split; `end` excluded. */
export interface Span {
  start: number;
  end: number;
}

interface Sentence extends Span {
  words: number;
  /** The last of its paragraph. */
  closes: boolean;
}

function sentences(text: string, byLine: boolean): Sentence[] {
  const found: Sentence[] = [];
  const pattern = byLine
    ? /[^\n]+\n*/g
    : /[^\n]+?(?:[.!?…]{1,6}["”»)\]]{0,3}(?=\s)[^\S\n]*|$|\n+(?=\n|[\p{Lu}\d\-•*#]|$)|\n)/gmu;
  for (const match of text.matchAll(pattern)) {
    const start = match.index;
    const end = start + match[0].length;
    const starts: number[] = [];
    for (const word of match[0].matchAll(/\S+/g)) starts.push(start + word.index);
    // What has no sentences (a table, a list of names) is cut at words.
    for (let from = 0; from < starts.length; from += MIN_WORDS) {
      const next = starts[from + MIN_WORDS];
      found.push({
        start: starts[from] ?? start,
        end: next ?? end,
        words: Math.min(MIN_WORDS, starts.length - from),
        closes: next === undefined && /\n\s*$/.test(text.slice(start, end + 1)),
      });
    }
  }
  return found;
}

/** @param byLine each line is a unit (tables) */
export function splitPassages(text: string, byLine = false): Span[] {
  const units = sentences(text, byLine);
  const spans: Span[] = [];
  let first = 0;
  while (first < units.length) {
    let words = 0;
    let last = first;
    for (let i = first; i < units.length; i++) {
      const unit = units[i];
      if (!unit || (i > first && words + unit.words > MAX_WORDS)) break;
      words += unit.words;
      last = i;
      if (words >= MIN_WORDS && unit.closes) break;
    }
    const start = units[first]?.start ?? 0;
    const end = units[last]?.end ?? text.length;
    spans.push({ start, end: start + text.slice(start, end).trimEnd().length });
    if (last === units.length - 1) break;
    // Step back over the last sentences, never to where this passage began.
    let next = last + 1;
    for (let kept = 0; next - 1 > first;) {
      kept += units[next - 1]?.words ?? 0;
      if (kept > OVERLAP_WORDS) break;
      next--;
    }
    first = next;
  }
  return spans.filter((span) => span.end > span.start);
}
