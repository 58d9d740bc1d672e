import { describe, expect, it } from 'vitest';
import type { Probe } from '../../../wire/engine-protocol.ts';
import { platformOf, preflight, wordsPerSecond } from './preflight.ts';

const probe = (patch: Partial<Probe>): Probe => ({
  adapter: { vendor: 'intel', architecture: 'gen-9', description: '', features: [] },
  reason: null,
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  cpuBytesPerSecond: null,
  networkBlocked: true,
  doors: {} as Probe['doors'],
  ...patch,
});
const fine = {
  isSecureContext: true,
  canStore: () => Promise.resolve(true),
  probe: () => Promise.resolve(probe({})),
};

describe('preflight', () => {
  it('finds nothing wrong where nothing is', async () => {
    expect((await preflight(fine)).fault).toBeNull();
  });

  it('names the first reason', async () => {
    const never = () => Promise.reject(new Error('must not be asked'));
    expect((await preflight({ ...fine, isSecureContext: false, probe: never })).fault).toBe(
      'insecure-context',
    );
    expect((await preflight({ ...fine, canStore: () => Promise.resolve(false), probe: never })).fault).toBe(
      'storage-missing',
    );
    for (const reason of ['webgpu-missing', 'adapter-missing'] as const) {
      const found = await preflight({
        ...fine,
        probe: () => Promise.resolve(probe({ adapter: null, reason })),
      });
      expect(found).toMatchObject({ fault: reason, withoutGpu: null });
    }
    const low = probe({ reason: 'limit-too-low' }); // an adapter, but one that holds no model
    expect((await preflight({ ...fine, probe: () => Promise.resolve(low) })).fault).toBe('limit-too-low');
  });

  it('goes on without a GPU where the processor can stand in, and keeps why', async () => {
    const found = await preflight({
      ...fine,
      probe: () =>
        Promise.resolve(probe({ adapter: null, reason: 'webgpu-missing', cpuBytesPerSecond: 2.8e9 })),
    });
    expect(found).toMatchObject({
      fault: null,
      withoutGpu: { why: 'webgpu-missing', bytesPerSecond: 2.8e9 },
    });
    // 4 tokens a second of 0.7 GB are 3 words.
    expect(found.withoutGpu && wordsPerSecond(found.withoutGpu, 0.7e9)).toBeCloseTo(3, 6);
  });
});

it('tells systems apart', () => {
  expect(platformOf('Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36')).toBe('chromeos');
  expect(platformOf('Mozilla/5.0 (Windows NT 10.0; Win64; x64)')).toBe('windows');
  expect(platformOf('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)')).toBe('macos');
  expect(platformOf('Mozilla/5.0 (X11; Linux x86_64)')).toBe('linux');
  expect(platformOf('Mozilla/5.0 (Linux; Android 14)')).toBe('other');
});
