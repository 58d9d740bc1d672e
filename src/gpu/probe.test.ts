import { expect, test } from 'vitest';
import { probeGpu } from './probe.ts';

const MIB = 2 ** 20;
const adapter = (binding: number, features: string[] = []): GPUAdapter =>
  ({
    info: { vendor: 'intel', architecture: 'gen-12lp', description: '' },
    limits: { maxBufferSize: 256 * MIB, maxStorageBufferBindingSize: binding },
    features: new Set(features),
  }) as unknown as GPUAdapter;
const gpu = (requestAdapter: () => Promise<GPUAdapter | null>): GPU => ({ requestAdapter }) as unknown as GPU;

test('names what is missing', async () => {
  expect(await probeGpu(undefined)).toMatchObject({ adapter: null, reason: 'webgpu-missing' });
  expect(await probeGpu(gpu(() => Promise.resolve(null)))).toMatchObject({ reason: 'adapter-missing' });
  const throwing = gpu(() => Promise.reject(new Error('no driver')));
  expect(await probeGpu(throwing)).toMatchObject({ adapter: null, reason: 'adapter-missing' });
  expect(await probeGpu(gpu(() => Promise.resolve(adapter(64 * MIB))))).toMatchObject({
    reason: 'limit-too-low',
    maxStorageBufferBindingSize: 64 * MIB,
  });
});

test('tells adapter, limits and the features that matter', async () => {
  const found = await probeGpu(
    gpu(() => Promise.resolve(adapter(128 * MIB, ['shader-f16', 'depth-clip-control']))),
  );
  expect(found).toEqual({
    adapter: { vendor: 'intel', architecture: 'gen-12lp', description: '', features: ['shader-f16'] },
    reason: null,
    maxBufferSize: 256 * MIB,
    maxStorageBufferBindingSize: 128 * MIB,
  });
});
