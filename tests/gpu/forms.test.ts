// Answers held to a form on the GPU: at temperature 1 all of them are what the schema says.

import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { folderSource } from '../../src/cli/folder-source.ts';
import { createGrammars } from '../../src/engines/grammar/grammar.ts';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import type { WgslEngine } from '../../src/engines/wgsl/engine.ts';
import type { Device } from '../../src/gpu/device.ts';
import { SCHEMAS, soakForms } from '../host/form-soak.ts';
import { FULL } from '../host/tier.ts';
import { openRig } from './rig.ts';

const SEMILLA = path.resolve(import.meta.dirname, '../../public/models/semilla-q4f16_1');
let device: Device;
let engine: WgslEngine;
beforeAll(async () => {
  device = await openRig();
  engine = await createWgslEngine({ source: folderSource(SEMILLA), device, modelId: 'semilla' });
});
afterAll(() => {
  engine?.dispose();
  device?.close();
});

/** The full count is the CPU engine's (src/engines/grammar/grammar.test.ts): its draws are the same. */
const RUNS = FULL ? SCHEMAS.length : 1;

it('seeded answers at temperature 1 validate against their schema', async () => {
  const { wrong, compiled } = await soakForms(engine, RUNS, 1);
  expect(wrong).toEqual([]);
  expect(compiled).toBe(RUNS);
});

it('a grammar of one’s own, free JSON, and what cannot be compiled', async () => {
  const grammars = await createGrammars(engine.vocabulary(), engine.info.vocabSize);
  const session = engine.createSession();
  const prompt = engine.encodeChat([{ role: 'user', content: '¿Es Bolivia un país?' }]);
  const grammar = 'root ::= "sí, " (word " ")? word | "no"\nword ::= [a-zñáéíóú]{2,8}';
  const constraint = await grammars.constraint({ type: 'grammar', grammar });
  for (const seed of [1, 2, 3]) {
    const { text } = await session.generate(prompt, {
      maxTokens: 60,
      sampler: { temperature: 1, seed },
      constraint,
    });
    expect(text).toMatch(/^(sí, ([a-zñáéíóú]{2,8} )?[a-zñáéíóú]{2,8}|no)$/);
    expect(await constraint.whole()).toBe(true);
  }
  const json = await grammars.constraint({ type: 'json_object' });
  const { text, finishReason } = await session.generate(prompt, {
    maxTokens: 400,
    sampler: { temperature: 1, seed: 4 },
    constraint: json,
  });
  if (finishReason === 'stop') expect(() => JSON.parse(text) as unknown).not.toThrow();
  else expect(await json.whole()).toBe(false);
  const cut = await session.generate(prompt, { maxTokens: 1, constraint });
  // With one token left the shortest ending is taken, and the answer is whole.
  expect([cut.finishReason, cut.text, await constraint.whole()]).toEqual(['stop', 'no', true]);
  await expect(grammars.constraint({ type: 'grammar', grammar: 'root ::= (' })).rejects.toMatchObject({
    reason: 'grammar-invalid',
  });
  await expect(
    grammars.constraint({ type: 'json_schema', schema: { type: 'array', uniqueItems: true } }),
  ).rejects.toMatchObject({ reason: 'schema-unsupported', details: { keyword: 'uniqueItems' } });
  session.dispose();
});

it.runIf(FULL)('masking costs little against drawing freely, in the same run', async () => {
  const grammars = await createGrammars(engine.vocabulary(), engine.info.vocabSize);
  const session = engine.createSession();
  const prompt = engine.encodeChat([{ role: 'user', content: 'Cuenta algo.' }]);
  const grammar = await grammars.constraint({ type: 'grammar', grammar: 'root ::= [^\\x00]*' });
  const rate = async (constrained: boolean): Promise<number> => {
    const { usage } = await session.generate(prompt, {
      maxTokens: 120,
      sampler: { temperature: 1, seed: 9 },
      ...(constrained ? { constraint: grammar } : {}),
    });
    return usage.decodeTokensPerSecond;
  };
  await rate(true);
  const [free, masked] = [await rate(false), await rate(true)];
  console.log(
    `forms: decode free ${free.toFixed(1)} tokens/s, masked ${masked.toFixed(1)} (${((free / masked - 1) * 100).toFixed(0)} % more time a token)`,
  );
  session.dispose();
});
