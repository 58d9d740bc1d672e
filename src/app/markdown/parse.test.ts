import { describe, expect, test } from 'vitest';
import {
  MAX_ANSWER_CHARS,
  MAX_BLOCK_DEPTH,
  MAX_INLINE_CHARS,
  MAX_INLINE_MARKS,
  MAX_URL_CHARS,
} from './limits.ts';
import { addressParts, safeHref } from './links.ts';
import type { Block, Inline } from './nodes.ts';
import { createAnswer } from './stream.ts';
import { visibleText } from './visible-text.ts';

const blocks = (text: string, streaming = false): readonly Block[] =>
  createAnswer().update(text, streaming).pages.flat();

/** A compact form of what a text becomes: <b>…</b>-like names around children, so that a whole test fits a line. */
const inlineShape = (children: readonly Inline[]): string => children.map(inlineOne).join('');

function inlineOne(node: Inline): string {
  switch (node.type) {
    case 'text':
      return node.text;
    case 'break':
      return '⏎';
    case 'code':
      return `code{${node.text}}`;
    case 'formula':
      return `${node.open ? 'open-' : ''}${node.display ? 'display' : 'math'}{${node.tex}}`;
    case 'image':
      return `image{${node.alt}|${node.url}}`;
    case 'link':
      return `link{${inlineShape(node.children)}|${node.href}}`;
    case 'reference':
      return `ref{${node.label}|${node.before}${inlineShape(node.children)}${node.after}}`;
    default:
      return `${node.type}{${inlineShape(node.children)}}`;
  }
}

const shape = (all: readonly Block[]): string => all.map(one).join(' ');

function one(block: Block): string {
  switch (block.type) {
    case 'paragraph':
      return `p(${inlineShape(block.children)})`;
    case 'heading':
      return `h${block.level}(${inlineShape(block.children)})`;
    case 'rule':
      return 'hr';
    case 'code':
      return `${block.open ? 'open-' : ''}code:${block.language}(${block.text})`;
    case 'math':
      return `math(${inlineShape([block.formula])})`;
    case 'quote':
      return `quote(${shape(block.blocks)})`;
    case 'list': {
      const items = block.items.map(
        ({ value, checked, spaced, blocks: inside }) =>
          `${spaced ? '+' : ''}${block.ordered ? value : '-'}${checked === null ? '' : checked ? '[x]' : '[ ]'}:${shape(inside)}`,
      );
      return `list(${items.join(', ')})`;
    }
    case 'table':
      return `table(${[block.header, ...block.rows.map(({ cells }) => cells)]
        .map((cells) => cells.map(inlineShape).join('|'))
        .join(' / ')})`;
    case 'definition':
      return `def(${block.label}=${block.href})`;
    case 'plain':
      return `plain(${block.text.length})`;
  }
}

describe('blocks', () => {
  test.each([
    ['# Uno\n## Dos ##\n#tres', 'h1(Uno) h2(Dos) p(#tres)'],
    ['texto\n---\nmás', 'p(texto) hr p(más)'],
    ['a\nb  \nc', 'p(a⏎b⏎c)'],
    ['- a\n- b\n\n- c', 'list(-:p(a), -:p(b), +-:p(c))'],
    ['- a\n* b', 'list(-:p(a)) list(-:p(b))'],
    ['3. a\n4. b\n9. c\n1. d', 'list(3:p(a), 4:p(b), 9:p(c), 10:p(d))'],
    ['1. a\n1. b', 'list(1:p(a), 2:p(b))'],
    ['1. a\n  - b\n    - c\n2. d', 'list(1:p(a) list(-:p(b) list(-:p(c))), 2:p(d))'],
    ['- a\n  perezosa\nmás\n\nfin', 'list(-:p(a⏎perezosa⏎más)) p(fin)'],
    ['- [x] a\n- [ ] b\n- [z] c', 'list(-[x]:p(a), -[ ]:p(b), -:p(ref{z|[z]} c))'],
    ['texto\n1985. Fue así', 'p(texto⏎1985. Fue así)'],
    ['```js\nlet a = `b`;\n\n# no\n```\nfin', 'code:js(let a = `b`;\n\n# no) p(fin)'],
    ['~~~\n```\n~~~', 'code:(```)'],
    ['1. a\n   ```\n  x\n   ```\n2. b', 'list(1:p(a) code:(x), 2:p(b))'],
    ['    código\n\n    más\nfin', 'code:(código\n\nmás) p(fin)'],
    ['> a\n> - b\nfuera', 'quote(p(a) list(-:p(b))) p(fuera)'],
    ['> > dos', 'quote(quote(p(dos)))'],
    ['| a | b |\n|--|:-:|\n| 1 |\n| `x|y` | \\| |\nfin', 'table(a|b / 1 / code{x|y}||) p(fin)'],
    ['a | b\n--|--\n1 | 2', 'table(a|b / 1|2)'],
    ['| a | b |\n|---|', 'p(| a | b |⏎|---|)'],
    ['[1]: https://a.cl "t"\n[Nota]: texto', 'def(1=https://a.cl/) p(ref{nota|[Nota]}: texto)'],
    ['<div onclick="x()">**a**</div>', 'p(<div onclick="x()">strong{a}</div>)'],
    ['a<br>b<br/>c', 'p(a⏎b⏎c)'],
    ['', ''],
  ])('%j', (text, expected) => expect(shape(blocks(text))).toBe(expected));
});

