// A grammar while it is made: rules that refer to each other, without a way that ends in nothing, printed as xgrammar's EBNF.

import { EVERY, intersection, pairsOf, ranges, difference } from './charset.ts';
import type { CharSet } from './charset.ts';
import { automaton } from './automaton.ts';
import { byteSequences } from './utf8.ts';
import type { ByteRanges } from './utf8.ts';
import type { State } from './automaton.ts';
import {
  EMPTY,
  MAX_SIZE,
  NEVER,
  cat,
  literal,
  mapSets,
  needsStates,
  or,
  ref,
  rep,
  set,
  sizeOf,
} from './term.ts';
import type { Term } from './term.ts';

export interface Rules {
  root: string;
  rules: ReadonlyMap<string, Term>;
}

/** Characters that stand in a JSON string as they are. */
const PLAIN = difference(EVERY, ranges([[0, 0x1f], [0x22, 0x22], [0x5c, 0x5c]])); // prettier-ignore
const CONTROLS: CharSet = [0, 0x1f];

/** Characters as JSON.stringify writes them inside a string. */
export function jsonChars(chars: CharSet): Term {
  if (chars.length === EVERY.length && chars.every((edge, i) => edge === EVERY[i])) return ANY_JSON_CHAR;
  const escaped =
    [...pairsOf(intersection(chars, CONTROLS)), ...pairsOf(intersection(chars, ranges([[0x22, 0x22], [0x5c, 0x5c]])))] // prettier-ignore
      .flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i))
      .map((code) => literal(JSON.stringify(String.fromCodePoint(code)).slice(1, -1)));
  return or(set(intersection(chars, PLAIN)), ...escaped);
}

const oneOf = (text: string): Term =>
  set(ranges(Array.from(text, (c) => [c.charCodeAt(0), c.charCodeAt(0)])));
const ANY_JSON_CHAR = or(
  set(PLAIN),
  cat(
    literal('\\'),
    or(
      oneOf('"\\/bfnrt'),
      cat(literal('u00'), or(cat(oneOf('01'), oneOf('0123456789abcdefABCDEF')), literal('7f'))),
    ),
  ),
);

export interface Builder {
  /** A rule made once for each key. While `make` runs, its own rule can be referred to. */
  rule(key: string, make: () => Term): Term;
  /** A term without references as one of this grammar; undefined where its automaton is too large. */
  text(term: Term, change?: (chars: CharSet) => Term): Term | undefined;
  finish(root: Term): Rules | undefined;
}

/** How deep states that are entered in one way only are written inside each other. */
const INLINE_DEPTH = 16;

export function createBuilder(): Builder {
  const rules = new Map<string, Term>();
  const names = new Map<string, string>();
  const named = (key: string): string => {
    const name = `r${names.size}`;
    names.set(key, name);
    return name;
  };

  function fromStates(states: readonly State[], key: string, change: (chars: CharSet) => Term): Term {
    if (states.length === 0) return NEVER;
    const entered = new Uint32Array(states.length);
    entered[0] = 2; // a rule of its own
    for (const { next } of states) for (const { to } of next) entered[to]! += 1;
    const place = (index: number, depth: number): Term => {
      if (entered[index] === 1 && depth < INLINE_DEPTH) return body(index, depth + 1);
      const own = `${key} ${index}`;
      const name = names.get(own);
      if (name !== undefined) return ref(name);
      const fresh = named(own);
      waiting.push([fresh, index]);
      return ref(fresh);
    };
    const body = (index: number, depth: number): Term => {
      const { ends, next } = states[index]!;
      const ways = next.map(({ set: chars, to }) => cat(change(chars), place(to, depth)));
      return or(...(ends ? [EMPTY] : []), ...ways);
    };
    const waiting: [string, number][] = [];
    const first = place(0, 0);
    for (let at = waiting.pop(); at; at = waiting.pop()) rules.set(at[0], body(at[1], 0));
    return first;
  }

  return {
    rule(key, make) {
      const known = names.get(key);
      if (known !== undefined) return ref(known);
      const name = named(key);
      rules.set(name, make());
      return ref(name);
    },
    text(term, change = set) {
      if (!needsStates(term)) return sizeOf(term) > MAX_SIZE ? undefined : mapSets(term, change);
      const key = `text ${term.id} ${change === set ? 'plain' : 'json'}`;
      const known = names.get(`${key} 0`);
      if (known !== undefined) return ref(known);
      const states = automaton(term);
      return states && fromStates(states, key, change);
    },
    finish(root) {
      rules.set('root', root);
      return pruned({ root: 'root', rules });
    },
  };
}

