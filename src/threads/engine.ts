// The engine's worker: sees what people write and the weights, and must not reach the network. Composition only.

import { EngineError } from '../failures.ts';
import { LEAST_CONTEXT } from '../engines/context-trial.ts';
import { cpuBytesPerSecond } from '../engines/cpu/pace.ts';
import { findDevice, openEngine } from '../engines/open.ts';
import { probeGpu } from '../gpu/probe.ts';
import { openPrefixes } from '../storage/prefixes.ts';
import { openShards } from '../storage/shards.ts';
import { openTunings } from '../storage/tunings.ts';
import { storedModel } from '../storage/stored-model.ts';
import { ownDoors } from './own-doors.ts';
import { enforced } from './canary.ts';
import { browserThreads } from './cpu-threads.ts';
import { serveEngine } from './engine-server.ts';
import type { LoadedModel, LoadOrder } from './engine-server.ts';
import type { PrefixStore } from './kept-prefix.ts';
import type { Probe } from '../wire/engine-protocol.ts';

// `navigator.gpu` and `locks` are typed as always there; in browsers without them, or on plain http, they are not.
const { gpu, locks } = navigator as { gpu?: GPU; locks?: LockManager };
const store = openShards();
const prefixes = openPrefixes();
/** This script's address has a hash of its text. */
const tunings = openTunings(location.pathname);

const doors = ownDoors();

/** On the GPU, or on the CPU where there is none to use: `info.engine` says which. */
async function load({
  modelId,
  contextLength,
  cacheBits,
  onProgress,
  signal,
}: LoadOrder): Promise<LoadedModel> {
  const { state } = await store.status(modelId);
  if (state !== 'ready') {
    throw new EngineError('model-not-stored', `${modelId} is ${state}`, { model: modelId, state });
  }
  const opened = await openEngine({
    source: storedModel(modelId, store),
    modelId,
    device: await findDevice(gpu),
    ...(contextLength === undefined ? {} : { contextLength }),
    contextLeast: LEAST_CONTEXT,
    ...(cacheBits && { cacheBits }),
    threads: browserThreads(),
    tunings,
    onProgress,
    signal,
  });
  const layout = opened.engine.capabilities.prefix?.bytes?.layout;
  return layout === undefined ? opened : { ...opened, prefixes: await prefixStore(modelId, layout) };
}

/** Where what is computed of this model's system prompts is kept. */
async function prefixStore(modelId: string, layout: string): Promise<PrefixStore> {
  const files = await store.files(modelId);
  const keyOf = (tokens: readonly number[]) => ({ modelId, files, layout, tokens });
  return {
    load: (tokens) => prefixes.load(keyOf(tokens)),
    save: (tokens, bytes) => prefixes.save(keyOf(tokens), bytes),
    drop: (tokens) => prefixes.drop(keyOf(tokens)),
  };
}

/** Measured once: what stands in for the GPU does not change under the page. */
let pace: Promise<number | null> | undefined;

async function probe(): Promise<Probe> {
  const found = await probeGpu(gpu);
  const measured = found.reason === null ? null : (pace ??= cpuBytesPerSecond().catch(() => null));
  const cpu = await measured;
  return { ...found, cpuBytesPerSecond: cpu, networkBlocked: enforced(await doors), doors: await doors };
}

serveEngine(self, { probe, load }, locks);
