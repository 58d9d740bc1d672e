// The sampler's side of a session: settings written once an answer, bind groups made once, lists of dispatches kept.

import type { SamplerOptions } from '../../engine.ts';
import type { BufferSlice } from '../../gpu/device.ts';
import type { Dispatch, Grid, Kernel, Pipeline } from '../../gpu/kernel.ts';
import { sampleAdjustKernel, sampleLogprobsKernel, SAMPLING_BYTES } from '../../gpu/kernels/sample.ts';
import { pcgHash } from '../../llama/sampling.ts';
import type { Model, SessionBuffers } from './decode-graph.ts';

/** What an answer asks of the sampler apart from its options. */
export interface Drawing {
  /** Tokens of the prompt. */
  answerFrom: number;
  constrained: boolean;
  /** How many of the likeliest tokens are reported, or undefined: no probabilities at all. */
  logprobs?: number | undefined;
}

export interface Sampler {
  /** Before the first token of an answer: settings, the context for the penalty, the state after `tokens`. */
  begin(
    options: SamplerOptions,
    tokens: readonly number[],
    drawing: Omit<Drawing, 'answerFrom'>,
  ): Promise<void>;
  /** The tokens that may be drawn next; undefined: all. For answers begun as constrained. */
  allow(bits: Uint32Array<ArrayBuffer> | undefined): void;
  /** A step's dispatches followed by those that draw its token. The same list gives the same result, kept. */
  after(forward: readonly Dispatch[]): readonly Dispatch[];
  /** The dispatches that draw a verified token, from the logits of its row. */
  afterRow(row: number, logits: BufferSlice): readonly Dispatch[];
  /** A token that counts was drawn. */
  accept(id: number): void;
  /** After draws that do not count: the state after the last one that does, and the context without the others. */
  restore(position: number, token: number, drawn: readonly number[]): void;
  /** Whether draws can be taken back: not where the answer's own tokens are counted. */
  readonly restorable: boolean;
}

/** The uniform of sampling.wgsl. */
export function samplingSettings(options: SamplerOptions, drawing: Drawing): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(SAMPLING_BYTES / 4);
  const floats = new Float32Array(words.buffer);
  floats[0] = options.repetitionPenalty;
  floats[1] = options.temperature;
  floats[2] = options.topP;
  floats[3] = options.minP > 0 ? -Math.log(options.minP) : 3e38;
  words[4] = options.topK;
  words[5] = pcgHash(options.seed);
  words[6] = drawing.answerFrom;
  words[7] = drawing.constrained ? 1 : 0;
  floats[8] = options.frequencyPenalty;
  floats[9] = options.presencePenalty;
  words[10] = drawing.logprobs ?? 0;
  return words;
}

/** A bit for each token of the vocabulary: whether it is in the context. */
export function seenBits(vocabSize: number, context: readonly number[]): Uint32Array<ArrayBuffer> {
  const bits = new Uint32Array(Math.ceil(vocabSize / 32));
  for (const id of context) bits[id >> 5]! |= 1 << (id & 31);
  return bits;
}

/** [vocab] pairs: a token's bias, and how often the answer has it (not yet). */
export function biasNotes(vocabSize: number, biases: SamplerOptions['logitBias']): Float32Array<ArrayBuffer> {
  const notes = new Float32Array(vocabSize * 2);
  for (const [id, bias] of biases) notes[id * 2]! += bias;
  return notes;
}