/** Without rules and alternatives that no text fits; undefined where none fits the root. */
export function pruned({ root, rules }: Rules): Rules | undefined {
  const fit = new Set<string>();
  const fits = (term: Term): boolean => {
    switch (term.kind) {
      case 'ref':
        return fit.has(term.rule);
      case 'cat':
        return fits(term.first) && fits(term.rest);
      case 'or':
        return term.parts.some(fits);
      case 'rep':
        return term.min === 0 || fits(term.body);
      default:
        return term !== NEVER;
    }
  };
  // Each rule again when one that it waits for was found to fit.
  const users = new Map<string, Set<string>>();
  for (const [name, body] of rules) {
    for (const used of refsOf(body)) users.set(used, (users.get(used) ?? new Set()).add(name));
  }
  const open = [...rules.keys()];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const body = rules.get(name);
    if (!body || fit.has(name) || !fits(body)) continue;
    fit.add(name);
    open.push(...(users.get(name) ?? []));
  }
  if (!fit.has(root)) return undefined;
  const cut = (term: Term): Term => {
    switch (term.kind) {
      case 'ref':
        return fit.has(term.rule) ? term : NEVER;
      case 'cat':
        return cat(cut(term.first), cut(term.rest));
      case 'or':
        return or(...term.parts.map(cut));
      case 'rep':
        return rep(cut(term.body), term.min, term.max);
      default:
        return term;
    }
  };
  const kept = new Map<string, Term>();
  const wanted = [root];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const body = rules.get(name);
    if (!body || kept.has(name)) continue;
    const small = cut(body);
    kept.set(name, small);
    wanted.push(...refsOf(small));
  }
  return { root, rules: kept };
}

export function refsOf(term: Term, into = new Set<string>()): Set<string> {
  switch (term.kind) {
    case 'ref':
      into.add(term.rule);
      break;
    case 'cat':
      // Along the chain, not into it: a literal's is as long as its text.
      for (let rest: Term = term; ; rest = rest.rest) {
        if (rest.kind !== 'cat') {
          refsOf(rest, into);
          break;
        }
        refsOf(rest.first, into);
      }
      break;
    case 'or':
      for (const part of term.parts) refsOf(part, into);
      break;
    case 'rep':
      refsOf(term.body, into);
      break;
    default:
  }
  return into;
}

const escaped = (code: number): string => {
  if (code >= 0x20 && code < 0x7f && !'"\\[]^-'.includes(String.fromCharCode(code))) {
    return String.fromCharCode(code);
  }
  // Never "\x": xgrammar reads as many digits after it as there are.
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
};

/** One byte twice: a class of one member would be taken for its character's text. */
const byteClass = (ranges: readonly (readonly [number, number])[]): string =>
  `[${ranges.map(([first, last]) => (first === last ? byte(first) : `${byte(first)}-${byte(last)}`)).join('')}${
    ranges.length === 1 && ranges[0]![0] === ranges[0]![1] ? byte(ranges[0]![0]) : ''
  }]`;
const byte = (code: number): string => (code < 0x80 ? escaped(code) : `\\u00${code.toString(16)}`);

