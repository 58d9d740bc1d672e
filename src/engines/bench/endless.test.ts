import path from 'node:path';
import { expect, test } from 'vitest';
import { folderSource } from '../../cli/folder-source.ts';
import { openModelDirectory, readTensor } from '../../format/model-directory.ts';
import { loadModelText } from '../model-text.ts';
import { endlessSource } from './endless.ts';

test('endlessSource: no stop tokens, all else as it was', async () => {
  const source = folderSource(path.resolve(import.meta.dirname, '../../../public/models/semilla-q4f16_1'));
  const before = await openModelDirectory(source);
  const after = await openModelDirectory(await endlessSource(source));
  expect(before.stopTokenIds.length).toBeGreaterThan(0);
  expect(after.stopTokenIds).toEqual([]);
  expect((await loadModelText(source, 4096)).ends.ids).toContain(4092);
  expect((await loadModelText(after.source, 4096)).ends).toEqual({ ids: [], strings: [] });
  expect(after.config).toEqual(before.config);
  const name = 'model.norm.weight';
  expect(await readTensor(after, name)).toEqual(await readTensor(before, name));
});
