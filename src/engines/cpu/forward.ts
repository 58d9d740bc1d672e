// The forward pass, in the order of execution. Every thread runs this same function over its share of each step; where
// the next step reads what others wrote, all wait for each other.

import { ropeFrequencies } from '../../llama/rope.ts';
import type { Kernels } from './kernels.ts';
import { columnBytes, type CpuPlan, type MatrixPlan } from './layout.ts';

/** One thread's place among all. */
export interface Seat {
  index: number;
  count: number;
  /** Returns once every thread has come here. */
  meet(): void;
}

/** Tokens to feed: their ids lie at `work.tokens`. */
export interface Step {
  /** Address of the session's region. */
  session: number;
  /** 1 to `plan.batch`. */
  tokens: number;
  /** Position of the first. */
  position: number;
  /** Leaves the logits that follow the last token in the session's region. */
  logits: boolean;
}

export type Forward = (step: Step) => void;

/** @param seat whose share of the work the function does */
export function createForward(
  plan: CpuPlan,
  kernels: Kernels,
  memory: WebAssembly.Memory,
  seat: Seat,
): Forward {
  const { config, scheme, work, strides } = plan;
  const { headDim, numAttentionHeads: heads, numKeyValueHeads: kvHeads, rmsNormEps } = config;
  const half = headDim / 2;
  const bfloat16 = scheme.scaleType === 'float32';
  const frequencies = ropeFrequencies(config);
  const scratch = plan.scratch.at + seat.index * plan.scratch.bytes;
  const normed = scratch + plan.scratch.normed;
  const tile = scratch + plan.scratch.tile;
  const embed = scheme.bits === 3 ? kernels.embedQ3 : kernels.embedQ4;
  const column = scheme.bits === 3 ? kernels.columnQ3 : kernels.columnQ4;
  const gemm = scheme.bits === 3 ? kernels.gemmQ3 : kernels.gemmQ4;

  /** This thread's part of n units: [from, to). */
  const share = (n: number): [from: number, to: number] => [
    Math.floor((n * seat.index) / seat.count),
    Math.floor((n * (seat.index + 1)) / seat.count),
  ];

  /** Columns [tokens] at `at`, `stride` bytes apart, as products read them. */
  interface Columns {
    at: number;
    stride: number;
    tokens: number;
  }

  /**
   * Rows of `size` at x, normed where a weight is given, as columns. A single row is prepared by every thread for itself,
   * which costs less than waiting for one.
   */
  function prepare(x: number, stride: number, tokens: number, size: number, norm?: number): Columns {
    const bytes = columnBytes(scheme, size);
    if (scheme.bits === 16 && norm === undefined) return { at: x, stride: stride * 4, tokens };
    const alone = tokens === 1;
    const [from, to] = alone ? [0, 1] : share(tokens);
    const target = alone ? scratch + plan.scratch.column : work.columns;
    for (let row = from; row < to; row++) {
      let source = x + row * stride * 4;
      if (norm !== undefined) {
        const out = scheme.bits === 16 ? target + row * bytes : normed;
        kernels.rmsNorm(source, norm, out, size, rmsNormEps);
        source = out;
      }
      if (scheme.bits !== 16) column(source, target + row * bytes, Math.ceil(size / scheme.group), bfloat16);
    }
    if (!alone) seat.meet();
    return { at: target, stride: bytes, tokens };
  }

  /** y (+)= w . columns over this thread's rows, which are [8 * from, 8 * to). */
  function product(
    w: MatrixPlan,
    columns: Columns,
    y: number,
    stride: number,
    add = false,
  ): [number, number] {
    const [from, to] = share(w.octets);
    const { at, stride: xStride, tokens } = columns;
    if (scheme.bits === 16) {
      kernels.gemmF16(w.codes, w.size, at, xStride, tokens, y, stride * 4, from, to, add);
    } else {
      const { codes, scales, groups } = w;
      gemm(codes, scales, groups, bfloat16, at, xStride, tokens, y, stride * 4, from, to, add, tile);
    }
    return [from, to];
  }

  /** Embedding rows of this thread's tokens; the first thread turns positions into cosines and sines. */
  function begin({ tokens, position }: Step): void {
    const ids = new Int32Array(memory.buffer, work.tokens, tokens);
    const [from, to] = share(tokens);
    for (let row = from; row < to; row++) {
      const out = work.x + row * strides.hidden * 4;
      const id = ids[row] ?? 0;
      const { codes, scales, groups, size } = plan.embed;
      if (scheme.bits === 16) kernels.embedF16(codes, size, id, out);
      else embed(codes, scales, groups, bfloat16, id, out);
      new Float32Array(memory.buffer, out, strides.hidden).fill(0, config.hiddenSize);
    }
    if (seat.index !== 0) return;
    const angles = new Float32Array(memory.buffer, work.angles, 2 * plan.batch * half);
    for (let row = 0; row < tokens; row++) {
      for (let d = 0; d < half; d++) {
        const angle = (position + row) * (frequencies[d] ?? 0);
        angles[row * half + d] = Math.cos(angle);
        angles[(plan.batch + row) * half + d] = Math.sin(angle);
      }
    }
  }

  /** Where a layer's keys or values of a KV head begin; positions are headDim halves apart. */
  const cacheAt = (base: number, layer: number, kvHead: number) =>
    base + (layer * kvHeads + kvHead) * plan.contextLength * headDim * 2;

  /** Rotates queries and keys, and puts keys and values into the cache. */
  function append(step: Step, layer: number): void {
    const [queryFrom, queryTo] = share(heads);
    const [kvFrom, kvTo] = share(kvHeads);
    for (let row = 0; row < step.tokens; row++) {
      const q = work.qkv + row * strides.qkv * 4;
      const k = q + heads * headDim * 4;
      const v = k + kvHeads * headDim * 4;
      const cosines = work.angles + row * half * 4;
      const sines = cosines + plan.batch * half * 4;
      kernels.rotate(q + queryFrom * headDim * 4, queryTo - queryFrom, half, cosines, sines);
      kernels.rotate(k + kvFrom * headDim * 4, kvTo - kvFrom, half, cosines, sines);
      const offset = (step.position + row) * headDim * 2;
      for (let head = kvFrom; head < kvTo; head++) {
        const keys = cacheAt(step.session + plan.session.keys, layer, head);
        const values = cacheAt(step.session + plan.session.values, layer, head);
        kernels.storeHalves(k + head * headDim * 4, keys + offset, headDim);
        kernels.storeHalves(v + head * headDim * 4, values + offset, headDim);
      }
    }
  }

  /**
   * Each query head of each token over what its KV head holds up to the token itself; two at a time where two share a KV
   * head: heads where there are several a KV head, else tokens.
   */
  function attention(step: Step, layer: number): void {
    const perKvHead = heads / kvHeads;
    const [tokens, pairTokens] = [step.tokens, perKvHead % 2 === 1 && step.tokens > 1];
    const [headStep, rowStep] = pairTokens ? [1, 2] : perKvHead % 2 === 0 ? [2, 1] : [1, 1];
    const rows = Math.ceil(tokens / rowStep);
    const [from, to] = share((heads / headStep) * rows);
    const at = scratch + plan.scratch.attention;
    for (let unit = from; unit < to; unit++) {
      const head = Math.floor(unit / rows) * headStep;
      const row = (unit % rows) * rowStep;
      const kvHead = Math.floor(head / perKvHead);
      const keys = cacheAt(step.session + plan.session.keys, layer, kvHead);
      const values = cacheAt(step.session + plan.session.values, layer, kvHead);
      const q = work.qkv + (row * strides.qkv + head * headDim) * 4;
      const out = work.attended + (row * strides.attended + head * headDim) * 4;
      const length = step.position + row + 1;
      if (headStep === 2) {
        const next = headDim * 4;
        const { apart } = plan.scratch;
        kernels.attendTwo(q, q + next, keys, values, headDim, length, length, at, apart, out, out + next);
      } else if (rowStep === 2 && row + 1 < tokens) {
        const otherQ = q + strides.qkv * 4;
        const otherOut = out + strides.attended * 4;
        const { apart } = plan.scratch;
        kernels.attendTwo(q, otherQ, keys, values, headDim, length, length + 1, at, apart, out, otherOut);
      } else kernels.attend(q, keys, values, headDim, length, at, out);
    }
  }

  return (step) => {
    const { tokens } = step;
    const { hiddenSize, intermediateSize } = config;
    const { hidden, qkv, attended, inner } = strides;
    begin(step);
    seat.meet();
    for (const [i, layer] of plan.layers.entries()) {
      product(layer.qkv, prepare(work.x, hidden, tokens, hiddenSize, layer.inputNorm), work.qkv, qkv);
      seat.meet();
      append(step, i);
      seat.meet();
      attention(step, i);
      seat.meet();
      product(layer.o, prepare(work.attended, attended, tokens, heads * headDim), work.x, hidden, true);
      seat.meet();
      const columns = prepare(work.x, hidden, tokens, hiddenSize, layer.postAttentionNorm);
      product(layer.up, columns, work.up, inner);
      const [from, to] = product(layer.gate, columns, work.gate, inner);
      for (let row = 0; row < tokens; row++) {
        const at = (row * inner + from * 8) * 4;
        kernels.swiglu(work.gate + at, work.up + at, (to - from) * 8);
      }
      seat.meet();
      product(layer.down, prepare(work.gate, inner, tokens, intermediateSize), work.x, hidden, true);
      seat.meet();
    }
    if (!step.logits) return;
    const last = work.x + (tokens - 1) * hidden * 4;
    const columns = prepare(last, hidden, 1, hiddenSize, plan.norm);
    product(plan.lmHead, columns, step.session + plan.session.logits, plan.lmHead.octets * 8);
    seat.meet();
  };
}
