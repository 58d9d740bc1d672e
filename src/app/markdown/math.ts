// Formulas, set by temml: a chunk of its own that is fetched with the first formula and found in the cache afterwards.

import { mathTree, type MathElement } from './math-tree.ts';

export type SetMath = (tex: string, display: boolean) => MathElement | null;

let ready: SetMath | null = null;
let loading: Promise<SetMath> | null = null;

/** The setter if its code is here already: a formula then never shows its TeX first. */
export const mathNow = (): SetMath | null => ready;

export function loadMath(): Promise<SetMath> {
  loading ??= import('temml').then(
    ({ default: temml }) => (ready = (tex, display) => mathTree(temml, tex, display)),
    (error: unknown) => {
      loading = null; // offline before the chunk was cached: the next formula tries again
      throw error;
    },
  );
  return loading;
}

const MATHML = 'http://www.w3.org/1998/Math/MathML';

/** The tree as elements of the page. Recursion is bounded by MAX_MATH_DEPTH. */
export function mathElement(tree: MathElement): Element {
  const element = document.createElementNS(MATHML, tree.name) as MathMLElement;
  for (const [name, value] of tree.attributes) element.setAttribute(name, value);
  for (const [name, value] of tree.styles) element.style.setProperty(kebab(name), value);
  if (tree.className !== '') element.setAttribute('class', tree.className);
  for (const child of tree.children) element.append(typeof child === 'string' ? child : mathElement(child));
  return element;
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
