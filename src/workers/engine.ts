// The engine's worker: sees what people write and the weights, and must not reach the network. Composition only.

import { EngineError } from '../engine.ts';
import { LEAST_CONTEXT } from '../engines/context-trial.ts';
import { createCpuEngine } from '../engines/cpu/engine.ts';
import { cpuBytesPerSecond } from '../engines/cpu/pace.ts';
import { createWgslEngine } from '../engines/wgsl/engine.ts';
import { parseTuning } from '../engines/wgsl/tuning.ts';
import { openPrefixes } from '../storage/prefixes.ts';
import { openShards } from '../storage/shards.ts';
import { openTunings } from '../storage/tunings.ts';
import { storedModel } from '../storage/stored-model.ts';
import { networkBlocked } from './canary.ts';
import { browserThreads } from './cpu-threads.ts';
import { serveEngine } from './engine-server.ts';
import type { LoadOrder, TunableEngine } from './engine-server.ts';
import type { Probe, TuneReport } from './engine-protocol.ts';
import { findDevice } from './find-device.ts';
import { probeGpu } from './probe.ts';

// `navigator.gpu` and `locks` are typed as always there; in browsers without them, or on plain http, they are not.
const { gpu, locks } = navigator as { gpu?: GPU; locks?: LockManager };
const store = openShards();
const prefixes = openPrefixes();
/** This script's address has a hash of its text. */
const tunings = openTunings(location.pathname);

// Once, at the start, and never while somebody writes.
const blocked = networkBlocked((url, init) => fetch(url, init), location.href);

/** On the GPU, or on the CPU where there is none to use: `info.engine` says which. */
async function load({
  modelId,
  contextLength,
  cacheBits,
  onProgress,
  signal,
}: LoadOrder): Promise<TunableEngine> {
  const { state } = await store.status(modelId);
  if (state !== 'ready') {
    throw new EngineError('model-not-stored', `${modelId} is ${state}`, { model: modelId, state });
  }
  const model = {
    source: storedModel(modelId, store),
    modelId,
    ...(contextLength === undefined ? {} : { contextLength }),
    contextLeast: LEAST_CONTEXT,
    onProgress,
    signal,
  };
  const device = await findDevice(gpu);
  if (!device) {
    const threads = browserThreads();
    return createCpuEngine({ ...model, ...(threads && { threads }) });
  }
  try {
    const { vendor, architecture, description, features } = device.info;
    const adapter = [vendor, architecture, description, ...features].join('/');
    // Where it can't be read, the engine is tuned again.
    const kept = parseTuning(await tunings.load(adapter, modelId).catch(() => null));
    const engine = await createWgslEngine({
      ...model,
      device,
      ...(cacheBits && { cacheBits }),
      ...(kept && { tuning: kept }),
    });
    const tune = async (tuneSignal: AbortSignal): Promise<TuneReport> => {
      const { tuning, gains, ...report } = await engine.tune({ signal: tuneSignal });
      if (report.outcome !== 'useless') {
        // Only a convenience: without room for it the next load takes a moment longer.
        await tunings.save(adapter, modelId, tuning).catch(() => undefined);
      }
      const products = Object.entries(tuning.products).map(([name, { reduction, math }]) => ({
        name,
        variant: [math, ...(reduction === 'subgroups' ? ['subgroups'] : [])].join(' '),
        gain: gains[name as keyof typeof gains],
      }));
      return { ...report, products };
    };
    try {
      if (!kept) await tune(signal);
    } catch (error) {
      // A model that leaves no memory for the trial runs untuned.
      if (!(error instanceof EngineError && error.reason === 'out-of-memory')) {
        engine.dispose();
        throw error;
      }
    }
    const files = await store.files(modelId);
    const keyOf = (tokens: readonly number[]) => ({
      modelId,
      files,
      layout: engine.prefixLayout ?? '',
      tokens,
    });
    return {
      tune,
      prefixes: {
        load: (tokens) => prefixes.load(keyOf(tokens)),
        save: (tokens, bytes) => prefixes.save(keyOf(tokens), bytes),
        drop: (tokens) => prefixes.drop(keyOf(tokens)),
      },
      get info() {
        return engine.info;
      },
      lost: engine.lost,
      encodeChat: (messages, begun) => engine.encodeChat(messages, begun),
      encode: (text) => engine.encode(text),
      decode: (tokens) => engine.decode(tokens),
      vocabulary: () => engine.vocabulary(),
      createSession: () => engine.createSession(),
      dispose() {
        engine.dispose();
        device.close(); // opened for this model alone
      },
    };
  } catch (error) {
    device.close();
    throw error;
  }
}

/** Measured once: what stands in for the GPU does not change under the page. */
let pace: Promise<number | null> | undefined;

async function probe(): Promise<Probe> {
  const found = await probeGpu(gpu);
  const measured = found.reason === null ? null : (pace ??= cpuBytesPerSecond().catch(() => null));
  return { ...found, cpuBytesPerSecond: await measured, networkBlocked: await blocked };
}

serveEngine(self, { probe, load }, locks);
