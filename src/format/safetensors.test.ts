import { describe, expect, it } from 'vitest';
import { EngineError } from '../failures.ts';
import { memorySource } from './memory-source.ts';
import { readSafetensorsHeader } from './safetensors.ts';

const FILE = 'model.safetensors';

function fileOf(header: unknown, data = 16, length?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + data);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const read = (file: Uint8Array) => readSafetensorsHeader(memorySource({ [FILE]: file }), FILE);

async function reason(file: Uint8Array): Promise<string> {
  const error: unknown = await read(file).then(
    () => new Error('accepted'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof EngineError)) throw error;
  expect(error).toHaveProperty('details.file', FILE);
  return error.reason;
}

const tensor = (change: object = {}) => ({
  w: { dtype: 'F16', shape: [2, 4], data_offsets: [0, 16], ...change },
});

describe('a safetensors header', () => {
  it('gives each tensor its place in the file', async () => {
    const file = fileOf({ __metadata__: { format: 'pt' }, ...tensor() });
    expect(await read(file)).toEqual([
      { name: 'w', dtype: 'F16', shape: [2, 4], file: FILE, byteOffset: file.length - 16, byteLength: 16 },
    ]);
  });

  it('may name dtypes that we cannot read, for tensors that nobody needs', async () => {
    expect(await read(fileOf(tensor({ dtype: 'I64', shape: [2] })))).toHaveLength(1);
  });

  it('is refused where its length is absurd or the file is cut', async () => {
    expect(await reason(fileOf(tensor(), 16, 2n ** 63n))).toBe('limit-exceeded');
    expect(await reason(fileOf(tensor(), 16, 17n * 1024n * 1024n))).toBe('limit-exceeded');
    expect(await reason(fileOf(tensor(), 16, 4096n))).toBe('safetensors-invalid');
    expect(await reason(new Uint8Array(5))).toBe('safetensors-invalid');
    expect(await reason(fileOf(tensor(), 15))).toBe('tensor-bounds');
  });

  it('is refused where it is not JSON or no object', async () => {
    expect(await reason(fileOf('{"w": '))).toBe('json-invalid');
    expect(await reason(fileOf([]))).toBe('safetensors-invalid');
    expect(await reason(fileOf(null))).toBe('safetensors-invalid');
  });

  it.each([
    { w: null },
    tensor({ dtype: 3 }),
    tensor({ shape: 'x' }),
    tensor({ shape: [2.5, 4] }),
    tensor({ shape: [-2, -4] }),
    tensor({ shape: [2, 5] }),
    tensor({ shape: new Array(9).fill(1) }),
    tensor({ data_offsets: [0] }),
    tensor({ data_offsets: [0, 2 ** 60] }),
    { ['n'.repeat(300)]: tensor().w },
  ])('is refused where an entry is malformed: %j', async (header) => {
    expect(await reason(fileOf(header))).toBe('safetensors-invalid');
  });

  it('is refused where a tensor ends before it begins', async () => {
    expect(await reason(fileOf(tensor({ data_offsets: [16, 0] })))).toBe('tensor-bounds');
  });

  it('is refused with more tensors than any model has', async () => {
    const entry = tensor().w;
    const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, i) => [`t${i}`, entry]));
    expect(await reason(fileOf(many))).toBe('limit-exceeded');
  });
});
