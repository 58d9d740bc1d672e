// A model directory on disk -> a running engine, for the commands.

import os from 'node:os';
import path from 'node:path';
import { type Engine } from '../engine.ts';
import { EngineError } from '../failures.ts';
import { openBestDevice, openEngine as openBestEngine, type OpenedEngine } from '../engines/open.ts';
import type { ShardSource } from '../format/shard-source.ts';
import type { Device } from '../gpu/device.ts';
import type { CacheBits } from '../gpu/kernels/attention.ts';
import { nodeThreads } from './cpu-threads.ts';
import { folderSource } from './folder-source.ts';
import { openGpu } from './node-gpu.ts';

export const ENGINES = ['wgsl', 'cpu'] as const;

export interface OpenOptions {
  contextLength?: number;
  /** Of keys and values, on the GPU; left out, 16. */
  cacheBits?: CacheBits;
  /** Left out: the GPU, or the CPU where there is none. */
  engine?: (typeof ENGINES)[number];
  /** At most, for the CPU engine, this one included. Left out, one a core, to 8: beyond that all wait for memory. */
  threads?: number;
  /** What the engine reads instead of the folder's files as they are. */
  through?: (source: ShardSource) => Promise<ShardSource>;
}

async function findDevice(wanted: OpenOptions['engine']): Promise<Device | undefined> {
  if (wanted === 'cpu') return undefined;
  try {
    return await openBestDevice(await openGpu());
  } catch (error) {
    const missing = error instanceof EngineError && error.code === 'UnsupportedDeviceError';
    if (wanted === 'wgsl' || !missing) throw error;
    console.error(`No GPU can be used: ${error.message}\nThe CPU engine runs instead.`);
    return undefined;
  }
}

/** As `openEngine`, with what only the GPU's engine has. */
export async function openEngineAndDevice(folder: string, options: OpenOptions = {}): Promise<OpenedEngine> {
  const { contextLength, cacheBits, engine, threads = Math.min(8, os.availableParallelism()) } = options;
  const files = folderSource(path.resolve(folder));
  const source = options.through ? await options.through(files) : files;
  return openBestEngine({
    source,
    modelId: path.basename(path.resolve(folder)),
    device: await findDevice(engine),
    threads: nodeThreads(threads - 1),
    ...(contextLength !== undefined && { contextLength }),
    ...(cacheBits && { cacheBits }),
  });
}

/**
 * Loads the model directory at `folder`. Where no GPU is found and none was asked for, the CPU engine, saying so on stderr.
 * Throws what the engines throw.
 */
export async function openEngine(folder: string, options: OpenOptions = {}): Promise<Engine> {
  return (await openEngineAndDevice(folder, options)).engine;
}
