// EBNF as people write it for xgrammar, read by us: a fault has a line and a column, and xgrammar only ever reads what we print.

import { EngineError } from '../../failures.ts';
import type { GrammarFault } from '../../form-faults.ts';
import { complement, ranges } from './charset.ts';
import { grammarWords } from './grammar-words.ts';
import { pruned } from './rules.ts';
import type { Rules } from './rules.ts';
import { MAX_SIZE, NEVER, cat, literal, or, ref, rep, set, sizeOf } from './term.ts';
import type { Term } from './term.ts';

const MAX_REPEAT = 2_000;
const MAX_DEPTH = 200;
const NAME = /[A-Za-z_][A-Za-z0-9_.-]*/y;
const SPACE = /(?:\s|#[^\n]*)*/y;
const COUNT = /\{\s*(\d+)\s*(,\s*(\d*)\s*)?\}/y;
const ESCAPE =
  /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|u\{([0-9A-Fa-f]{1,6})\}|([\s\S]))/y;
const SHORT: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  f: '\f',
  v: '\v',
  b: '\b',
  0: '\0',
  a: '\x07',
  e: '\x1b',
};

/** Throws EngineError "grammar-invalid" with {why, line, column}. */
export function parseEbnf(source: string): Rules {
  let at = 0;
  let depth = 0;
  const fault = (what: GrammarFault, place = at): EngineError => {
    const lines = source.slice(0, place).split('\n');
    const [line, column] = [lines.length, (lines.at(-1)?.length ?? 0) + 1];
    const message = `The grammar, line ${line}, column ${column}: ${grammarWords(what)}`;
    return new EngineError('grammar-invalid', message, { ...what, line, column });
  };
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) at += found[0].length;
    return found;
  };
  const skip = (): void => void match(SPACE);
  const takes = (text: string): boolean => {
    if (!source.startsWith(text, at)) return false;
    at += text.length;
    return true;
  };
  const used = new Map<string, number>();

  /** Whether a rule's head stands here, which ends the rule before. */
  const atHead = (): boolean => /^[A-Za-z_][A-Za-z0-9_.-]*\s*::=/.test(source.slice(at, at + 300));

  function character(): number {
    const place = at;
    if (source[at] !== '\\') {
      const code = source.codePointAt(at) ?? 0;
      at += code > 0xffff ? 2 : 1;
      return code;
    }
    const found = match(ESCAPE);
    if (!found) throw fault({ why: 'escape-unknown' }, place);
    const [, x, u, U, braces, short] = found;
    const hex = x ?? u ?? U ?? braces;
    const code =
      hex === undefined ? ((SHORT[short ?? ''] ?? short ?? '').codePointAt(0) ?? 0) : parseInt(hex, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw fault({ why: 'escape-unknown' }, place);
    return code;
  }

  function quoted(): Term {
    const place = at++;
    let text = '';
    for (; source[at] !== '"';) {
      if (at >= source.length || source[at] === '\n') throw fault({ why: 'text-open' }, place);
      text += String.fromCodePoint(character());
    }
    at++;
    return literal(text);
  }

  function characterClass(): Term {
    const place = at++;
    const negated = takes('^');
    const pairs: [number, number][] = [];
    for (; source[at] !== ']';) {
      if (at >= source.length || source[at] === '\n') throw fault({ why: 'class-open' }, place);
      const first = character();
      if (source[at] === '-' && source[at + 1] !== ']' && at + 1 < source.length) {
        at++;
        const last = character();
        if (last < first) throw fault({ why: 'range-backwards' }, place);
        pairs.push([first, last]);
      } else pairs.push([first, first]);
    }
    at++;
    const chars = ranges(pairs);
    if (!negated && chars.length === 0) throw fault({ why: 'class-empty' }, place);
    return set(negated ? complement(chars) : chars);
  }

  function primary(): Term {
    switch (source[at]) {
      case '"':
        return quoted();
      case '[':
        return characterClass();
      case '(': {
        const place = at++;
        skip();
        if (source[at] === '=') throw fault({ why: 'look-ahead' }, place);
        if (++depth > MAX_DEPTH) throw fault({ why: 'too-deep' }, place);
        const inner = choice();
        depth--;
        skip();
        if (!takes(')')) throw fault({ why: 'bracket-open' }, place);
        return inner;
      }
      default: {
        const place = at;
        const found = match(NAME);
        if (!found) throw fault({ why: 'unexpected', sign: source[at] ?? '' });
        const name = found[0];
        if (!used.has(name)) used.set(name, place);
        return ref(`u_${name}`);
      }
    }
  }

  function repeated(): Term {
    let term = primary();
    for (;;) {
      skip();
      const place = at;
      if (takes('*')) term = rep(term, 0, Infinity);
      else if (takes('+')) term = rep(term, 1, Infinity);
      else if (takes('?')) term = rep(term, 0, 1);
      else if (source[at] === '{') {
        const found = match(COUNT);
        if (!found) throw fault({ why: 'count-unreadable' });
        const least = Number(found[1]);
        const most = found[2] === undefined ? least : found[3] === '' ? Infinity : Number(found[3]);
        if (least > MAX_REPEAT || (most !== Infinity && most > MAX_REPEAT)) {
          throw fault({ why: 'count-too-large', limit: MAX_REPEAT }, place);
        }
        if (most < least) throw fault({ why: 'count-backwards' }, place);
        term = rep(term, least, most);
        if (sizeOf(term) > MAX_SIZE) throw fault({ why: 'count-too-large', limit: MAX_REPEAT }, place);
      } else return term;
    }
  }

  function sequence(): Term {
    const parts: Term[] = [];
    for (;;) {
      skip();
      if (at >= source.length || '|)'.includes(source[at] ?? '') || atHead()) return cat(...parts);
      parts.push(repeated());
    }
  }
  function choice(): Term {
    const parts = [sequence()];
    for (skip(); takes('|'); skip()) parts.push(sequence());
    return or(...parts);
  }

  const rules = new Map<string, Term>();
  for (skip(); at < source.length; skip()) {
    const place = at;
    const name = match(NAME)?.[0];
    skip();
    if (name === undefined || !takes('::=')) throw fault({ why: 'rule-expected' }, place);
    if (rules.has(`u_${name}`)) throw fault({ why: 'rule-twice', rule: name }, place);
    rules.set(`u_${name}`, choice());
    skip();
    if (at < source.length && !atHead()) throw fault({ why: 'unexpected', sign: source[at]! });
  }
  if (!rules.has('u_root')) throw fault({ why: 'rule-missing', rule: 'root' }, 0);
  for (const [name, place] of used) {
    if (!rules.has(`u_${name}`)) throw fault({ why: 'rule-missing', rule: name }, place);
  }
  const circle = leftRecursion(rules);
  if (circle !== undefined) {
    const name = circle.slice(2);
    const head = new RegExp(`(^|\\s)${name.replace(/[.-]/g, '\\$&')}\\s*::=`).exec(source)?.index ?? 0;
    throw fault({ why: 'left-recursive', rule: name }, head);
  }
  rules.set('root', ref('u_root'));
  const grammar = pruned({ root: 'root', rules });
  if (!grammar) throw fault({ why: 'endless' }, 0);
  return grammar;
}

