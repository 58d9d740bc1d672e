import { expect, it } from 'vitest';
import { compile } from '../../../scripts/cpu-kernels.mjs';
import { KERNELS_BASE64 } from './kernels-wasm.ts';

it('the committed module is what the sources compile to, and small', async () => {
  const wasm = Buffer.from(await compile([]));
  console.log(`cpu kernels: ${wasm.length} bytes of wasm`);
  expect(wasm.equals(Buffer.from(KERNELS_BASE64, 'base64')), 'run node scripts/cpu-kernels.mjs').toBe(true);
  expect(wasm.length).toBeLessThan(16 * 1024);
}, 60_000);