describe('inline', () => {
  test.each([
    ['**a _b_ ~~c~~**', 'strong{a emphasis{b} strikethrough{c}}'],
    ['``a ` b`` y `c`', 'code{a ` b} y code{c}'],
    ['mi_variable_larga y 2*3*4 = 24', 'mi_variable_larga y 2*3*4 = 24'],
    ['~5 km~', '~5 km~'],
    ['\\*no\\* &amp;lt; &eacute; &#233; &nada;', '*no* &lt; é é &nada;'],
    ['[a *b*](https://c.cl/d_e)', 'link{a emphasis{b}|https://c.cl/d_e}'],
    [
      '[a](/rel) [b](javascript:x) [c](JaVaScRiPt&colon;x)',
      'a (/rel) b (javascript:x) c (JaVaScRiPt&colon;x)',
    ],
    [
      'https://a.cl/b. <mailto:c@d.cl> e@f.cl',
      'link{https://a.cl/b|https://a.cl/b}. link{mailto:c@d.cl|mailto:c@d.cl} link{e@f.cl|mailto:e@f.cl}',
    ],
    ['ftp://a.cl <ftp://a.cl>', 'ftp://a.cl ftp://a.cl'],
    ['![a](https://b.cl/c.png) ![](x)', 'image{a|https://b.cl/c.png} image{|x}'],
    ['[a][B c] y [d]', 'ref{b c|[a][B c]} y ref{d|[d]}'],
    [
      '[a [b](https://c.cl) d](https://e.cl)',
      '[a link{b|https://c.cl/} d](link{https://e.cl|https://e.cl/})',
    ],
    ['\ue000 y `\ue001` y \uf8ff', '\ue000 y code{\ue001} y \uf8ff'],
  ])('%j', (text, expected) => expect(shape(blocks(text))).toBe(`p(${expected})`));
});

describe('prices and formulas', () => {
  test.each([
    ['\\(x_1 * y * z\\) y \\[a\\] fin', 'math{x_1 * y * z} y display{a} fin'],
    ['**\\(a*b\\)** es $$c_d$$.', 'strong{math{a*b}} es display{c_d}.'],
    ['Cuesta $5 y $6, o US$7 a $8.', 'Cuesta $5 y $6, o US$7 a $8.'],
    ['$x$ y \\$9 y \\$\\$8', 'math{x} y $9 y $$8'],
    ['Caro: $$$ y $$$$', 'Caro: $$$ y $$$$'],
    ['`\\(x\\)` y \\\\(x\\\\)', 'code{\\(x\\)} y \\(x\\)'],
    ['\\(sin cerrar y $$ tampoco', '(sin cerrar y $$ tampoco'],
    ['\\(\\) y $$ $$', '() y $$ $$'],
  ])('%j', (text, expected) => expect(shape(blocks(text))).toBe(`p(${expected})`));

  test('formulas on lines of their own may hold what looks like lists, rules and headings', () => {
    const tex = 'a\n- b\n= c\n# d';
    for (const text of [`\\[\n${tex}\n\\]`, `$$\n${tex}\n$$`, `texto\n$$\n${tex}\n$$`]) {
      const math = blocks(text).at(-1);
      expect(math?.type === 'math' && math.formula.tex).toBe(tex);
    }
    expect(shape(blocks('$$a$$,'))).toBe('math(display{a,})');
    expect(shape(blocks('- a\n  \\[\n  - b\n  \\]\n- c'))).toBe('list(-:p(a) math(display{- b}), -:p(c))');
  });

  test('a formula that a blank line cuts is text, with its price', () => {
    expect(shape(blocks('$$\n5 pesos\n\notro'))).toBe('p($$⏎5 pesos) p(otro)');
  });
});

