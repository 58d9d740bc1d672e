// NOT an engine for people: a yardstick. It runs the same shards in the manner of the kernels that TVM compiles for WebLLM, so
// that one run of the bench gives a ratio on any adapter. Written from a description of what those do per token:
// - 10 dispatches a layer and 3 more, each with a compute pass, a bind group and a uniform write of its own;
// - a projection gives one output row to a workgroup of 64 threads: scalar loads, a tree over workgroup memory, 8 barriers;
// - decoding's attention is one workgroup a key-value head, not split over the sequence;
// - a round trip to the CPU for every token, with the whole vocabulary.
// Where it differs, it is to the yardstick's advantage: the logits are read back and their largest is found in JavaScript, where
// WebLLM first sorts the vocabulary on the GPU; all dispatches of a token are one submit. Sums are f32, there f16 where the
// device has it: this house's base path has no f16, and the comparison is with the base path. The cache is f16 in both.

import { EngineError } from '../../failures.ts';
import { openModelDirectory } from '../../format/model-directory.ts';
import type { ShardSource } from '../../format/shard-source.ts';
import type { Device } from '../../gpu/device.ts';
import { spreadGrid } from '../../gpu/kernel.ts';
import type { Dispatch, Grid, Kernel, Pipeline } from '../../gpu/kernel.ts';
import type { LlamaConfig } from '../../llama/config.ts';
import { ropeFrequencies } from '../../llama/rope.ts';
import * as kernels from './kernels.ts';
import { loadWeights } from './weights.ts';
import type { Matrix } from './weights.ts';

export interface Baseline {
  readonly config: LlamaConfig;
  /** Tokens held. */
  readonly position: number;
  /** Appends tokens, at least one; logits [vocab] after the last. Throws "context-full". */
  feed(tokens: readonly number[]): Promise<Float32Array>;
  /** Forgets all tokens but the first `length`. */
  truncate(length: number): void;
  dispose(): void;
}

/** Tokens of a prompt that go through the model at once. */
const CHUNK = 512;

type Bound = GPUBuffer | { buffer: GPUBuffer; offset: number; size: number };

/** cos and sin of each position's angles, [positions, headDim / 2] pairs. */
function ropeTable(config: LlamaConfig, positions: number): Float32Array<ArrayBuffer> {
  const frequencies = ropeFrequencies(config);
  const table = new Float32Array(positions * frequencies.length * 2);
  for (let position = 0, at = 0; position < positions; position++) {
    for (const frequency of frequencies) {
      table[at++] = Math.cos(position * frequency);
      table[at++] = Math.sin(position * frequency);
    }
  }
  return table;
}

