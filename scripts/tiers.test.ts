import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root } from './install.mjs';
import { fullTier } from './tiers.mjs';

it('the full tier is what is named so, and what has a long form', () => {
  const gpu = fullTier(root, 'gpu');
  expect(gpu).toContain('tests/gpu/variants.full.test.ts');
  expect(gpu).toContain('tests/gpu/sampler.test.ts');
  expect(gpu).not.toContain('tests/gpu/gemv.test.ts');
  const e2e = fullTier(root, 'e2e');
  expect(e2e).toContain('tests/e2e/screens.test.ts');
  expect(e2e).not.toContain('tests/e2e/pwa.test.ts');
  for (const file of [...gpu, ...e2e]) expect(existsSync(path.join(root, file)), file).toBe(true);
});