export function createSampler(model: Model, session: SessionBuffers): Sampler {
  const { device, pipelines, plan, work } = model;
  const { vocabSize } = plan.config;
  const { blocks, greedy, bins, pick } = pipelines.sample;
  const grid = [work.blocks.size / 16, 1, 1] as const;
  const once = [1, 1, 1] as const;
  const { logits, seen, sampling, state, adjusted, notes, allowed } = session;
  const stage = (pipeline: Pipeline, buffers: (GPUBuffer | BufferSlice)[], over: Grid): Dispatch => ({
    pipeline,
    bindGroup: device.bindGroup(pipeline, buffers),
    grid: over,
  });
  const drawFrom = (source: GPUBuffer | BufferSlice) => {
    const first = stage(blocks, [source, seen, sampling, work.blocks, work.bins], grid);
    return {
      greedy: [first, stage(greedy, [work.blocks, seen, state], once)],
      drawn: [
        first,
        stage(bins, [source, seen, sampling, work.blocks, work.bins], grid),
        stage(pick, [source, seen, sampling, work.blocks, work.bins, state], once),
      ],
    };
  };
  const plain = drawFrom(logits);
  /** Stages that few answers need: compiled and bound when the first one does. */
  const rare = new Map<Kernel, Dispatch>();
  async function rarely(kernel: Kernel, buffers: GPUBuffer[], over: Grid): Promise<Dispatch> {
    let made = rare.get(kernel);
    if (made === undefined) {
      made = stage(await device.pipeline(kernel, { VOCAB: vocabSize }), buffers, over);
      rare.set(kernel, made);
    }
    return made;
  }
  let fromAdjusted: ReturnType<typeof drawFrom> | undefined;

  let stages: readonly Dispatch[] = [];
  /** Lists of a forward pass and the stages after it, for the stages at hand. */
  let lists = new WeakMap<readonly Dispatch[], readonly Dispatch[]>();
  const everyToken = new Uint32Array(Math.ceil(vocabSize / 32)).fill(0xffffffff);
  let allowsAll = false;
  const rows: ReturnType<typeof drawFrom>[] = [];
  let restorable = false;
  let greedily = true;
  let penalizes = false;
  /** The buffer `seen` without what was drawn in vain; kept up by `restore`. */
  let context = new Uint32Array(0);

  return {
    get restorable() {
      return restorable;
    },
    async begin(options, tokens, { constrained, logprobs }) {
      const { temperature, frequencyPenalty, presencePenalty, logitBias } = options;
      const adjusts = constrained || frequencyPenalty !== 0 || presencePenalty !== 0 || logitBias.length > 0;
      const wanted: Dispatch[] = [];
      if (adjusts) {
        const buffers = [logits, notes, allowed, sampling, state, adjusted];
        wanted.push(await rarely(sampleAdjustKernel, buffers, [Math.ceil(vocabSize / 256), 1, 1]));
        fromAdjusted ??= drawFrom(adjusted);
        device.writeBuffer(notes, 0, biasNotes(vocabSize, logitBias));
      }
      const draws = adjusts && fromAdjusted ? fromAdjusted : plain;
      wanted.push(...(temperature === 0 ? draws.greedy : draws.drawn));
      if (logprobs !== undefined) {
        wanted.push(await rarely(sampleLogprobsKernel, [logits, sampling, state, session.logprobs], once));
      }
      const drawing = { answerFrom: tokens.length, constrained, logprobs };
      device.writeBuffer(sampling, 0, samplingSettings(options, drawing));
      const counted = options.repetitionPenalty === 1 ? [] : tokens;
      context = seenBits(vocabSize, counted);
      device.writeBuffer(seen, 0, context);
      restorable = !adjusts && logprobs === undefined;
      greedily = temperature === 0;
      penalizes = options.repetitionPenalty !== 1;
      device.writeBuffer(state, 0, Uint32Array.of(tokens.length - 1, tokens.at(-1) ?? 0, 1, 0));
      if (wanted.length !== stages.length || wanted.some((each, i) => each !== stages[i])) {
        stages = wanted;
        lists = new WeakMap();
      }
      allowsAll = false;
    },
    allow(bits) {
      if (bits === undefined && allowsAll) return;
      device.writeBuffer(allowed, 0, bits ?? everyToken);
      allowsAll = bits === undefined;
    },
    afterRow(row, source) {
      rows[row] ??= drawFrom(source);
      return greedily ? rows[row].greedy : rows[row].drawn;
    },
    restore(position, token, drawn) {
      device.writeBuffer(state, 0, Uint32Array.of(position, token, 1, 0));
      if (!penalizes) return;
      for (const id of drawn) {
        const word = id >> 5;
        device.writeBuffer(seen, word * 4, context.slice(word, word + 1));
      }
    },
    accept(id) {
      context[id >> 5]! |= 1 << (id & 31);
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
