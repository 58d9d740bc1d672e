// A model directory -> the one memory: slice by slice through a staging area, woven on the way.

import { EngineError } from '../../failures.ts';
import { checkFiniteFloats } from '../../format/check-floats.ts';
import { decodeFloat16 } from '../../format/float16.ts';
import { readTensor, type ModelDirectory } from '../../format/model-directory.ts';
import { wordsOf } from '../../format/schemes.ts';
import type { Kernels } from './kernels.ts';
import type { CpuPlan, MatrixPlan } from './layout.ts';

/** Bytes read from the source at a time: what loading costs apart from the weights themselves, twice over. */
const PIECE_BYTES = 8 * 2 ** 20;

/** Bytes of staging that `loadWeights` needs; it may lie where nothing is yet. */
export function stagingBytes(plan: CpuPlan): number {
  const widest = Math.max(plan.strides.hidden, plan.strides.attended, plan.strides.inner);
  const largest = Math.max(plan.embed.rows * 2 * widest, 0);
  return Math.max(Math.min(PIECE_BYTES, largest), widest * 16);
}

export interface LoadOptions {
  signal: AbortSignal | undefined;
  onBytes: (done: number, total: number) => void;
}

/**
 * Reads all tensors that the plan has room for. Throws what the source throws, "tensor-not-finite", "dtype-unsupported",
 * and the signal's reason.
 * @param staging address of `stagingBytes` bytes
 */
export async function loadWeights(
  directory: ModelDirectory,
  plan: CpuPlan,
  kernels: Kernels,
  memory: WebAssembly.Memory,
  staging: number,
  options: LoadOptions,
): Promise<void> {
  const { scheme, config } = plan;
  const limit = stagingBytes(plan);
  const total = [...directory.tensors.values()].reduce((sum, tensor) => sum + tensor.byteLength, 0);
  let done = 0;

  /** Bytes of a tensor, known to be finite where they are numbers. */
  async function read(tensor: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    options.signal?.throwIfAborted();
    const bytes = await readTensor(directory, tensor, offset, length);
    const record = directory.tensors.get(tensor);
    if (record?.dtype === 'float32' && !record.bfloat16) {
      throw new EngineError('dtype-unsupported', `${tensor} is stored as float32`, {
        file: record.shard,
        tensor,
        expected: 'f32-to-bf16',
        name: 'float32',
      });
    }
    if (record) checkFiniteFloats(bytes, record);
    done += bytes.byteLength;
    options.onBytes(done, total);
    return bytes;
  }

  /** Rows [from, from + rows) of a tensor, through staging in whole octets, rows past the last as zeros. */
  async function weave(
    tensor: string,
    rowBytes: number,
    from: number,
    rows: number,
    place: (staging: number, octet: number, octets: number) => void,
  ): Promise<void> {
    const step = Math.max(8, Math.floor(limit / rowBytes / 8) * 8);
    for (let row = 0; row < rows; row += step) {
      const count = Math.min(step, rows - row);
      const octets = Math.ceil(count / 8);
      const bytes = await read(tensor, (from + row) * rowBytes, count * rowBytes);
      const target = new Uint8Array(memory.buffer, staging, octets * 8 * rowBytes);
      target.set(bytes);
      target.fill(0, bytes.byteLength);
      place(staging, row / 8, octets);
    }
  }

  /** @param from first row of the matrix in the tensor */
  async function matrix(name: string, target: MatrixPlan, from = 0): Promise<void> {
    const { rows, size, groups, codes, scales } = target;
    if (scheme.bits === 16) {
      await weave(`${name}.weight`, size * 2, from, rows, (source, octet, octets) =>
        kernels.weave16(source, codes + octet * size * 16, octets, size),
      );
      return;
    }
    const words = wordsOf(scheme, size);
    await weave(`${name}.q_weight`, words * 4, from, rows, (source, octet, octets) =>
      kernels.weave32(source, codes + octet * words * 32, octets, words, scheme.bits === 3),
    );
    await weave(`${name}.q_scale`, groups * 2, from, rows, (source, octet, octets) =>
      kernels.weave16(source, scales + octet * groups * 16, octets, groups),
    );
  }

  async function norm(name: string, target: number): Promise<void> {
    const bytes = await read(`${name}.weight`, 0, config.hiddenSize * 2);
    const words = new Uint16Array(bytes.buffer, bytes.byteOffset, config.hiddenSize);
    if (scheme.scaleType === 'float32') {
      // bfloat16 on disk: the upper half of a float32.
      new Uint32Array(memory.buffer, target, words.length).set(Uint32Array.from(words, (word) => word << 16));
    } else {
      new Float32Array(memory.buffer, target, words.length).set(Float32Array.from(words, decodeFloat16));
    }
  }

  await matrix('model.embed_tokens', plan.embed);
  for (const [i, layer] of plan.layers.entries()) {
    const name = `model.layers.${i}`;
    await norm(`${name}.input_layernorm`, layer.inputNorm);
    await matrix(`${name}.self_attn.qkv_proj`, layer.qkv);
    await matrix(`${name}.self_attn.o_proj`, layer.o);
    await norm(`${name}.post_attention_layernorm`, layer.postAttentionNorm);
    await matrix(`${name}.mlp.gate_up_proj`, layer.gate);
    await matrix(`${name}.mlp.gate_up_proj`, layer.up, config.intermediateSize);
    await matrix(`${name}.mlp.down_proj`, layer.down);
  }
  await norm('model.norm', plan.norm);
  if (plan.lmHead !== plan.embed) await matrix('lm_head', plan.lmHead);
}
