import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findDevice, openBestDevice } from './open.ts';

const MIB = 2 ** 20;

/** A GPU that notes what is asked of it, and gives no device: that is where the fake ends. */
function fakeGpu(binding: number, features: string[]) {
  const asked: { adapter: unknown[]; device: unknown[] } = { adapter: [], device: [] };
  const adapter = {
    info: { vendor: 'intel', architecture: 'gen-12lp', description: '' },
    limits: { maxBufferSize: 4096 * MIB, maxStorageBufferBindingSize: binding },
    features: new Set(features),
    requestDevice(descriptor: unknown) {
      asked.device.push(descriptor);
      return Promise.reject(new Error('no device in a test'));
    },
  };
  const gpu = {
    requestAdapter(options: unknown) {
      asked.adapter.push(options);
      return Promise.resolve(adapter);
    },
  } as unknown as GPU;
  return { gpu, asked };
}

test('the strongest GPU is asked for, with its own limits and the features that kernels have variants for', async () => {
  const { gpu, asked } = fakeGpu(2048 * MIB, ['shader-f16', 'subgroups', 'timestamp-query']);
  await expect(openBestDevice(gpu)).rejects.toMatchObject({ reason: 'adapter-missing' });
  expect(asked.adapter.at(-1)).toEqual({ powerPreference: 'high-performance' });
  expect(asked.device).toEqual([
    {
      requiredFeatures: ['shader-f16', 'subgroups'],
      requiredLimits: { maxBufferSize: 4096 * MIB, maxStorageBufferBindingSize: 2048 * MIB },
    },
  ]);
});

test('a machine without a GPU that an engine could use says what is missing, or has none', async () => {
  await expect(openBestDevice(undefined)).rejects.toMatchObject({ reason: 'webgpu-missing' });
  const { gpu, asked } = fakeGpu(64 * MIB, []);
  await expect(openBestDevice(gpu)).rejects.toMatchObject({
    reason: 'limit-too-low',
    details: { limit: 'maxStorageBufferBindingSize', expected: 128 * MIB, actual: 64 * MIB },
  });
  expect(await findDevice(gpu)).toBeUndefined();
  expect(asked.device).toEqual([]);
});

test('nobody opens a device in another way', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.d.ts'),
  );
  // What only tests use simulates a device.
  const openers = files.filter(
    (file) => !/simulated-/.test(file) && /\bopenDevice\(/.test(readFileSync(`src/${file}`, 'utf8')),
  );
  expect(openers.sort()).toEqual(['engines/open.ts', 'gpu/device.ts']);
});
