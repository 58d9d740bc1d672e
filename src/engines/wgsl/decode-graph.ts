// One token through the model: the list of dispatches, with its bind groups made once. Read it top to bottom, it is the model.

import type { Device } from '../../gpu/device.ts';
import type { Dispatch, Pipeline } from '../../gpu/kernel.ts';
import { attentionDecodeGrid } from '../../gpu/kernels/attention.ts';
import { embedGrid } from '../../gpu/kernels/embed.ts';
import { FEW_SPLITS, SPLIT, splitCount } from '../../gpu/kernels/splits.ts';
import type { KVCache } from './kv-cache.ts';
import type { BatchPipelines, ModelPipelines, Products } from './pipelines.ts';
import type { ModelPlan } from './plan.ts';
import type { PrefillPace } from './prefill-pace.ts';
import type { Mutex } from '../mutex.ts';
import type { Matrix, MatrixChunk, ModelWeights } from './weights.ts';
import type { Workspace } from './workspace.ts';

export interface Model {
  device: Device;
  plan: ModelPlan;
  pipelines: ModelPipelines;
  /** Compiled on the first call. */
  batchPipelines: () => Promise<BatchPipelines>;
  weights: ModelWeights;
  work: Workspace;
  /** Of all sessions: what a submit of a prompt may hold. */
  prefillPace: PrefillPace;
  /** At the work space of prompts and batches. */
  /** Of the work space of prompts and batches: a prompt's chunk needs it through several submits. */
  workMutex: Mutex;
}

/** What a session adds: see `sessionBuffers`. */
export interface SessionBuffers {
  /** [vocab] */
  logits: GPUBuffer;
  /** [vocab / 32] bits of tokens in the context, for the repetition penalty */
  seen: GPUBuffer;
  /** [vocab / 32] bits of tokens that a constraint allows next */
  allowed: GPUBuffer;
  /** [vocab]: bias, times the answer has the token */
  notes: GPUBuffer;
  /** [vocab] logits after biases, penalties of the answer's tokens and the constraint */
  adjusted: GPUBuffer;
  /** [1 + 20] pairs of id and logarithm of its probability */
  logprobs: GPUBuffer;
  /** position, token, finite */
  state: GPUBuffer;
  sampling: GPUBuffer;
  /** position of the first token, tokens; of a prefill chunk */
  chunk: GPUBuffer;
  /** position of the first token, tokens, 0, 0, the tokens: of a batch */
  batch: GPUBuffer;
}

export interface DecodeGraph {
  /** The dispatches that append the state's token at `position` and leave its logits. Cached by the number of splits. */
  dispatches(position: number): readonly Dispatch[];
  /** The last norm and the logits alone, from the work space's hidden state: the end of a prefill. */
  logits: readonly Dispatch[];
}

export type Binder = (chunk: MatrixChunk, pipeline: Pipeline, index: number) => GPUBindGroup;

/** The dispatches of a product, one for each chunk of its matrix. */
export function products(list: Products, matrix: Matrix, bind: Binder): Dispatch[] {
  return list.map(({ pipeline, grid }, i) => ({
    pipeline,
    grid,
    bindGroup: bind(matrix.chunks[i]!, pipeline, i),
  }));
}

/** The rows of a chunk in a vector of results. */
const rowsOf = (buffer: GPUBuffer, { first, rows }: MatrixChunk) => ({
  buffer,
  offset: first * 4,
  size: rows * 4,
});

export function buildDecodeGraph(model: Model, session: SessionBuffers, cache: KVCache): DecodeGraph {
  const { device, plan, pipelines, weights, work } = model;
  const { config, format } = plan;
  const decode = pipelines.decode;
  const heads = {
    heads: config.numAttentionHeads,
    kvHeads: config.numKeyValueHeads,
    headDim: config.headDim,
  };

  const embed: Dispatch[] = decode.embed.map((pipeline, i) => {
    const chunk = weights.embed.chunks[i]!;
    const bindGroup = device.bindGroup(pipeline, [chunk.weights, chunk.scales, session.state, work.hidden]);
    return { pipeline, bindGroup, grid: embedGrid(format, config.hiddenSize, 1) };
  });

  const layers = weights.layers.map((layer, i) => {
    const { keys, values } = cache.layers[i]!;
    const qkv = products(decode.qkv, layer.qkv, (chunk, pipeline) =>
      device.bindGroup(pipeline, [
        chunk.weights,
        chunk.scales,
        work.hidden,
        layer.inputNorm,
        rowsOf(work.qkv, chunk),
      ]),
    );
    const attention = device.bindGroup(decode.attention, [
      work.qkv,
      keys,
      values,
      work.ropeTable,
      session.state,
      work.parts,
      work.stats,
    ]);
    const merge: Dispatch = {
      pipeline: decode.merge,
      bindGroup: device.bindGroup(decode.merge, [work.parts, work.stats, session.state, work.attention]),
      grid: [Math.ceil((heads.heads * heads.headDim) / 64), 1, 1],
    };
    const oMerging = products(decode.oMerging, layer.o, (chunk, pipeline) =>
      device.bindGroup(pipeline, [
        chunk.weights,
        chunk.scales,
        work.parts,
        work.stats,
        session.state,
        rowsOf(work.hidden, chunk),
      ]),
    );
    // The norm's binding is not read here; the input stands in for it.
    const o = products(decode.o, layer.o, (chunk, pipeline) =>
      device.bindGroup(pipeline, [
        chunk.weights,
        chunk.scales,
        work.attention,
        work.attention,
        rowsOf(work.hidden, chunk),
      ]),
    );
    const gateUp = products(decode.gateUp, layer.gate, (chunk, pipeline, index) => {
      const up = layer.up.chunks[index]!;
      return device.bindGroup(pipeline, [
        chunk.weights,
        chunk.scales,
        up.weights,
        up.scales,
        work.hidden,
        layer.postAttentionNorm,
        rowsOf(work.inner, chunk),
      ]);
    });
    const down = products(decode.down, layer.down, (chunk, pipeline) =>
      device.bindGroup(pipeline, [
        chunk.weights,
        chunk.scales,
        work.inner,
        work.inner,
        rowsOf(work.hidden, chunk),
      ]),
    );
    return { qkv, attention, merge, oMerging, o, gateUp, down };
  });

  const logits = products(decode.logits, weights.lmHead, (chunk, pipeline) =>
    device.bindGroup(pipeline, [
      chunk.weights,
      chunk.scales,
      work.hidden,
      weights.norm,
      rowsOf(session.logits, chunk),
    ]),
  );

  const lists = new Map<number, readonly Dispatch[]>();
  function list(splits: number): readonly Dispatch[] {
    const few = splits <= FEW_SPLITS;
    const grid = attentionDecodeGrid(heads, splits);
    return [
      ...embed,
      ...layers.flatMap(({ qkv, attention, merge, oMerging, o, gateUp, down }) => [
        ...qkv,
        { pipeline: decode.attention, bindGroup: attention, grid },
        ...(few ? oMerging : [merge, ...o]),
        ...gateUp,
        ...down,
      ]),
      ...logits,
    ];
  }

  return {
    dispatches(position) {
      const splits = splitCount(position + 1, SPLIT, plan.maxSplits);
      let dispatches = lists.get(splits);
      if (dispatches === undefined) {
        dispatches = list(splits);
        lists.set(splits, dispatches);
      }
      return dispatches;
    },
    logits,
  };
}
