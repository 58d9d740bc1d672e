// The library's entry for Node: models in folders, on the processor with its threads, or on a GPU that the caller brings.

import os from 'node:os';
import path from 'node:path';
import { checkConfig } from '../api/config.ts';
import { inPageBackend } from '../api/in-page.ts';
import { createSurface } from '../api/surface.ts';
import type { EngineConfig, ReloadOptions, YupanaEngine } from '../api/types.ts';
import { nodeThreads } from './cpu-threads.ts';
import { folderSource } from './folder-source.ts';

export { EngineError } from '../failures.ts';
export type { ErrorCode, ErrorReason } from '../failures.ts';
export type * from '../api/types.ts';
export { folderSource };

/** Beyond so many threads all of them wait for memory. */
const MOST_THREADS = 8;

/**
 * An engine on the model directory `folder`. It computes on `navigator.gpu` where the caller has set one (the package "webgpu" makes
 * it), else on the processor. Throws what `createEngine` throws; its EngineError is
 * this entry's own.
 */
export async function createFolderEngine(
  folder: string,
  config: EngineConfig = {},
  options: ReloadOptions = {},
): Promise<YupanaEngine> {
  const checked = checkConfig(config);
  const threads = nodeThreads(Math.min(MOST_THREADS, os.availableParallelism()) - 1);
  const engine = createSurface(inPageBackend(checked, undefined, threads), checked.initProgressCallback);
  const place = path.resolve(folder);
  await engine.reload({ id: path.basename(place), source: folderSource(place) }, options);
  return engine;
}