/** A rule that may begin with itself, if there is one. */
function leftRecursion(rules: ReadonlyMap<string, Term>): string | undefined {
  const silent = new Set<string>();
  const mayBeEmpty = (term: Term): boolean => {
    switch (term.kind) {
      case 'empty':
        return true;
      case 'ref':
        return silent.has(term.rule);
      case 'cat':
        return mayBeEmpty(term.first) && mayBeEmpty(term.rest);
      case 'or':
        return term.parts.some(mayBeEmpty);
      case 'rep':
        return term.min === 0 || mayBeEmpty(term.body);
      default:
        return false;
    }
  };
  for (let before = -1; before !== silent.size;) {
    before = silent.size;
    for (const [name, body] of rules) if (mayBeEmpty(body)) silent.add(name);
  }
  const firsts = (term: Term, into: Set<string>): Set<string> => {
    switch (term.kind) {
      case 'ref':
        into.add(term.rule);
        break;
      case 'cat':
        firsts(term.first, into);
        if (mayBeEmpty(term.first)) firsts(term.rest, into);
        break;
      case 'or':
        for (const part of term.parts) firsts(part, into);
        break;
      case 'rep':
        firsts(term.body, into);
        break;
      default:
    }
    return into;
  };
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string): string | undefined => {
    if (state.get(name) === 'open') return name;
    if (state.has(name)) return undefined;
    state.set(name, 'open');
    for (const first of firsts(rules.get(name) ?? NEVER, new Set())) {
      const found = visit(first);
      if (found !== undefined) return found;
    }
    state.set(name, 'done');
    return undefined;
  };
  for (const name of rules.keys()) {
    const found = visit(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
