// web-llm reads what it runs from `caches`. This one answers from the model's directory in our store: one copy, every byte of it
// verified when it came, and nothing that could ever go to the network.

import { EngineError } from '../../failures.ts';
import type { ShardSource } from '../../format/shard-source.ts';
import { readTensorCache } from '../../format/model-directory.ts';
import { TENSOR_CACHE_FILES } from '../../format/tensor-cache.ts';
import { fileAddress, modelAddress } from './library.ts';

/** The part of Cache and CacheStorage that web-llm calls. */
export interface StoreCache {
  match(request: Request | string): Promise<Response | undefined>;
  /** Called for what `match` did not find: always throws "file-missing". */
  add(request: Request | string): Promise<never>;
  keys(): Promise<readonly Request[]>;
  /** Nothing is deleted here: the library place of the app owns the bytes. */
  delete(request: Request | string): Promise<boolean>;
}

export interface StoreCaches {
  open(scope: string): Promise<StoreCache>;
}

const SCOPES = ['webllm/model', 'webllm/config', 'webllm/wasm'];

const addressOf = (request: Request | string): string =>
  typeof request === 'string' ? request : request.url;

/**
 * @param signal stops a load between two files: web-llm itself does not ask while it reads from a cache
 */
export function storeCaches(source: ShardSource, modelId: string, signal?: AbortSignal): StoreCaches {
  const base = modelAddress(modelId);

  /** File of the directory that an address means, by the name it has there; undefined for an address of no file. */
  const fileOf = async (request: Request | string): Promise<{ path: string; bytes: number } | undefined> => {
    const address = addressOf(request);
    if (!address.startsWith(base)) return undefined;
    const asked = decodeURIComponent(address.slice(base.length));
    // The tensor list has an older name in directories made before 2025.
    const [newer, older] = TENSOR_CACHE_FILES;
    for (const path of asked === newer ? [newer, older] : [asked]) {
      const bytes = await source.size(path);
      if (bytes !== undefined) return { path, bytes };
    }
    return undefined;
  };

  const cache: StoreCache = {
    async match(request) {
      signal?.throwIfAborted();
      const file = await fileOf(request);
      if (!file) return undefined;
      const body = await source.read(file.path, 0, file.bytes);
      signal?.throwIfAborted();
      return new Response(body, { headers: { 'Content-Length': String(file.bytes) } });
    },
    async add(request) {
      signal?.throwIfAborted();
      await Promise.resolve();
      const file = decodeURIComponent(addressOf(request).split('/').at(-1) ?? '');
      throw new EngineError('file-missing', `${modelId}: ${file} is not stored`, { file, model: modelId });
    },
    async keys() {
      const { shards } = await readTensorCache(source);
      const there = await Promise.all(
        shards.map(async ({ path }) => (await source.size(path)) !== undefined),
      );
      return shards
        .filter((_, index) => there[index])
        .map(({ path }) => new Request(fileAddress(modelId, path)));
    },
    delete: () => Promise.resolve(false),
  };
  return {
    open(scope) {
      if (!SCOPES.includes(scope)) throw new EngineError('internal', `web-llm opened a cache ${scope}`);
      return Promise.resolve(cache);
    },
  };
}
