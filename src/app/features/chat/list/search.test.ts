import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SearchResults } from '../../../../storage/search-index.ts';
import { Search } from './search.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const found = (title: string): SearchResults => ({
  hits: [
    {
      conversationId: title,
      title,
      updatedAt: 1,
      messageId: null,
      snippet: { text: title, ranges: [], offset: 0 },
    },
  ],
  more: false,
});

function setup() {
  const asked: { query: string; answer: (results: SearchResults) => void; fail: (error: Error) => void }[] =
    [];
  const errors: unknown[] = [];
  const search = new Search(
    {
      search: (query) =>
        new Promise((answer, fail) => {
          asked.push({ query, answer, fail });
        }),
    },
    (error) => void errors.push(error),
  );
  return { search, asked, errors };
}

it('asks once the hand rests', async () => {
  const { search, asked } = setup();
  search.ask('m')();
  search.ask('ma');
  await vi.advanceTimersByTimeAsync(200);
  expect(asked.map(({ query }) => query)).toEqual(['ma']);
  asked[0]!.answer(found('mayas'));
  await vi.advanceTimersByTimeAsync(0);
  expect(search.results?.hits[0]?.title).toBe('mayas');
});

it('drops what an older question finds or breaks on, and says what the newest breaks on', async () => {
  const { search, asked, errors } = setup();
  const drop = search.ask('uno');
  await vi.advanceTimersByTimeAsync(200);
  drop();
  const dropFailing = search.ask('dos');
  await vi.advanceTimersByTimeAsync(200);
  dropFailing();
  search.ask('tres');
  await vi.advanceTimersByTimeAsync(200);
  asked[0]!.answer(found('uno'));
  asked[1]!.fail(new Error('old'));
  await vi.advanceTimersByTimeAsync(0);
  expect(search.results).toBeNull();
  expect(errors).toEqual([]);
  asked[2]!.fail(new Error('new'));
  await vi.advanceTimersByTimeAsync(0);
  expect(errors).toEqual([new Error('new')]);
});

it('asks nothing for spaces, and forgets the answer', async () => {
  const { search, asked } = setup();
  search.results = found('uno');
  search.ask('  ');
  await vi.advanceTimersByTimeAsync(200);
  expect(asked).toEqual([]);
  expect(search.results).toBeNull();
});
