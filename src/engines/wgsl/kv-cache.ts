// Keys and values of the tokens held: a pair of buffers a layer, halves or codes of 8 bits, that grow with what is asked for.

import { EngineError, failedBy } from '../../failures.ts';
import type { Device } from '../../gpu/device.ts';
import { cacheBytes, wholeCacheBytes } from './plan.ts';
import type { ModelPlan } from './plan.ts';

export interface KVCache {
  /** Tokens there is room for. */
  readonly capacity: number;
  /** Of all its buffers. */
  readonly bytes: number;
  /** [layers]: [capacity, kvHeads, headDim] halves, or rows of kv-i8.wgsl */
  readonly layers: readonly { keys: GPUBuffer; values: GPUBuffer }[];
  /**
   * Makes room for `tokens`; what is held is kept. Returns whether buffers changed. When memory ends, everything is freed
   * (capacity 0) and "out-of-memory" thrown, so that a smaller context can be tried at once.
   */
  reserve(tokens: number): Promise<boolean>;
  /** The first `tokens` rows, in the layout that `prefixLayout` names. */
  read(tokens: number): Promise<Uint8Array<ArrayBuffer>>;
  /** What `read` gave, in the place of the first `tokens` rows; there must be room. */
  write(tokens: number, data: Uint8Array<ArrayBuffer>): void;
  dispose(): void;
}

/** What `read` gives: layer by layer, its keys and its values, rows as the kernels' snippets have them. */
export function prefixLayout({ cacheBits }: ModelPlan): string {
  return `wgsl rows 1, ${cacheBits} bits`;
}

/** Room grows in steps of this many tokens at least, and by half. */
const STEP = 256;

export function createKVCache(device: Device, plan: ModelPlan): KVCache {
  const { config, contextLength } = plan;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
  let capacity = 0;
  let layers: { keys: GPUBuffer; values: GPUBuffer }[] = [];

  function dispose(): void {
    for (const { keys, values } of layers) {
      device.destroyBuffer(keys);
      device.destroyBuffer(values);
    }
    layers = [];
    capacity = 0;
  }

  async function grow(old: GPUBuffer | undefined, label: string, bytes: number): Promise<GPUBuffer> {
    let buffer: GPUBuffer | undefined;
    try {
      return await device.guard(`allocating ${bytes} bytes for ${label}`, () => {
        const created = device.createBuffer(label, bytes, usage);
        buffer = created;
        // Old and new exist together for one buffer at a time only.
        if (old !== undefined) {
          device.submit('grow', (commands) => commands.copy(old, 0, created, 0, old.size));
          device.destroyBuffer(old);
        }
        return created;
      });
    } catch (error) {
      if (buffer !== undefined) device.destroyBuffer(buffer);
      throw error;
    }
  }

  async function reserve(tokens: number): Promise<boolean> {
    if (tokens <= capacity) return false;
    const wanted = Math.max(Math.ceil(tokens / STEP) * STEP, Math.ceil((capacity * 1.5) / STEP) * STEP);
    const next = Math.min(wanted, contextLength);
    const bytes = cacheBytes(config, next, plan.cacheBits);
    try {
      for (let i = 0; i < config.numHiddenLayers; i++) {
        const layer = layers[i];
        const keys = await grow(layer?.keys, `layer ${i} keys`, bytes.keys);
        if (layer !== undefined) layer.keys = keys;
        let values: GPUBuffer;
        try {
          values = await grow(layer?.values, `layer ${i} values`, bytes.values);
        } catch (error) {
          if (layer === undefined) device.destroyBuffer(keys);
          throw error;
        }
        if (layer !== undefined) layer.values = values;
        else layers.push({ keys, values });
      }
    } catch (error) {
      dispose();
      if (failedBy(error, 'out-of-memory')) {
        const details = {
          ...error.details,
          contextLength: next,
          bytes: wholeCacheBytes(plan, next),
        };
        throw new EngineError(
          'out-of-memory',
          `No memory for a context of ${next}: ${error.message}`,
          details,
          error,
        );
      }
      throw error;
    }
    capacity = next;
    return true;
  }

  async function read(tokens: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = cacheBytes(config, tokens, plan.cacheBits);
    const out = new Uint8Array(wholeCacheBytes(plan, tokens));
    let at = 0;
    for (const { keys, values } of layers) {
      out.set(new Uint8Array(await device.readBuffer(keys, 0, bytes.keys)), at);
      out.set(new Uint8Array(await device.readBuffer(values, 0, bytes.values)), at + bytes.keys);
      at += bytes.keys + bytes.values;
    }
    return out;
  }

  function write(tokens: number, data: Uint8Array<ArrayBuffer>): void {
    const bytes = cacheBytes(config, tokens, plan.cacheBits);
    let at = 0;
    for (const { keys, values } of layers) {
      device.writeBuffer(keys, 0, data.subarray(at, at + bytes.keys));
      device.writeBuffer(values, 0, data.subarray(at + bytes.keys, at + bytes.keys + bytes.values));
      at += bytes.keys + bytes.values;
    }
  }

  return {
    get capacity() {
      return capacity;
    },
    get bytes() {
      return layers.reduce((sum, { keys, values }) => sum + keys.size + values.size, 0);
    },
    get layers() {
      return layers;
    },
    reserve,
    read,
    write,
    dispose,
  };
}
