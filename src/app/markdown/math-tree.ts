// TeX -> a plain tree of MathML elements, from a list of what may appear. temml parses; its own DOM and markup writers are
// not used. What is not on the lists is left out, or refuses the formula, which is then shown as its TeX.

import type temml from 'temml';
import {
  MAX_MATH_DEPTH,
  MAX_MATH_NODES,
  MAX_MATH_SIZE,
  MAX_TEX_CHARS,
  MAX_TEX_EXPANSIONS,
} from './limits.ts';

export interface MathElement {
  name: string;
  attributes: readonly (readonly [string, string])[];
  /** Set through the CSS object model: a style attribute would not pass the page's policy. */
  styles: readonly (readonly [string, string])[];
  className: string;
  children: readonly (MathElement | string)[];
}

/**
 * Definitions (an answer needs none, and they multiply text), ids and references to them, addresses, pictures, HTML
 * attributes, tooltips: nothing that reaches beyond the formula.
 */
const REFUSED =
  /\\(?:(?:re)?newcommand|providecommand|[egx]?def|let|futurelet|global|long|require|(?:eq)?ref|label|href|url|includegraphics|html\w*|class|id|style|data|cssId|mathtip|texttip|toggle|unicode|char)(?![a-zA-Z])/;

const ELEMENTS: ReadonlySet<string> = new Set(
  (
    'math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle msub msup msubsup munder mover munderover ' +
    'mmultiscripts mprescripts none mtable mtr mtd mphantom mpadded menclose merror'
  ).split(' '),
);

const ATTRIBUTES: ReadonlySet<string> = new Set(
  (
    'display displaystyle scriptlevel mathvariant stretchy symmetric fence separator form largeop movablelimits accent ' +
    'accentunder lspace rspace minsize maxsize linethickness notation columnalign columnspacing rowspacing columnspan ' +
    'width height depth voffset'
  ).split(' '),
);

/** Colours are left to the theme, where their contrast is known; positions and transforms could leave the formula's box. */
const STYLES: ReadonlySet<string> = new Set(
  (
    'padding paddingTop paddingRight paddingBottom paddingLeft marginLeft border borderTop borderRight borderBottom ' +
    'borderLeft width height textAlign fontWeight fontStyle mathDepth verticalAlign'
  ).split(' '),
);

/** Lengths that a formula may carry, in em. Negative ones pull over what stands before. */
const LONGEST = MAX_MATH_SIZE[0];
const MOST_NEGATIVE = -2;
const EM: Readonly<Record<string, number>> = {
  em: 1,
  ex: 0.45,
  pt: 0.1,
  px: 0.0625,
  cm: 2.4,
  mm: 0.24,
  in: 6,
};

/** Functions as Spanish and Portuguese name them. */
const FUNCTIONS = /\\(arcsen|arctg|cosec|cotg|mcd|mcm|mdc|mmc|senh|sen|tgh|tg)(?![a-zA-Z])/g;
/** A number or a name of an equation, which nothing here refers to. */
const LABEL = /\\label\s*\{[^{}]{0,200}\}/g;

/** The formula in words that temml knows, without blank lines, which end a formula in TeX. */
const known = (tex: string): string =>
  tex
    .replace(LABEL, '')
    .replace(FUNCTIONS, '\\operatorname{$1}')
    .replace(/\n[ \t]*(?=\n)/g, '');

class Refused extends Error {}

/** @returns null where the formula cannot or may not be set */
export function mathTree(parser: typeof temml, written: string, display: boolean): MathElement | null {
  const tex = known(written);
  if (tex.length > MAX_TEX_CHARS || REFUSED.test(tex)) return null;
  let nodes = 0;

  function walk(node: unknown, depth: number): (MathElement | string)[] {
    if (depth > MAX_MATH_DEPTH) throw new Refused();
    if (!isRecord(node)) throw new Refused();
    const children = Array.isArray(node.children) ? node.children : [];
    const inside = (): (MathElement | string)[] => children.flatMap((child) => walk(child, depth + 1));
    if (typeof node.type !== 'string') {
      if (typeof node.text === 'string' && !Array.isArray(node.children)) return [node.text];
      // A fragment's children stand in its place; spans (numbers of equations) and anchors have no business here.
      return 'href' in node || 'src' in node || isSpan(node) ? [] : inside();
    }
    if (!ELEMENTS.has(node.type) || ++nodes > MAX_MATH_NODES) throw new Refused();
    return [
      {
        name: isPrimed(node, children) ? 'mrow' : node.type,
        attributes: pairs(node.attributes, ATTRIBUTES),
        styles: pairs(node.style, STYLES),
        className: classes(node.classes),
        children: inside(),
      },
    ];
  }

  try {
    const built: unknown = parser.__renderToMathMLTree(tex, {
      displayMode: display,
      throwOnError: true,
      trust: false,
      strict: true,
      maxExpand: MAX_TEX_EXPANSIONS,
      maxSize: MAX_MATH_SIZE,
    });
    const [root, ...others] = walk(built, 0);
    return typeof root === 'object' && root.name === 'math' && others.length === 0 ? root : null;
  } catch {
    // A parse error, a refusal, or a stack that ran out: in each case the TeX itself is shown.
    return null;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** f′: temml raises a prime for a font of its own, which is not brought along. */
const isPrimed = (node: Record<string, unknown>, children: readonly unknown[]): boolean =>
  node.type === 'msup' && isRecord(children[1]) && classes(children[1].classes).startsWith('tml-prime');

/** temml's HTML spans have attributes and no type; its fragments have no attributes. */
const isSpan = (node: Record<string, unknown>): boolean => isRecord(node.attributes);

function pairs(value: unknown, allowed: ReadonlySet<string>): [string, string][] {
  if (!isRecord(value)) return [];
  const out: [string, string][] = [];
  for (const [name, raw] of Object.entries(value)) {
    const key = name === 'math-depth' ? 'mathDepth' : name;
    if (!allowed.has(key) || raw === undefined || raw === null) continue;
    const text = String(raw);
    // Keywords, numbers with units, and nothing that could be a function.
    if (!/^[\w\s.%+-]{1,80}$/.test(text)) continue;
    if (!lengthsFit(text)) throw new Refused();
    out.push([key, text]);
  }
  return out;
}

function lengthsFit(text: string): boolean {
  for (const [, number = '0', unit = ''] of text.matchAll(/([+-]?(?:\d+\.?\d*|\.\d+))([a-z%]*)/g)) {
    const em = Number(number) * (EM[unit] ?? 0);
    if (em > LONGEST || em < MOST_NEGATIVE) return false;
  }
  return true;
}

function classes(value: unknown): string {
  if (!Array.isArray(value)) return '';
  return value.filter((name) => typeof name === 'string' && /^[a-z][\w-]{0,30}$/.test(name)).join(' ');
}
