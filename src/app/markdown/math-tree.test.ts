import temml from 'temml';
import { describe, expect, test } from 'vitest';
import { MAX_MATH_DEPTH, MAX_TEX_CHARS } from './limits.ts';
import { mathTree, type MathElement } from './math-tree.ts';

const set = (tex: string, display = false): MathElement | null => mathTree(temml, tex, display);

const markup = (node: MathElement | string): string =>
  typeof node === 'string' ? node : `${node.name}(${node.children.map(markup).join(' ')})`;

function all(node: MathElement): MathElement[] {
  return [node, ...node.children.flatMap((child) => (typeof child === 'string' ? [] : all(child)))];
}

describe('formulas', () => {
  test.each([
    ['x^2', 'math(msup(mi(x) mn(2)))'],
    ['\\frac{a}{b}', 'math(mfrac(mi(a) mi(b)))'],
    ['\\sqrt{2}', 'math(msqrt(mn(2)))'],
    ["f'", 'math(mrow(mi(f) mo(′)))'],
    ['\\text{año}', 'math(mtext(año))'],
    ['', 'math()'],
  ])('%s', (tex, expected) => {
    const tree = set(tex);
    expect(tree && markup(tree)).toBe(expected);
  });

  test.each([
    '\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}',
    '\\begin{aligned}a&=b\\\\c&=d\\end{aligned}',
    '\\begin{align}a&=b\\\\c&=d\\end{align}',
    '\\begin{cases}x&y\\\\z&w\\end{cases}',
    '\\int_0^\\infty e^{-x^2}\\,dx=\\frac{\\sqrt\\pi}{2}',
    '\\left\\{\\sum_{i=1}^n i\\right\\}\\xrightarrow{k}\\overline{AB}\\cancel{x}\\boxed{y}',
    '\\mathbb{R}\\mathcal{L}\\mathbf{v}\\vec{F}\\hat{x}\\dot{y}\\color{red}{z}a\\tag{1}',
    '\\ce{H2O}'.replace('\\ce', '\\mathrm'),
    '3{,}5\\%',
  ])('%s is set in display', (tex) => {
    const tree = set(tex, true);
    expect(tree?.attributes).toContainEqual(['display', 'block']);
  });
});

describe('what is refused is shown as its TeX', () => {
  test.each([
    '\\href{javascript:alert(1)}{x}',
    '\\url{https://evil.test}',
    '\\includegraphics{https://evil.test/x.png}',
    '\\htmlClass{a}{x}',
    '\\class{a}{x}',
    '\\id{a}{x}',
    '\\style{color:red}{x}',
    '\\data{a=b}{x}',
    '\\def\\a{\\a\\a}\\a',
    '\\newcommand{\\a}{x}\\a',
    '\\let\\a=\\b',
    '\\ref{x}',
    '\\toggle{a}{b}\\endtoggle',
    '\\texttip{a}{b}',
    '\\malo{x}',
    '\\frac{a',
    '\\kern-50em x',
    'x'.repeat(MAX_TEX_CHARS + 1),
    '\\sqrt{'.repeat(MAX_MATH_DEPTH + 5) + 'x' + '}'.repeat(MAX_MATH_DEPTH + 5),
  ])('%#', (tex) => expect(set(tex)).toBeNull());

  test('a formula of thousands of parts', () => {
    expect(set('x+'.repeat(1_990))).not.toBeNull();
    expect(set(`\\begin{matrix}${'&'.repeat(3_900)}\\end{matrix}`)).toBeNull();
  });
});

test('no attribute, style or length from outside the lists gets through', () => {
  const hostile = [
    '\\textcolor{red}{x}\\colorbox{blue}{y}',
    '\\rule{1000em}{1000em}',
    '\\raisebox{999em}{x}',
    '\\pmb{x}{}_a^b\\sideset{_1^2}{_3^4}\\sum',
    '\\llap{x}\\rlap{y}\\reflectbox{R}',
    '\\begin{align}a\\end{align}',
    '\\genfrac{(}{)}{9999em}{0}{a}{b}',
    '\\fcolorbox{red}{blue}{x}\\boxed{y}',
  ];
  for (const tex of hostile) {
    const tree = set(tex, true);
    for (const element of tree ? all(tree) : []) {
      for (const [name, value] of [...element.attributes, ...element.styles]) {
        expect(name).not.toMatch(/^(?:on|href|src|id|style|color|background|position|transform|mathcolor)/i);
        for (const [, number = '', unit = ''] of value.matchAll(/(-?[\d.]+)(em|pt|px)/g)) {
          expect(Number(number) * (unit === 'em' ? 10 : 1), `${tex}: ${name}=${value}`).toBeLessThanOrEqual(
            200,
          );
        }
      }
    }
  }
});

describe('formulas as people write them here', () => {
  test.each([
    ['\\sen x', 'math(mrow(mi(sen)'],
    ['\\arcsen(x)', 'mi(arcsen)'],
    ['\\mcd(4, 6)', 'mi(mcd)'],
    ['\\mdc(4, 6)', 'mi(mdc)'],
  ])('%s', (tex, part) => {
    const tree = set(tex);
    expect(tree && markup(tree).replace(/mrow\(|math\(/g, '')).toContain(part.replace(/mrow\(|math\(/g, ''));
  });
  test.each([
    '\\begin{equation}\\label{eq:1} a = b \\end{equation}',
    'a = b\n\n+ c',
    '\\begin{align}a&=b\\label{x}\\\\c&=d\\end{align}',
  ])('%s is set', (tex) => expect(set(tex, true)).not.toBeNull());
});
