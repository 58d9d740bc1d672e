import { describe, expect, test } from 'vitest';
import { MAX_PIECES } from './limits.ts';
import type { Block } from './nodes.ts';
import { SAMPLE } from './sample.ts';
import { createAnswer, PAGE_BLOCKS } from './stream.ts';
import { visibleText } from './visible-text.ts';

const whole = (text: string): readonly Block[] => createAnswer().update(text, false).pages.flat();

/** A small generator with a printed seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const FRAGMENTS = [
  'hola',
  ' ',
  '\n',
  '\n\n',
  '- ',
  '1. ',
  '2) ',
  '   ',
  '    ',
  '> ',
  '# ',
  '---',
  '```',
  '~~~\n',
  '`',
  '``',
  '*',
  '**',
  '_',
  '~~',
  '[',
  ']',
  '](',
  ')',
  '](https://a.cl/x_y)',
  '[a]: https://b.cl\n',
  '[a]',
  '![',
  '| a | b |\n',
  '|---|:-:|\n',
  '|',
  '\\(',
  '\\)',
  '\\[',
  '\\]',
  '$$',
  '$5',
  '\\',
  '<b>',
  '<br>',
  '&lt;',
  '\t',
  '\r\n',
  'ñ',
  '🌱',
  '[x] ',
  '- [ ] ',
  'https://c.cl/a_b ',
  '\ue001',
];

describe('streaming agrees with the whole', () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  test(`random texts cut at random places (seed ${seed})`, () => {
    const next = random(seed);
    for (let round = 0; round < 150; round++) {
      const length = 1 + Math.floor(next() * 40);
      let text = '';
      for (let i = 0; i < length; i++) text += FRAGMENTS[Math.floor(next() * FRAGMENTS.length)] ?? '';
      const answer = createAnswer();
      for (let at = 0; at < text.length;) {
        at += 1 + Math.floor(next() * 6);
        answer.update(text.slice(0, at), true);
      }
      expect(answer.update(text, false).pages.flat(), JSON.stringify(text)).toEqual(whole(text));
    }
  });

  test('the sample, character by character', () => {
    const answer = createAnswer();
    for (let at = 1; at <= SAMPLE.length; at++) answer.update(SAMPLE.slice(0, at), true);
    expect(answer.update(SAMPLE, false).pages.flat()).toEqual(whole(SAMPLE));
  });

  test('a text that is not the last one gone on starts over', () => {
    const answer = createAnswer();
    answer.update('- uno\n- dos\n', true);
    expect(answer.update('otra cosa', true).pages.flat()).toEqual([
      { key: 0, type: 'paragraph', children: [{ type: 'text', text: 'otra cosa' }] },
    ]);
  });
});

describe('no text is lost', () => {
  /** Words of addresses behind a link's text, of a fence's language, of labels. */
  const HIDDEN = new Set('https www curriculumnacional cl fotosintesis curso 7 python mineduc'.split(' '));
  const words = (text: string): string[] => text.match(/[\p{L}\p{N}]+/gu) ?? [];

  test('at every prefix of the sample each finished word is visible, in order', () => {
    const answer = createAnswer();
    for (let at = 1; at <= SAMPLE.length; at++) {
      const prefix = SAMPLE.slice(0, at);
      // Neither the entities' names, nor a task's x, nor an address still being written are text.
      const source = prefix
        .replace(/&[a-z]*;?/g, ' ')
        .replace(/- \[x\]?/g, ' ')
        .replace(/(?:\]\([^\s)]*|```\w*|\]\[\w*|<aula\S*)$/, ' ');
      const visible = words(visibleText(answer.update(prefix, true).pages.flat()));
      let from = 0;
      for (const word of words(source).filter((one) => !HIDDEN.has(one))) {
        const found = visible.indexOf(word, from);
        if (found >= 0) from = found + 1;
        else expect.fail(`"${word}" is not visible after ${JSON.stringify(prefix.slice(-60))}`);
      }
    }
  });

  test('random soups keep their letters once they are finished', () => {
    for (const soup of [
      'a*b_c~~d',
      '**a',
      '[a](b',
      '![a',
      '`a',
      '\\(a',
      '$$a',
      '> - a',
      '| a',
      '<a',
      '[a][b',
    ]) {
      expect(words(visibleText(whole(soup))).join('')).toBe(words(soup).join(''));
    }
  });
});

