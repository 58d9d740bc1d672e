// A GPU that goes away or runs out of memory, and files that are no good: a typed error, nothing left allocated, no hang.

import { afterEach, expect, it } from 'vitest';
import { EngineError } from '../../src/failures.ts';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import type { ShardSource } from '../../src/format/shard-source.ts';
import type { Device } from '../../src/gpu/device.ts';
import { compileError, gpuError } from '../../src/gpu/errors.ts';
import { freshRandom, seededRandom } from './random.ts';
import { memorySource, randomModel } from './random-model.ts';
import { openRig } from './rig.ts';

const SHAPE = {
  hidden: 64,
  inner: 96,
  heads: 4,
  kvHeads: 2,
  headDim: 32,
  vocab: 300,
  tied: true,
  context: 1024,
};
const model = randomModel(seededRandom(6), SHAPE, 'q4f16_1');
const PROMPT = Array.from({ length: 300 }, (_, i) => (i * 7) % 300);

/** Moments at which the device is lost: a few in short, all of them in `npm run soak faults`. */
const LOSSES = Number(process.env.YUPANA_LOSSES ?? 3);

let device: Device;
afterEach(() => device.close());

/** The device with `guard` failing as a full GPU does, where `when` says so. */
function fullWhen(when: (what: string) => boolean): Device {
  return {
    ...device,
    guard: (what, work) => {
      if (when(what)) return Promise.reject(new EngineError('out-of-memory', `${what}: no memory`));
      return device.guard(what, work);
    },
  };
}

it('device lost while loading', async () => {
  device = await openRig();
  let reads = 0;
  const source: ShardSource = {
    ...model.source,
    read: (file, offset, length) => {
      if (++reads === 6) device.raw.destroy();
      return model.source.read(file, offset, length);
    },
  };
  await expect(createWgslEngine({ source, device, modelId: 'm' })).rejects.toMatchObject({
    reason: 'device-lost',
  });
  expect(device.counters.gpuBytes).toBe(0);
  expect((await device.lost).reason).toBe('device-lost');
});

it.each(['prefill', 'decode'])('device lost in %s', async (when) => {
  device = await openRig();
  const engine = await createWgslEngine({ source: model.source, device, modelId: 'm' });
  const session = engine.createSession();
  const running = session.generate(PROMPT, {
    maxTokens: 400,
    onPrefill: (done, total) => {
      if (when === 'prefill' && done < total) device.raw.destroy();
      if (when === 'decode' && done === total) setTimeout(() => device.raw.destroy(), 150);
    },
  });
  await expect(running).rejects.toMatchObject({ reason: 'device-lost', code: 'DeviceLostError' });
  expect((await engine.lost).reason).toBe('device-lost');
  await expect(session.sync([1])).rejects.toMatchObject({ reason: 'device-lost' });
  engine.dispose();
  expect(device.counters.gpuBytes).toBe(0);
  await expect(createWgslEngine({ source: model.source, device, modelId: 'm' })).rejects.toMatchObject({
    reason: 'device-lost',
  });
});

/** The device, with `strike` called after each of its calls that reach the GPU. */
function struck(strike: () => void): Device {
  const after =
    <Args extends unknown[], Result>(call: (...args: Args) => Result) =>
    (...args: Args): Result => {
      const result = call(...args);
      strike();
      return result;
    };
  return {
    ...device,
    createBuffer: after(device.createBuffer.bind(device)),
    writeBuffer: after(device.writeBuffer.bind(device)),
    bindGroup: after(device.bindGroup.bind(device)),
    pipeline: after(device.pipeline.bind(device)),
    submit: after(device.submit.bind(device)),
  };
}

async function loadAndAnswer(on: Device): Promise<void> {
  const engine = await createWgslEngine({
    source: model.source,
    device: on,
    modelId: 'm',
    contextLength: 64,
  });
  try {
    const session = engine.createSession();
    await session.generate(PROMPT.slice(0, 30), { maxTokens: 3 });
    await session.generate(PROMPT.slice(0, 20), { maxTokens: 3, sampler: { temperature: 1, seed: 2 } });
  } finally {
    engine.dispose();
  }
}

