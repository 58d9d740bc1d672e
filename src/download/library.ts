// A compiled library beside a model's files. It lies at an address of its own, and nobody tells its sum: the first download pins it,
// as the sum of what came is in its record of the ledger from then on.

import { EngineError } from '../failures.ts';
import { readJson } from '../format/json-file.ts';
import { LIBRARY_FILE } from '../format/manifest.ts';
import { MLC_CONFIG_FILE, readTensorCache } from '../format/model-directory.ts';
import type { ShardSource } from '../format/shard-source.ts';
import type { TensorCache } from '../format/tensor-cache.ts';
import type { Host } from './host.ts';
import type { DownloadPlan } from './download-plan.ts';
import { probe } from './remote.ts';

/** The plan with the library's line. Throws "file-missing" where nothing lies at its address. */
export async function withLibrary(
  host: Host,
  plan: DownloadPlan,
  address: string,
  signal?: AbortSignal,
): Promise<DownloadPlan> {
  const { files, modelId } = plan.stored;
  if (files.some(({ path }) => path.endsWith('.wasm'))) return plan;
  const found = await probe(host, address, LIBRARY_FILE, signal);
  if (!found) {
    throw new EngineError('file-missing', `${modelId}: no library at ${address}`, {
      file: LIBRARY_FILE,
      model: modelId,
    });
  }
  const line = { path: LIBRARY_FILE, bytes: found.bytes, sha256: '', check: 'size' as const };
  return {
    ...plan,
    // First: without it the weights would be fetched in vain.
    stored: { ...plan.stored, files: [line, ...files] },
    places: plan.places.map((place) => (file) => (file.path === LIBRARY_FILE ? address : place(file))),
  };
}

/** What a directory of any architecture says: its library computes it, so only the list of its shards is checked here. */
export async function readForeignClaims(
  source: ShardSource,
): Promise<{ cache: TensorCache; scheme: { name: string } }> {
  const config = (await readJson(source, MLC_CONFIG_FILE)) as { quantization?: unknown } | null;
  const name = config?.quantization;
  return {
    cache: await readTensorCache(source),
    scheme: { name: typeof name === 'string' ? name.slice(0, 40) : 'unknown' },
  };
}
