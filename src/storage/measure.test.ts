import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { EMPTY_LIBRARY, openLibrary } from './library.ts';
import { bytesOf, measureDatabases } from './measure.ts';

test('counts what was written, and nothing where nothing was', async () => {
  const [empty, full] = [openLibrary('yupana-empty'), openLibrary('yupana-full')];
  await empty.load();
  await full.save({ roots: ['https://escuela.example/'] });
  await openLibrary('other').save({ roots: ['https://escuela.example/'] });
  const sizes = await measureDatabases('yupana-', []);
  expect([...sizes.keys()].sort()).toEqual(['yupana-empty', 'yupana-full']);
  expect(sizes.get('yupana-empty')).toBe(0);
  expect(sizes.get('yupana-full')).toBe(bytesOf({ ...EMPTY_LIBRARY, roots: ['https://escuela.example/'] }));
});
