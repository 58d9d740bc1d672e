// The baseline's weights: as they lie on disk, in buffers of whole rows that a binding can hold.

import { EngineError } from '../../failures.ts';
import { decodeFloat16 } from '../../format/float16.ts';
import { readTensor } from '../../format/model-directory.ts';
import type { ModelDirectory } from '../../format/model-directory.ts';
import { groupsOf, wordsOf } from '../../format/schemes.ts';
import type { Device } from '../../gpu/device.ts';
import { llamaTensors } from '../../llama/tensors.ts';

export interface Part {
  /** First row in the matrix, and how many. */
  first: number;
  rows: number;
  /** [rows, words] */
  codes: GPUBuffer;
  /** [rows, groups] halves */
  scales: GPUBuffer;
}

export interface Matrix {
  rows: number;
  columns: number;
  parts: Part[];
}

export interface BaselineWeights {
  matrices: ReadonlyMap<string, Matrix>;
  /** [n] f32 */
  norms: ReadonlyMap<string, GPUBuffer>;
}

const SLICE_BYTES = 16 * 2 ** 20;
/** A part's share of an f32 result must start at a multiple of 256 bytes to be bound. */
const PART_ROWS = 64;

/** Throws "scheme-unsupported" for schemes without f16 scales, "out-of-memory", and what reading throws. */
export async function loadWeights(device: Device, directory: ModelDirectory): Promise<BaselineWeights> {
  const { scheme, config } = directory;
  if (scheme.group === 0 || scheme.scaleType !== 'float16') {
    throw new EngineError(
      'scheme-unsupported',
      `The baseline reads q4f16_1 and q3f16_1, not ${scheme.name}`,
      {
        expected: 'q4f16_1, q3f16_1',
        name: scheme.name,
      },
    );
  }

  async function upload(name: string, first: number, rows: number, rowBytes: number): Promise<GPUBuffer> {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const buffer = await device.guard(name, () => device.createBuffer(name, rows * rowBytes, usage));
    // An even number of rows: a row of scales may end in the middle of a word, which writes do not allow.
    const step = Math.max(2, Math.floor(SLICE_BYTES / rowBytes / 2) * 2);
    for (let row = 0; row < rows; row += step) {
      const count = Math.min(step, rows - row);
      const bytes = await readTensor(directory, name, (first + row) * rowBytes, count * rowBytes);
      const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
      padded.set(bytes);
      device.writeBuffer(buffer, row * rowBytes, padded);
      await device.idle();
    }
    return buffer;
  }

  async function matrix(name: string, rows: number, columns: number): Promise<Matrix> {
    const wordBytes = wordsOf(scheme, columns) * 4;
    const limit = Math.floor(device.limits.maxStorageBufferBindingSize / wordBytes);
    const step = limit >= rows ? rows : Math.floor(limit / PART_ROWS) * PART_ROWS;
    const parts: Part[] = [];
    for (let first = 0; first < rows; first += step) {
      const count = Math.min(step, rows - first);
      parts.push({
        first,
        rows: count,
        codes: await upload(`${name}.q_weight`, first, count, wordBytes),
        scales: await upload(`${name}.q_scale`, first, count, groupsOf(scheme, columns) * 2),
      });
    }
    return { rows, columns, parts };
  }

  async function norm(name: string, size: number): Promise<GPUBuffer> {
    const bytes = await readTensor(directory, `${name}.weight`);
    const halves = new DataView(bytes.buffer, bytes.byteOffset);
    const values = Float32Array.from({ length: size }, (_, i) =>
      decodeFloat16(halves.getUint16(i * 2, true)),
    );
    const buffer = device.createBuffer(
      name,
      values.byteLength,
      GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    );
    device.writeBuffer(buffer, 0, values);
    return buffer;
  }

  const matrices = new Map<string, Matrix>();
  const norms = new Map<string, GPUBuffer>();
  for (const { name, shape } of llamaTensors(config)) {
    const [rows, columns] = shape;
    if (columns === undefined) norms.set(name, await norm(name, rows));
    else matrices.set(name, await matrix(name, rows, columns));
  }
  return { matrices, norms };
}
