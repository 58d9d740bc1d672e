// Takes code spans, formulas and <br> out of a text before marked sees it, each replaced by one character of Unicode's
// private use area: nothing in them is emphasis or a link, and a price in $ is never touched. Linear in the text.

import type { Inline } from './nodes.ts';
import { MAX_SLOTS } from './limits.ts';
import { dollarEnd, isPlaceholder } from './tex.ts';

const FIRST = 0xe000;
/** Every character that can stand for a slot; one that the text itself holds gets a slot of its own. */
const SLOT = /[\ue000-\uf8ff]/;

export interface Slotted {
  text: string;
  slots: Slot[];
  /** Something was left open at the end and is shown as if it went on. */
  unfinished: boolean;
}

export interface Slot {
  node: Inline;
  /** As written, where a slot lands in a place that holds no nodes, such as an address. */
  source: string;
}

const TAGS: Readonly<Record<string, 'sub' | 'sup' | 'underline'>> = {
  sub: 'sub',
  sup: 'sup',
  u: 'underline',
};

const CLOSERS: Readonly<Record<string, string>> = { '\\(': '\\)', '\\[': '\\]', $$: '$$' };

/**
 * @param open the text is still being written: what it leaves open is shown as what it will become
 * @param inside how the text of a tag is read
 */
export function takeSlots(
  source: string,
  open: boolean,
  inside: (text: string) => Inline[] = (text) => [{ type: 'text', text }],
): Slotted {
  const slots: Slot[] = [];
  let text = '';
  let from = 0;
  let unfinished = false;
  /** Backtick runs of these lengths are known to have no partner further on. */
  const noPartner = new Set<number>();
  const noCloser = new Set<string>();

  const take = (start: number, end: number, node: Inline): number => {
    text += source.slice(from, start) + String.fromCharCode(FIRST + slots.length);
    slots.push({ node, source: source.slice(start, end) });
    from = end;
    return end;
  };

  /** `<sub>`, `<sup>`, `<u>` around text without tags of their own. Undefined where it is nothing of the kind. */
  const visitTag = (i: number): number | undefined => {
    const found = /^<(sub|sup|u)>([^<>\n]{1,200})<\/\1>/i.exec(source.slice(i, i + 220));
    const [whole, tag = '', text = ''] = found ?? [];
    if (whole === undefined) return undefined;
    const type = TAGS[tag.toLowerCase()];
    return type && take(i, i + whole.length, { type, children: inside(text) });
  };

  /** Where the walk goes on after looking at position i. */
  const visit = (i: number): number => {
    const char = source[i] ?? '';
    if (char === '`') {
      const run = runLength(source, i);
      const end = noPartner.has(run) ? -1 : partner(source, i + run, run);
      if (end >= 0) return take(i, end + run, code(source.slice(i + run, end)));
      noPartner.add(run);
      const rest = source.slice(i + run);
      if (!open || isFenceLike(source, i, run)) return i + run;
      unfinished = true;
      // The closing run may be half written.
      return take(i, source.length, rest === '' ? EMPTY : code(rest.replace(/`+$/, '')));
    }
    const pair = source.slice(i, i + 2);
    const closer = CLOSERS[pair];
    if (closer !== undefined && !(pair === '$$' && source[i + 2] === '$')) {
      const end = noCloser.has(pair) ? -1 : source.indexOf(closer, i + 2);
      const tex = source.slice(i + 2, end < 0 ? source.length : end);
      if (end >= 0 && pair === '\\[' && isPlaceholder(tex))
        return take(i, end + 2, { type: 'text', text: `[${tex}]` });
      if (end >= 0 && tex.trim() !== '')
        return take(i, end + 2, formula(pair, tex, source, i, end + 2, false));
      if (end < 0) noCloser.add(pair);
      if (end >= 0 || !open) return i + 2;
      unfinished = true;
      return take(
        i,
        source.length,
        tex.trim() === '' ? EMPTY : formula(pair, tex, source, i, source.length, true),
      );
    }
    if (char === '\\') return i + 2;
    if (char === '$') {
      const end = dollarEnd(source, i);
      if (end >= 0) return take(i, end, formula('$', source.slice(i + 1, end - 1), source, i, end, false));
      return i + runOf(source, i, '$');
    }
    if (char === '<') {
      const br = /^<br[ \t]*\/?>/i.exec(source.slice(i, i + 8));
      if (br) return take(i, i + br[0].length, { type: 'break' });
      return visitTag(i) ?? i + 1;
    }
    if (SLOT.test(char)) return take(i, i + 1, { type: 'text', text: char });
    return i + 1;
  };

  for (let i = nextMark(source, 0); i < source.length && slots.length < MAX_SLOTS;)
    i = nextMark(source, visit(i));
  text += source.slice(from);
  // Past the limit the rest is as written; characters of the private area there would be taken for slots.
  if (slots.length >= MAX_SLOTS) return { text: '', slots: [plain(source)], unfinished: false };
  return { text, slots, unfinished };
}

const EMPTY: Inline = { type: 'text', text: '' };
const plain = (source: string): Slot => ({ node: { type: 'text', text: source }, source });

/** The slot a character stands for. */
export function slotAt(slots: readonly Slot[], char: string): Slot | undefined {
  return slots[char.charCodeAt(0) - FIRST];
}

/** A text with its slots written out again. */
export function restore(text: string, slots: readonly Slot[]): string {
  return SLOT.test(text)
    ? text.replace(/[\ue000-\uf8ff]/g, (char) => slotAt(slots, char)?.source ?? char)
    : text;
}

const MARK = /[`\\$<\ue000-\uf8ff]/g;

function nextMark(source: string, from: number): number {
  MARK.lastIndex = from;
  return MARK.exec(source)?.index ?? source.length;
}

function runOf(source: string, at: number, char: string): number {
  let end = at;
  while (source[end] === char) end++;
  return end - at;
}

const runLength = (source: string, at: number): number => runOf(source, at, '`');

/** Where a run of exactly `length` backticks begins at or after `from`, or -1. */
function partner(source: string, from: number, length: number): number {
  for (let i = source.indexOf('`', from); i >= 0;) {
    const run = runLength(source, i);
    if (run === length) return i;
    i = source.indexOf('`', i + run);
  }
  return -1;
}

/** Three backticks at the beginning of a line are a fence in the making, not code inside a sentence. */
const isFenceLike = (source: string, at: number, run: number): boolean =>
  run >= 3 && /(?:^|\n) {0,3}$/.test(source.slice(Math.max(0, at - 4), at));

/** Line breaks in code spans are spaces; one space at both ends is only there to keep backticks apart. */
function code(content: string): Inline {
  const text = content.replace(/\n/g, ' ');
  const padded = text.length > 2 && text.startsWith(' ') && text.endsWith(' ') && text.trim() !== '';
  return { type: 'code', text: padded ? text.slice(1, -1) : text };
}

function formula(
  opener: string,
  tex: string,
  source: string,
  start: number,
  end: number,
  open: boolean,
): Inline {
  // A closing delimiter of which only the backslash or one $ has arrived.
  const settled = open ? tex.replace(/(?:\\|\$)$/, '') : tex;
  return {
    type: 'formula',
    tex: settled.trim(),
    display: opener !== '\\(' && opener !== '$',
    source: source.slice(start, end),
    open,
  };
}
