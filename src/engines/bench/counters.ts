// What one decoded token asks of the GPU, in the steady state.

import { countersSince } from '../../gpu/counters.ts';
import type { Counters } from '../../gpu/counters.ts';
import type { WgslEngine } from '../wgsl/engine.ts';
import type { Subject } from './pace.ts';

export interface TokenCounters {
  dispatchesPerToken: number;
  computePassesPerToken: number;
  submitsPerToken: number;
  createBindGroupPerToken: number;
  createBufferPerToken: number;
  createPipelinePerToken: number;
  writeBufferPerToken: number;
  readbackBytesPerToken: number;
  /** Bytes of weights that a token's dispatches read, and what it needs at least. */
  weightBytesPerToken: number;
  quantizedWeightBytes: number;
  /** Bytes of all buffers, after the longest context measured. */
  gpuBytes: number;
}

/**
 * Two runs of one prompt that differ in length: what the longer one asks for more is what its further tokens ask, prefill and
 * the beginning left out. The subject must be warm.
 */
async function perToken(
  subject: Subject,
  counters: Readonly<Counters>,
  prompt: readonly number[],
  tokens: number,
): Promise<(count: (counters: Counters) => number) => number> {
  const measure = async (length: number) => {
    const before = { ...counters };
    await subject.run(prompt, length);
    return countersSince(before, counters);
  };
  // Too short to run ahead: how far a longer answer does depends on the moment, and must not count against it.
  const short = Math.min(2, tokens - 1);
  const fewer = await measure(short);
  const more = await measure(tokens);
  return (count) => (count(more) - count(fewer)) / (tokens - short);
}

/** @param tokens at least 2 */
export async function countToken(
  engine: WgslEngine,
  subject: Subject,
  prompt: readonly number[],
  tokens: number,
): Promise<TokenCounters> {
  const each = await perToken(subject, engine.counters, prompt, tokens);
  return {
    dispatchesPerToken: each((counters) => counters.dispatches),
    computePassesPerToken: each((counters) => counters.computePasses),
    submitsPerToken: each((counters) => counters.submits),
    createBindGroupPerToken: each((counters) => counters.createBindGroup),
    createBufferPerToken: each((counters) => counters.createBuffer),
    createPipelinePerToken: each((counters) => counters.createPipeline),
    writeBufferPerToken: each((counters) => counters.writeBuffer),
    readbackBytesPerToken: each((counters) => counters.readbackBytes),
    weightBytesPerToken: engine.weightBytesPerToken,
    quantizedWeightBytes: engine.quantizedWeightBytes,
    gpuBytes: engine.counters.gpuBytes,
  };
}
