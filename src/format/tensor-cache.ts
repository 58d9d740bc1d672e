// tensor-cache.json: where each tensor lies. Read as hostile: nothing is allocated or fetched on its word alone.

import { EngineError } from '../failures.ts';
import { asObject, numberField, stringField } from '../llama/json-fields.ts';
import type { JsonObject, JsonLocation } from '../llama/json-fields.ts';

export const TENSOR_CACHE_FILES = ['tensor-cache.json', 'ndarray-cache.json'] as const;

/** A 405B model has some 2,300 tensors, a 70B one 1,300 in some hundreds of shards. */
export const MAX_TENSORS = 20_000;
export const MAX_SHARDS = 20_000;
/** A tensor is never split; the embedding of Llama 3.1 70B has 0.5 GB as q4f16_1, 2.1 GB as q0f16. */
export const MAX_SHARD_BYTES = 8 * 1024 ** 3;
const MAX_NAME = 256;
const MAX_RANK = 4;
const MAX_DIMENSION = 1 << 28;

export interface TensorRecord {
  name: string;
  shape: readonly number[];
  dtype: 'uint32' | 'float16' | 'float32';
  /** File that holds it. */
  shard: string;
  byteOffset: number;
  /** Bytes on disk. */
  byteLength: number;
  /** True where a float32 tensor lies on disk as bfloat16 (2 bytes a value). */
  bfloat16: boolean;
}

export interface ShardRecord {
  path: string;
  bytes: number;
  /** Hex; finds damage, authenticates nothing. */
  md5: string | undefined;
}

export interface TensorCache {
  file: string;
  shards: readonly ShardRecord[];
  tensors: ReadonlyMap<string, TensorRecord>;
}

/** A plain file name: no folder, no "..", nothing a file system or URL reads specially. */
export function isPlainFileName(path: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(path);
}

function fault(file: string, message: string, details: Record<string, string | number>): EngineError {
  return new EngineError('tensor-bounds', `${file}: ${message}`, { file, ...details });
}

function arrayField(object: JsonObject, key: string, limit: number, where: JsonLocation): readonly unknown[] {
  const value = object[key];
  const field = where.path === '' ? key : `${where.path}.${key}`;
  if (!Array.isArray(value)) {
    throw new EngineError('config-invalid', `${where.file}: ${field} should be an array`, {
      file: where.file,
      field,
      expected: 'an array',
      actual: typeof value,
    });
  }
  if (value.length > limit) {
    throw new EngineError('limit-exceeded', `${where.file}: ${field} has ${value.length} entries`, {
      file: where.file,
      field,
      what: 'entries',
      limit,
      actual: value.length,
    });
  }
  return value;
}

function parseRecord(value: unknown, shard: ShardRecord, where: JsonLocation): TensorRecord {
  const record = asObject(value, where);
  const name = stringField(record, 'name', MAX_NAME, where);
  const dtype = record['dtype'];
  if (dtype !== 'uint32' && dtype !== 'float16' && dtype !== 'float32') {
    const actual = typeof dtype === 'string' ? dtype.slice(0, 40) : typeof dtype;
    throw new EngineError('dtype-unsupported', `${where.file}: ${name} has dtype ${actual}`, {
      file: where.file,
      tensor: name,
      expected: 'uint32, float16, float32',
      ...(typeof dtype === 'string' && { name: actual }),
    });
  }
  const shape = arrayField(record, 'shape', MAX_RANK, where).map((size, i) =>
    numberField(
      { [i]: size },
      String(i),
      { min: 1, max: MAX_DIMENSION, integer: true },
      {
        file: where.file,
        path: `${name}.shape`,
      },
    ),
  );
  const bfloat16 = dtype === 'float32' && record['format'] === 'f32-to-bf16';
  const byteLength = shape.reduce((product, size) => product * size, dtype === 'float16' || bfloat16 ? 2 : 4);
  const bytes = { min: 0, max: MAX_SHARD_BYTES, integer: true };
  const nbytes = numberField(record, 'nbytes', bytes, { file: where.file, path: name });
  const byteOffset = numberField(record, 'byteOffset', bytes, { file: where.file, path: name });
  if (nbytes !== byteLength) {
    throw fault(where.file, `${name} claims ${nbytes} bytes, its shape needs ${byteLength}`, {
      tensor: name,
      expected: byteLength,
      actual: nbytes,
    });
  }
  if (byteOffset + byteLength > shard.bytes) {
    throw fault(where.file, `${name} ends at ${byteOffset + byteLength}, ${shard.path} at ${shard.bytes}`, {
      tensor: name,
      shard: shard.path,
      expected: shard.bytes,
      actual: byteOffset + byteLength,
    });
  }
  return { name, shape, dtype, shard: shard.path, byteOffset, byteLength, bfloat16 };
}

/**
 * Parses tensor-cache.json. Throws "config-invalid", "limit-exceeded", "tensor-bounds" and "dtype-unsupported".
 * @param file name it was read from, for error messages
 */
export function parseTensorCache(json: unknown, file: string): TensorCache {
  const root = asObject(json, { file, path: '' });
  const shards: ShardRecord[] = [];
  const paths = new Set<string>();
  const tensors = new Map<string, TensorRecord>();
  for (const [i, entry] of arrayField(root, 'records', MAX_SHARDS, { file, path: '' }).entries()) {
    const where = { file, path: `records[${i}]` };
    const object = asObject(entry, where);
    const path = stringField(object, 'dataPath', MAX_NAME, where);
    if (!isPlainFileName(path) || paths.has(path)) {
      throw new EngineError('config-invalid', `${file}: shard name ${JSON.stringify(path)} is not usable`, {
        file,
        field: `${where.path}.dataPath`,
        expected: 'a plain file name, once',
        actual: path.slice(0, 80),
      });
    }
    paths.add(path);
    const md5 = object['md5sum'];
    const shard: ShardRecord = {
      path,
      bytes: numberField(object, 'nbytes', { min: 0, max: MAX_SHARD_BYTES, integer: true }, where),
      md5: typeof md5 === 'string' && /^[0-9a-f]{32}$/i.test(md5) ? md5.toLowerCase() : undefined,
    };
    shards.push(shard);
    for (const record of arrayField(object, 'records', MAX_TENSORS - tensors.size, where)) {
      const tensor = parseRecord(record, shard, where);
      if (tensors.has(tensor.name)) {
        throw fault(file, `${tensor.name} is there twice`, { tensor: tensor.name, expected: 1, actual: 2 });
      }
      tensors.set(tensor.name, tensor);
    }
  }
  refuseOverlaps(file, [...tensors.values()]);
  return { file, shards, tensors };
}

/** Two tensors on the same bytes: a file that was made to mislead, or whose offsets are wrong. */
function refuseOverlaps(file: string, tensors: readonly TensorRecord[]): void {
  const ends = new Map<string, { name: string; end: number }>();
  for (const { name, shard, byteOffset, byteLength } of tensors.toSorted(
    (a, b) => a.byteOffset - b.byteOffset,
  )) {
    const before = ends.get(shard);
    if (before && byteOffset < before.end) {
      throw fault(file, `${name} begins at ${byteOffset}, ${before.name} before it ends at ${before.end}`, {
        tensor: name,
        shard,
        expected: before.end,
        actual: byteOffset,
      });
    }
    ends.set(shard, { name, end: byteOffset + byteLength });
  }
}
