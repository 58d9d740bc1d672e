// A template's text as a tree: the library's lexer and parser, with what they lack added at their seam.

import { parse, tokenize } from '@huggingface/jinja';
import { fault } from './values.ts';

/** A node as the library's parser makes it; which fields it has depends on its type. */
export interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * White space in a row. The lexer's patterns go through a run once for each of its characters; templates in use have a few dozen.
 */
export const MAX_BLANK = 1024;

interface Token {
  value: string;
  type: string;
}

/** Filters that stand for tests with arguments, which the parser does not know: `x is divisibleby(3)`. */
export const TEST_FILTER = '__is__';
export const NOT_FILTER = '__is_not__';

/** A call that stands for a tuple of one or none, which the parser does not know: `('a',)`. */
export const TUPLE = '__tuple__';

const OPENING = new Set(['OpenParen', 'OpenSquareBracket', 'OpenCurlyBracket']);
const CLOSING = new Set(['CloseParen', 'CloseSquareBracket', 'CloseCurlyBracket']);
/** After a test's name these go on with the expression around it: they are no argument. */
const GOES_ON = new Set(['and', 'or', 'else', 'if', 'is', 'not', 'in', 'recursive']);

/** Index after the bracket that closes the one at `from`. */
function afterBracket(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    const type = tokens[i]?.type ?? '';
    if (OPENING.has(type)) depth++;
    if (CLOSING.has(type) && --depth === 0) return i + 1;
  }
  return fault('a bracket is not closed');
}

/** Index after a test's argument that begins at `from`; `from` where there is none. */
function afterArgument(tokens: readonly Token[], from: number): number {
  const token = tokens[from];
  if (!token) return from;
  if (OPENING.has(token.type)) return afterBracket(tokens, from);
  if (token.type === 'StringLiteral' || token.type === 'NumericLiteral') return from + 1;
  if (token.type !== 'Identifier' || GOES_ON.has(token.value)) return from;
  let at = from + 1;
  while (tokens[at]?.type === 'Dot') at += 2;
  return at;
}

/** `x is [not] name argument` becomes `x | filter('name', argument)`. */
function withTests(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  const [open, close, comma] = [
    { value: '(', type: 'OpenParen' },
    { value: ')', type: 'CloseParen' },
    { value: ',', type: 'Comma' },
  ];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    const negated = tokens[i + 1]?.type === 'Identifier' && tokens[i + 1]?.value === 'not';
    const unary = tokens[i + 1]?.type === 'UnaryOperator' && tokens[i + 1]?.value === 'not';
    const name = tokens[i + (negated || unary ? 2 : 1)];
    const isTest = token.type === 'Identifier' && token.value === 'is' && name !== undefined;
    const from = i + (negated || unary ? 3 : 2);
    const to = isTest ? afterArgument(tokens, from) : from;
    if (!isTest || to === from) {
      out.push(token);
      continue;
    }
    const argument = withTests(tokens.slice(from, to));
    const bare = tokens[from]?.type === 'OpenParen' ? argument.slice(1, -1) : argument;
    out.push(
      { value: '|', type: 'Pipe' },
      { value: negated || unary ? NOT_FILTER : TEST_FILTER, type: 'Identifier' },
      open,
      { value: name.value, type: 'StringLiteral' },
      ...(bare.length > 0 ? [comma, ...bare] : []),
      close,
    );
    i = to - 1;
  }
  return out;
}

/** Whether a bracket after this token calls or indexes it. */
const isCalled = (token: Token | undefined): boolean =>
  token !== undefined &&
  ['Identifier', 'CloseParen', 'CloseSquareBracket'].includes(token.type) &&
  !GOES_ON.has(token.value);

/** `(x,)` and `()` become calls; a comma at the end of arguments goes. */
function withTuples(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  const open: number[] = [];
  for (const [i, token] of tokens.entries()) {
    if (OPENING.has(token.type)) open.push(out.length);
    if (token.type === 'CloseParen') {
      const at = open.pop() ?? 0;
      const trailing = out.at(-1)?.type === 'Comma';
      const empty = out.length === at + 1;
      if (trailing) out.pop();
      if ((trailing || empty) && !isCalled(out[at - 1])) {
        out.splice(at, 0, { value: TUPLE, type: 'Identifier' });
      }
    } else if (CLOSING.has(token.type)) open.pop();
    // Only a loop that calls itself needs to know, and none of those is run.
    if (
      token.type === 'Identifier' &&
      token.value === 'recursive' &&
      tokens[i + 1]?.type === 'CloseStatement'
    )
      continue;
    out.push(token);
  }
  return out;
}

/** `{%+` keeps the white space before it, `+%}` the line's end after it: written as text, which nothing trims. */
const withPluses = (text: string): string =>
  text
    .replace(/^([ \t]*)\{%\+/gm, (_, blank: string) => (blank === '' ? '{%' : `{{ '${blank}' }}{%`))
    .replaceAll('{%+', '{%')
    .replace(/\+%\}\n/g, "%}{{ '\\n' }}")
    .replaceAll('+%}', '%}');

/** Throws where the text does not parse, or holds a run of white space over MAX_BLANK. */
export function parseTemplate(text: string): Node {
  let run = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    run = c === 32 || (c >= 9 && c <= 13) || c === 0xa0 || c > 0x2000 ? run + 1 : 0;
    if (run > MAX_BLANK) fault(`more than ${MAX_BLANK} characters of white space in a row`);
  }
  const tokens = tokenize(withPluses(text), { lstrip_blocks: true, trim_blocks: true }) as unknown as Token[];
  return parse(withTests(withTuples(tokens)) as unknown as Parameters<typeof parse>[0]) as unknown as Node;
}
