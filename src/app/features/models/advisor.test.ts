import { beforeEach, expect, test, vi } from 'vitest';
import type { AdapterInfo, Usage } from '../../../engine.ts';
import type { MeasuredPace } from '../../../storage/library.ts';
import type { Probe } from '../../../wire/engine-protocol.ts';
import { CATALOG, STARTER_ID } from './catalog.ts';
import type { ThisMachine } from '../machine/machine.svelte.ts';
import type { WithoutGpu } from '../machine/preflight.ts';
import type { SavedBench } from '../machine/start-bench.ts';
import { Advisor } from './advisor.svelte.ts';
import type { ModelEntry, Models } from './models.svelte.ts';

const GB = 2 ** 30;
const CARD: AdapterInfo = { vendor: 'v', architecture: 'a', description: 'd', features: [] };
const entries = CATALOG.map((model) => ({ model, status: null, ready: false }) as unknown as ModelEntry);
const [small, large] = ['llama-3.2-1b-instruct-q4f16_1', 'llama-3.1-8b-instruct-q4f16_1'].map((id) =>
  entries.find(({ model }) => model.id === id)!,
) as [ModelEntry, ModelEntry];

function setup({
  withoutGpu = null as WithoutGpu | null,
  pace = null as MeasuredPace | null,
  loaded = small,
} = {}) {
  let known = pace;
  const advisor = new Advisor({
    models: {
      entries,
      entry: (id: string) => entries.find(({ model }) => model.id === id) ?? null,
      kindOf: () => 'yupana',
      chosen: loaded,
      engine: {
        kind: 'ready',
        modelId: loaded.model.id,
        info: { engine: withoutGpu ? 'cpu' : 'wgsl', adapter: CARD },
      },
    } as unknown as Models,
    settings: () => ({ contextLength: null, cacheBits: 16 }) as never,
    language: () => 'es',
    machine: {
      room: { quota: 500 * GB, usage: 0 },
      probe: { adapter: withoutGpu ? null : CARD, maxBufferSize: withoutGpu ? 0 : 2 * GB } as Probe,
      withoutGpu,
    } as ThisMachine,
    pace: () => known,
    keepPace: (next) => (known = next),
    isAdded: () => false,
  });
  return { advisor, kept: () => known };
}
const usage = (decodeTokensPerSecond: number, completionTokens = 64) =>
  ({ decodeTokensPerSecond, completionTokens }) as Usage;
const bench = (modelId: string, perSecond: number, copyBandwidth?: number) =>
  ({
    figures: {
      ...{
        engine: 'wgsl',
        modelId,
        adapter: CARD,
        contexts: [{ decodeTokensPerSecond: { median: perSecond } }],
      },
      ...(copyBandwidth === undefined ? {} : { copyBandwidth }),
    },
  }) as unknown as SavedBench;

beforeEach(() => vi.stubGlobal('navigator', { deviceMemory: 8 }));

test('on the processor: what is over 4 GB does not run, speed comes from the measurement at the start', () => {
  const { advisor } = setup({ withoutGpu: { why: 'adapter-missing', bytesPerSecond: 2.82e9 } });
  expect(advisor.of(large)).toMatchObject({ fit: 'no', why: 'cpu-limit' });
  expect(advisor.runs(large)).toBe(false);
  expect(advisor.runs(small)).toBe(true);
  // 4 tokens of 0.705 GB a second are 3 words.
  expect(advisor.speedOf(small)).toEqual({ words: expect.closeTo(3, 1) as number, atMost: false });
  expect(advisor.recommended).toBe(small.model.id);
});

test('on a graphics card nothing is said of speed until it was measured there', () => {
  const { advisor, kept } = setup();
  expect(advisor.speedOf(small)).toBeNull();
  // What the demonstration does says nothing of a model two hundred times its size.
  advisor.hearBench(bench(STARTER_ID, 300));
  expect(kept()).toBeNull();
  advisor.hearBench(bench(STARTER_ID, 300, 70.5e9));
  expect(advisor.speedOf(small)).toEqual({ words: expect.closeTo(75, 6) as number, atMost: true });
  advisor.hearAnswer(usage(40, 3)); // over before its pace is steady
  expect(kept()?.from).toBe('copy');
  advisor.hearAnswer(usage(40));
  expect(advisor.speedOf(small)).toEqual({ words: expect.closeTo(30, 6) as number, atMost: false });
  expect(advisor.speedOf(large)?.words).toBeCloseTo((30 * 705) / 4527, 6);
  // A model says more than the memory alone.
  advisor.hearBench(bench(STARTER_ID, 300, 70.5e9));
  expect(kept()?.from).toBe('answers');
});

test('another card has another pace, and the small answers of the demonstration are no measure', () => {
  const other = setup({ pace: { adapter: 'another', bytesPerSecond: 1e9, from: 'answers' } });
  expect(other.advisor.speedOf(small)).toBeNull();
  const starter = setup({ loaded: entries.find(({ model }) => model.id === STARTER_ID)! });
  starter.advisor.hearAnswer(usage(300));
  expect(starter.kept()).toBeNull();
});

test('one of the catalog is recommended, never the demonstration, nor one that does not run', () => {
  const { advisor } = setup();
  const id = advisor.recommended;
  expect(id).not.toBe(STARTER_ID);
  const entry = entries.find(({ model }) => model.id === id)!;
  expect(advisor.runs(entry)).toBe(true);
  expect(entry.model.languages).toContain('es');
});
