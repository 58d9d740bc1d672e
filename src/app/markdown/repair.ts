// Text that is still being written, completed so that it reads as it will: an open ** is bold already, half a link is its
// text. Works on slotted text (no code, no formulas). Whatever it does not foresee is shown as written.

const isSpace = (char: string | undefined): boolean => char === undefined || /\s/.test(char);
const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}]/u.test(char);

/** The text with what it leaves open closed or left out. Returns the same string where nothing is open. */
export function completed(text: string): string {
  const backslashes = /\\+$/.exec(text)?.[0].length ?? 0;
  const whole = backslashes % 2 === 1 ? text.slice(0, -1) : text;
  return closeEmphasis(withoutHalfLink(withoutHalfAutolink(whole)));
}

/** "<https://exam" is not yet an address in angle brackets: without the bracket it reads as an address. */
function withoutHalfAutolink(text: string): string {
  const at = text.lastIndexOf('<');
  return at >= 0 && /^<(?:https?:|mailto:)[^\s<>]*$/i.test(text.slice(at))
    ? text.slice(0, at) + text.slice(at + 1)
    : text;
}

/** Positions of [ that nothing closes, and of the [ that each ] closes. */
function brackets(text: string): { open: number[]; pairs: Map<number, number> } {
  const open: number[] = [];
  const pairs = new Map<number, number>();
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') open.push(i);
    else if (text[i] === ']') {
      const start = open.pop();
      if (start !== undefined) pairs.set(i, start);
    }
  }
  return { open, pairs };
}

/** Shown as its text: "[texto", "[texto]", "[texto](https://exa", and the same with ! before. */
function withoutHalfLink(text: string): string {
  const last = text.lastIndexOf('[');
  if (last < 0) return text;
  const { open, pairs } = brackets(text);
  const close = text.lastIndexOf(']');
  const start = pairs.get(close);
  if (start !== undefined && isHalfTarget(text.slice(close + 1)) && linkLike(text, start)) {
    return withoutHalfLink(text.slice(0, bang(text, start)) + text.slice(start + 1, close));
  }
  const outer = open[0];
  if (outer === undefined || !linkLike(text, outer) || text.length - outer > 300) return text;
  const before = text.slice(0, bang(text, outer));
  // "[texto][eti": the second bracket names a definition, the first holds the text.
  const named = pairs.get(outer - 1);
  if (named !== undefined) return text.slice(0, bang(text, named)) + text.slice(named + 1, outer - 1);
  return withoutHalfLink(before + text.slice(outer + 1));
}

/** What may follow a ] while its link is being written: nothing, or an address without its closing parenthesis. */
function isHalfTarget(rest: string): boolean {
  if (rest === '') return true;
  if (!rest.startsWith('(') || rest.includes('\n') || rest.length > 2_100) return false;
  let depth = 0;
  for (const char of rest) depth += char === '(' ? 1 : char === ')' ? -1 : 0;
  return depth > 0;
}

/** [1] and [0, 1) are not on their way to be links. */
const linkLike = (text: string, at: number): boolean =>
  /^[\p{L}*_`!¿¡"“\ue000-\uf8ff]/u.test(text.slice(at + 1, at + 3));

const bang = (text: string, at: number): number => (text[at - 1] === '!' ? at - 1 : at);

interface Run {
  char: string;
  length: number;
}

/** Addresses hold _ and * that mean nothing. */
const ADDRESS = /\]\([^\s()]*\)|(?:https?:\/\/|www\.)\S*/y;

/** Closes emphasis, strong emphasis and strikethrough that are open at the end, and leaves out a run that only begins. */
function closeEmphasis(text: string): string {
  const stack: Run[] = [];
  let end = text.length;
  for (let i = 0; i < text.length;) {
    const char = text[i] ?? '';
    if (char === '\\') {
      i += 2;
      continue;
    }
    if (char === ']' || char === 'h' || char === 'w') {
      ADDRESS.lastIndex = i;
      const skipped = ADDRESS.exec(text)?.[0].length ?? 0;
      if (skipped > 0) {
        i += skipped;
        continue;
      }
    }
    if (char !== '*' && char !== '_' && char !== '~') {
      i++;
      continue;
    }
    let length = 1;
    while (text[i + length] === char) length++;
    const before = text[i - 1];
    const after = text[i + length];
    const top = stack.at(-1);
    if (top?.char === char && !isSpace(before) && !(char === '_' && isWord(after))) {
      close(stack, char, length);
    } else if (after === undefined) {
      // Nothing after it yet: it will open something, or is a character of its own; either way it can wait.
      if (opens(char, length, before, 'x')) end = i;
    } else if (opens(char, length, before, after)) {
      stack.push({ char, length });
    }
    i += length;
  }
  if (stack.length === 0 && end === text.length) return text;
  const kept = text.slice(0, end);
  const body = kept.trimEnd();
  const closers = stack.map(({ char, length }) => char.repeat(length)).reverse();
  return body + closers.join('') + kept.slice(body.length);
}

function close(stack: Run[], char: string, length: number): void {
  let left = length;
  for (let top = stack.at(-1); top?.char === char && left > 0; top = stack.at(-1)) {
    const used = Math.min(top.length, left);
    top.length -= used;
    left -= used;
    if (top.length === 0) stack.pop();
  }
}

/** 5 * 3, 2*3 and mi_variable open nothing; a single ~ neither. */
function opens(char: string, length: number, before: string | undefined, after: string): boolean {
  if (isSpace(after) || length > 3) return false;
  if (char === '~') return length === 2;
  if (char === '_' || length === 1) return !isWord(before);
  return true;
}
