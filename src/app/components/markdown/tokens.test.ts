import { describe, expect, it } from 'vitest';
import { parseBlock, parseInline, splitBlocks } from './tokens.ts';

describe('blocks', () => {
  it('are cut at blank lines, headings, fences and lists', () => {
    expect(splitBlocks('Hola\nmundo\n\n# Título\nTexto\n- uno\n- dos\n```js\na\n\nb\n```\nfin')).toEqual([
      'Hola\nmundo',
      '# Título',
      'Texto',
      '- uno\n- dos',
      '```js\na\n\nb\n```',
      'fin',
    ]);
  });

  it('change only at the end while text is appended', () => {
    const text = 'Uno **dos**\n\n- a\n- b\n  - c\n\n```\nx\n\ny\n```\n\nfin\n1. q\n2. r';
    let before: string[] = [];
    for (let length = 1; length <= text.length; length++) {
      const blocks = splitBlocks(text.slice(0, length));
      // The line being written may still join the block before it: all before that must stand.
      expect(blocks.slice(0, Math.max(0, before.length - 2))).toEqual(before.slice(0, -2));
      before = blocks;
    }
  });

  it('read lists with their numbers and depths', () => {
    expect(parseBlock('3. tres\n   - dentro\n4. cuatro')).toMatchObject({
      type: 'list',
      ordered: true,
      start: 3,
      items: [{ depth: 0 }, { depth: 1 }, { depth: 0 }],
    });
  });

  it('show an unfinished fence as the code it is becoming', () => {
    expect(parseBlock('```py\nfor i')).toEqual({ type: 'code', language: 'py', text: 'for i' });
    expect(parseBlock('```py\nfor i\n```')).toEqual({ type: 'code', language: 'py', text: 'for i' });
  });

  it('keep the line breaks of a paragraph', () => {
    expect(parseBlock('7 x 1 = 7\n7 x 2 = 14')).toMatchObject({
      type: 'paragraph',
      lines: [[{ text: '7 x 1 = 7' }], [{ text: '7 x 2 = 14' }]],
    });
  });
});

describe('inlines', () => {
  it('know strong, emphasis and code', () => {
    expect(parseInline('**Plan** de *clase* con `x * y`')).toEqual([
      { type: 'strong', text: 'Plan' },
      { type: 'text', text: ' de ' },
      { type: 'emphasis', text: 'clase' },
      { type: 'text', text: ' con ' },
      { type: 'code', text: 'x * y' },
    ]);
  });

  it('leave marks without a partner as written', () => {
    for (const text of ['2 * 3 * 4', '**a medias', 'snake_case_name', '5 * 3', 'a ** b'])
      expect(parseInline(text)).toEqual([{ type: 'text', text }]);
  });

  it('keep markup as text', () => {
    const text = '<img src=x onerror=alert(1)> [a](javascript:alert(1))';
    expect(parseInline(text)).toEqual([{ type: 'text', text }]);
  });

  it('lose no character', () => {
    const text = 'a **b** `c` *d* __e__ _f_ ** g';
    const joined = parseInline(text)
      .map((inline) => inline.text)
      .join('');
    expect(joined).toBe('a b c d e f ** g');
  });
});
