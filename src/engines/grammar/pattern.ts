// ECMAScript's regular expressions as terms. @eslint-community/regexpp reads them; what no automaton holds to is refused by name.

import { RegExpParser } from '@eslint-community/regexpp';
import type { AST } from '@eslint-community/regexpp';
import type { PatternFeature } from '../../form-faults.ts';
import { WORD } from './automaton.ts';
import { EVERY, complement, ranges, union } from './charset.ts';
import type { CharSet } from './charset.ts';
import { ANYTHING, ANY_CHAR, EMPTY, and, cat, edge, not, or, rep, set } from './term.ts';
import type { Term } from './term.ts';

/** Why a pattern is none, or cannot be held to. */
export class PatternError extends Error {
  readonly feature: PatternFeature;
  /** The part of the pattern that it is about, or what is wrong with it. */
  readonly text: string;
  constructor(feature: PatternFeature, text: string) {
    super(`${text}: ${feature}`);
    this.feature = feature;
    this.text = text;
  }
}

/** Of one `{min,max}`, and of those within each other together. */
const MAX_REPEAT = 2_000;
const LINE_ENDS: CharSet = ranges([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]);

const DIGIT: CharSet = [0x30, 0x39];
// prettier-ignore
const SPACE: CharSet = [
  0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f,
  0x3000, 0x3000, 0xfeff, 0xfeff,
];
const ESCAPES = { digit: DIGIT, space: SPACE, word: WORD };

const properties = new Map<string, CharSet>();
/** Which characters a class escape or property means, as this engine's own regular expressions say. */
function asked(source: string, flags: string): CharSet {
  const key = `${flags} ${source}`;
  let found = properties.get(key);
  if (!found) {
    const pattern = new RegExp(`^${source}$`, flags);
    const pairs: [number, number][] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code === 0xd800) code = 0xe000;
      if (!pattern.test(String.fromCodePoint(code))) continue;
      const last = pairs.at(-1);
      if (last?.[1] === code - 1) last[1] = code;
      else pairs.push([code, code]);
    }
    found = ranges(pairs);
    properties.set(key, found);
  }
  return found;
}

type ClassPart = AST.CharacterClass | AST.CharacterClassElement | AST.CharacterSet;

function charactersOf(part: ClassPart, flags: AST.Flags): CharSet {
  const fold = flags.ignoreCase ? 'iu' : 'u';
  switch (part.type) {
    case 'Character':
      if (!flags.ignoreCase) return ranges([[part.value, part.value]]);
      return asked(`\\u{${part.value.toString(16)}}`, 'iu');
    case 'CharacterClassRange': {
      const range = ranges([[part.min.value, part.max.value]]);
      if (!flags.ignoreCase) return range;
      return asked(`[\\u{${part.min.value.toString(16)}}-\\u{${part.max.value.toString(16)}}]`, 'iu');
    }
    case 'CharacterSet':
      if (part.kind === 'any') return flags.dotAll ? EVERY : complement(LINE_ENDS);
      if (part.kind === 'property') {
        if (part.strings) throw new PatternError('strings-property', part.raw);
      } else if (!flags.ignoreCase) {
        return part.negate ? complement(ESCAPES[part.kind]) : ESCAPES[part.kind];
      }
      return asked(part.raw, fold);
    case 'CharacterClass': {
      const inside = union(...part.elements.map((element) => charactersOf(element, flags)));
      return part.negate ? complement(inside) : inside;
    }
    default:
      throw new PatternError('v-class', part.raw);
  }
}

const holdsLook = (node: AST.Node): boolean => {
  switch (node.type) {
    case 'Assertion':
      return node.kind === 'lookahead' || node.kind === 'lookbehind';
    case 'Alternative':
      return node.elements.some(holdsLook);
    case 'Group':
    case 'CapturingGroup':
      return node.alternatives.some(holdsLook);
    case 'Quantifier':
      return holdsLook(node.element);
    default:
      return false;
  }
};

function termOf(elements: readonly AST.Element[], flags: AST.Flags, then: Term): Term {
  return elements.reduceRight((rest, element) => before(element, flags, rest), then);
}
const either = (alternatives: readonly AST.Alternative[], flags: AST.Flags, then: Term): Term =>
  or(...alternatives.map(({ elements }) => termOf(elements, flags, then)));

