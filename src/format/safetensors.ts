// safetensors: where a checkpoint's tensors lie. Header first, 8 bytes of length, JSON; read as hostile.
// Source: https://github.com/huggingface/safetensors (Format).

import { EngineError } from '../failures.ts';
import { parseJson } from './json-file.ts';
import { refusePointer } from './lfs-pointer.ts';
import type { ShardSource } from './shard-source.ts';
import { MAX_TENSORS } from './tensor-cache.ts';

/** The format's own limit is 100 MB; a 405B model's header has under 1 MB. */
export const MAX_HEADER_BYTES = 16 * 1024 * 1024;
/** A Git LFS pointer is shorter. */
const MAX_POINTER = 1024;
const MAX_NAME = 256;
const MAX_RANK = 8;

const WIDTHS = { BF16: 2, F16: 2, F32: 4 } as const;

export type SourceType = keyof typeof WIDTHS;

/** A tensor of a checkpoint, values row-major and little-endian. */
export interface SourceTensor {
  name: string;
  /** BF16, F16 or F32 can be read; any other name is kept, to be refused if that tensor is needed. */
  dtype: string;
  shape: readonly number[];
  file: string;
  /** From the file's start. */
  byteOffset: number;
  byteLength: number;
  /**
   * Rows of each so many (a head) lie as pairs of neighbours, where Hugging Face keeps the first halves before the second: only
   * GGUF files have such.
   */
  pairedRows?: number;
}

export function sourceWidth(dtype: SourceType): number {
  return WIDTHS[dtype];
}

export function isSourceType(dtype: string): dtype is SourceType {
  return Object.hasOwn(WIDTHS, dtype);
}

function fault(file: string, message: string, details: Record<string, string | number> = {}): EngineError {
  return new EngineError('safetensors-invalid', `${file}: ${message}`, { file, ...details });
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function parseTensor(
  file: string,
  name: string,
  value: unknown,
  dataStart: number,
  fileSize: number,
): SourceTensor {
  const entry = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const { dtype, shape, data_offsets: offsets } = entry;
  const sized = Array.isArray(shape) && shape.length <= MAX_RANK && shape.every(isCount);
  const placed = Array.isArray(offsets) && offsets.length === 2 && offsets.every(isCount);
  if (typeof dtype !== 'string' || dtype.length > 16 || !sized || !placed) {
    throw fault(file, `the header's entry ${JSON.stringify(name.slice(0, 80))} is malformed`, {
      tensor: name.slice(0, 80),
    });
  }
  const [begin = 0, end = 0] = offsets as number[];
  if (begin > end || dataStart + end > fileSize) {
    throw new EngineError(
      'tensor-bounds',
      `${file}: ${name} ends at ${dataStart + end}, the file at ${fileSize}`,
      {
        file,
        tensor: name,
        expected: fileSize,
        actual: dataStart + end,
      },
    );
  }
  if (isSourceType(dtype)) {
    const needed = (shape as number[]).reduce((product, size) => product * size, WIDTHS[dtype]);
    if (needed !== end - begin) {
      throw fault(file, `${name} has ${end - begin} bytes, its shape needs ${needed}`, {
        tensor: name,
        expected: needed,
        actual: end - begin,
      });
    }
  }
  return {
    name,
    dtype,
    shape: shape as number[],
    file,
    byteOffset: dataStart + begin,
    byteLength: end - begin,
  };
}

/** Tensors of one safetensors file. Throws "file-missing", "safetensors-invalid", "json-invalid", "tensor-bounds", "limit-exceeded". */
export async function readSafetensorsHeader(source: ShardSource, file: string): Promise<SourceTensor[]> {
  const size = await source.size(file);
  if (size === undefined) {
    throw new EngineError('file-missing', `${source.name}: ${file} is missing`, { file, model: source.name });
  }
  if (size < MAX_POINTER) refusePointer(await source.read(file, 0, size), file);
  if (size < 8) throw fault(file, `has ${size} bytes, too few for a header`, { expected: 8, actual: size });
  const prefix = await source.read(file, 0, 8);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new EngineError('limit-exceeded', `${file}: a header of ${length} bytes`, {
      file,
      field: 'header length',
      what: 'bytes',
      limit: MAX_HEADER_BYTES,
      actual: Number(length),
    });
  }
  const dataStart = 8 + Number(length);
  if (dataStart > size) {
    throw fault(file, `the header ends at ${dataStart}, the file at ${size}`, {
      expected: size,
      actual: dataStart,
    });
  }
  const header = parseJson(new TextDecoder().decode(await source.read(file, 8, Number(length))), file);
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw fault(file, 'the header is no object', { actual: typeof header });
  }
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  if (entries.length > MAX_TENSORS) {
    throw new EngineError('limit-exceeded', `${file}: ${entries.length} tensors`, {
      file,
      what: 'tensors',
      limit: MAX_TENSORS,
      actual: entries.length,
    });
  }
  const tensors = entries.map(([name, value]) => {
    if (name.length > MAX_NAME) throw fault(file, 'a tensor name is too long', { actual: name.length });
    return parseTensor(file, name, value, dataStart, size);
  });
  checkOffsets(file, tensors, dataStart, size);
  return tensors;
}

/** As the reference has it: tensors lie one after the other, from the header's end to the file's, without holes or overlaps. */
function checkOffsets(file: string, tensors: readonly SourceTensor[], dataStart: number, size: number): void {
  let end = dataStart;
  for (const { name, byteOffset, byteLength } of [...tensors].sort(
    (a, b) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength,
  )) {
    if (byteOffset !== end)
      throw fault(file, `${name} begins at ${byteOffset}, the tensor before it ends at ${end}`, {
        tensor: name,
        expected: end,
        actual: byteOffset,
      });
    end = byteOffset + byteLength;
  }
  if (end !== size)
    throw fault(file, `its tensors end at ${end}, the file at ${size}`, { expected: end, actual: size });
}