describe('unfinished, while streaming', () => {
  test.each([
    ['**ho', 'p(strong{ho})'],
    ['**hola*', 'p(strong{hola})'],
    ['**hola ', 'p(strong{hola})'],
    ['***a', 'p(strong{emphasis{a}})|p(emphasis{strong{a}})'],
    ['a **b *c', 'p(a strong{b emphasis{c}})'],
    ['a *', 'p(a )'],
    ['a * b', 'p(a * b)'],
    ['2*3', 'p(2*3)'],
    ['mi_var', 'p(mi_var)'],
    ['`cod', 'p(code{cod})'],
    ['``a ` b`', 'p(code{a ` b})'],
    ['[tex', 'p(tex)'],
    ['[**tex', 'p(strong{tex})'],
    ['[texto]', 'p(texto)'],
    ['[texto](https://ej', 'p(texto)'],
    ['[texto](https://e.cl/a_(b)', 'p(texto)'],
    ['[texto][eti', 'p(texto)'],
    ['![alt](https://e', 'p(alt)'],
    ['ver [1', 'p(ver [1)'],
    ['en [0, 1)', 'p(en [0, 1))'],
    ['<https://a.cl/b', 'p(link{https://a.cl/b|https://a.cl/b})'],
    ['https://a.cl/_b', 'p(link{https://a.cl/_b|https://a.cl/_b})'],
    ['\\(x + ', 'p(open-math{x +})'],
    ['\\(x\\', 'p(open-math{x})'],
    ['\\[\nx + y', 'math(open-display{x + y})'],
    ['$$\nx\n$', 'math(open-display{x})'],
    ['```', ''],
    ['```py', 'open-code:()'],
    ['```py\nprint(', 'open-code:py(print()'],
    ['```py\nx\n``', 'open-code:py(x)'],
    ['| a', 'table(a)'],
    ['| a | b |\n|-', 'table(a|b)'],
    ['| a | b |\n|---|---|\n| 1', 'table(a|b / 1)'],
    ['| a | b |\n|---|---|\n| 1 | **2', 'table(a|b / 1|strong{2})'],
    ['texto\n-', 'p(texto)'],
    ['texto\n- a\n- ', 'p(texto) list(-:p(a))'],
    ['1. **a', 'list(1:p(strong{a}))'],
    ['> - **a', 'quote(list(-:p(strong{a})))'],
    ['## **T', 'h2(strong{T})'],
    ['#', ''],
  ])('%j', (text, expected) => {
    expect(expected.split('|p(').map((form, i) => (i > 0 ? `p(${form}` : form))).toContain(
      shape(blocks(text, true)),
    );
  });

  test('an open fence hides what it holds from the block grammar', () => {
    expect(shape(blocks('```md\n# a\n- b\n\n> c', true))).toBe('open-code:md(# a\n- b\n\n> c)');
  });
});

