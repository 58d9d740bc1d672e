import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sha256 } from '../../tests/host/model.ts';
import { startModelHost } from '../../tests/host/model-host.ts';
import type { ModelHost } from '../../tests/host/model-host.ts';
import { webLocks } from '../../tests/host/web-locks.ts';
import { openShards } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import { downloadModel } from './download.ts';
import { verifyModel } from './verify.ts';

vi.setConfig({ testTimeout: 60_000 });

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const library = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const shard = new Uint8Array(64).fill(7);
const record = {
  name: 'model.embed_tokens.weight',
  shape: [4, 8],
  dtype: 'float16',
  format: 'raw',
  nbytes: 64,
  byteOffset: 0,
};
/** Of an architecture that ours does not run, as MLC publishes it: no manifest. */
const QWEN = {
  'q/mlc-chat-config.json': text({ model_type: 'qwen3', quantization: 'q4f16_1', vocab_size: 4 }),
  'q/tensor-cache.json': text({
    records: [{ dataPath: 'params_shard_0.bin', format: 'raw-shard', nbytes: 64, records: [record] }],
  }),
  'q/params_shard_0.bin': shard,
  'q/tokenizer.json': text({}),
  'q/tokenizer_config.json': text({}),
  'lib/Qwen3.wasm': library,
};

let host: ModelHost;
beforeEach(async () => {
  vi.stubGlobal('navigator', { locks: webLocks() });
  host = await startModelHost(QWEN);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await host.close();
});

test('a model that only another engine runs comes with its library, which the first download pins', async () => {
  const store = openShards('library-a');
  const source = { id: 'qwen', base: `${host.url}q/` };
  await expect(downloadModel(store, source)).rejects.toMatchObject({ reason: 'architecture-unsupported' });
  const { state } = await downloadModel(store, { ...source, library: `${host.url}lib/Qwen3.wasm` });
  expect(state).toBe('ready');
  expect(await storedModel('qwen', store).read('model-lib.wasm', 0, library.length)).toEqual(library);
  const line = await store.file('qwen', 'model-lib.wasm');
  expect(line).toMatchObject({ state: 'verified', sha256: sha256(library) });
  expect((await verifyModel(store, 'qwen')).state).toBe('ready');
  await store.remove('qwen');
  expect(await store.file('qwen', 'model-lib.wasm')).toBeUndefined();
  expect((await store.status('qwen')).state).toBe('absent');
});

test('no library at its address: nothing of the model is fetched', async () => {
  const store = openShards('library-b');
  const source = { id: 'qwen', base: `${host.url}q/`, library: `${host.url}lib/other.wasm` };
  await expect(downloadModel(store, source)).rejects.toMatchObject({
    reason: 'file-missing',
    details: { file: 'model-lib.wasm' },
  });
  expect(host.requests.some(({ path }) => path.endsWith('.bin'))).toBe(false);
});
