// The library's entry: an engine for another web app, without this one's interface.

import { check } from './check.ts';
import { checkConfig } from './config.ts';
import { inPageBackend } from './in-page.ts';
import { activeWorker, lineTo } from './service-worker-line.ts';
import { createSurface } from './surface.ts';
import type { EngineConfig, ModelReference, ReloadOptions, YupanaEngine } from './types.ts';
import { workerBackend } from './worker-client.ts';

export { EngineError } from '../failures.ts';
export type { ErrorCode, ErrorReason } from '../failures.ts';
export { deleteModel, listModels } from './stored.ts';
export type * from './types.ts';

const aFunction = check((value) => typeof value === 'function', 'a function that makes a worker');

/** What relative addresses are relative to; runtimes without a page have only absolute ones. */
const baseHere = (): string | undefined => (globalThis as { location?: { href: string } }).location?.href;

/**
 * An engine in this thread, without a model yet. It computes on the GPU; on the CPU, this thread is busy while it does.
 * Throws "option-invalid" and "option-unsupported" for a config that is none.
 */
export function inPageEngine(config: EngineConfig = {}): YupanaEngine {
  const checked = checkConfig(config);
  return createSurface(inPageBackend(checked, baseHere()), checked.initProgressCallback);
}

/** The same behind a worker in which `serveEngine` of `yupana/worker` runs. */
export function workerEngine(spawn: () => Worker, config: EngineConfig = {}): YupanaEngine {
  aFunction(spawn, 'spawn');
  const checked = checkConfig(config);
  return createSurface(workerBackend(spawn, checked, baseHere() ?? ''), checked.initProgressCallback);
}

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

/** The same behind a worker, which ends where the load fails. @param spawn `() => new Worker(url, { type: 'module' })` */
export async function createWorkerEngine(
  spawn: () => Worker,
  model: ModelReference,
  config: EngineConfig = {},
  options: ReloadOptions = {},
): Promise<YupanaEngine> {
  const engine = workerEngine(spawn, config);
  try {
    await engine.reload(model, options);
  } catch (error) {
    await engine.unload(); // nobody else could
    throw error;
  }
  return engine;
}

/**
 * The same in the service worker that has this page, in which `serveServiceWorkerEngine` of `yupana/service-worker` runs: one engine
 * for all tabs. Throws "worker-gone" where there is none.
 */
export async function createServiceWorkerEngine(
  model: ModelReference,
  config: EngineConfig = {},
  options: ReloadOptions = {},
): Promise<YupanaEngine> {
  const checked = checkConfig(config);
  const here = (globalThis as { navigator?: { serviceWorker?: ServiceWorkerContainer } }).navigator;
  const target = await activeWorker(here?.serviceWorker);
  return createWorkerEngine(() => lineTo(target), model, checked, options);
}
