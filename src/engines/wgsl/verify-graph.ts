// A few guessed tokens through the model at once, with logits after each: prefill's graph, the last norm and the logits' matrix.

import type { BufferSlice } from '../../gpu/device.ts';
import type { Dispatch } from '../../gpu/kernel.ts';
import { GEMM_SHAPE_BYTES, gemmGrid, gemmTile } from '../../gpu/kernels/gemm.ts';
import type { Model, SessionBuffers } from './decode-graph.ts';
import { GEMM_SHAPE_OFFSET, MAX_VERIFIED, verifyStride } from './plan.ts';
import type { PrefillGraph } from './prefill-graph.ts';

export interface VerifyGraph {
  /** The dispatches for `prefillTokens` [tokens] at `chunk`'s position, at most MAX_VERIFIED. */
  dispatches(tokens: number): readonly Dispatch[];
  /** The logits that follow each token. */
  rows: readonly BufferSlice[];
}

export function buildVerifyGraph(model: Model, session: SessionBuffers, prefill: PrefillGraph): VerifyGraph {
  const { device, plan, pipelines, weights, work } = model;
  const { vocabSize } = plan.config;
  const norm = device.bindGroup(pipelines.prefill.norm, [
    work.prefillHidden,
    weights.norm,
    work.prefillNormed,
  ]);
  const { qkv, o, gate, up, down } = plan.layers[0]!;
  const before = [qkv, o, gate, up, down].reduce((sum, { chunks }) => sum + chunks.length, 0);
  const tile = gemmTile(MAX_VERIFIED);
  const logits = weights.lmHead.chunks.map((chunk, i) => {
    const shape = {
      buffer: work.shapes,
      offset: GEMM_SHAPE_OFFSET * (before + i),
      size: GEMM_SHAPE_BYTES,
    };
    const out = {
      buffer: work.verifyLogits,
      offset: chunk.first * 4,
      size: work.verifyLogits.size - chunk.first * 4,
    };
    const buffers = [chunk.weights, chunk.scales, work.prefillNormed, session.chunk, shape, out];
    const pipeline = pipelines.gemms[tile];
    return { pipeline, bindGroup: device.bindGroup(pipeline, buffers), rows: chunk.rows };
  });

  const lists = new Map<number, readonly Dispatch[]>();
  return {
    rows: Array.from({ length: MAX_VERIFIED }, (_, row) => ({
      buffer: work.verifyLogits,
      offset: row * verifyStride(vocabSize) * 4,
      size: vocabSize * 4,
    })),
    dispatches(tokens) {
      let list = lists.get(tokens);
      if (list === undefined) {
        list = [
          ...prefill.dispatches(tokens),
          { pipeline: pipelines.prefill.norm, bindGroup: norm, grid: [tokens, 1, 1] },
          ...logits.map(({ pipeline, bindGroup, rows }): Dispatch => ({
            pipeline,
            bindGroup,
            grid: gemmGrid(rows, tokens, tile),
          })),
        ];
        lists.set(tokens, list);
      }
      return list;
    },
  };
}
