// A few tokens (2 to 8) through the model at once, the weights read once for all of them: how drafted tokens are judged. Each
// token's sums are added up in the order of decode-graph.ts, so that its logits are those it would have had alone.

import type { Dispatch, Pipeline } from '../../gpu/kernel.ts';
import { attentionDecodeGrid, ropeAppendGrid } from '../../gpu/kernels/attention.ts';
import { embedGrid } from '../../gpu/kernels/embed.ts';
import { SPLIT, splitCount } from '../../gpu/kernels/splits.ts';
import { products } from './decode-graph.ts';
import type { Model, SessionBuffers } from './decode-graph.ts';
import type { KVCache } from './kv-cache.ts';
import { BATCH_SIZES } from './pipelines.ts';
import type { BatchPipelines, BatchSize, Products } from './pipelines.ts';
import { BATCH_TOKENS } from './plan.ts';
import type { Matrix } from './weights.ts';

export interface BatchGraph {
  /**
   * The dispatches that append `tokens` tokens, the first at `position`, and leave each one's logits in `batchLogits`
   * [tokens, strides.logits]. Position, count and the tokens themselves are read from the session's `batch`, see `batchWords`.
   */
  dispatches(position: number, tokens: number): readonly Dispatch[];
}

/** What the session's `batch` holds. */
export function batchWords(position: number, tokens: readonly number[]): Uint32Array<ArrayBuffer> {
  return Uint32Array.of(position, tokens.length, 0, 0, ...tokens);
}

export function buildBatchGraph(
  model: Model,
  pipelines: BatchPipelines,
  session: SessionBuffers,
  cache: KVCache,
): BatchGraph {
  const { device, plan, weights, work } = model;
  const { config, format } = plan;
  const { batch } = session;
  const heads = {
    heads: config.numAttentionHeads,
    kvHeads: config.numKeyValueHeads,
    headDim: config.headDim,
  };

  const embed = pipelines.embed.map((pipeline, i) => {
    const { weights: codes, scales } = weights.embed.chunks[i]!;
    return { pipeline, bindGroup: device.bindGroup(pipeline, [codes, scales, batch, work.prefillHidden]) };
  });
  const group = (pipeline: Pipeline, buffers: GPUBuffer[]) => ({
    pipeline,
    bindGroup: device.bindGroup(pipeline, buffers),
  });
  const attention = weights.layers.map((_, i) => {
    const { keys, values } = cache.layers[i]!;
    return {
      append: group(pipelines.append, [work.prefillQkv, keys, values, work.ropeTable, batch]),
      attend: group(pipelines.attention, [
        work.prefillQkv,
        keys,
        values,
        work.ropeTable,
        batch,
        work.batchParts,
        work.batchStats,
      ]),
      merge: group(pipelines.merge, [work.batchParts, work.batchStats, batch, work.prefillAttention]),
    };
  });

  function multiply(list: Products, matrix: Matrix, x: GPUBuffer, norm: GPUBuffer, out: GPUBuffer) {
    return products(list, matrix, (chunk, pipeline) => {
      // A chunk of rows is a range of columns of the result: bound from its first column on.
      const target = { buffer: out, offset: chunk.first * 4, size: out.size - chunk.first * 4 };
      return device.bindGroup(pipeline, [chunk.weights, chunk.scales, x, norm, batch, target]);
    });
  }
  function productsOf(size: BatchSize) {
    const { qkv, o, gate, up, down, logits } = pipelines.products[size];
    const { prefillHidden: hidden, prefillInner: inner, prefillAttention: attended } = work;
    return {
      // Where there is no norm its binding is not read; the input stands in for it.
      layers: weights.layers.map((layer) => ({
        qkv: multiply(qkv, layer.qkv, hidden, layer.inputNorm, work.prefillQkv),
        o: multiply(o, layer.o, attended, attended, hidden),
        gate: multiply(gate, layer.gate, hidden, layer.postAttentionNorm, inner),
        up: multiply(up, layer.up, hidden, layer.postAttentionNorm, inner),
        down: multiply(down, layer.down, inner, inner, hidden),
      })),
      logits: multiply(logits, weights.lmHead, hidden, weights.norm, work.batchLogits),
    };
  }
  const bySize = { 4: productsOf(4), 8: productsOf(8) };

  function list(splits: number, tokens: number): readonly Dispatch[] {
    const { layers, logits } = bySize[BATCH_SIZES.find((size) => tokens <= size)!];
    const [blocks, rows] = attentionDecodeGrid(heads, splits);
    return [
      ...embed.map((dispatch) => ({ ...dispatch, grid: embedGrid(format, config.hiddenSize, tokens) })),
      ...layers.flatMap(({ qkv, o, gate, up, down }, i): Dispatch[] => {
        const { append, attend, merge } = attention[i]!;
        return [
          ...qkv,
          { ...append, grid: ropeAppendGrid(heads, tokens) },
          { ...attend, grid: [blocks, rows, tokens] },
          { ...merge, grid: [Math.ceil((heads.heads * heads.headDim) / 64), tokens, 1] },
          ...o,
          ...gate,
          ...up,
          ...down,
        ];
      }),
      ...logits,
    ];
  }

  const lists = new Map<number, readonly Dispatch[]>();
  return {
    dispatches(position, tokens) {
      const splits = splitCount(position + tokens, SPLIT, plan.maxSplits);
      const key = splits * (BATCH_TOKENS + 1) + tokens;
      let dispatches = lists.get(key);
      if (dispatches === undefined) {
        dispatches = list(splits, tokens);
        lists.set(key, dispatches);
      }
      return dispatches;
    },
  };
}
