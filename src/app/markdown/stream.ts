// An answer while it is written. Finished pieces are parsed once and keep their nodes, by identity; with every token only
// what is still open is parsed again, whatever the answer's length.

import { MAX_ANSWER_CHARS, MAX_PIECES } from './limits.ts';
import { normalizeLabel } from './links.ts';
import type { Block } from './nodes.ts';
import { growing, join, parseUnit, type Unit } from './parse.ts';
import { copyState, finish, openPiece, startState, step, type Piece } from './split.ts';

export interface Counters {
  /** Pieces parsed, first times included. */
  parsed: number;
  /** Of these, pieces that had been parsed before. */
  again: number;
  /** Characters of text looked at to find where pieces end. */
  scanned: number;
}

export interface AnswerView {
  /** The blocks, in pages of PAGE_BLOCKS: a page that is full is the same array from then on. Never empty. */
  pages: readonly (readonly Block[])[];
  /** Normalised label -> address, for links by label; a new object whenever one is added. */
  definitions: ReadonlyMap<string, string>;
}

export interface Answer {
  /**
   * Takes the whole text as it is now. A text that goes on from the last one costs its open piece only; any other text
   * starts over. `streaming`: more will come, so what is unfinished is shown as what it will be.
   */
  update(text: string, streaming: boolean): AnswerView;
  readonly counters: Counters;
}

/** Blocks that are compared, laid out and painted together: what a frame costs grows with the answer's pages only. */
export const PAGE_BLOCKS = 16;

/** The first definition of a label counts. A new map, made once, where any is added. */
function withDefinitions(
  known: ReadonlyMap<string, string>,
  units: readonly Unit[],
): ReadonlyMap<string, string> {
  let added: Map<string, string> | undefined;
  for (const { node } of units) {
    if (!('type' in node) || node.type !== 'definition') continue;
    const label = normalizeLabel(node.label);
    if (!(added ?? known).has(label)) (added ??= new Map(known)).set(label, node.href);
  }
  return added ?? known;
}

/** Marks alone on the line being written (a dash, hashes, dashes of a table): shown once it is known what they begin. */
const MARKS_ONLY = /^[ \t>*+\-#=_~`|:]+$/;

export function createAnswer(): Answer {
  const counters: Counters = { parsed: 0, again: 0, scanned: 0 };
  let seen = '';
  let scannedTo = 0;
  let state = startState();
  let fullPages: readonly (readonly Block[])[] = [];
  /** Blocks of finished pieces after the full pages; the last one may still get items or rows. */
  let blocks: Block[] = [];
  let definitions: ReadonlyMap<string, string> = new Map();
  /** Units shown last time whose text was not finished. */
  let pending: Unit[] = [];
  let parsedUpTo = -1;
  /** Finished pieces, and where the text becomes plain because there were too many. */
  let count = 0;
  let cut = MAX_ANSWER_CHARS;

  function reset(): void {
    seen = '';
    scannedTo = 0;
    state = startState();
    fullPages = [];
    blocks = [];
    definitions = new Map();
    pending = [];
    parsedUpTo = -1;
    count = 0;
    cut = MAX_ANSWER_CHARS;
  }

  function parse(piece: Piece, text: string, open: boolean): Unit {
    const previous = pending.find(({ start }) => start === piece.start);
    const unit = parseUnit(piece, text, open, 0, previous);
    if (unit !== previous) {
      counters.parsed++;
      if (piece.start <= parsedUpTo) counters.again++;
      parsedUpTo = Math.max(parsedUpTo, piece.start);
    }
    return unit;
  }

  /** The line that is not finished, and what is open before it, as they look now. */
  function unfinished(text: string, streaming: boolean): Unit[] {
    const trial = copyState(state);
    const pieces: Piece[] = [];
    const line = text.slice(scannedTo);
    const inCode = trial.open?.kind === 'fence' || Boolean(trial.open?.inner);
    const withheld = streaming && !inCode && MARKS_ONLY.test(line);
    counters.scanned += line.length;
    if (line !== '' && !withheld) step(trial, text, scannedTo, text.length, pieces);
    let all: Piece[];
    if (streaming) all = growing(pieces, openPiece(trial), text);
    else {
      finish(trial, pieces);
      all = pieces;
    }
    return all.map((piece, i) => parse(piece, text, streaming && i === all.length - 1));
  }

  function update(written: string, streaming: boolean): AnswerView {
    const whole = written.includes('\r') ? written.replace(/\r\n?/g, '\n') : written;
    if (!whole.startsWith(seen)) reset();
    let text = whole.slice(0, cut);
    seen = text;
    const pieces: Piece[] = [];
    for (let end = text.indexOf('\n', scannedTo); end >= 0; end = text.indexOf('\n', scannedTo)) {
      step(state, text, scannedTo, end, pieces);
      counters.scanned += end + 1 - scannedTo;
      scannedTo = end + 1;
    }
    const over = pieces[MAX_PIECES - count];
    if (over) {
      cut = over.start;
      text = text.slice(0, cut);
      seen = text;
      scannedTo = cut;
      state = startState();
      pieces.length = MAX_PIECES - count;
    }
    count += pieces.length;
    if (pieces.length > 0) blocks = [...blocks];
    const units = pieces.map((piece) => parse(piece, text, false));
    join(blocks, units);
    definitions = withDefinitions(definitions, units);
    fillPages();
    pending = unfinished(text, streaming);
    const shown = [...blocks];
    join(shown, pending);
    if (whole.length > text.length) {
      shown.push({ key: text.length, type: 'plain', text: whole.slice(text.length) });
    }
    return {
      pages: [...fullPages, shown],
      // An address still being written is none yet.
      definitions: streaming ? definitions : withDefinitions(definitions, pending),
    };
  }

  /** The last block stays outside: what comes next may join it. */
  function fillPages(): void {
    if (blocks.length <= PAGE_BLOCKS) return;
    const pages = [...fullPages];
    let from = 0;
    for (; blocks.length - from > PAGE_BLOCKS; from += PAGE_BLOCKS)
      pages.push(blocks.slice(from, from + PAGE_BLOCKS));
    fullPages = pages;
    blocks = blocks.slice(from);
  }

  return { update, counters };
}
