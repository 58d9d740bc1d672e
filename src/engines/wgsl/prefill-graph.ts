// A chunk of tokens through the model, in matrix-matrix products. Read it top to bottom, it is the model.

import type { Dispatch, Pipeline } from '../../gpu/kernel.ts';
import { attentionPrefillGrid, ropeAppendGrid } from '../../gpu/kernels/attention.ts';
import { embedGrid } from '../../gpu/kernels/embed.ts';
import { gemmGrid, gemmRowsEach } from '../../gpu/kernels/gemm.ts';
import type { Model, SessionBuffers } from './decode-graph.ts';
import type { KVCache } from './kv-cache.ts';
import type { Gemms } from './pipelines.ts';
import type { Matrix } from './weights.ts';

export interface PrefillGraph {
  /** The dispatches for a chunk of so many tokens, which leave the last one's hidden state in `prefillHidden`. */
  dispatches(tokens: number): Promise<Dispatch[]>;
}

/** A matrix's products for a chunk; the grid depends on the tokens and is set when asked for. */
interface Projection {
  pipeline: Pipeline;
  bindGroup: GPUBindGroup;
  rows: number;
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
      append: device.bindGroup(prefill.append, [work.prefillQkv, keys, values, work.turns, session.chunk]),
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

  /** Bind groups of the projections: by tile size, because each size is another pipeline. */
  const sets = new Map<number, Projection[][]>();
  function projections(gemms: Gemms): Projection[][] {
    let set = sets.get(gemms.rowsEach);
    if (set !== undefined) return set;
    const bind = (list: Pipeline[], matrix: Matrix, x: GPUBuffer, out: GPUBuffer): Projection[] =>
      matrix.chunks.map((chunk, i) => {
        const pipeline = list[i]!;
        // A chunk of rows is a range of columns of the result: the same rows of it, bound from its first column on.
        const target = { buffer: out, offset: chunk.first * 4, size: out.size - chunk.first * 4 };
        const buffers = [chunk.weights, chunk.scales, x, session.chunk, target];
        return { pipeline, bindGroup: device.bindGroup(pipeline, buffers), rows: chunk.rows };
      });
    set = layers.flatMap(({ weights: { qkv, o, gate, up, down } }) => [
      bind(gemms.qkv, qkv, work.prefillNormed, work.prefillQkv),
      bind(gemms.o, o, work.prefillAttention, work.prefillHidden),
      bind(gemms.gate, gate, work.prefillNormed, work.prefillInner),
      bind(gemms.up, up, work.prefillNormed, work.prefillInner),
      bind(gemms.down, down, work.prefillInner, work.prefillHidden),
    ]);
    sets.set(gemms.rowsEach, set);
    return set;
  }

  async function dispatches(tokens: number): Promise<Dispatch[]> {
    const rowsEach = gemmRowsEach(tokens);
    const projected = projections(await pipelines.gemms(rowsEach));
    const project = (layer: number, which: number): Dispatch[] =>
      projected[layer * 5 + which]!.map(({ pipeline, bindGroup, rows }) => ({
        pipeline,
        bindGroup,
        grid: gemmGrid(rows, tokens, rowsEach),
      }));
    const perToken = [tokens, 1, 1] as const;
    return [
      ...embed.map((group) => ({ ...group, grid: embedGrid(format, config.hiddenSize, tokens) })),
      ...layers.flatMap((layer, i): Dispatch[] => [
        { pipeline: prefill.norm, bindGroup: layer.inputNorm, grid: perToken },
        ...project(i, 0),
        { pipeline: prefill.append, bindGroup: layer.append, grid: ropeAppendGrid(heads, tokens) },
        {
          pipeline: prefill.attention,
          bindGroup: layer.attention,
          grid: attentionPrefillGrid(heads, tokens),
        },
        ...project(i, 1),
        { pipeline: prefill.norm, bindGroup: layer.postAttentionNorm, grid: perToken },
        ...project(i, 2),
        ...project(i, 3),
        ...project(i, 4),
      ]),
    ];
  }

  return { dispatches };
}
