import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { spreadOf } from '../engines/bench/pace.ts';
import type { BenchReport } from './bench-report.ts';
import { markdown } from './bench-report.ts';
import { adapterSlug, saveReport } from './bench-results.ts';

const pace = {
  prefillTokensPerSecond: spreadOf([100, 120, 140]),
  decodeTokensPerSecond: spreadOf([20, 30, 25]),
  timeToFirstToken: spreadOf([0.5]),
};

function report(modelId: string, more: Partial<BenchReport> = {}): BenchReport {
  return {
    engine: 'wgsl',
    modelId,
    adapter: { vendor: 'google', architecture: 'swiftshader', description: 'SwiftShader 5.0', features: [] },
    tokens: 8,
    prefillTokensPerSecond: 120,
    decodeTokensPerSecond: 25,
    timeToFirstToken: 0.5,
    contexts: [
      {
        context: 64,
        ...pace,
        versus: { ...pace, cpuSeconds: { prefill: 4, decodePerToken: 0.6 } },
        ratio: { prefill: 1, decode: 2.5 },
        cpuSeconds: { prefill: 2, decodePerToken: 0.5 },
        cpuRatio: { prefill: 2, decode: 1.2 },
      },
    ],
    versus: 'baseline',
    scheme: 'q4f16_1',
    layers: 2,
    machine: {
      runtime: 'Node 20',
      system: 'linux x64',
      cores: 2,
      memoryGigabytes: 8,
      date: '2026-01-31',
      loadBefore: 0,
    },
    jsHeap: { peakWhileLoading: 2e6, atTheEnd: 1e6, budget: 128e6 },
    ...more,
  };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'yupana-results-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('saveReport', () => {
  test('a file an adapter, a section a model, the newest in the place of the one before', async () => {
    await saveReport(folder, report('b'));
    await saveReport(folder, report('a'));
    const base = await saveReport(folder, report('b', { tokens: 9 }));
    expect(await readdir(folder)).toEqual(['google-swiftshader.json', 'google-swiftshader.md']);
    const saved = JSON.parse(await readFile(`${base}.json`, 'utf8')) as { reports: BenchReport[] };
    expect(saved.reports.map(({ modelId, tokens }) => [modelId, tokens])).toEqual([
      ['a', 8],
      ['b', 9],
    ]);
    const page = await readFile(`${base}.md`, 'utf8');
    expect(page.indexOf('## a')).toBeGreaterThan(0);
    expect(page.indexOf('## b')).toBeGreaterThan(page.indexOf('## a'));
  });

  test('refuses to overwrite what it did not write', async () => {
    await writeFile(path.join(folder, 'google-swiftshader.json'), 'notes');
    await expect(saveReport(folder, report('a'))).rejects.toMatchObject({ reason: 'json-invalid' });
    expect(await readFile(path.join(folder, 'google-swiftshader.json'), 'utf8')).toBe('notes');
  });
});

test('adapterSlug: by vendor and architecture, by the description where there are none', () => {
  const adapter = { vendor: 'Apple', architecture: 'metal-3', description: 'M3 (v1)', features: [] };
  expect(adapterSlug(adapter)).toBe('apple-metal-3');
  expect(adapterSlug({ ...adapter, vendor: '', architecture: '' })).toBe('m3-v1');
});

test('markdown: medians, spreads and ratios', () => {
  const text = markdown(report('a'));
  expect(text).toContain('120 (100-140)');
  expect(text).toContain('25.0 (20.0-30.0)');
  expect(text).toContain('2.50 x');
  expect(text).toContain('| 64 | 2.00 | 0.500 | 4.00 | 2.00 x | 0.600 | 1.20 x |');
  expect(text).not.toContain('undefined');
});
