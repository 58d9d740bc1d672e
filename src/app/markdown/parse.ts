// One piece of text -> one node. What a piece holds (the blocks of a quote or an item) is cut and parsed by the same code,
// and parts whose text did not change are taken over from the parse before.

import { parseInline } from './inline.ts';
import { MAX_BLOCK_DEPTH, MAX_CONTAINER_CHARS, MAX_PIECES } from './limits.ts';
import { dedent, matchDefinition, splitCells, tableAligns, wholeMath } from './lines.ts';
import { safeHref } from './links.ts';
import type { Block, Item, Row } from './nodes.ts';
import { itemPrefix, split, type ItemStart, type Piece } from './split.ts';

/** A piece with its node. Lists and tables are put together from units of items and rows: see join(). */
export interface Unit {
  start: number;
  kind: Piece['kind'];
  raw: string;
  /** Parsed as the end of a text that is still being written. */
  open: boolean;
  /** Reads the same when the text goes on no further. */
  settled: boolean;
  node: Block | Item | Row;
  list: ItemStart | null;
  /** Units inside a quote or an item, for the next parse. */
  inside: Unit[];
}

/** Parses a piece of `text`, or gives `previous` back where that is what would come out. */
export function parseUnit(piece: Piece, text: string, open: boolean, depth: number, previous?: Unit): Unit {
  const raw = text.slice(piece.start, piece.end);
  if (
    previous !== undefined &&
    previous.kind === piece.kind &&
    previous.raw === raw &&
    (previous.open === open || previous.settled) &&
    previous.list?.joins === piece.item?.joins &&
    previous.list?.content === piece.item?.content
  ) {
    return previous;
  }
  const { node, settled, inside } = parsePiece(piece, raw, open, depth, previous?.inside ?? []);
  return { start: piece.start, kind: piece.kind, raw, open, settled, node, list: piece.item ?? null, inside };
}

interface Parsed {
  node: Block | Item | Row;
  settled: boolean;
  inside: Unit[];
}

const leaf = (node: Block | Row, settled = true): Parsed => ({ node, settled, inside: [] });

