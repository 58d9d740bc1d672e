// The library's entry: an engine for another web app, without this one's interface.

import { inPageBackend } from './in-page.ts';
import { createSurface } from './surface.ts';
import type { EngineConfig, ModelReference, ReloadOptions, YupanaEngine } from './types.ts';
import { workerBackend } from './worker-client.ts';

export { EngineError } from '../engine.ts';
export type { ErrorCode, ErrorReason } from '../engine.ts';
export type * from './types.ts';

/** An engine in this thread, without a model yet. It computes on the GPU; on the CPU, this thread is busy while it does. */
export const inPageEngine = (config: EngineConfig = {}): YupanaEngine =>
  createSurface(inPageBackend(config, location.href), config.initProgressCallback);

/** The same behind a worker in which `serveEngine` of `yupana/worker` runs. */
export const workerEngine = (spawn: () => Worker, config: EngineConfig = {}): YupanaEngine =>
  createSurface(workerBackend(spawn, config, location.href), config.initProgressCallback);

/** An engine in this thread with `model` loaded, downloaded first where it is not stored. */
export async function createEngine(
  model: ModelReference,
  config: EngineConfig = {},
  options: ReloadOptions = {},
): Promise<YupanaEngine> {
  const engine = inPageEngine(config);
  await engine.reload(model, options);
  return engine;
}

/** The same behind a worker. @param spawn `() => new Worker(url, { type: 'module' })` */
export async function createWorkerEngine(
  spawn: () => Worker,
  model: ModelReference,
  config: EngineConfig = {},
  options: ReloadOptions = {},
): Promise<YupanaEngine> {
  const engine = workerEngine(spawn, config);
  await engine.reload(model, options);
  return engine;
}