/** Throws what the directory's readers throw, "scheme-unsupported", "out-of-memory". */
export async function createBaseline(options: {
  source: ShardSource;
  device: Device;
  contextLength: number;
}): Promise<Baseline> {
  const { device, contextLength } = options;
  const directory = await openModelDirectory(options.source);
  const { config, scheme } = directory;
  const { hiddenSize, intermediateSize, headDim, vocabSize } = config;
  const queries = config.numAttentionHeads * headDim;
  const keys = config.numKeyValueHeads * headDim;

  const made: GPUBuffer[] = [];
  /** The device, with what is allocated on it remembered, to be freed. */
  const owner: Device = {
    ...device,
    createBuffer(label, bytes, usage) {
      const buffer = device.createBuffer(label, bytes, usage);
      made.push(buffer);
      return buffer;
    },
  };
  const dispose = () => made.splice(0).forEach((buffer) => device.destroyBuffer(buffer));

  try {
    return await create();
  } catch (error) {
    dispose();
    throw error;
  }

  async function create(): Promise<Baseline> {
    const { matrices, norms } = await loadWeights(owner, directory);
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const chunkTokens = Math.min(CHUNK, contextLength);
    const floats = (label: string, count: number) => owner.createBuffer(label, count * 4, storage);
    const work = await device.guard('work space of the baseline', () => ({
      tokens: floats('tokens', chunkTokens),
      x: floats('x', chunkTokens * hiddenSize),
      normed: floats('normed', chunkTokens * hiddenSize),
      qkv: floats('qkv', chunkTokens * (queries + 2 * keys)),
      q: floats('q', chunkTokens * queries),
      k: floats('k', chunkTokens * keys),
      v: floats('v', chunkTokens * keys),
      attended: floats('attended', chunkTokens * queries),
      gateUp: floats('gate up', chunkTokens * 2 * intermediateSize),
      inner: floats('inner', chunkTokens * intermediateSize),
      logits: floats('logits', vocabSize),
      ropeTable: floats('turns', contextLength * headDim),
      cache: Array.from({ length: config.numHiddenLayers }, () => ({
        keys: floats('keys', (contextLength * keys) / 2),
        values: floats('values', (contextLength * keys) / 2),
      })),
    }));
    device.writeBuffer(work.ropeTable, 0, ropeTable(config, contextLength));

    const matrixNamed = (name: string): Matrix => {
      const matrix = matrices.get(name);
      if (!matrix) throw new EngineError('tensor-missing', `${name} is missing`, { tensor: name });
      return matrix;
    };
    const normNamed = (name: string): GPUBuffer => {
      const norm = norms.get(name);
      if (!norm) throw new EngineError('tensor-missing', `${name} is missing`, { tensor: name });
      return norm;
    };
    const lmHead = matrixNamed(config.tieWordEmbeddings ? 'model.embed_tokens' : 'lm_head');

    /** What one call of the model is made of, in order; bind groups are made when it is encoded, as TVM's runtime does. */
    interface Step {
      kernel: Kernel;
      buffers: Bound[];
      grid: Grid;
    }

    function project(matrix: Matrix, x: GPUBuffer, out: GPUBuffer, tokens: number, add: boolean): Step[] {
      const { columns } = matrix;
      return matrix.parts.map(({ first, rows, codes, scales }) => {
        const target = { buffer: out, offset: first * 4, size: out.size - first * 4 };
        const buffers = [codes, scales, x, target];
        if (tokens === 1) {
          const grid = spreadGrid(rows, device.limits.maxComputeWorkgroupsPerDimension);
          return { kernel: kernels.gemv(scheme, rows, columns, add), buffers, grid };
        }
        const grid: Grid = [Math.ceil(rows / 32), Math.ceil(tokens / 32), 1];
        return { kernel: kernels.gemm(scheme, rows, columns, add, matrix.rows), buffers, grid };
      });
    }

    function layerSteps(layer: number, tokens: number): Step[] {
      const block = `model.layers.${layer}`;
      const { keys: cacheKeys, values: cacheValues } = work.cache[layer]!;
      const rows = (count: number): Grid => [Math.ceil(count / 64), tokens, 1];
      const byToken = tokens > 1;
      const attend: Grid = byToken
        ? [Math.ceil(tokens / kernels.attentionTokens(config)), config.numAttentionHeads, 1]
        : [config.numKeyValueHeads, 1, 1];
      const norm = (name: string): Step => ({
        kernel: kernels.norm(config),
        buffers: [work.x, normNamed(`${block}.${name}`), work.normed],
        grid: [tokens, 1, 1],
      });
      return [
        norm('input_layernorm'),
        ...project(matrixNamed(`${block}.self_attn.qkv_proj`), work.normed, work.qkv, tokens, false),
        {
          kernel: kernels.rope(config),
          buffers: [work.qkv, work.ropeTable, work.q, work.k, work.v],
          grid: rows(queries / 2 + keys),
        },
        {
          kernel: kernels.append(config),
          buffers: [work.k, work.v, cacheKeys, cacheValues],
          grid: rows(keys / 2),
        },
        {
          kernel: kernels.attention(config, byToken),
          buffers: [work.q, cacheKeys, cacheValues, work.attended],
          grid: attend,
        },
        ...project(matrixNamed(`${block}.self_attn.o_proj`), work.attended, work.x, tokens, true),
        norm('post_attention_layernorm'),
        ...project(matrixNamed(`${block}.mlp.gate_up_proj`), work.normed, work.gateUp, tokens, false),
        { kernel: kernels.swiglu(config), buffers: [work.gateUp, work.inner], grid: rows(intermediateSize) },
        ...project(matrixNamed(`${block}.mlp.down_proj`), work.inner, work.x, tokens, true),
      ];
    }

    function steps(tokens: number, wantLogits: boolean): Step[] {
      const embedding = matrixNamed('model.embed_tokens');
      const list = [
        ...embedding.parts.map(({ first, rows, codes, scales }) => ({
          kernel: kernels.embed(scheme, first, rows, hiddenSize),
          buffers: [codes, scales, work.tokens, work.x],
          grid: [Math.ceil(hiddenSize / 64), tokens, 1] as const,
        })),
        ...Array.from({ length: config.numHiddenLayers }, (_, layer) => layerSteps(layer, tokens)).flat(),
      ];
      if (!wantLogits) return list;
      return [
        ...list,
        // One row only, which the call says: see `feedChunk`.
        {
          kernel: kernels.norm(config),
          buffers: [work.x, normNamed('model.norm'), work.normed],
          grid: [1, 1, 1],
        },
        ...project(lmHead, work.normed, work.logits, 1, false),
      ];
    }

    /** A uniform buffer for each dispatch of a call, made when the longest call yet needs it. */
    const uniforms: GPUBuffer[] = [];
    /** Steps with their pipelines, by kind of call: TVM's graph is compiled once, too. */
    const compiled = new Map<string, Promise<(Step & { pipeline: Pipeline })[]>>();
    let position = 0;

    function compile(tokens: number, wantLogits: boolean): Promise<(Step & { pipeline: Pipeline })[]> {
      const key = `${tokens} ${wantLogits}`;
      let list = compiled.get(key);
      if (!list) {
        list = Promise.all(
          steps(tokens, wantLogits).map(async (step) => ({
            ...step,
            pipeline: await device.pipeline(step.kernel, {}),
          })),
        );
        compiled.set(key, list);
      }
      return list;
    }

    async function feedChunk(tokens: readonly number[], wantLogits: boolean): Promise<void> {
      const list = await compile(tokens.length, wantLogits);
      device.check();
      device.writeBuffer(work.tokens, 0, Uint32Array.from(tokens));
      const afterLayers = list.length - (wantLogits ? 1 + lmHead.parts.length : 0);
      const dispatches = list.map(({ pipeline, buffers, grid }, i): Dispatch => {
        uniforms[i] ??= owner.createBuffer('call', 16, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
        const row = i === afterLayers ? tokens.length - 1 : 0;
        device.writeBuffer(uniforms[i], 0, Uint32Array.of(position, tokens.length, row, 0));
        return { pipeline, bindGroup: device.bindGroup(pipeline, [...buffers, uniforms[i]]), grid };
      });
      device.submit('baseline', (commands) => {
        for (const dispatch of dispatches) commands.pass([dispatch]);
      });
      position += tokens.length;
    }

    return {
      config,
      get position() {
        return position;
      },
      async feed(tokens) {
        if (tokens.length === 0 || position + tokens.length > contextLength) {
          const details = { expected: contextLength, actual: position + tokens.length };
          throw new EngineError('context-full', `No room for ${tokens.length} tokens`, details);
        }
        for (let at = 0; at < tokens.length; at += CHUNK) {
          const chunk = tokens.slice(at, at + CHUNK);
          await feedChunk(chunk, at + chunk.length === tokens.length);
        }
        return new Float32Array(await device.readBuffer(work.logits, 0, vocabSize * 4));
      },
      truncate(length) {
        position = Math.min(position, length);
      },
      dispose,
    };
  }
}