/** A class of ASCII as it is, any other as a rule of byte sequences. */
function classOf(chars: CharSet, classes: Map<string, string>): string {
  if ((chars.at(-1) ?? 0) < 0x80) return byteClass(pairsOf(chars));
  const sequences = byteSequences(chars);
  const ascii = sequences.filter(({ length }) => length === 1).flat();
  // By their leading bytes, as a tree: of alternatives by the hundred xgrammar 0.1 merges some that differ.
  const tree = (longer: readonly ByteRanges[]): string[] => {
    const leads = new Map<string, ByteRanges[]>();
    for (const [lead, ...rest] of longer) {
      const key = byteClass([lead!]);
      leads.set(key, [...(leads.get(key) ?? []), rest]);
    }
    return [...leads].map(([lead, rests]) => {
      if (rests[0]!.length === 0) return lead;
      if (rests[0]!.length === 1) return `${lead} ${byteClass(rests.map(([last]) => last!))}`;
      return `${lead} ${ruleOf(tree(rests), classes)}`;
    });
  };
  const longer = tree(sequences.filter(({ length }) => length > 1));
  return ruleOf([...(ascii.length > 0 ? [byteClass(ascii)] : []), ...longer], classes);
}

/** Alternatives that are written in one rule. */
const MAX_ALTERNATIVES = 24;
function ruleOf(alternatives: readonly string[], classes: Map<string, string>): string {
  if (alternatives.length > MAX_ALTERNATIVES) {
    const size = Math.ceil(alternatives.length / MAX_ALTERNATIVES);
    const groups = Array.from({ length: Math.ceil(alternatives.length / size) }, (_, i) =>
      ruleOf(alternatives.slice(i * size, (i + 1) * size), classes),
    );
    return ruleOf(groups, classes);
  }
  const body = alternatives.join(' | ');
  const known = classes.get(body);
  if (known !== undefined) return known;
  const name = `c${classes.size}`;
  classes.set(body, name);
  return name;
}

const single = (term: Term): number | undefined =>
  term.kind === 'set' && term.set.length === 2 && term.set[0] === term.set[1] ? term.set[0] : undefined;

function printed(term: Term, within: 'or' | 'cat' | 'rep', classes: Map<string, string>): string {
  const grouped = (text: string, needed: boolean): string => (needed ? `(${text})` : text);
  switch (term.kind) {
    case 'empty':
      return '""';
    case 'set': {
      const code = single(term);
      return code === undefined ? classOf(term.set, classes) : `"${escaped(code)}"`;
    }
    case 'ref':
      return term.rule;
    case 'cat': {
      const parts: string[] = [];
      let text = '';
      const flush = (): void => {
        if (text !== '') parts.push(`"${text}"`);
        text = '';
      };
      for (let rest: Term = term; ;) {
        const first = rest.kind === 'cat' ? rest.first : rest;
        const code = single(first);
        if (code === undefined) {
          flush();
          parts.push(printed(first, 'cat', classes));
        } else text += escaped(code);
        if (rest.kind !== 'cat') break;
        rest = rest.rest;
      }
      flush();
      return grouped(parts.join(' '), within === 'rep');
    }
    case 'or':
      return term.parts.length > MAX_ALTERNATIVES
        ? ruleOf(
            term.parts.map((part) => printed(part, 'or', classes)),
            classes,
          )
        : grouped(term.parts.map((part) => printed(part, 'or', classes)).join(' | '), within !== 'or');
    case 'rep': {
      const body = printed(term.body, 'rep', classes);
      const { min, max } = term;
      const count = max === Infinity ? `{${min},}` : `{${min},${max}}`;
      const sign = { '{0,}': '*', '{1,}': '+', '{0,1}': '?' }[count];
      return grouped(`${body}${sign ?? count}`, within === 'rep');
    }
    default:
      throw new Error(`a term of kind ${term.kind} cannot be printed`);
  }
}

export function printRules({ root, rules }: Rules): string {
  const others = [...rules].filter(([name]) => name !== root);
  const lines = [['root', rules.get(root) ?? EMPTY] as const, ...others];
  const classes = new Map<string, string>();
  const text = lines.map(([name, body]) => `${name} ::= ${printed(body, 'or', classes)}`);
  return [...text, ...[...classes].map(([body, name]) => `${name} ::= ${body}`)].join('\n');
}
