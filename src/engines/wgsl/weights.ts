// Weights from the directory's files to GPU buffers, a slice at a time: the whole model is never in JavaScript's memory.

import { EngineError } from '../../failures.ts';
import { decodeFloat16 } from '../../format/float16.ts';
import { readTensor } from '../../format/model-directory.ts';
import type { ModelDirectory } from '../../format/model-directory.ts';
import type { Device } from '../../gpu/device.ts';
import { packsOf } from '../../gpu/kernels/dequant.ts';
import type { ModelPlan, PlannedChunk, PlannedMatrix } from './plan.ts';

export interface MatrixChunk extends PlannedChunk {
  /** [rows, packs] of 16 bytes */
  weights: GPUBuffer;
  /** [rows, packs], two a word; the weights again where the scheme has no scales */
  scales: GPUBuffer;
}

export interface Matrix {
  rows: number;
  columns: number;
  chunks: MatrixChunk[];
}

export interface LayerWeights {
  /** [hidden stride] f32 */
  inputNorm: GPUBuffer;
  qkv: Matrix;
  o: Matrix;
  postAttentionNorm: GPUBuffer;
  gate: Matrix;
  up: Matrix;
  down: Matrix;
}

export interface ModelWeights {
  embed: Matrix;
  layers: LayerWeights[];
  norm: GPUBuffer;
  lmHead: Matrix;
  dispose(): void;
}

/** Bytes read from the source at once. */
const SLICE_BYTES = 16 * 2 ** 20;
/** Bytes written to the queue before the GPU is waited for, so that its staging stays bounded. */
const QUEUED_BYTES = 32 * 2 ** 20;

/** 16-bit floats with all exponent bits set are infinite or not numbers. */
const EXPONENT = { float16: 0x7c00, bfloat16: 0x7f80 } as const;
type HalfKind = keyof typeof EXPONENT;

function halfKind(directory: ModelDirectory, tensor: string): HalfKind {
  const record = directory.tensors.get(tensor);
  if (record?.dtype === 'float16') return 'float16';
  if (record?.bfloat16) return 'bfloat16';
  const actual = record?.dtype ?? 'nothing';
  throw new EngineError('dtype-unsupported', `${tensor} is ${actual}, not float16 or bfloat16`, {
    tensor,
    expected: 'float16, bfloat16',
    ...(record && { name: record.dtype }),
  });
}

function checkFinite(halves: Uint16Array, kind: HalfKind, tensor: string, first: number): void {
  const mask = EXPONENT[kind];
  for (let i = 0; i < halves.length; i++) {
    if ((halves[i]! & mask) === mask) {
      throw new EngineError('tensor-not-finite', `${tensor}: value ${first + i} is not a finite number`, {
        tensor,
        actual: `not finite at value ${first + i}`,
      });
    }
  }
}

/** `bytes` as halves; copies only where they are not aligned. */
function halvesOf(bytes: Uint8Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
}

function paddedToWords(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.byteLength % 4 === 0) return bytes;
  const padded = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
  padded.set(bytes);
  return padded;
}

/** Rows of `from` bytes spread to rows of `to` bytes: q0f16 rows that do not end on 16 bytes. */
function spreadRows(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): Uint8Array<ArrayBuffer> {
  if (from === to) return bytes;
  const rows = bytes.byteLength / from;
  const spread = new Uint8Array(rows * to);
  for (let row = 0; row < rows; row++) spread.set(bytes.subarray(row * from, (row + 1) * from), row * to);
  return spread;
}

export interface LoadOptions {
  signal?: AbortSignal | undefined;
  onBytes?: (done: number, total: number) => void;
}

/**
 * Loads everything the plan names. What was allocated is freed again when it throws: "out-of-memory", "device-lost",
 * "tensor-not-finite", what the source throws, or the signal's reason.
 */
