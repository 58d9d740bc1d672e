import { describe, expect, it } from 'vitest';
import type { Probe } from '../workers/engine-protocol.ts';
import { platformOf, preflight } from './preflight.ts';

const probe = (patch: Partial<Probe>): Probe => ({
  adapter: { vendor: 'intel', architecture: 'gen-9', description: '', features: [] },
  reason: null,
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  networkBlocked: true,
  ...patch,
});
const fine = {
  isSecureContext: true,
  hasGPU: true,
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
    expect((await preflight({ ...fine, hasGPU: false, probe: never })).fault).toBe('webgpu-missing');
    const low = { adapter: null, reason: 'limit-too-low' } as const;
    expect((await preflight({ ...fine, probe: () => Promise.resolve(probe(low)) })).fault).toBe(
      'limit-too-low',
    );
    const none = { adapter: null };
    expect((await preflight({ ...fine, probe: () => Promise.resolve(probe(none)) })).fault).toBe(
      'adapter-missing',
    );
  });
});

it('tells systems apart', () => {
  expect(platformOf('Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36')).toBe('chromeos');
  expect(platformOf('Mozilla/5.0 (Windows NT 10.0; Win64; x64)')).toBe('windows');
  expect(platformOf('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)')).toBe('macos');
  expect(platformOf('Mozilla/5.0 (X11; Linux x86_64)')).toBe('linux');
  expect(platformOf('Mozilla/5.0 (Linux; Android 14)')).toBe('other');
});
