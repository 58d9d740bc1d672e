// models/catalog.json and its cards, as anyone may have edited them.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parseMlcConfig } from '../llama/config.ts';
import { llamaTensors } from '../llama/tensors.ts';
import { parseManifest } from './manifest.ts';
import { SCHEMES } from './schemes.ts';

interface Entry {
  id: string;
  name: string;
  base: string;
  repository: string | null;
  revision: string | null;
  format: string;
  engine: string;
  mirrors: string[];
  scheme: keyof typeof SCHEMES;
  bytes: number;
  bytesOnDisk: number;
  bytesAbout: boolean;
  manifestSha256: string | null;
  memory: { context: number; bytes: number; bytesPerToken: number };
  parameters: number;
  contextWindow: number;
  languages: string[];
  license: string;
  card: string;
  about: Record<string, string>;
  official: boolean;
  builtWithLlama: boolean;
  demonstration: boolean;
  available: boolean;
}

/** What a model needs beside weights and KV cache: models/README.md. */
const WORK_SPACE = 128 * 2 ** 20;

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(at(path), 'utf8'));
const catalog = read('models/catalog.json') as { models: Entry[] };
const { models } = catalog;
const valid = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
  read('models/catalog.schema.json') as object,
);

test('is as its schema says', () => {
  valid(catalog);
  expect(valid.errors ?? []).toEqual([]);
});

test.each([
  ['a field nobody knows', { sha: 'x' }, ''],
  ['an engine nobody has', { engine: 'llama.cpp' }, '/engine'],
  ['a mirror without a lock', { mirrors: ['http://a/'] }, '/mirrors/0'],
  ['a branch as a revision', { revision: 'main' }, '/revision'],
  ['a size that is none', { bytes: '1 GB' }, '/bytes'],
  ['a language it is not shown in', { languages: ['qu'] }, '/languages/0'],
])('its schema refuses %s', (_, change, where) => {
  valid({ version: 1, models: [{ ...models[0], ...change }] });
  expect(valid.errors?.map(({ instancePath }) => instancePath)).toEqual([`/models/0${where}`]);
});

test('names each model once, the starter first', () => {
  expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
  expect(models[0]?.id).toBe('semilla-q4f16_1');
});

test('the starter has as many parameters as its config says', () => {
  const config = read('public/models/semilla-q4f16_1/mlc-chat-config.json');
  const weights = llamaTensors(parseMlcConfig(config)).map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  expect(models[0]?.parameters).toBe(weights.reduce((a, b) => a + b, 0));
});

test('every card belongs to a model', () => {
  const cards = readdirSync(at('models/')).filter((name) => name.endsWith('.md') && name !== 'README.md');
  expect(cards.sort()).toEqual(models.map(({ card }) => card).sort());
});

describe.each(models.map((model) => [model.id, model] as const))('%s', (_, model) => {
  test('has the scheme of its id', () => {
    expect(model.id.endsWith(`-${model.scheme}`)).toBe(true);
  });

  test('is where it says', () => {
    expect(model.base).toMatch(/\/$/);
    if (model.repository === null) {
      expect(model.base).not.toMatch(/^https?:/);
      return;
    }
    const revision = model.revision ?? 'main';
    expect(model.base).toBe(`https://huggingface.co/${model.repository}/resolve/${revision}/`);
    // Without a manifest of its own, or a revision, nothing pins the bytes: then no size is exact.
    expect(model.bytesAbout).toBe(model.manifestSha256 === null);
  });

  test('has sizes that follow from its weights', () => {
    const { bits, group } = SCHEMES[model.scheme];
    const perWeight = bits === 16 ? 16 : bits === 3 ? 32 / 10 + 16 / group : bits + 16 / group;
    const weights = (model.parameters * perWeight) / 8;
    expect(model.bytesOnDisk).toBeGreaterThan(weights * 0.95);
    expect(model.bytesOnDisk).toBeLessThan(weights * 1.05 + 30e6);
    if (model.format === 'mlc') expect(model.bytes).toBe(model.bytesOnDisk);
    else {
      // Tucano publishes its weights in float32.
      const weight = model.repository?.startsWith('TucanoBR/') ? 4 : 2;
      expect(Math.abs(model.bytes / (model.parameters * weight) - 1)).toBeLessThan(0.05);
    }
    const { context, bytes, bytesPerToken } = model.memory;
    expect(context).toBeLessThanOrEqual(model.contextWindow);
    expect(bytes).toBe(model.bytesOnDisk + bytesPerToken * context + WORK_SPACE);
  });

  test('has the manifest it names', () => {
    if (model.manifestSha256 === null) return;
    const manifest = readFileSync(at(`public/${model.base}manifest.json`));
    expect(createHash('sha256').update(manifest).digest('hex')).toBe(model.manifestSha256);
    expect(parseManifest(JSON.parse(manifest.toString())).bytes).toBe(model.bytes);
  });

  test('says in three languages what it is, and keeps what Llama’s licence asks', () => {
    expect(existsSync(at(`models/${model.card}`))).toBe(true);
    const card = readFileSync(at(`models/${model.card}`), 'utf8');
    const sections = card.split(/^## /m).slice(1);
    expect(sections.map((section) => section.split('\n')[0])).toEqual(['Español', 'Português', 'English']);
    const counts = sections.map((section) => section.match(/^\*\*/gm)?.length ?? 0);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(7);
    expect(new Set(counts).size, 'as many paragraphs in each language').toBe(1);
    for (const section of sections) expect(section.includes('Built with Llama')).toBe(model.builtWithLlama);
    expect(/^llama3/.test(model.license)).toBe(model.builtWithLlama);
    // Only the project's own model may go without saying that it is not Latam-GPT.
    if (model.repository?.startsWith('latam-gpt/')) expect(model.official).toBe(true);
    else expect(sections.every((section) => /\*\*[^*]*(no|não|not)[^*]*\*\*/i.test(section))).toBe(true);
  });
});
