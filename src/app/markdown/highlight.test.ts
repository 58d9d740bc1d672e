import { expect, test } from 'vitest';
import { canHighlight, grammarOf, highlight } from './highlight.ts';
import { MAX_HIGHLIGHT_CHARS } from './limits.ts';

const SNIPPETS: Readonly<Record<string, string>> = {
  python: 'def f(x):\n    return "a"  # b\n',
  js: 'const a = `x${1}`;',
  ts: 'type A = { b: string };',
  java: 'class A { int b = 1; }',
  c: '#include <a.h>\nint main(void) { return 0; }',
  'c++': 'std::vector<int> v{1};',
  html: '<p class="a">b &amp; c</p><!-- d -->',
  css: '.a { color: red; }',
  json: '{"a": [1, true, null]}',
  sql: "SELECT * FROM a WHERE b = 'c';",
  sh: 'if true; then echo "$A"; fi',
  R: 'x <- c(1, 2) # y',
  md: '# a\n\n**b** `c`',
};

test.each(Object.entries(SNIPPETS))(
  '%s: colours, and not a character more or less',
  async (language, code) => {
    const strokes = await highlight(code, language);
    expect(strokes?.map(({ text }) => text).join('')).toBe(code);
    expect(strokes?.some(({ ink }) => ink !== 'plain')).toBe(true);
  },
);

test('unknown names, names of objects and long code stay plain', async () => {
  for (const name of ['', 'brainfuck', '__proto__', 'constructor', '"><script>']) {
    expect(grammarOf(name)).toBeNull();
    expect(await highlight('a', name)).toBeNull();
  }
  expect(canHighlight('a'.repeat(MAX_HIGHLIGHT_CHARS + 1), 'python')).toBe(false);
});
