// A mirror made by the command, served by a plain web server, and downloaded from.

import 'fake-indexeddb/auto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { COMMIT, startHub } from '../../tests/host/hub.ts';
import { startModelHost } from '../../tests/host/model-host.ts';
import { downloadModel } from '../download/download.ts';
import { HOST } from '../download/host.ts';
import { openShards } from '../storage/shards.ts';
import { fetchModelTo, mirrorFolder } from './mirror.ts';

const work = mkdtempSync(path.join(os.tmpdir(), 'yupana-mirror-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const quick = { ...HOST, idleMs: 2_000, wait: () => Promise.resolve() };
const filesUnder = (folder: string): Record<string, Uint8Array> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return [path.relative(folder, file).split(path.sep).join('/'), new Uint8Array(readFileSync(file))];
      }),
  );

test('the starter model and a checkpoint, converted for the mirror, are downloaded from it by content', async () => {
  const out = path.join(work, 'out');
  const semilla = new URL('../../public/models/semilla-q4f16_1/', import.meta.url).pathname;
  await mirrorFolder(semilla, 'semilla-q4f16_1', 'Semilla', out);
  const golden = new URL('../../tests/golden/gqa-tied/hf/', import.meta.url).pathname;
  const encode = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
  const tokenizer = { 'tokenizer.json': encode({ model: {} }), 'tokenizer_config.json': encode({}) };
  const hub = await startHub({ 'o/n': { files: { ...filesUnder(golden), ...tokenizer }, licence: 'mit' } });
  const source = {
    id: 'n-q4f16_1',
    base: `${hub.url}/o/n/resolve/${COMMIT}/`,
    format: 'safetensors' as const,
    licence: 'mit',
  };
  await mirrorFolder(await fetchModelTo(work, source, quick), 'n-q4f16_1', 'N', out);
  await hub.close();

  const files = filesUnder(out);
  expect(
    Object.keys(files)
      .filter((file) => !/^sha256\/[0-9a-f]{64}$/.test(file))
      .sort(),
  ).toEqual(['_headers', 'mirror.json']);
  const host = await startModelHost(files);
  const store = openShards('mirror-test');
  for (const id of ['semilla-q4f16_1', 'n-q4f16_1']) {
    // The models' own host is not there at all.
    const own = {
      id,
      base: 'http://127.0.0.1:9/',
      format: id.startsWith('n') ? ('safetensors' as const) : ('mlc' as const),
    };
    const status = await downloadModel(store, { ...own, roots: [host.url] }, { host: quick });
    expect(status).toMatchObject({ state: 'ready', check: 'sha256' });
  }
  await host.close();
}, 60_000);

test('a directory that is not what its manifest says is not listed', async () => {
  const folder = mkdtempSync(path.join(work, 'bad-'));
  const { cpSync, writeFileSync } = await import('node:fs');
  cpSync(new URL('../../public/models/semilla-q4f16_1/', import.meta.url).pathname, folder, {
    recursive: true,
  });
  writeFileSync(path.join(folder, 'tokenizer_config.json'), '{}');
  const out = path.join(work, 'none');
  await expect(mirrorFolder(folder, 'x', 'x', out)).rejects.toMatchObject({ reason: 'hash-mismatch' });
  expect(readdirSync(out)).toEqual(['sha256']);
});
