// The sampler's side of a session: settings written once an answer, bind groups made once, lists of dispatches kept.

import type { SamplerOptions } from '../../engine.ts';
import type { Dispatch } from '../../gpu/kernel.ts';
import { pcgHash } from '../../llama/sampling.ts';
import type { Model, SessionBuffers } from './decode-graph.ts';

export interface Sampler {
  /** Before the first token of an answer: settings, the context for the penalty, the state after `tokens`. */
  begin(options: SamplerOptions, tokens: readonly number[]): void;
  /** A step's dispatches followed by those that draw its token. The same list gives the same result, kept. */
  after(forward: readonly Dispatch[]): readonly Dispatch[];
}

export function createSampler(model: Model, session: SessionBuffers): Sampler {
  const { device, pipelines, work } = model;
  const { blocks, greedy } = pipelines.sample;
  const blockCount = work.blocks.size / 16;
  const stageBlocks: Dispatch = {
    pipeline: blocks,
    bindGroup: device.bindGroup(blocks, [
      session.logits,
      session.seen,
      session.sampling,
      work.blocks,
      work.bins,
    ]),
    grid: [blockCount, 1, 1],
  };
  const stageGreedy: Dispatch = {
    pipeline: greedy,
    bindGroup: device.bindGroup(greedy, [work.blocks, session.seen, session.state]),
    grid: [1, 1, 1],
  };
  const stages: readonly Dispatch[] = [stageBlocks, stageGreedy];
  let lists = new WeakMap<readonly Dispatch[], readonly Dispatch[]>();

  return {
    begin(options, tokens) {
      const settings = new ArrayBuffer(32);
      const floats = new Float32Array(settings);
      const words = new Uint32Array(settings);
      floats[0] = options.repetitionPenalty;
      floats[1] = options.temperature;
      floats[2] = options.topP;
      floats[3] = options.minP > 0 ? -Math.log(options.minP) : 3e38;
      words[4] = options.topK;
      words[5] = pcgHash(options.seed);
      device.writeBuffer(session.sampling, 0, words);
      const seen = new Uint32Array(session.seen.size / 4);
      if (options.repetitionPenalty !== 1) for (const id of tokens) seen[id >> 5]! |= 1 << (id & 31);
      device.writeBuffer(session.seen, 0, seen);
      device.writeBuffer(session.state, 0, Uint32Array.of(tokens.length - 1, tokens.at(-1) ?? 0, 1, 0));
      lists = new WeakMap();
    },
    after(forward) {
      let list = lists.get(forward);
      if (list === undefined) {
        list = [...forward, ...stages];
        lists.set(forward, list);
      }
      return list;
    },
  };
}
