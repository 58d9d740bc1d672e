// A Llama in float64, read top to bottom: the judge of every kernel, with which it shares no code.

import type { LlamaConfig } from './config.ts';
import { ropeFrequencies } from './rope.ts';

/** Matrices are rows [out, in], one after another, as checkpoints keep them. */
export interface LlamaLayerWeights {
  /** [hidden] */
  inputNorm: Float64Array;
  /** [(heads + 2 * kvHeads) * headDim, hidden]: queries, keys, values */
  qkv: Float64Array;
  /** [hidden, heads * headDim] */
  o: Float64Array;
  /** [hidden] */
  postAttentionNorm: Float64Array;
  /** [2 * intermediate, hidden]: gate, up */
  gateUp: Float64Array;
  /** [hidden, intermediate] */
  down: Float64Array;
}

export interface LlamaWeights {
  /** [vocab, hidden] */
  embedTokens: Float64Array;
  layers: readonly LlamaLayerWeights[];
  /** [hidden] */
  norm: Float64Array;
  /** [vocab, hidden]; the embedding itself where tied */
  lmHead: Float64Array;
}

/** A sequence of tokens with its KV cache. */
export interface ForwardPass {
  /** Feeds one token; the final hidden state [hidden] after the last norm. */
  step(token: number): Float64Array;
  /** Logits [vocab] of a hidden state. */
  logits(hidden: Float64Array): Float64Array;
  /** Tokens fed. */
  readonly position: number;
  /** Forgets all tokens but the first `length`. */
  truncate(length: number): void;
}

/** y[row] = sum over columns of w[row, column] * x[column]; w [rows, columns]. Four sums at once keep the processor busy. */
function matvec(w: Float64Array, x: Float64Array): Float64Array {
  const columns = x.length;
  const fours = columns - (columns % 4);
  const y = new Float64Array(w.length / columns);
  for (let row = 0, at = 0; row < y.length; row++) {
    let [a, b, c, d] = [0, 0, 0, 0];
    let column = 0;
    for (; column < fours; column += 4, at += 4) {
      a += w[at]! * x[column]!;
      b += w[at + 1]! * x[column + 1]!;
      c += w[at + 2]! * x[column + 2]!;
      d += w[at + 3]! * x[column + 3]!;
    }
    for (; column < columns; column++, at++) a += w[at]! * x[column]!;
    y[row] = a + b + (c + d);
  }
  return y;
}

/** Root mean square norm (arXiv 1910.07467): x / sqrt(mean(x^2) + eps) * weight. */
function rmsNorm(x: Float64Array, weight: Float64Array, eps: number): Float64Array {
  const meanSquare = x.reduce((sum, value) => sum + value * value, 0) / x.length;
  const scale = 1 / Math.sqrt(meanSquare + eps);
  return x.map((value, i) => value * scale * weight[i]!);
}

/** Turns each head of x [heads * headDim] by its position, in place. */
function rotate(x: Float64Array, frequencies: Float64Array, position: number): void {
  const half = frequencies.length;
  for (let head = 0; head < x.length; head += 2 * half) {
    for (let d = 0; d < half; d++) {
      const angle = position * frequencies[d]!;
      const a = x[head + d]!;
      const b = x[head + d + half]!;
      x[head + d] = a * Math.cos(angle) - b * Math.sin(angle);
      x[head + d + half] = b * Math.cos(angle) + a * Math.sin(angle);
    }
  }
}

function addTo(x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i] = x[i]! + y[i]!;
}

/**
 * Attention of one position: q [heads * headDim] over keys and values, each [kvHeads * headDim] a position. Query head h
 * reads KV head floor(h / (heads / kvHeads)).
 */
function attend(
  q: Float64Array,
  keys: readonly Float64Array[],
  values: readonly Float64Array[],
  config: LlamaConfig,
): Float64Array {
  const { headDim, numAttentionHeads, numKeyValueHeads } = config;
  const out = new Float64Array(q.length);
  for (let head = 0; head < numAttentionHeads; head++) {
    const at = head * headDim;
    const kvAt = Math.floor((head * numKeyValueHeads) / numAttentionHeads) * headDim;
    const scores = keys.map((key) => {
      let dot = 0;
      for (let d = 0; d < headDim; d++) dot += q[at + d]! * key[kvAt + d]!;
      return dot / Math.sqrt(headDim);
    });
    const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
    const weights = scores.map((score) => Math.exp(score - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [p, value] of values.entries()) {
      const weight = weights[p]! / total;
      for (let d = 0; d < headDim; d++) out[at + d] = out[at + d]! + weight * value[kvAt + d]!;
    }
  }
  return out;
}

/** silu(gate) * up, of gateUp [2 * intermediate]. */
function swiglu(gateUp: Float64Array): Float64Array {
  const size = gateUp.length / 2;
  return Float64Array.from({ length: size }, (_, i) => {
    const gate = gateUp[i]!;
    return (gate / (1 + Math.exp(-gate))) * gateUp[size + i]!;
  });
}

/** A forward pass over the given weights, at position 0. */
export function createForwardPass(config: LlamaConfig, weights: LlamaWeights): ForwardPass {
  const frequencies = ropeFrequencies(config);
  const querySize = config.numAttentionHeads * config.headDim;
  const keySize = config.numKeyValueHeads * config.headDim;
  const cache = weights.layers.map(() => ({ keys: [] as Float64Array[], values: [] as Float64Array[] }));
  let position = 0;

  return {
    get position() {
      return position;
    },
    step(token) {
      const x = weights.embedTokens.slice(token * config.hiddenSize, (token + 1) * config.hiddenSize);
      for (const [i, layer] of weights.layers.entries()) {
        const { keys, values } = cache[i]!;
        const qkv = matvec(layer.qkv, rmsNorm(x, layer.inputNorm, config.rmsNormEps));
        const q = qkv.slice(0, querySize);
        const k = qkv.slice(querySize, querySize + keySize);
        rotate(q, frequencies, position);
        rotate(k, frequencies, position);
        keys.push(k);
        values.push(qkv.slice(querySize + keySize));
        addTo(x, matvec(layer.o, attend(q, keys, values, config)));
        const gateUp = matvec(layer.gateUp, rmsNorm(x, layer.postAttentionNorm, config.rmsNormEps));
        addTo(x, matvec(layer.down, swiglu(gateUp)));
      }
      position++;
      return rmsNorm(x, weights.norm, config.rmsNormEps);
    },
    logits: (hidden) => matvec(weights.lmHead, hidden),
    truncate(length) {
      position = Math.min(position, length);
      for (const { keys, values } of cache) {
        keys.length = position;
        values.length = position;
      }
    },
  };
}
