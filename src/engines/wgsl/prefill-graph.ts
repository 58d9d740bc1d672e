// A chunk of tokens through the model, in matrix-matrix products. Read it top to bottom, it is the model.

import type { Dispatch } from '../../gpu/kernel.ts';
import { attentionPrefillGrid, ropeAppendGrid } from '../../gpu/kernels/attention.ts';
import { embedGrid } from '../../gpu/kernels/embed.ts';
import { GEMM_SHAPE_BYTES, gemmGrid, gemmTile } from '../../gpu/kernels/gemm.ts';
import type { Model, SessionBuffers } from './decode-graph.ts';
import type { KVCache } from './kv-cache.ts';
import { GEMM_SHAPE_OFFSET } from './plan.ts';
import type { Matrix } from './weights.ts';

export interface PrefillGraph {
  /**
   * The dispatches of each layer for a chunk of so many tokens, the embedding's with the first. The last one leaves the tokens'
   * hidden states in `prefillHidden`.
   */
  layers(tokens: number): Dispatch[][];
}

export function buildPrefillGraph(model: Model, session: SessionBuffers, cache: KVCache): PrefillGraph {
  const { device, plan, pipelines, weights, work } = model;
  const { config, format } = plan;
  const prefill = pipelines.prefill;
  const heads = {
    heads: config.numAttentionHeads,
    kvHeads: config.numKeyValueHeads,
    headDim: config.headDim,
  };

  const embed = prefill.embed.map((pipeline, i) => {
    const { weights: codes, scales } = weights.embed.chunks[i]!;
    return {
      pipeline,
      bindGroup: device.bindGroup(pipeline, [codes, scales, work.prefillTokens, work.prefillHidden]),
    };
  });
  const layers = weights.layers.map((layer, i) => {
    const { keys, values } = cache.layers[i]!;
    const norm = (weight: GPUBuffer) =>
      device.bindGroup(prefill.norm, [work.prefillHidden, weight, work.prefillNormed]);
    return {
      weights: layer,
      inputNorm: norm(layer.inputNorm),
      append: device.bindGroup(prefill.append, [
        work.prefillQkv,
        keys,
        values,
        work.ropeTable,
        session.chunk,
      ]),
      attention: device.bindGroup(prefill.attention, [
        work.prefillQkv,
        keys,
        values,
        session.chunk,
        work.prefillAttention,
      ]),
      postAttentionNorm: norm(layer.postAttentionNorm),
    };
  });

  /** The uniform of a matrix's chunk: they lie in one buffer, in the order of `gemmShapes`. */
  let shapes = 0;
  const bind = (matrix: Matrix, x: GPUBuffer, out: GPUBuffer) =>
    matrix.chunks.map((chunk) => {
      const shape = { buffer: work.shapes, offset: GEMM_SHAPE_OFFSET * shapes++, size: GEMM_SHAPE_BYTES };
      // A chunk of rows is a range of columns of the result: bound from its first column on.
      const target = { buffer: out, offset: chunk.first * 4, size: out.size - chunk.first * 4 };
      const buffers = [chunk.weights, chunk.scales, x, session.chunk, shape, target];
      // Pipelines of one kernel share their layout: any of them will do.
      return { bindGroup: device.bindGroup(pipelines.gemms[64], buffers), rows: chunk.rows };
    });
  const projections = weights.layers.map(({ qkv, o, gate, up, down }) => {
    shapes = 0;
    return {
      qkv: bind(qkv, work.prefillNormed, work.prefillQkv),
      o: bind(o, work.prefillAttention, work.prefillHidden),
      gate: bind(gate, work.prefillNormed, work.prefillInner),
      up: bind(up, work.prefillNormed, work.prefillInner),
      down: bind(down, work.prefillInner, work.prefillHidden),
    };
  });

  function layersOf(tokens: number): Dispatch[][] {
    const tile = gemmTile(tokens);
    const pipeline = pipelines.gemms[tile];
    const project = (layer: number, which: 'qkv' | 'o' | 'gate' | 'up' | 'down'): Dispatch[] =>
      projections[layer]![which].map(({ bindGroup, rows }) => ({
        pipeline,
        bindGroup,
        grid: gemmGrid(rows, tokens, tile),
      }));
    const perToken = [tokens, 1, 1] as const;
    const first = embed.map((group) => ({ ...group, grid: embedGrid(format, config.hiddenSize, tokens) }));
    return layers.map((layer, i): Dispatch[] => [
      ...(i === 0 ? first : []),
      { pipeline: prefill.norm, bindGroup: layer.inputNorm, grid: perToken },
      ...project(i, 'qkv'),
      { pipeline: prefill.append, bindGroup: layer.append, grid: ropeAppendGrid(heads, tokens) },
      {
        pipeline: prefill.attention,
        bindGroup: layer.attention,
        grid: attentionPrefillGrid(heads, tokens),
      },
      ...project(i, 'o'),
      { pipeline: prefill.norm, bindGroup: layer.postAttentionNorm, grid: perToken },
      ...project(i, 'gate'),
      ...project(i, 'up'),
      ...project(i, 'down'),
    ]);
  }

  return { layers: layersOf };
}
