// A GGUF file up to its tensors' data: magic, metadata, tensor infos; read as hostile, each limit before anything is believed.
// Format: ggml's specification of GGUF, versions 2 and 3, little-endian. What readers of this format got wrong is listed beside each check.

import { EngineError } from '../failures.ts';
import type { Counted } from '../failures.ts';
import { GGUF_TYPES, ggufBytes } from './gguf-types.ts';
import type { GgufBlock } from './gguf-types.ts';
import { refusePointer } from './lfs-pointer.ts';
import type { ShardSource } from './shard-source.ts';
import { MAX_TENSORS } from './tensor-cache.ts';

/** Everything before the tensors' data. A vocabulary of 262,144 tokens with its merges has some 15 MB. */
export const MAX_GGUF_HEADER = 64 * 1024 * 1024;
/** Some 40 are usual. */
export const MAX_GGUF_KEYS = 100_000;
/** Gemma's merges are more than 500,000. */
export const MAX_GGUF_ARRAY = 1 << 20;
/** A tokenizer's whole file may be one string. */
export const MAX_GGUF_STRING = 32 * 1024 * 1024;
const MAX_KEY_BYTES = 65_535;
/** ggml keeps 63 bytes of a tensor's name. */
const MAX_NAME_BYTES = 256;
/** ggml's own limit; more wrote past the end of its array (ggml issue 709). */
const MAX_RANK = 4;
const MAX_ALIGNMENT = 1 << 20;
const DEFAULT_ALIGNMENT = 32;
/** Read at first; then twice as much each time it does not reach. */
const FIRST_READ = 1024 * 1024;

/** Whole numbers above 2^53 stay bigint: nothing here takes them for a count. */
export type GgufScalar = string | number | boolean | bigint;
export type GgufMetadata = ReadonlyMap<string, GgufScalar | readonly GgufScalar[]>;

export interface GgufTensorInfo {
  name: string;
  type: GgufBlock;
  /** Rows first, as in Hugging Face: the file has it the other way round. */
  shape: readonly number[];
  file: string;
  /** From the file's start. */
  byteOffset: number;
  byteLength: number;
}

export interface GgufFile {
  file: string;
  metadata: GgufMetadata;
  tensors: readonly GgufTensorInfo[];
}

function fault(file: string, message: string, details: Record<string, string | number> = {}): EngineError {
  return new EngineError('gguf-invalid', `${file}: ${message}`, { file, ...details });
}

function tooMuch(
  file: string,
  field: string,
  what: Counted,
  limit: number,
  actual: number | bigint,
): EngineError {
  return new EngineError('limit-exceeded', `${file}: ${field} ${actual}, more than ${limit}`, {
    file,
    field,
    what,
    limit,
    actual: Number(actual),
  });
}

/** The bytes read so far end before the header does. */
class Unread extends Error {}

/** Walks over the header's bytes. Lengths meet the file's own before memory is taken for them. */
class Cursor {
  at = 0;
  private readonly view: DataView;
  private readonly strict = new TextDecoder('utf-8', { fatal: true });
  private readonly lenient = new TextDecoder();

  readonly bytes: Uint8Array;
  readonly file: string;
  readonly fileSize: number;

