// The page's side of gpu-calls.js: asks every thread for its counts, and puts the wrapper before workers made of blobs.

import script from './gpu-calls.js?raw';
import type { GpuCalls } from './protocol.ts';

/** Threads answer within a few milliseconds when they are idle. */
const PATIENCE_MS = 300;

const NOTHING: GpuCalls = {
  dispatches: 0,
  passes: 0,
  submits: 0,
  bindGroups: 0,
  buffers: 0,
  writes: 0,
  maps: 0,
  bytes: 0,
  peakBytes: 0,
};

const channel = new BroadcastChannel('gpu-calls');
let asked = 0;

function sum(a: GpuCalls, b: GpuCalls): GpuCalls {
  const keys = Object.keys(NOTHING) as (keyof GpuCalls)[];
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as unknown as GpuCalls;
}

/** Counts so far, of all threads together. To be asked while they are idle. */
export async function gpuCalls(): Promise<GpuCalls> {
  const number = ++asked;
  let total = NOTHING;
  const onMessage = ({ data }: MessageEvent<{ answer?: number; counts: GpuCalls }>): void => {
    if (data.answer === number) total = sum(total, data.counts);
  };
  channel.addEventListener('message', onMessage);
  channel.postMessage({ ask: number });
  await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  channel.removeEventListener('message', onMessage);
  return total;
}

/** `after` less `before`; the bytes stay as they are after. */
export function callsBetween(before: GpuCalls, after: GpuCalls): GpuCalls {
  const { bytes, peakBytes } = after;
  const keys = Object.keys(NOTHING) as (keyof GpuCalls)[];
  const difference = Object.fromEntries(keys.map((key) => [key, after[key] - before[key]]));
  return { ...(difference as unknown as GpuCalls), bytes, peakBytes };
}

/** From now on JavaScript put into a blob begins with the wrapper. */
export function countInBlobWorkers(): void {
  const create = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (object) =>
    object instanceof Blob && /javascript/.test(object.type)
      ? create(new Blob([script, '\n', object], { type: object.type }))
      : create(object);
}