it('device lost at any moment: after each of its calls, from the first buffer to the last submit', async () => {
  device = await openRig();
  let moments = 0;
  await loadAndAnswer(struck(() => moments++));
  const random = freshRandom('losses');
  const all = Array.from({ length: moments }, (_, moment) => ({ moment, at: random.next() }));
  const chosen = all
    .sort((a, b) => a.at - b.at)
    .slice(0, LOSSES)
    .map(({ moment }) => moment);
  console.log(`losses: ${chosen.length} of ${moments} moments, seed ${random.seed}`);
  for (const moment of chosen) {
    device.close();
    device = await openRig();
    let calls = 0;
    const lost = loadAndAnswer(
      struck(() => {
        if (calls++ === moment) device.raw.destroy();
      }),
    );
    await expect(lost, `after call ${moment}`).rejects.toMatchObject({ reason: 'device-lost' });
    expect(device.counters.gpuBytes, `after call ${moment}`).toBe(0);
  }
});

it.each(['layers.1.mlp', 'work space'])('no memory for %s at load', async (part) => {
  device = await openRig();
  const full = fullWhen((what) => what.includes(part));
  await expect(createWgslEngine({ source: model.source, device: full, modelId: 'm' })).rejects.toMatchObject({
    reason: 'out-of-memory',
    code: 'OutOfMemoryError',
  });
  expect(device.counters.gpuBytes).toBe(0);
  const engine = await createWgslEngine({ source: model.source, device, modelId: 'm' });
  expect((await engine.createSession().generate([1, 2], { maxTokens: 2 })).tokenIds.length).toBe(2);
  engine.dispose();
});

it('no memory for a larger cache: the cache is given back, and a smaller context goes on', async () => {
  device = await openRig();
  let full = false;
  const engine = await createWgslEngine({
    source: model.source,
    device: fullWhen((what) => full && what.includes('layer 1 values')),
    modelId: 'm',
  });
  const session = engine.createSession();
  const before = await session.generate(PROMPT.slice(0, 20), { maxTokens: 5 });
  full = true;
  const grown = session.generate(PROMPT, { maxTokens: 5 });
  await expect(grown).rejects.toMatchObject({ reason: 'out-of-memory' });
  expect(session.position).toBe(0);
  expect(device.counters.gpuBytes).toBeLessThan(engine.plan.weightBytes + engine.plan.workBytes + 1);
  full = false;
  const after = await session.generate(PROMPT.slice(0, 20), { maxTokens: 5 });
  expect(after.tokenIds).toEqual(before.tokenIds);
  engine.dispose();
  expect(device.counters.gpuBytes).toBe(0);
});

it('no memory for the wished context at load: half of it, and half again, said in the info', async () => {
  device = await openRig();
  // Keys of 1,024 tokens take 128 KiB here.
  const full = fullWhen((what) => {
    const [, bytes] = /^allocating (\d+) bytes for layer 1 values/.exec(what) ?? [];
    return Number(bytes) > 50_000;
  });
  const options = { source: model.source, device: full, modelId: 'm' };
  await expect(createWgslEngine({ ...options, contextLeast: 400 })).rejects.toMatchObject({
    reason: 'out-of-memory',
    details: { contextLength: 512 },
  });
  expect(device.counters.gpuBytes).toBe(0);
  for (const [wished, contextLength] of [
    [1024, undefined],
    [700, 700],
  ] as const) {
    const more = contextLength === undefined ? {} : { contextLength };
    const engine = await createWgslEngine({ ...options, ...more, contextLeast: 100 });
    expect(engine.info).toMatchObject({
      contextLength: wished === 1024 ? 256 : 350,
      contextCut: { wished, why: 'out-of-memory' },
    });
    // Nothing of the trial is left, and the work space is the smaller context's.
    expect(device.counters.gpuBytes).toBeLessThanOrEqual(engine.plan.weightBytes + engine.plan.workBytes);
    const session = engine.createSession();
    const { usage } = await session.generate(PROMPT.slice(0, 200), { maxTokens: 500 });
    expect(usage.contextUsed).toBeLessThanOrEqual(engine.info.contextLength);
    await expect(session.sync([...PROMPT, ...PROMPT])).rejects.toMatchObject({ reason: 'context-full' });
    engine.dispose();
    expect(device.counters.gpuBytes).toBe(0);
  }
});