  constructor(bytes: Uint8Array, file: string, fileSize: number) {
    this.bytes = bytes;
    this.file = file;
    this.fileSize = fileSize;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Where the next `count` bytes begin. Throws where the file, the limit or what is read ends before. */
  take(count: number): number {
    const end = this.at + count;
    if (end > this.fileSize)
      throw fault(this.file, `the header needs ${end} bytes, the file has ${this.fileSize}`, {
        expected: end,
        actual: this.fileSize,
      });
    if (end > MAX_GGUF_HEADER) throw tooMuch(this.file, 'header', 'bytes', MAX_GGUF_HEADER, end);
    if (end > this.bytes.length) throw new Unread();
    const start = this.at;
    this.at = end;
    return start;
  }
  u8 = (): number => this.view.getUint8(this.take(1));
  i8 = (): number => this.view.getInt8(this.take(1));
  u16 = (): number => this.view.getUint16(this.take(2), true);
  i16 = (): number => this.view.getInt16(this.take(2), true);
  u32 = (): number => this.view.getUint32(this.take(4), true);
  i32 = (): number => this.view.getInt32(this.take(4), true);
  f32 = (): number => this.view.getFloat32(this.take(4), true);
  f64 = (): number => this.view.getFloat64(this.take(8), true);
  u64 = (): number | bigint => narrow(this.view.getBigUint64(this.take(8), true));
  i64 = (): number | bigint => narrow(this.view.getBigInt64(this.take(8), true));

  /** A count of things of at least `size` bytes each: counts that the file cannot hold wrapped sums elsewhere (CVE-2025-53630). */
  count(field: string, what: Counted, limit: number, size: number): number {
    const count = this.u64();
    if (typeof count === 'bigint' || count > limit) throw tooMuch(this.file, field, what, limit, count);
    const left = this.fileSize - this.at;
    if (count * size > left)
      throw fault(this.file, `${field} ${count} needs ${count * size} bytes, the file has ${left} more`, {
        field,
        expected: count * size,
        actual: left,
      });
    return count;
  }

  text(field: string, limit: number, strict: boolean): string {
    const length = this.count(field, 'bytes', limit, 1);
    const start = this.take(length);
    const bytes = this.bytes.subarray(start, start + length);
    if (!strict) return this.lenient.decode(bytes);
    try {
      return this.strict.decode(bytes);
    } catch (cause) {
      throw new EngineError(
        'gguf-invalid',
        `${this.file}: ${field} is not UTF-8`,
        { file: this.file, field },
        cause,
      );
    }
  }

  scalar(type: number, key: string): GgufScalar {
    switch (type) {
      case 0:
        return this.u8();
      case 1:
        return this.i8();
      case 2:
        return this.u16();
      case 3:
        return this.i16();
      case 4:
        return this.u32();
      case 5:
        return this.i32();
      case 6:
        return this.f32();
      case 7: {
        const value = this.u8();
        if (value > 1)
          throw fault(this.file, `${key} is neither true nor false`, { field: key, actual: value });
        return value === 1;
      }
      case 8:
        return this.text(key, MAX_GGUF_STRING, false);
      case 10:
        return this.u64();
      case 11:
        return this.i64();
      case 12:
        return this.f64();
      default:
        throw fault(this.file, `${key} has a value of unknown type ${type}`, { field: key, actual: type });
    }
  }

  /** Arrays of arrays are nobody's; readers that follow them recurse without end. */
  value(key: string): GgufScalar | GgufScalar[] {
    const type = this.u32();
    if (type !== ARRAY) return this.scalar(type, key);
    const inner = this.u32();
    const size = SCALAR_BYTES[inner];
    if (size === undefined)
      throw fault(this.file, `${key} is a list of unknown type ${inner}`, { field: key, actual: inner });
    const count = this.count(key, 'entries', MAX_GGUF_ARRAY, size);
    const values: GgufScalar[] = [];
    for (let i = 0; i < count; i++) values.push(this.scalar(inner, key));
    return values;
  }
}

const ARRAY = 9;
/** Fewest bytes of a value, by type. */
const SCALAR_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  8: 8,
  10: 8,
  11: 8,
  12: 8,
};