/** A part of a pattern with all that is to follow it: a look-ahead speaks of that. */
function before(node: AST.Element, flags: AST.Flags, rest: Term): Term {
  switch (node.type) {
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
      return cat(set(charactersOf(node, flags)), rest);
    case 'Group':
    case 'CapturingGroup':
      if (node.type === 'Group' && node.modifiers) throw new PatternError('flags', node.raw);
      return holdsLook(node)
        ? either(node.alternatives, flags, rest)
        : cat(either(node.alternatives, flags, EMPTY), rest);
    case 'Quantifier': {
      const { min, max, element } = node;
      if (min > MAX_REPEAT || (max !== Infinity && max > MAX_REPEAT)) {
        throw new PatternError('repeated-too-often', node.raw.slice(element.raw.length));
      }
      if (!holdsLook(element)) return cat(rep(before(element, flags, EMPTY), min, max), rest);
      if (min === 0 && max === 1) return or(before(element, flags, rest), rest);
      throw new PatternError('look-ahead-repeated', element.raw);
    }
    case 'Assertion':
      switch (node.kind) {
        case 'start':
        case 'end':
          if (flags.multiline) throw new PatternError('flags', 'm');
          return cat(edge(node.kind), rest);
        case 'word':
          return cat(edge(node.negate ? 'inside' : 'word'), rest);
        case 'lookahead': {
          const ahead = cat(either(node.alternatives, flags, EMPTY), ANYTHING);
          return and(node.negate ? not(ahead) : ahead, rest);
        }
        case 'lookbehind':
          throw new PatternError('look-behind', node.raw);
      }
    // eslint-disable-next-line no-fallthrough -- every assertion has returned or thrown
    case 'Backreference':
      throw new PatternError('back-reference', node.raw);
    default:
      throw new PatternError('v-class', node.raw);
  }
}

/** Leading and trailing edges of every alternative, told apart from what stands between: most patterns need no states then. */
function anchored(alternatives: readonly AST.Alternative[], flags: AST.Flags): Term | undefined {
  const parts: Term[] = [];
  for (const { elements } of alternatives) {
    const isEdge = (element: AST.Element | undefined, kind: 'start' | 'end'): boolean =>
      element?.type === 'Assertion' && element.kind === kind;
    const [start, end] = [isEdge(elements[0], 'start'), isEdge(elements.at(-1), 'end')];
    const inner = elements.slice(start ? 1 : 0, end && elements.length > (start ? 1 : 0) ? -1 : undefined);
    if (inner.some((element) => holdsEdge(element))) return undefined;
    // What a look-ahead says of the rest, it says of all that follows the pattern too.
    const rest = termOf(inner, flags, end ? EMPTY : ANYTHING);
    parts.push(start ? rest : cat(ANYTHING, rest));
  }
  return or(...parts);
}

const holdsEdge = (node: AST.Node): boolean => {
  switch (node.type) {
    case 'Assertion':
      return node.kind === 'lookahead' || node.kind === 'lookbehind'
        ? node.alternatives.some(holdsEdge)
        : true;
    case 'Alternative':
      return node.elements.some(holdsEdge);
    case 'Group':
    case 'CapturingGroup':
      return node.alternatives.some(holdsEdge);
    case 'Quantifier':
      return holdsEdge(node.element);
    default:
      return false;
  }
};

/**
 * The texts that a pattern matches somewhere, as `RegExp.prototype.test` with the flag u decides. Throws PatternError.
 * @param whole the pattern is to match the whole text
 */
export function patternTerm(source: string, whole = false): Term {
  const parser = new RegExpParser();
  let pattern: AST.Pattern;
  try {
    pattern = parser.parsePattern(source, 0, source.length, { unicode: true });
  } catch (cause) {
    throw new PatternError('syntax', cause instanceof Error ? cause.message : String(cause));
  }
  const flags = parser.parseFlags('u');
  const { alternatives } = pattern;
  if (whole) return either(alternatives, flags, EMPTY);
  return anchored(alternatives, flags) ?? cat(ANYTHING, either(alternatives, flags, ANYTHING));
}

/** Texts of `min` to `max` characters. */
export const lengthTerm = (min: number, max: number): Term => rep(ANY_CHAR, min, max);