it("a context past the device's limits at load: half of it", async () => {
  device = await openRig();
  const { maxComputeWorkgroupsPerDimension } = device.limits;
  const small = {
    maxComputeWorkgroupsPerDimension,
    maxBufferSize: 80_000,
    maxStorageBufferBindingSize: 80_000,
  };
  const options = {
    source: model.source,
    device: { ...device, limits: small as GPUSupportedLimits },
    modelId: 'm',
    contextLength: 1024,
  };
  await expect(createWgslEngine(options)).rejects.toMatchObject({ reason: 'limit-too-low' });
  const engine = await createWgslEngine({ ...options, contextLeast: 128 });
  expect(engine.info).toMatchObject({
    contextLength: 512,
    contextCut: { wished: 1024, why: 'limit-too-low' },
  });
  engine.dispose();
  const fits = await createWgslEngine({ ...options, contextLength: 512, contextLeast: 128 });
  expect(fits.info.contextCut).toBeUndefined();
  fits.dispose();
  expect(device.counters.gpuBytes).toBe(0);
});

it('disposed of in mid-answer: the call ends, everything is given back', async () => {
  device = await openRig();
  const engine = await createWgslEngine({ source: model.source, device, modelId: 'm' });
  const running = engine.createSession().generate(PROMPT.slice(0, 20), { maxTokens: 500 });
  setTimeout(() => engine.dispose(), 100);
  await expect(running).rejects.toBeInstanceOf(EngineError);
  expect(device.counters.gpuBytes).toBe(0);
  expect(() => engine.createSession()).toThrow(EngineError);
});

it('scales that are not numbers are named', async () => {
  device = await openRig();
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const path of ['mlc-chat-config.json', 'tensor-cache.json', 'params_shard_0.bin']) {
    files.set(path, await model.source.read(path, 0, (await model.source.size(path)) ?? 0));
  }
  const cache = JSON.parse(new TextDecoder().decode(files.get('tensor-cache.json'))) as {
    records: { records: { name: string; byteOffset: number }[] }[];
  };
  const name = 'model.layers.1.mlp.down_proj.q_scale';
  const record = cache.records[0]!.records.find((each) => each.name === name)!;
  new Uint16Array(files.get('params_shard_0.bin')!.buffer)[record.byteOffset / 2 + 5] = 0x7e00;
  await expect(
    createWgslEngine({ source: memorySource('bad', files), device, modelId: 'm' }),
  ).rejects.toMatchObject({
    reason: 'tensor-not-finite',
    details: { tensor: name, actual: 'not finite at value 5' },
  });
  expect(device.counters.gpuBytes).toBe(0);
});

it('a WGSL error shows its line, column and text', async () => {
  device = await openRig();
  const code = '@compute @workgroup_size(1)\nfn main() {\n  let x = nothing;\n}\n';
  const compiled = device.pipeline({ name: 'broken', code, bindings: [] }, {});
  await expect(compiled).rejects.toMatchObject({
    details: { line: 3, column: 11, text: 'let x = nothing;' },
  });
  await expect(compiled).rejects.toThrow('  let x = nothing;\n            ^');
  expect(compileError('k', 'x', [])).toBeUndefined();
});

it('what the GPU reports keeps its meaning', async () => {
  device = await openRig();
  expect(gpuError(new GPUOutOfMemoryError('full'), 'x').reason).toBe('out-of-memory');
  expect(gpuError(new GPUValidationError('no'), 'x').reason).toBe('internal');
  const tooLarge = device.guard('a buffer past the limit', () =>
    device.createBuffer('large', device.limits.maxBufferSize + 4, GPUBufferUsage.STORAGE),
  );
  await expect(tooLarge).rejects.toMatchObject({ reason: 'internal' });
  // Outside any scope: kept, and thrown by the next check.
  device.raw.createBuffer({ size: device.limits.maxBufferSize + 4, usage: GPUBufferUsage.STORAGE });
  await device.raw.queue.onSubmittedWorkDone();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(() => device.check()).toThrow(EngineError);
});
