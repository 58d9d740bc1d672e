// The sampler's side of a session: settings written once an answer, bind groups made once, lists of dispatches kept.

import type { SamplerOptions } from '../../engine.ts';
import type { Dispatch, Pipeline } from '../../gpu/kernel.ts';
import { pcgHash } from '../../llama/sampling.ts';
import type { Model, SessionBuffers } from './decode-graph.ts';

export interface Sampler {
  /** Before the first token of an answer: settings, the context for the penalty, the state after `tokens`. */
  begin(options: SamplerOptions, tokens: readonly number[]): void;
  /** A step's dispatches followed by those that draw its token. The same list gives the same result, kept. */
  after(forward: readonly Dispatch[]): readonly Dispatch[];
}

/** The uniform of sampling.wgsl. */
export function samplingSettings(options: SamplerOptions): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(8);
  const floats = new Float32Array(words.buffer);
  floats[0] = options.repetitionPenalty;
  floats[1] = options.temperature;
  floats[2] = options.topP;
  floats[3] = options.minP > 0 ? -Math.log(options.minP) : 3e38;
  words[4] = options.topK;
  words[5] = pcgHash(options.seed);
  return words;
}

/** A bit for each token of the vocabulary: whether it is in the context. */
export function seenBits(vocabSize: number, context: readonly number[]): Uint32Array<ArrayBuffer> {
  const bits = new Uint32Array(Math.ceil(vocabSize / 32));
  for (const id of context) bits[id >> 5]! |= 1 << (id & 31);
  return bits;
}

export function createSampler(model: Model, session: SessionBuffers): Sampler {
  const { device, pipelines, plan, work } = model;
  const { blocks, greedy, bins, pick } = pipelines.sample;
  const grid = [work.blocks.size / 16, 1, 1] as const;
  const once = [1, 1, 1] as const;
  const { logits, seen, sampling, state } = session;
  const group = (pipeline: Pipeline, buffers: GPUBuffer[]) => ({
    pipeline,
    bindGroup: device.bindGroup(pipeline, buffers),
  });
  const first: Dispatch = { ...group(blocks, [logits, seen, sampling, work.blocks, work.bins]), grid };
  const greedyStages: readonly Dispatch[] = [
    first,
    { ...group(greedy, [work.blocks, seen, state]), grid: once },
  ];
  const drawStages: readonly Dispatch[] = [
    first,
    { ...group(bins, [logits, seen, sampling, work.blocks, work.bins]), grid },
    { ...group(pick, [logits, seen, sampling, work.blocks, work.bins, state]), grid: once },
  ];
  let stages = greedyStages;
  /** Lists of a forward pass and the stages after it, for the stages at hand. */
  let lists = new WeakMap<readonly Dispatch[], readonly Dispatch[]>();

  return {
    begin(options, tokens) {
      device.writeBuffer(sampling, 0, samplingSettings(options));
      const counted = options.repetitionPenalty === 1 ? [] : tokens;
      device.writeBuffer(seen, 0, seenBits(plan.config.vocabSize, counted));
      device.writeBuffer(state, 0, Uint32Array.of(tokens.length - 1, tokens.at(-1) ?? 0, 1, 0));
      const wanted = options.temperature === 0 ? greedyStages : drawStages;
      if (wanted !== stages) lists = new WeakMap();
      stages = wanted;
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
