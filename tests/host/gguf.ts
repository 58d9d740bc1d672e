// GGUF files made for tests, by the format's description (ggml's specification of GGUF): another hand than the converter's writer.

export type GgufEntry =
  | ['u8' | 'u16' | 'u32' | 'i32' | 'f32' | 'u64' | 'bool' | 'string', string | number | boolean | bigint]
  | ['[string]' | '[f32]' | '[i32]' | '[u32]', readonly (string | number)[]];

export interface MadeTensor {
  name: string;
  /** ggml's number. */
  type: number;
  /** Fastest dimension first, as the file has it. */
  dims: readonly (number | bigint)[];
  bytes: Uint8Array;
  /** Left out: after the one before, aligned. */
  offset?: number | bigint;
}

const IDS = { u8: 0, u16: 2, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, u64: 10 } as const;

export class Bytes {
  private readonly list: number[] = [];
  get length(): number {
    return this.list.length;
  }
  raw(...bytes: number[]): this {
    for (const byte of bytes) this.list.push(byte);
    return this;
  }
  number(value: number | bigint, size: 2 | 4 | 8): this {
    let rest = BigInt(value);
    for (let i = 0; i < size; i++, rest >>= 8n) this.list.push(Number(rest & 255n));
    return this;
  }
  f32(value: number): this {
    return this.raw(...new Uint8Array(Float32Array.of(value).buffer));
  }
  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    this.number(bytes.length, 8);
    for (const byte of bytes) this.list.push(byte);
    return this;
  }
  pad(alignment: number): this {
    while (this.list.length % alignment !== 0) this.list.push(0);
    return this;
  }
  done(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.list);
  }
}

function scalar(out: Bytes, type: keyof typeof IDS, value: string | number | boolean | bigint): void {
  if (type === 'string') out.text(String(value));
  else if (type === 'f32') out.f32(Number(value));
  else if (type === 'u8' || type === 'bool') out.raw(Number(value));
  else if (type === 'u16') out.number(Number(value), 2);
  else if (type === 'u64') out.number(BigInt(value as number), 8);
  else out.number(BigInt.asUintN(32, BigInt(Number(value))), 4);
}

export function makeGguf(
  entries: readonly (readonly [string, ...GgufEntry])[],
  tensors: readonly MadeTensor[],
  { version = 3, alignment = 32 }: { version?: number; alignment?: number } = {},
): Uint8Array<ArrayBuffer> {
  const head = new Bytes().raw(...new TextEncoder().encode('GGUF')).number(version, 4);
  head.number(tensors.length, 8).number(entries.length, 8);
  for (const [key, type, value] of entries) {
    head.text(key);
    if (type.startsWith('[')) {
      const inner = type.slice(1, -1) as keyof typeof IDS;
      const list = value as readonly (string | number)[];
      head.number(9, 4).number(IDS[inner], 4).number(list.length, 8);
      for (const each of list) scalar(head, inner, each);
    } else {
      head.number(IDS[type as keyof typeof IDS], 4);
      scalar(head, type as keyof typeof IDS, value as string);
    }
  }
  let offset = 0;
  const data = new Map<number, Uint8Array>();
  for (const tensor of tensors) {
    head.text(tensor.name).number(tensor.dims.length, 4);
    for (const size of tensor.dims) head.number(size, 8);
    head.number(tensor.type, 4).number(tensor.offset ?? offset, 8);
    data.set(offset, tensor.bytes);
    offset = Math.ceil((offset + tensor.bytes.length) / alignment) * alignment;
  }
  const start = head.pad(alignment).length;
  const file = new Uint8Array(start + offset);
  file.set(head.done());
  for (const [at, bytes] of data) file.set(bytes, start + at);
  return file;
}