function parsePiece(
  piece: Piece,
  raw: string,
  open: boolean,
  depth: number,
  before: readonly Unit[],
): Parsed {
  const key = piece.start;
  switch (piece.kind) {
    case 'rule':
      return leaf({ key, type: 'rule' });
    case 'paragraph':
      return paragraph(key, raw.trim(), open);
    case 'heading': {
      const [, marks = '#', text = ''] = /^ {0,3}(#{1,6})[ \t]*(.*)$/.exec(raw) ?? [];
      const { children, settled } = parseInline(text.replace(/(?:^|[ \t]+)#+[ \t]*$/, ''), open);
      return leaf({ key, type: 'heading', level: marks.length, children }, settled);
    }
    case 'fence':
      return fence(piece, raw, open);
    case 'indented': {
      const text = raw.split('\n').map((line) => dedent(line, 4));
      return leaf({ key, type: 'code', language: '', text: text.join('\n'), open }, false);
    }
    case 'math':
      return math(key, raw, open);
    case 'definition': {
      const definition = matchDefinition(raw);
      const href = definition ? safeHref(definition.url) : null;
      if (!definition || href === null) return paragraph(key, raw, open);
      return leaf({ key, type: 'definition', label: definition.label, href });
    }
    case 'head': {
      const [header = '', delimiters = ''] = raw.split('\n');
      const cells = splitCells(header).map((cell, i, all) => parseInline(cell, open && i === all.length - 1));
      const node: Block = {
        key,
        type: 'table',
        align: tableAligns(delimiters) ?? cells.map(() => null),
        header: cells.map(({ children }) => children),
        rows: [],
      };
      return leaf(
        node,
        cells.every(({ settled }) => settled),
      );
    }
    case 'row': {
      const cells = splitCells(raw).map((cell, i, all) => parseInline(cell, open && i === all.length - 1));
      return leaf(
        { key, cells: cells.map(({ children }) => children) },
        cells.every(({ settled }) => settled),
      );
    }
    case 'quote': {
      const text = raw.split('\n').map((line) => line.replace(/^ {0,3}> ?/, ''));
      const { blocks, settled, inside } = parseInside(text.join('\n'), open, depth + 1, before);
      return { node: { key, type: 'quote', blocks }, settled, inside };
    }
    case 'item':
      return item(piece, raw, open, depth, before);
  }
}

function paragraph(key: number, text: string, open: boolean): Parsed {
  const { children, settled } = parseInline(text, open);
  return leaf({ key, type: 'paragraph', children }, settled);
}

function fence(piece: Piece, raw: string, open: boolean): Parsed {
  const lines = raw.split('\n');
  const { indent = 0, info = '', char = '`', length = 3 } = piece.fence ?? {};
  const last = lines.at(-1)?.trim() ?? '';
  const closed = lines.length > 1 && last.length >= length && last === char.repeat(last.length);
  // While it is written, a last line of backticks alone is the closing fence in the making.
  const closing = closed || (open && lines.length > 1 && last !== '' && last === char.repeat(last.length));
  const body = lines.slice(1, closing ? -1 : undefined).map((line) => dedent(line, indent));
  // The language stands still only once its line has ended.
  const language = open && lines.length === 1 ? '' : (info.split(/[\s{,]/)[0] ?? '').slice(0, 40);
  return leaf(
    { key: piece.start, type: 'code', language, text: body.join('\n'), open: open && !closed },
    !open || closed,
  );
}

function math(key: number, raw: string, open: boolean): Parsed {
  const whole = wholeMath(raw);
  if (whole) {
    const formula = { type: 'formula' as const, ...whole, display: true, open: false };
    return leaf({ key, type: 'math', formula });
  }
  if (!open) return paragraph(key, raw.trim(), false);
  const tex = raw
    .trim()
    .replace(/^(?:\\\[|\$\$)/, '')
    .replace(/[\\$]$/, '')
    .trim();
  return leaf(
    { key, type: 'math', formula: { type: 'formula', tex, display: true, source: raw, open: true } },
    false,
  );
}

function item(piece: Piece, raw: string, open: boolean, depth: number, before: readonly Unit[]): Parsed {
  const start = piece.item;
  const [first = '', ...rest] = raw.split('\n');
  let head = first.slice(itemPrefix(first));
  const task = /^\[([ xX])\](?:[ \t]+|$)/.exec(head);
  if (task) head = head.slice(task[0].length);
  const text = [head, ...rest.map((line) => dedent(line, start?.content ?? 2))].join('\n');
  const { blocks, settled, inside } = parseInside(text, open, depth + 1, before);
  const node: Item = {
    key: piece.start,
    value: start?.number ?? 0,
    checked: task ? task[1] !== ' ' : null,
    spaced: start?.spaced ?? false,
    blocks,
  };
  return { node, settled, inside };
}

/** The blocks of a container's text. Deeper or longer than the limits, it is plain text. */
function parseInside(
  text: string,
  open: boolean,
  depth: number,
  before: readonly Unit[],
): { blocks: Block[]; settled: boolean; inside: Unit[] } {
  if (depth > MAX_BLOCK_DEPTH || text.length > MAX_CONTAINER_CHARS) {
    return { blocks: [{ key: 0, type: 'plain', text }], settled: true, inside: [] };
  }
  const { pieces, open: last } = split(text);
  if (pieces.length > MAX_PIECES)
    return { blocks: [{ key: 0, type: 'plain', text }], settled: true, inside: [] };
  const known = new Map(before.map((unit) => [unit.start, unit]));
  const all = open ? growing(pieces, last, text) : last ? [...pieces, last] : pieces;
  const inside = all.map((piece, i) =>
    parseUnit(piece, text, open && i === all.length - 1, depth, known.get(piece.start)),
  );
  const blocks: Block[] = [];
  join(blocks, inside);
  // A header shown before its row of dashes is a guess: the text may turn out to be a paragraph.
  const guessed = open && last !== null && all.at(-1) !== last;
  return { blocks, settled: !guessed && (inside.at(-1)?.settled ?? true), inside };
}

/**
 * The pieces of a text that is still being written: where it ends with what looks like a table's header, it is shown as one
 * before the row of dashes has come.
 */
export function growing(pieces: readonly Piece[], last: Piece | null, text: string): Piece[] {
  if (!last) return [...pieces];
  if (last.kind !== 'paragraph') {
    // What split() ends as text because it is not closed is still a formula here.
    return [...pieces, last];
  }
  const at = text.lastIndexOf('\n', last.end - 1) + 1;
  const start = Math.max(at, last.start);
  if (!/^ {0,3}\|[ \t]+[^ \t|]/.test(text.slice(start, last.end))) return [...pieces, last];
  const head: Piece = { kind: 'head', start, end: last.end };
  return start > last.start
    ? [...pieces, { kind: 'paragraph', start: last.start, end: start - 1 }, head]
    : [...pieces, head];
}

/**
 * Appends units to blocks: an item to its list, a row to its table. A block that was there before is replaced, never changed, and copied
 * once however many units join it.
 */
export function join(blocks: Block[], units: readonly Unit[]): void {
  /** The last block's own list, where it was made here and may grow. */
  let items: Item[] | null = null;
  let rows: Row[] | null = null;
  for (const unit of units) {
    const last = blocks.at(-1);
    if (unit.list) {
      const node = unit.node as Item;
      if (last?.type !== 'list' || !unit.list.joins) {
        items = [node];
        blocks.push({ key: unit.start, type: 'list', ordered: unit.list.ordered, items });
        continue;
      }
      const before = last.items.at(-1)?.value ?? 0;
      // "1. 1. 1." counts on; "3. 5." stays as written.
      const value = last.ordered && node.value <= before ? before + 1 : node.value;
      const next = value === node.value ? node : numbered(node, value);
      if (items !== last.items) {
        items = [...last.items];
        blocks[blocks.length - 1] = { ...last, items };
      }
      items.push(next);
    } else if (unit.kind === 'row' && last?.type === 'table') {
      if (rows !== last.rows) {
        rows = [...last.rows];
        blocks[blocks.length - 1] = { ...last, rows };
      }
      rows.push(unit.node as Row);
    } else {
      blocks.push(unit.node as Block);
    }
  }
}

const renumbered = new WeakMap<Item, Item>();

/** The same item with another number, the same object each time, so that the page leaves it alone. */
function numbered(item: Item, value: number): Item {
  const known = renumbered.get(item);
  if (known?.value === value) return known;
  const copy = { ...item, value };
  renumbered.set(item, copy);
  return copy;
}
