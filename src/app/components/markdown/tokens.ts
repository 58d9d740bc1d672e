// Plain markdown as data: what a model's answer is shown from. Text in, tokens out; no token carries markup, so nothing
// that a model writes can become an element that this list does not name. Links, tables and math come later.

export type Inline =
  | { type: 'text'; text: string }
  | { type: 'strong'; text: string }
  | { type: 'emphasis'; text: string }
  | { type: 'code'; text: string };

export interface ListItem {
  /** Levels of indentation, from 0. */
  depth: number;
  inlines: Inline[];
}

export type Block =
  | { type: 'paragraph'; lines: Inline[][] }
  | { type: 'heading'; level: number; inlines: Inline[] }
  | { type: 'list'; ordered: boolean; start: number; items: ListItem[] }
  | { type: 'quote'; lines: Inline[][] }
  | { type: 'code'; language: string; text: string }
  | { type: 'rule' };

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const ITEM = /^(\s*)(?:([-*+•])|(\d{1,9})[.)])\s+(.*)$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const QUOTE = /^ {0,3}>\s?(.*)$/;

/**
 * Cuts an answer into the sources of its blocks. Only the last one can still change while text is appended, so a view
 * that keeps blocks by index and parses by source parses one block a token.
 */
export function splitBlocks(text: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let fence: string | null = null;
  const close = (): void => {
    if (lines.length > 0) blocks.push(lines.join('\n'));
    lines = [];
  };
  for (const line of text.split('\n')) {
    if (fence !== null) {
      lines.push(line);
      if (line.trim().startsWith(fence) && /^\s*(`+|~+)\s*$/.test(line)) {
        fence = null;
        close();
      }
      continue;
    }
    const opens = FENCE.exec(line);
    if (opens) {
      close();
      fence = opens[1] ?? '```';
      lines.push(line);
    } else if (line.trim() === '') close();
    else if (HEADING.test(line) || RULE.test(line)) {
      close();
      blocks.push(line);
    } else {
      const first = lines[0];
      if (first !== undefined && kindOf(first) !== kindOf(line) && !continues(first, line)) close();
      lines.push(line);
    }
  }
  close();
  return blocks;
}

const kindOf = (line: string): string => {
  const item = ITEM.exec(line);
  if (item) return item[2] === undefined ? 'ordered' : 'list';
  return QUOTE.test(line) ? 'quote' : 'paragraph';
};

/** An indented line, or a list of the other kind further in, belongs to the list above. */
const continues = (first: string, line: string): boolean => ITEM.test(first) && /^\s+\S/.test(line);

/** One block's source to its token. */
export function parseBlock(source: string): Block {
  const lines = source.split('\n');
  const first = lines[0] ?? '';
  const fence = FENCE.exec(first);
  if (fence) {
    const mark = fence[1] ?? '```';
    const last = lines.at(-1) ?? '';
    // An unfinished fence is shown as the code it is becoming.
    const closed = lines.length > 1 && last.trim().startsWith(mark) && /^\s*(`+|~+)\s*$/.test(last);
    return {
      type: 'code',
      language: (fence[2] ?? '').trim().split(/\s+/)[0] ?? '',
      text: lines.slice(1, closed ? -1 : undefined).join('\n'),
    };
  }
  const heading = HEADING.exec(first);
  if (heading)
    return { type: 'heading', level: heading[1]?.length ?? 1, inlines: parseInline(heading[2] ?? '') };
  if (RULE.test(first)) return { type: 'rule' };
  if (ITEM.test(first)) return parseList(lines);
  if (QUOTE.test(first))
    return { type: 'quote', lines: lines.map((line) => parseInline(QUOTE.exec(line)?.[1] ?? line)) };
  return { type: 'paragraph', lines: lines.map((line) => parseInline(line.trim())) };
}

function parseList(lines: readonly string[]): Block {
  const texts: { indent: number; text: string }[] = [];
  let ordered = false;
  let start = 1;
  for (const [i, line] of lines.entries()) {
    const item = ITEM.exec(line);
    const last = texts.at(-1);
    if (item) {
      if (i === 0) {
        ordered = item[3] !== undefined;
        start = Number(item[3] ?? 1);
      }
      texts.push({ indent: (item[1] ?? '').replace(/\t/g, '    ').length, text: item[4] ?? '' });
    } else if (last) last.text += ` ${line.trim()}`;
  }
  const indents = [...new Set(texts.map(({ indent }) => indent))].sort((a, b) => a - b);
  return {
    type: 'list',
    ordered,
    start,
    items: texts.map(({ indent, text }) => ({ depth: indents.indexOf(indent), inlines: parseInline(text) })),
  };
}

const INLINE =
  /(`+)(.+?)\1(?!`)|\*\*(?=\S)(.+?\S|\S)\*\*|__(?=\S)(.+?\S|\S)__(?!\w)|(?<![*\w])\*(?=[^\s*])([^*]*[^\s*]|[^\s*])\*(?!\*)|(?<![\w_])_(?=[^\s_])([^_]*[^\s_]|[^\s_])_(?![\w_])/g;

/** Marks without their partner stay as written. */
export function parseInline(text: string): Inline[] {
  const found: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) found.push({ type: 'text', text: text.slice(from, match.index) });
    const [whole, , code, strong, strong2, emphasis, emphasis2] = match;
    if (code !== undefined) found.push({ type: 'code', text: code.trim() || code });
    else if (strong !== undefined || strong2 !== undefined)
      found.push({ type: 'strong', text: strong ?? strong2 ?? '' });
    else found.push({ type: 'emphasis', text: emphasis ?? emphasis2 ?? '' });
    from = match.index + whole.length;
  }
  if (from < text.length) found.push({ type: 'text', text: text.slice(from) });
  return found;
}
