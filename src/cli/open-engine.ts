// A model directory on disk -> a running engine, for the commands.

import path from 'node:path';
import { createWgslEngine, type WgslEngine } from '../engines/wgsl/engine.ts';
import { openDevice } from '../gpu/device.ts';
import { folderSource } from './folder-source.ts';
import { openGpu } from './node-gpu.ts';

/** Loads the model directory at `folder`. Progress goes to stderr where that is a terminal. */
export async function openEngine(folder: string, options: { contextLength?: number } = {}): Promise<WgslEngine> {
  const source = folderSource(path.resolve(folder));
  const device = await openDevice(await openGpu());
  return createWgslEngine({ source, device, modelId: path.basename(path.resolve(folder)), ...options });
}

