import { expect, it } from 'vitest';
import type { ConversationSummary } from '../../../../storage/conversations.ts';
import { offsetsOf, rowsOf, tagsOf, visibleRange } from './list-rows.ts';
import { parseTags } from './tags.ts';

const NOW = new Date(2026, 2, 10, 12).getTime();
const DAY = 86_400_000;
const summary = (
  id: string,
  daysAgo: number,
  more: Partial<ConversationSummary> = {},
): ConversationSummary => ({
  id,
  title: id,
  createdAt: 0,
  updatedAt: NOW - daysAgo * DAY,
  modelId: 'm',
  messages: 2,
  ...more,
});
const list = [
  summary('a', 0),
  summary('b', 1, { tags: ['Ñandú', 'aula'] }),
  summary('c', 3, { pinned: true }),
  summary('d', 30, { archived: true, tags: ['vieja'] }),
  summary('e', 40),
];
const keys = (filter: Parameters<typeof rowsOf>[1]): string[] =>
  rowsOf(list, filter, NOW).map(({ key }) => key);

it('puts pinned ones first, then goes by age, and leaves archived ones out until asked for', () => {
  expect(keys({ kind: 'all' })).toEqual(['pinnedOnes', 'c', 'today', 'a', 'yesterday', 'b', 'before', 'e']);
  expect(keys({ kind: 'archived' })).toEqual(['before', 'd']);
  expect(keys({ kind: 'tag', tag: 'aula' })).toEqual(['yesterday', 'b']);
  expect(tagsOf(list, 'es')).toEqual(['aula', 'Ñandú', 'vieja']);
});

it('makes only the rows that a view touches, wherever it is in a long list', () => {
  const rows = rowsOf(
    Array.from({ length: 50_000 }, (_, i) => summary(`s${i}`, i / 100)),
    { kind: 'all' },
    NOW,
  );
  const offsets = offsetsOf(rows, { heading: 36, item: 44 });
  expect(offsets.at(-1)).toBe(4 * 36 + 50_000 * 44);
  for (const top of [0, 1, 44, 1e6, (offsets.at(-1) ?? 0) - 600, 1e9]) {
    const { first, end } = visibleRange(offsets, top, 600, 6);
    expect(end - first).toBeGreaterThan(0);
    expect(end - first).toBeLessThanOrEqual(600 / 36 + 2 + 12);
    // Whatever is in the view is in the range.
    const inView = rows.findIndex((_, i) => (offsets[i + 1] ?? 0) > top);
    if (inView >= 0) expect(first).toBeLessThanOrEqual(inView);
    if (top < (offsets.at(-1) ?? 0) - 600) expect(offsets[end]).toBeGreaterThanOrEqual(top + 600);
  }
  expect(visibleRange(offsetsOf([], { heading: 1, item: 1 }), 0, 600, 6)).toEqual({ first: 0, end: 0 });
});

it('reads tags between commas, each once', () => {
  expect(parseTags(' Ciencias, #5.º A ,, ciencias;\nEl  agua')).toEqual(['Ciencias', '5.º A', 'El agua']);
  expect(parseTags(' , ')).toEqual([]);
  expect(parseTags('x'.repeat(99))[0]).toHaveLength(40);
});
