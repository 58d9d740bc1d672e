// The best engine here, opened in one way for the app, the library, the commands and the race: ours on the GPU with every
// optional feature it has, tuned to it, or the same shards on the processor where there is no GPU to use.

import type { AdapterInfo, Engine } from '../engine.ts';
import { EngineError, failedBy } from '../failures.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { openDevice, OPTIONAL_FEATURES, type Device } from '../gpu/device.ts';
import type { CacheBits } from '../gpu/kernels/attention.ts';
import { MIN_BINDING_BYTES, probeGpu } from '../gpu/probe.ts';
import { createCpuEngine } from './cpu/engine.ts';
import { computesOnCpu } from './software-adapter.ts';
import type { CpuThreads } from './cpu/team.ts';
import { createWgslEngine, type WgslEngine } from './wgsl/engine.ts';
import { parseTuning } from './wgsl/tuning.ts';

/** Where tunings are kept from one load to the next. */
export interface KeptTunings {
  /** What was saved, unchecked; undefined where there is nothing. */
  load(adapter: string, modelId: string): Promise<unknown>;
  save(adapter: string, modelId: string, tuning: unknown): Promise<void>;
}

export interface OpenOptions {
  source: ShardSource;
  modelId: string;
  /** Where the model is computed; undefined: on the processor. `close` closes it. */
  device: Device | undefined;
  /** Tokens; left out, as many as the model and the engine allow by themselves. */
  contextLength?: number;
  /** Half the context is tried where it does not fit, down to this many tokens. Left out: it must fit. */
  contextLeast?: number;
  /** Of keys and values, on the GPU. */
  cacheBits?: CacheBits;
  /** Further threads for the processor. */
  threads?: CpuThreads | undefined;
  /** Left out: the engine is tuned at each load. */
  tunings?: KeptTunings;
  onProgress?: (phase: 'weights' | 'pipelines', done: number, total: number) => void;
  signal?: AbortSignal;
}

/** The GPU's engine with what only it has. */
export interface OnGpu {
  engine: WgslEngine;
  device: Device;
}

export interface OpenedEngine {
  engine: Engine;
  /** The engine again, where it computes on the GPU. */
  gpu?: OnGpu;
  /** Ends the engine and closes its device. */
  close(): void;
}

/**
 * The machine's strongest GPU with its own limits and every optional feature that kernels have variants for.
 * Throws "webgpu-missing", "adapter-missing", "limit-too-low": this machine has no GPU that an engine could use.
 */
export async function openBestDevice(gpu: GPU | undefined): Promise<Device> {
  const { reason, maxStorageBufferBindingSize: actual } = await probeGpu(gpu);
  if (reason === 'limit-too-low') {
    const details = { limit: 'maxStorageBufferBindingSize', expected: MIN_BINDING_BYTES, actual };
    throw new EngineError(
      reason,
      `${details.limit} is ${actual}, an engine needs ${details.expected}`,
      details,
    );
  }
  if (!gpu || reason) throw new EngineError(reason ?? 'webgpu-missing', 'no GPU can be used here');
  return openDevice(gpu, {
    limits: 'adapter',
    powerPreference: 'high-performance',
    features: OPTIONAL_FEATURES,
  });
}

/** As `openBestDevice`; undefined where this machine has no GPU that an engine could use. */
export async function findDevice(gpu: GPU | undefined): Promise<Device | undefined> {
  try {
    return await openBestDevice(gpu);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'UnsupportedDeviceError') return undefined;
    throw error;
  }
}

const nameOf = ({ vendor, architecture, description, features }: AdapterInfo): string =>
  [vendor, architecture, description, ...features].join('/');

/** Throws what the engines throw; the device is closed then. */
export async function openEngine(options: OpenOptions): Promise<OpenedEngine> {
  const { device, threads, cacheBits, tunings, ...model } = options;
  if (!device) {
    const engine = await createCpuEngine({ ...model, ...(threads && { threads }) });
    return { engine, close: () => engine.dispose() };
  }
  try {
    const adapter = nameOf(device.info);
    // A tuning that cannot be read is made again.
    const kept = parseTuning((await tunings?.load(adapter, model.modelId).catch(() => null)) ?? null);
    const engine = await createWgslEngine({
      ...model,
      device,
      ...(cacheBits && { cacheBits }),
      ...(kept && { tuning: kept }),
      onTuned: async ({ outcome, tuning }) => {
        // Only a convenience: without room for it the next load takes a moment longer.
        if (outcome !== 'useless') await tunings?.save(adapter, model.modelId, tuning).catch(() => undefined);
      },
    });
    try {
      // An adapter that computes on the processor keeps the default: `tune` would say so after compiling it once more.
      if (!kept && !computesOnCpu(device.info)) await engine.tune(model.signal && { signal: model.signal });
    } catch (error) {
      // A model that leaves no memory for the trial runs untuned.
      if (!failedBy(error, 'out-of-memory')) {
        engine.dispose();
        throw error;
      }
    }
    return {
      engine,
      gpu: { engine, device },
      close() {
        engine.dispose();
        device.close();
      },
    };
  } catch (error) {
    device.close();
    throw error;
  }
}