export async function loadWeights(
  device: Device,
  directory: ModelDirectory,
  plan: ModelPlan,
  options: LoadOptions = {},
): Promise<ModelWeights> {
  const buffers: GPUBuffer[] = [];
  const { format } = plan;
  let total = 0;
  for (const { byteLength } of directory.tensors.values()) total += byteLength;
  let done = 0;
  let queued = 0;

  async function allocate(label: string, bytes: number): Promise<GPUBuffer> {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    return device.guard(`allocating ${bytes} bytes for ${label}`, () => {
      const buffer = device.createBuffer(label, bytes, usage);
      buffers.push(buffer);
      return buffer;
    });
  }

  async function write(buffer: GPUBuffer, offset: number, data: Uint8Array<ArrayBuffer>): Promise<void> {
    options.signal?.throwIfAborted();
    device.check();
    device.writeBuffer(buffer, offset, paddedToWords(data));
    queued += data.byteLength;
    if (queued >= QUEUED_BYTES) {
      queued = 0;
      await device.idle();
    }
  }

  /** Rows [first, first + rows) of a tensor; `from` and `to` are a row's bytes on disk and on the GPU. */
  async function upload(
    tensor: string,
    buffer: GPUBuffer,
    first: number,
    rows: number,
    from: number,
    to: number,
    check?: HalfKind,
  ): Promise<void> {
    // An even number of rows, so that every slice but the last is made of whole words.
    const rowsEach = Math.max(2, Math.floor(SLICE_BYTES / from / 2) * 2);
    for (let row = 0; row < rows; row += rowsEach) {
      const count = Math.min(rowsEach, rows - row);
      const bytes = await readTensor(directory, tensor, (first + row) * from, count * from);
      if (check !== undefined) checkFinite(halvesOf(bytes), check, tensor, ((first + row) * from) / 2);
      await write(buffer, row * to, spreadRows(bytes, from, to));
      done += bytes.byteLength;
      options.onBytes?.(done, total);
    }
  }

  async function matrix(planned: PlannedMatrix): Promise<Matrix> {
    const { tensor, tensorRow, rows, columns } = planned;
    const packs = packsOf(format, columns);
    const chunks: MatrixChunk[] = [];
    for (const chunk of planned.chunks) {
      const first = tensorRow + chunk.first;
      const name = format.scaleBytes === 0 ? `${tensor}.weight` : `${tensor}.q_weight`;
      const weights = await allocate(name, chunk.weightBytes);
      const from = format.scaleBytes === 0 ? columns * 2 : packs * 16;
      const check = format.scaleBytes === 0 ? 'float16' : undefined;
      await upload(name, weights, first, chunk.rows, from, packs * 16, check);
      let scales = weights;
      if (format.scaleBytes !== 0) {
        const scaleName = `${tensor}.q_scale`;
        scales = await allocate(scaleName, chunk.scaleBytes);
        const kind = halfKind(directory, scaleName);
        await upload(scaleName, scales, first, chunk.rows, packs * 2, packs * 2, kind);
      }
      chunks.push({ ...chunk, weights, scales });
    }
    return { rows, columns, chunks };
  }

  async function norm(tensor: string): Promise<GPUBuffer> {
    const name = `${tensor}.weight`;
    const bytes = await readTensor(directory, name);
    const halves = halvesOf(bytes);
    const kind = halfKind(directory, name);
    checkFinite(halves, kind, name, 0);
    const values = new Float32Array(plan.strides.hidden);
    const words = new Uint32Array(values.buffer);
    halves.forEach((half, i) => {
      if (kind === 'bfloat16') words[i] = half << 16;
      else values[i] = decodeFloat16(half);
    });
    const buffer = await allocate(name, values.byteLength);
    await write(buffer, 0, new Uint8Array(values.buffer));
    done += bytes.byteLength;
    options.onBytes?.(done, total);
    return buffer;
  }

  const dispose = () => buffers.forEach((buffer) => device.destroyBuffer(buffer));
  try {
    const embed = await matrix(plan.embed);
    const layers: LayerWeights[] = [];
    for (const [i, layer] of plan.layers.entries()) {
      layers.push({
        inputNorm: await norm(`model.layers.${i}.input_layernorm`),
        qkv: await matrix(layer.qkv),
        o: await matrix(layer.o),
        postAttentionNorm: await norm(`model.layers.${i}.post_attention_layernorm`),
        gate: await matrix(layer.gate),
        up: await matrix(layer.up),
        down: await matrix(layer.down),
      });
    }
    const finalNorm = await norm('model.norm');
    const lmHead = plan.lmHead === plan.embed ? embed : await matrix(plan.lmHead);
    await device.idle();
    return { embed, layers, norm: finalNorm, lmHead, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
