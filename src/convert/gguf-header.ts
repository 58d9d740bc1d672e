// A GGUF file up to its tensors' data: magic, metadata, tensor infos. Format: ggml's specification of GGUF, version 3, little-endian.

import { EngineError } from '../failures.ts';
import { GGUF_TYPE_IDS } from './gguf-blocks.ts';
import type { GgufType } from './gguf-blocks.ts';

/** A value with its type on disk. Arrays hold one type. */
export type GgufValue =
  | { type: 'u32' | 'i32' | 'f32' | 'bool'; value: number | boolean }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: readonly string[] }
  | { type: 'f32s' | 'i32s'; value: readonly number[] };

export interface GgufTensor {
  name: string;
  type: GgufType;
  /** Rows as in Hugging Face, [out, in] or [n]: GGUF writes them the other way round. */
  shape: readonly number[];
  bytes: number;
}

export const GGUF_ALIGNMENT = 32;
const VERSION = 3;
const VALUE_IDS = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;

export const aligned = (bytes: number): number => Math.ceil(bytes / GGUF_ALIGNMENT) * GGUF_ALIGNMENT;

/** Grows as it is written to. */
class Writer {
  private bytes = new Uint8Array(1 << 16);
  private view = new DataView(this.bytes.buffer);
  length = 0;

  /** Where `count` bytes go. Replaces `bytes` and `view` when they are full: ask first, then write. */
  private take(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length));
      larger.set(this.bytes.subarray(0, at));
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
  u32(value: number): void {
    const at = this.take(4);
    this.view.setUint32(at, value, true);
  }
  u64(value: number): void {
    const at = this.take(8);
    this.view.setBigUint64(at, BigInt(value), true);
  }
  i32(value: number): void {
    const at = this.take(4);
    this.view.setInt32(at, value, true);
  }
  f32(value: number): void {
    const at = this.take(4);
    this.view.setFloat32(at, value, true);
  }
  u8(value: number): void {
    const at = this.take(1);
    this.view.setUint8(at, value);
  }
  text(value: string): void {
    const encoded = new TextEncoder().encode(value);
    this.u64(encoded.length);
    const at = this.take(encoded.length);
    this.bytes.set(encoded, at);
  }
  done(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, aligned(this.length));
  }
}

function writeValue(out: Writer, entry: GgufValue): void {
  switch (entry.type) {
    case 'u32':
      out.u32(VALUE_IDS.u32);
      return out.u32(Number(entry.value));
    case 'i32':
      out.u32(VALUE_IDS.i32);
      return out.i32(Number(entry.value));
    case 'f32':
      out.u32(VALUE_IDS.f32);
      return out.f32(Number(entry.value));
    case 'bool':
      out.u32(VALUE_IDS.bool);
      return out.u8(entry.value ? 1 : 0);
    case 'string':
      out.u32(VALUE_IDS.string);
      return out.text(entry.value);
    case 'strings':
      out.u32(VALUE_IDS.array);
      out.u32(VALUE_IDS.string);
      out.u64(entry.value.length);
      return entry.value.forEach((text) => out.text(text));
    case 'f32s':
      out.u32(VALUE_IDS.array);
      out.u32(VALUE_IDS.f32);
      out.u64(entry.value.length);
      return entry.value.forEach((value) => out.f32(value));
    case 'i32s':
      out.u32(VALUE_IDS.array);
      out.u32(VALUE_IDS.i32);
      out.u64(entry.value.length);
      return entry.value.forEach((value) => out.i32(value));
  }
}

/** Everything before the first tensor's data, padded to the alignment. Throws "internal" for two tensors of one name. */
export function ggufHeader(
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensor[],
): Uint8Array<ArrayBuffer> {
  if (new Set(tensors.map(({ name }) => name)).size !== tensors.length)
    throw new EngineError('internal', 'GGUF: two tensors have one name');
  const out = new Writer();
  for (const letter of 'GGUF') out.u8(letter.charCodeAt(0));
  out.u32(VERSION);
  out.u64(tensors.length);
  out.u64(metadata.size);
  for (const [key, value] of metadata) {
    out.text(key);
    writeValue(out, value);
  }
  let offset = 0;
  for (const { name, type, shape, bytes } of tensors) {
    out.text(name);
    out.u32(shape.length);
    for (const size of [...shape].reverse()) out.u64(size);
    out.u32(GGUF_TYPE_IDS[type]);
    out.u64(offset);
    offset += aligned(bytes);
  }
  return out.done();
}