describe('cost of a token', () => {
  /** Every update of `text` in steps of `size`: pieces parsed again by it, and all parses. */
  function costs(text: string, size: number): { again: number; parsed: number; scanned: number }[] {
    const answer = createAnswer();
    const out = [];
    for (let at = size; at <= text.length; at += size) {
      const before = { ...answer.counters };
      answer.update(text.slice(0, at), true);
      out.push({
        again: answer.counters.again - before.again,
        parsed: answer.counters.parsed - before.parsed,
        scanned: answer.counters.scanned - before.scanned,
      });
    }
    return out;
  }

  test.each([1, 3, 4])('at most one piece is parsed again, tokens of %i characters', (size) => {
    for (const { again } of costs(SAMPLE, size)) expect(again).toBeLessThanOrEqual(1);
  });

  test('exactly one, for every token that adds visible text to what is open', () => {
    for (const lead of [
      '',
      '- uno\n- ',
      '1. a\n\n   b\n2. ',
      '| a | b |\n|---|---|\n| ',
      '> ',
      '## ',
      '```js\n',
      '$$ ',
    ]) {
      const answer = createAnswer();
      let text = `${SAMPLE}\n\n${lead}x`;
      answer.update(text, true);
      for (const token of ['ab', ' cd', '**e', 'f', '**', ' [g', 'h](https://i.cl', ')', ' fin']) {
        const before = { ...answer.counters };
        text += token;
        answer.update(text, true);
        expect(answer.counters.parsed - before.parsed, JSON.stringify(lead + token)).toBe(1);
        expect(answer.counters.again - before.again).toBe(1);
      }
    }
  });

  test('does not grow with the answer: hundreds of items, rows or paragraphs', () => {
    for (const line of ['- punto número\n', '1. paso\n', '> cita\n\n', 'Un párrafo.\n\n', '| a | b |\n']) {
      const head = line.startsWith('|') ? '| a | b |\n|---|---|\n' : '';
      const short = costs(head + line.repeat(10), 5);
      const long = costs(head + line.repeat(300), 5);
      const worst = (all: typeof short, key: 'parsed' | 'scanned'): number =>
        Math.max(...all.map((cost) => cost[key]));
      expect(worst(long, 'parsed'), line).toBe(worst(short, 'parsed'));
      expect(worst(long, 'scanned'), line).toBe(worst(short, 'scanned'));
    }
  });

  test('finished blocks keep their identity; what refers to a definition is not parsed again by it', () => {
    const answer = createAnswer();
    const text = 'Ver [la guía][g] y [g].\n\n- a\n- b\n\nFin.\n\n';
    const before = answer.update(text, true).pages.flat();
    const parsed = answer.counters.parsed;
    const { pages, definitions } = answer.update(`${text}[g]: https://guia.cl\n`, true);
    expect(pages.flat().slice(0, 3)).toSatisfy((now: Block[]) =>
      now.every((block, i) => block === before[i]),
    );
    expect(definitions.get('g')).toBe('https://guia.cl/');
    expect(answer.counters.parsed - parsed).toBe(1);
    expect(answer.counters.again).toBe(0);
  });

  test('full pages keep their identity, and hold every block once', () => {
    const answer = createAnswer();
    const text = Array.from({ length: 100 }, (_, i) => `Párrafo ${i}.\n\n`).join('');
    const before = answer.update(text, true).pages;
    const after = answer.update(`${text}Y más`, true).pages;
    expect(before.length).toBe(Math.ceil(100 / PAGE_BLOCKS));
    before.slice(0, -1).forEach((page, i) => expect(after[i]).toBe(page));
    expect(new Set(after.flat().map(({ key }) => key)).size).toBe(101);
  });

  test('items of a list that still grows keep their identity', () => {
    const answer = createAnswer();
    const items = (text: string): unknown[] => {
      const list = answer.update(text, true).pages.flat()[0];
      return list?.type === 'list' ? list.items : [];
    };
    const before = items('1. a\n1. b\n1. c');
    const after = items('1. a\n1. b\n1. c y más');
    expect(after).toHaveLength(3);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(after[2]).not.toBe(before[2]);
  });
});

describe('a text of too many pieces is read up to the limit and shown whole', () => {
  const BOMBS: [string, string][] = [
    ['definitions', Array.from({ length: 12_000 }, (_, i) => `[d${i}]: https://a.cl/${i}`).join('\n')],
    ['rows of a table', '| a | b |\n|---|---|\n' + '| x | y |\n'.repeat(30_000)],
    ['items', '- a\n'.repeat(60_000)],
    ['numbered items with blank lines', '1. a\n\n'.repeat(30_000)],
    ['headings', '# a\n'.repeat(60_000)],
    ['items of a quote', '> - a\n'.repeat(10_000)],
    ['half links', '[a]('.repeat(4_500)],
    ['half pictures', '![a]('.repeat(4_500)],
  ];
  const size = (block: Block): number => {
    switch (block.type) {
      case 'list':
        return block.items.length;
      case 'table':
        return block.rows.length;
      case 'quote':
        return block.blocks.reduce((sum, inner) => sum + size(inner), 0);
      default:
        return 1;
    }
  };
  test.each(BOMBS)('%s', (_, text) => {
    const answer = createAnswer();
    const blocks = answer.update(text, false).pages.flat();
    expect(blocks.reduce((sum, block) => sum + size(block), 0)).toBeLessThanOrEqual(MAX_PIECES + 2);
    expect(answer.counters.parsed).toBeLessThanOrEqual(MAX_PIECES + 2);
    // Streamed, it ends the same, and each piece was parsed once or twice.
    const streamed = createAnswer();
    const part = Math.ceil(text.length / 50);
    for (let to = part; to < text.length; to += part) streamed.update(text.slice(0, to), true);
    expect(streamed.update(text, false).pages.flat()).toEqual(blocks);
    expect(streamed.counters.parsed).toBeLessThanOrEqual(2 * MAX_PIECES + 100);
  });

  test('what was shown before is never changed by what joins it', () => {
    const answer = createAnswer();
    const before = answer.update('- a\n- b\n', true).pages.flat()[0];
    const copy = structuredClone(before);
    answer.update('- a\n- b\n- c\n- d\n', true);
    expect(before).toEqual(copy);
  });
});