describe('limits', () => {
  const bombs: Record<string, string> = {
    quotes: '>'.repeat(10_000) + ' a',
    'spaced quotes': '> '.repeat(10_000) + 'a',
    lists: '- '.repeat(10_000) + 'a',
    'ordered lists': '1. '.repeat(10_000) + 'a',
    'indented lists': Array.from({ length: 400 }, (_, i) => `${' '.repeat(2 * i)}- a`).join('\n'),
    brackets: '['.repeat(10_000) + 'a',
    'closed brackets': '['.repeat(10_000) + 'a' + ']'.repeat(10_000),
    links: '[a]('.repeat(10_000),
    images: '!['.repeat(10_000),
    asterisks: '*a '.repeat(10_000),
    strong: '**a *b '.repeat(10_000),
    tildes: '~~a '.repeat(10_000),
    backticks: Array.from({ length: 300 }, (_, i) => '`'.repeat(i + 1)).join(' '),
    formulas: '\\('.repeat(10_000),
    dollars: '$$a'.repeat(10_000),
    'many formulas': '\\(a\\)'.repeat(10_000),
    pipes: '|'.repeat(10_000) + '\n' + '|-'.repeat(10_000),
    spaces: ' '.repeat(100_000) + '-',
    words: 'palabra '.repeat(20_000),
    'one line': 'a'.repeat(300_000),
    entities: '&'.repeat(10_000),
    angles: '<a@'.repeat(10_000),
    hosts: 'www.a.'.repeat(10_000),
    carriage: '\r'.repeat(10_000),
    'open fences': '```\n'.repeat(2_001),
  };

  test.each(Object.keys(bombs))('%s: answers, keeps the letters, nests no deeper than the limit', (name) => {
    const text = bombs[name] ?? '';
    for (const streaming of [true, false]) {
      const all = blocks(text, streaming);
      expect(depthOf(all)).toBeLessThanOrEqual(2 * MAX_BLOCK_DEPTH + 4);
      const letters = (s: string): number => s.match(/[a-z]/g)?.length ?? 0;
      if (!streaming) expect(letters(visibleText(all))).toBe(letters(text));
    }
  });

  function depthOf(all: readonly Block[]): number {
    return Math.max(
      0,
      ...all.map((block) => {
        if (block.type === 'quote') return 1 + depthOf(block.blocks);
        if (block.type === 'list') return 2 + Math.max(...block.items.map((item) => depthOf(item.blocks)));
        return 1;
      }),
    );
  }

  test('beyond its limit a text is shown as written', () => {
    const long = `**a** ${'b'.repeat(MAX_INLINE_CHARS)}`;
    expect(shape(blocks(long))).toBe(`p(${long})`);
    const marked = '*a* '.repeat(MAX_INLINE_MARKS / 2 + 1).trim();
    expect(shape(blocks(marked))).toBe(`p(${marked})`);
    const huge = `${'a\n\n'.repeat(MAX_ANSWER_CHARS / 3)}**b**${'c'.repeat(9)}`;
    const last = blocks(huge).at(-1);
    expect(last?.type).toBe('plain');
  });
});

describe('addresses', () => {
  test.each([
    ['https://a.cl', 'https://a.cl/'],
    ['HTTP://A.cl/ñ?q=á#x', 'http://a.cl/%C3%B1?q=%C3%A1#x'],
    ['mailto:a@b.cl', 'mailto:a@b.cl'],
    ['https://аpple.com', 'https://xn--pple-43d.com/'],
    ['https://a.cl/&amp;b', 'https://a.cl/&b'],
    ['javascript:alert(1)', null],
    ['&#106;avascript:alert(1)', null],
    ['java\nscript:alert(1)', null],
    ['https://a.cl/\tb', null],
    ['data:text/html,x', null],
    ['vbscript:x', null],
    ['file:///etc/passwd', null],
    ['//a.cl', null],
    ['/a', null],
    ['https:a.cl', null],
    ['https://', null],
    ['blob:https://a.cl/x', null],
    ['https://banco.cl@malo.example/', null],
    ['https://banco.cl:443@malo.example/banco.cl', null],
    ['https://banco.cl%2f@malo.example/', null],
    ['https://@a.cl/', 'https://a.cl/'],
    [`https://a.cl/${'x'.repeat(MAX_URL_CHARS)}`, null],
  ])('%s -> %s', (written, href) => expect(safeHref(written)).toBe(href));

  test('the host stands out, user names before it do not', () => {
    expect(addressParts('https://banco.cl@malo.example:8080/banco.cl')).toEqual({
      before: 'https://banco.cl@',
      host: 'malo.example:8080',
      after: '/banco.cl',
    });
    expect(addressParts('https://a.cl/b')).toEqual({ before: 'https://', host: 'a.cl', after: '/b' });
    expect(addressParts('mailto:a@b.cl')).toEqual({ before: 'mailto:a@b.cl', host: '', after: '' });
  });
});

