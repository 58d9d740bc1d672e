import { describe, expect, test } from 'vitest';
import { advise, contextsOf, CPU_LIMIT, MEMORY_CAP, recommend, WORK_SPACE } from './advice.ts';
import type { Candidate, Machine, Needs } from './advice.ts';

const GB = 2 ** 30;
const machine = (memory: number | null, rest: Partial<Machine> = {}): Machine => ({
  memory,
  maxBufferSize: 2 * GB,
  disk: 100 * GB,
  ...rest,
});
const model = (weights: number, rest: Partial<Needs> = {}): Needs => ({
  weights,
  bytesPerToken: 32_768,
  cacheBits: 16,
  context: 4096,
  toStore: weights,
  ...rest,
});

test('a context in 8 bits counts for little more than half', () => {
  const halves = advise(machine(4 * GB), model(1e9));
  const eight = advise(machine(4 * GB), model(1e9, { cacheBits: 8 }));
  expect(eight.cache / halves.cache).toBeCloseTo(140 / 256, 6);
  expect(halves.needed - eight.needed).toBe(halves.cache - eight.cache);
  // Where halves do not fit well, 8 bits may.
  const room = machine((halves.needed - 1) / 0.4);
  expect([advise(room, model(1e9)).fit, advise(room, model(1e9, { cacheBits: 8 })).fit]).toEqual([
    'tight',
    'good',
  ]);
});

describe('by memory', () => {
  test.each<[string, number, number, string, string]>([
    ['a 1B on 4 GB', 4 * GB, 0.7e9, 'good', 'memory'],
    ['a 3B on 4 GB', 4 * GB, 1.8e9, 'tight', 'memory'],
    ['an 8B on 4 GB', 4 * GB, 4.5e9, 'no', 'memory'],
    ['an 8B on 8 GB or more', MEMORY_CAP, 4.5e9, 'tight', 'memory'],
    ['twice that', MEMORY_CAP, 10e9, 'tight', 'memory-capped'],
    ['a 70B on 8 GB or more', MEMORY_CAP, 32e9, 'no', 'memory-capped'],
  ])('%s', (_, memory, weights, fit, why) => {
    expect(advise(machine(memory, { maxBufferSize: null }), model(weights))).toMatchObject({ fit, why });
  });

  test('nothing told, nothing promised', () => {
    expect(advise(machine(null), model(1e9))).toMatchObject({ fit: 'tight', why: 'unknown' });
  });

  test('the numbers add up, and a longer context may tip it', () => {
    const advice = advise(machine(4 * GB), model(1e9, { context: 8192 }));
    expect(advice.cache).toBe(32_768 * 8192);
    expect(advice.needed).toBe(1e9 + 32_768 * 8192 + WORK_SPACE);
    expect(advice.fit).toBe('good');
    expect(advise(machine(4 * GB), model(1e9, { context: 65_536 })).fit).toBe('no');
  });
});

test('too little disk is said first, and not asked of what is stored', () => {
  const disk = { disk: 0.5e9 };
  expect(advise(machine(MEMORY_CAP, disk), model(0.7e9))).toMatchObject({ fit: 'no', why: 'disk' });
  expect(advise(machine(MEMORY_CAP, disk), model(0.7e9, { toStore: 0 }))).toMatchObject({ fit: 'good' });
});

test('a graphics card whose buffers are far too small', () => {
  expect(advise(machine(MEMORY_CAP, { maxBufferSize: 0.25 * GB }), model(32e9))).toMatchObject({
    why: 'buffer',
  });
  expect(advise(machine(MEMORY_CAP, { maxBufferSize: 0.25 * GB }), model(0.7e9))).toMatchObject({
    fit: 'good',
  });
});

describe('without a graphics card', () => {
  const cpu = (rest: Partial<Machine> = {}): Machine =>
    machine(32 * GB, { maxBufferSize: 0, gpu: false, ...rest });

  test('an 8B of 4.53 GB does not fit 4 GB of addresses, however much memory there is', () => {
    expect(advise(cpu(), model(4.527e9))).toMatchObject({ fit: 'no', why: 'cpu-limit' });
    expect(advise(cpu({ gpu: true, maxBufferSize: 4 * GB }), model(4.527e9))).toMatchObject({ fit: 'good' });
  });

  test('the context counts: what fits with a short one may not with a long one', () => {
    expect(advise(cpu(), model(1.8e9))).toMatchObject({ fit: 'good' });
    const long = advise(cpu(), model(1.8e9, { bytesPerToken: 114_688, context: 32_768 }));
    expect(long.needed).toBeGreaterThan(CPU_LIMIT);
    expect(long).toMatchObject({ fit: 'no', why: 'cpu-limit' });
  });

  test('what only another engine runs does not run at all', () => {
    expect(advise(cpu(), model(0.7e9, { needsGpu: true }))).toMatchObject({ fit: 'no', why: 'needs-gpu' });
  });
});

describe('the one to begin with', () => {
  const candidate = (id: string, rest: Partial<Candidate> = {}): Candidate => ({
    ...{ id, fit: 'good', words: null, parameters: Number(id) * 1e9, bytes: Number(id) * 0.6e9 },
    ...rest,
  });

  test('is the largest that fits well, and with the same size the one with less to download', () => {
    expect(recommend([candidate('1'), candidate('3'), candidate('8', { fit: 'tight' })])).toBe('3');
    const [a, b] = [candidate('1', { bytes: 2e9 }), candidate('1', { id: 'lighter' } as Candidate)];
    expect(recommend([a, b])).toBe('lighter');
  });

  test('writes as fast as people read, where that is known', () => {
    expect(recommend([candidate('1', { words: 6 }), candidate('3', { words: 1.2 })])).toBe('1');
  });

  test('is the smallest where none is quick or fits well, and none where none runs', () => {
    expect(recommend([candidate('3', { words: 0.3 }), candidate('1', { words: 0.9 })])).toBe('1');
    expect(recommend([candidate('3', { fit: 'tight' }), candidate('8', { fit: 'no' })])).toBe('3');
    expect(recommend([candidate('8', { fit: 'no' })])).toBeNull();
    expect(recommend([])).toBeNull();
  });
});

test('contexts', () => {
  expect(contextsOf(2048)).toEqual([2048]);
  expect(contextsOf(4096)).toEqual([2048, 4096]);
  expect(contextsOf(131_072)).toEqual([2048, 4096, 8192, 32_768]);
});
