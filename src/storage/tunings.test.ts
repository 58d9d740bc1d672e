import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { openTunings } from './tunings.ts';

test('a tuning is kept for its adapter and model, until another build saves one', async () => {
  const first = openTunings('build 1');
  expect(await first.load('gpu', 'm')).toBeUndefined();
  await first.save('gpu', 'm', { rows: 4 });
  await first.save('gpu', 'n', { rows: 8 });
  expect(await first.load('gpu', 'm')).toEqual({ rows: 4 });
  expect(await first.load('other gpu', 'm')).toBeUndefined();
  const second = openTunings('build 2');
  expect(await second.load('gpu', 'm')).toBeUndefined();
  await second.save('gpu', 'm', { rows: 2 });
  expect(await first.load('gpu', 'n')).toBeUndefined();
  expect(await second.load('gpu', 'm')).toEqual({ rows: 2 });
});
