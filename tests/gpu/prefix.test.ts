// A prefix's keys and values as bytes: out of one engine, into another, and the answer is the same.

import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { folderSource } from '../../src/cli/folder-source.ts';
import type { Engine } from '../../src/engine.ts';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import type { Device } from '../../src/gpu/device.ts';
import { openRig } from './rig.ts';

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

const source = folderSource(path.resolve(import.meta.dirname, '../golden/gqa-tied/mlc'));
const stored = (engine: Engine) => engine.capabilities.prefix!.bytes!;
const PREFIX = Array.from({ length: 70 }, (_, i) => 3 + ((i * 7) % 40));
const PROMPT = [...PREFIX, 9, 8, 7, 6];

it.each([16, 8] as const)('%i bits: exported, and imported after another load', async (cacheBits) => {
  const options = { source, device, modelId: 'm', cacheBits };
  const first = await createWgslEngine(options);
  const session = first.createSession();
  const wanted = await session.generate(PROMPT, { maxTokens: 8 });
  const bytes = await stored(first).export(session, PREFIX.length);
  await expect(stored(first).export(session, 1000)).rejects.toMatchObject({ reason: 'internal' });
  const { layout } = stored(first);
  first.dispose();

  const second = await createWgslEngine(options);
  expect(stored(second).layout).toBe(layout);
  const next = second.createSession();
  await stored(second).import(next, PREFIX, bytes);
  expect(next.position).toBe(PREFIX.length);
  const found = await next.generate(PROMPT, { maxTokens: 8 });
  expect(found.usage.reusedTokens).toBe(PREFIX.length);
  expect(found.tokenIds).toEqual(wanted.tokenIds);
  // Taken from the bytes, not computed again: with others the logits are others.
  const logits = async (data: Uint8Array<ArrayBuffer>) => {
    await stored(second).import(next, PREFIX, data);
    await next.sync(PROMPT);
    return next.logits();
  };
  expect(await logits(bytes)).not.toEqual(
    await logits(bytes.map((byte, i) => (i % 50 === 0 ? byte ^ 1 : byte))),
  );
  await expect(stored(second).import(next, PREFIX, bytes.slice(4))).rejects.toMatchObject({
    reason: 'internal',
  });
  const long = new Array<number>(100_000).fill(1);
  await expect(stored(second).import(next, long, bytes)).rejects.toMatchObject({ reason: 'context-full' });
  expect((await next.generate(PROMPT, { maxTokens: 8 })).tokenIds).toEqual(wanted.tokenIds);
  second.dispose();
});

it('halves and codes are two layouts', async () => {
  const [halves, codes] = await Promise.all(
    ([16, 8] as const).map((cacheBits) => createWgslEngine({ source, device, modelId: 'm', cacheBits })),
  );
  expect(stored(halves!).layout).not.toBe(stored(codes!).layout);
  [halves, codes].forEach((engine) => engine!.dispose());
});