describe('as models and people write', () => {
  test.each([
    // Products, not emphasis.
    ['5*4*3*2*1 = 120', 'p(5*4*3*2*1 = 120)'],
    ['2*3*4*5 y x*y*z', 'p(2*3*4*5 y x*y*z)'],
    ['(a+b)*(c+d)*e', 'p((a+b)*(c+d)*e)'],
    ['un *énfasis* y **negrita**', 'p(un emphasis{énfasis} y strong{negrita})'],
    ['***ambos***', 'p(emphasis{strong{ambos}})'],
    // Bold that ends in a mark before a letter.
    ['**Nota:**texto', 'p(strong{Nota:}texto)'],
    ['**¡Atención!**Lee. **Dos:**tres', 'p(strong{¡Atención!}Lee. strong{Dos:}tres)'],
    // Single dollars by pandoc's rule.
    ['La raíz es $x = \\frac{-b}{2a}$.', 'p(La raíz es math{x = \\frac{-b}{2a}}.)'],
    ['$x$, $n!$, $2x$, $f(x)$ y $\\pi$', 'p(math{x}, math{n!}, math{2x}, math{f(x)} y math{\\pi})'],
    ['$a+b=c$ y $x^2$', 'p(math{a+b=c} y math{x^2})'],
    ['Cuesta $5 y $10.', 'p(Cuesta $5 y $10.)'],
    ['De $100 a US$ 200, o $5/kg y R$8', 'p(De $100 a US$ 200, o $5/kg y R$8)'],
    ['Entre $5-$10 o $1,50 cada uno, $20 el par', 'p(Entre $5-$10 o $1,50 cada uno, $20 el par)'],
    ['Tengo $5 y luego gasto mucho $ hoy', 'p(Tengo $5 y luego gasto mucho $ hoy)'],
    ['$ x$ y $x $ no', 'p($ x$ y $x $ no)'],
    ['`$x$` es código', 'p(code{$x$} es código)'],
    // A place to fill in, not a formula.
    ['\\[Nombre del cliente\\]', 'p([Nombre del cliente])'],
    ['Estimado \\[Nombre\\]: su deuda', 'p(Estimado [Nombre]: su deuda)'],
    ['\\[x + y\\]', 'math(display{x + y})'],
    ['\\[abc\\]', 'math(display{abc})'],
    // Tags that mean something.
    ['H<sub>2</sub>O, m<sup>2</sup>, <u>raya</u>', 'p(Hsub{2}O, msup{2}, underline{raya})'],
    ['<sub>*x*</sub> <b>no</b> <sub>sin cerrar', 'p(sub{emphasis{x}} <b>no</b> <sub>sin cerrar)'],
  ])('%s', (text, expected) => expect(shape(blocks(text))).toBe(expected));

  test.each([
    ['\\[\na = b\n\n+ c\n\\]', 'a = b\n\n+ c'],
    ['$$\na\n\nb\n$$', 'a\n\nb'],
    [
      '\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}',
      '\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}',
    ],
    ['\\begin{equation}x=1\\end{equation}', '\\begin{equation}x=1\\end{equation}'],
  ])('%s is one formula', (text, tex) => {
    const [block, ...more] = blocks(text);
    expect(more).toEqual([]);
    expect(block).toMatchObject({ type: 'math', formula: { tex } });
  });

  test('a formula that nobody closes ends where something else begins', () => {
    expect(shape(blocks('\\[ a = b\n\n# Título\n\ntexto'))).toBe('p([ a = b) h1(Título) p(texto)');
    expect(shape(blocks('$$ a\n\n\nuno\n\ndos'))).toBe('p($$ a) p(uno) p(dos)');
  });
});