function narrow(value: bigint): number | bigint {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

function readVersion(cursor: Cursor): void {
  const { file } = cursor;
  const magic = cursor.take(4);
  const letters = String.fromCharCode(...cursor.bytes.subarray(magic, magic + 4));
  if (letters === 'vers') refusePointer(cursor.bytes, file);
  if (letters !== 'GGUF')
    throw fault(file, 'does not begin with "GGUF"', { field: 'magic', expected: 'GGUF' });
  const version = cursor.u32();
  if (version !== 0 && (version & 0xffff) === 0)
    throw fault(file, 'is big-endian, made for another kind of machine', {
      field: 'version',
      actual: version,
    });
  if (version !== 2 && version !== 3)
    throw fault(file, `version ${version} is not read (only 2 and 3)`, {
      field: 'version',
      expected: '2, 3',
      actual: version,
    });
}

function readTensor(cursor: Cursor): Omit<GgufTensorInfo, 'file'> {
  const { file } = cursor;
  const name = cursor.text('tensor name', MAX_NAME_BYTES, true);
  const rank = cursor.u32();
  if (rank < 1 || rank > MAX_RANK) throw tooMuch(file, `${name}: dimensions`, 'value', MAX_RANK, rank);
  const sizes: number[] = [];
  let weights = 1;
  for (let i = 0; i < rank; i++) {
    const size = cursor.u64();
    if (typeof size === 'bigint' || size < 1)
      throw fault(file, `${name} has a dimension of ${size}`, { tensor: name });
    // Products that wrapped made small buffers for large tensors (CVE-2026-33298).
    weights *= size;
    if (!Number.isSafeInteger(weights)) throw fault(file, `${name} has too many weights`, { tensor: name });
    sizes.push(size);
  }
  const id = cursor.u32();
  const type = GGUF_TYPES.get(id);
  if (!type)
    throw new EngineError('dtype-unsupported', `${file}: ${name} has the unknown type ${id}`, {
      file,
      tensor: name,
      expected: 'BF16, F16, F32',
      actual: `GGUF ${id}`,
      name: `GGUF ${id}`,
    });
  if (sizes[0]! % type.weights !== 0)
    throw fault(file, `${name}: rows of ${sizes[0]} are no whole blocks of ${type.name}`, { tensor: name });
  const offset = cursor.u64();
  if (typeof offset === 'bigint') throw fault(file, `${name} begins at ${offset}`, { tensor: name });
  return { name, type, shape: sizes.reverse(), byteOffset: offset, byteLength: ggufBytes(type, weights) };
}

function alignmentOf(file: string, metadata: GgufMetadata): number {
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  const sound =
    typeof alignment === 'number' &&
    alignment >= 1 &&
    alignment <= MAX_ALIGNMENT &&
    Number.isInteger(Math.log2(alignment));
  if (sound) return alignment;
  throw fault(file, 'general.alignment is no power of two', { field: 'general.alignment' });
}

/** Each tensor inside the file and beside the others: data past its end was read elsewhere as memory (CVE-2026-7482). */
function checkOffsets(file: string, tensors: readonly GgufTensorInfo[], fileSize: number): void {
  let end = 0;
  let before = '';
  for (const tensor of [...tensors].sort((a, b) => a.byteOffset - b.byteOffset)) {
    const { name, byteOffset, byteLength } = tensor;
    if (byteOffset + byteLength > fileSize)
      throw new EngineError(
        'tensor-bounds',
        `${file}: ${name} ends at ${byteOffset + byteLength}, the file at ${fileSize}`,
        { file, tensor: name, expected: byteOffset + byteLength, actual: fileSize },
      );
    if (byteOffset < end) throw fault(file, `${name} lies over ${before}`, { tensor: name, actual: before });
    end = byteOffset + byteLength;
    before = name;
  }
}

function parse(cursor: Cursor): GgufFile {
  const { file } = cursor;
  readVersion(cursor);
  // A tensor's info takes 24 bytes at least, a key with its value 13.
  const tensorCount = cursor.count('tensors', 'tensors', MAX_TENSORS, 24);
  const keyCount = cursor.count('keys', 'entries', MAX_GGUF_KEYS, 13);
  const metadata = new Map<string, GgufScalar | GgufScalar[]>();
  for (let i = 0; i < keyCount; i++) {
    const key = cursor.text('key', MAX_KEY_BYTES, true);
    if (key === '' || metadata.has(key))
      throw fault(file, key === '' ? 'has a key without a name' : `has ${key.slice(0, 80)} twice`, {
        field: key.slice(0, 80),
      });
    metadata.set(key, cursor.value(key));
  }
  const alignment = alignmentOf(file, metadata);
  const infos: Omit<GgufTensorInfo, 'file'>[] = [];
  const names = new Set<string>();
  for (let i = 0; i < tensorCount; i++) {
    const info = readTensor(cursor);
    if (info.name === '' || names.has(info.name))
      throw fault(file, `has two tensors named ${JSON.stringify(info.name)}`, { tensor: info.name });
    if (info.byteOffset % alignment !== 0)
      throw fault(file, `${info.name} begins at ${info.byteOffset}, no multiple of ${alignment}`, {
        tensor: info.name,
      });
    names.add(info.name);
    infos.push(info);
  }
  const dataStart = Math.ceil(cursor.at / alignment) * alignment;
  const tensors = infos.map((info) => ({ ...info, file, byteOffset: dataStart + info.byteOffset }));
  checkOffsets(file, tensors, cursor.fileSize);
  return { file, metadata, tensors };
}

/**
 * Reads a GGUF file's header, and no more of it than needed.
 * Throws "file-missing", "gguf-invalid", "limit-exceeded", "tensor-bounds", and "dtype-unsupported" for a retired tensor type.
 */
export async function readGgufFile(source: ShardSource, file: string): Promise<GgufFile> {
  const size = await source.size(file);
  if (size === undefined)
    throw new EngineError('file-missing', `${source.name}: ${file} is missing`, { file, model: source.name });
  let bytes = new Uint8Array(0);
  for (let wanted = FIRST_READ; ; wanted *= 2) {
    const length = Math.min(wanted, size, MAX_GGUF_HEADER);
    const longer = new Uint8Array(length);
    longer.set(bytes);
    longer.set(await source.read(file, bytes.length, length - bytes.length), bytes.length);
    bytes = longer;
    try {
      return parse(new Cursor(bytes, file, size));
    } catch (error) {
      if (!(error instanceof Unread)) throw error;
    }
  }
}
