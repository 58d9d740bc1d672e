// What `convert --format gguf` writes is read by llama.cpp (wllama, in a real browser): from F16 it generates the greedy tokens
// of our float64 forward pass over the unquantised checkpoint. And the race runs, on the page that this uses too.

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../../scripts/install.mjs';
import { createFileSink } from '../../src/cli/file-sink.ts';
import { folderSource } from '../../src/cli/folder-source.ts';
import { main as race } from '../../src/cli/race.ts';
import { buildRacePage, GGUF_NAME, racePrompts } from '../../src/cli/race-files.ts';
import { serveRace } from '../../src/cli/race-server.ts';
import { planGguf } from '../../src/convert/gguf.ts';
import { openCheckpoint } from '../../src/format/checkpoint.ts';
import { readTokenizerFiles } from '../../src/format/tokenizer-files.ts';
import { createForwardPass } from '../../src/llama/forward.ts';
import { loadTokenizer } from '../../src/tokenizer/tokenizer.ts';
import { checkpointWeights } from '../host/checkpoint-weights.ts';
import { openProfile } from './harness.ts';

const CHECKPOINT = path.join(root, 'tests/golden/semilla/hf');
const TOKENS = 20;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'yupana-gguf-'));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

it('llama.cpp generates the same greedy tokens from our F16 file as the float64 pass does', async () => {
  const source = folderSource(CHECKPOINT);
  const checkpoint = await openCheckpoint(source);
  const plan = await planGguf(source, { scheme: 'F16', name: 'semilla', licence: 'apache-2.0' });
  const file = await createFileSink(path.join(folder, 'gguf', GGUF_NAME));
  await plan.write(file);
  await file.commit();
  await buildRacePage(root, path.join(folder, 'page'));

  const tokenizer = loadTokenizer(await readTokenizerFiles(source), checkpoint.config.vocabSize);
  const ask = (question: string): { text: string; ids: number[] } => {
    const text = `<|start_header_id|>user<|end_header_id|>\n\n${question}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n`;
    return { text, ids: tokenizer.encode(text) };
  };
  const prompts = [
    ask('Cuéntame un cuento.'),
    ask('Planifica uma aula sobre os maias.'),
    ...(await racePrompts(source, checkpoint.config.vocabSize, 2, 24)),
  ];
  const weights = await checkpointWeights(checkpoint);
  const expected = prompts.map(({ ids }) => {
    const pass = createForwardPass(checkpoint.config, weights);
    let hidden: Float64Array = new Float64Array();
    for (const id of ids) hidden = pass.step(id);
    const answer: number[] = [];
    for (let i = 0; i < TOKENS; i++) {
      const logits = pass.logits(hidden);
      const next = logits.indexOf(Math.max(...logits));
      // A stop would end llama.cpp's answer and not this one.
      expect(checkpoint.stopTokenIds).not.toContain(next);
      answer.push(next);
      hidden = pass.step(next);
    }
    return tokenizer.decode(answer);
  });

  const folders = { page: path.join(folder, 'page'), model: folder, gguf: path.join(folder, 'gguf') };
  const [server, profile] = await Promise.all([serveRace(folders), openProfile({ webgpu: false })]);
  try {
    const page = await profile.context.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => typeof globalThis.race === 'object');
    const { warm, runs } = await page.evaluate((order) => globalThis.race.run(order), {
      column: 'wllama-cpu-1' as const,
      modelBase: '',
      ggufUrl: `${server.url}gguf/${GGUF_NAME}`,
      contextLength: 128,
      threads: 1,
      prompts,
      tokens: TOKENS,
    });
    const answers = [warm, ...runs];
    expect(answers.map(({ promptTokens }) => promptTokens)).toEqual(prompts.map(({ ids }) => ids.length));
    expect(answers.map(({ text }) => text)).toEqual(expected);
  } finally {
    await Promise.all([profile.close(), server.close()]);
  }
});

it('the race prints a column for who ran and a reason for who did not', async () => {
  const written: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text) => written.push(String(text)) > 0;
  process.env['YUPANA_ROOT'] = root;
  try {
    const columns = 'yupana-cpu-1,web-llm';
    const sizes = ['--prompt', '16', '--tokens', '8', '--repetitions', '1'];
    expect(await race(['--model', CHECKPOINT, '--columns', columns, ...sizes])).toBe(0);
  } finally {
    process.stdout.write = write;
  }
  const table = written.join('');
  expect(table).toMatch(/\| decode tokens\/s \| [\d.]+ \([\d.]+-[\d.]+\) \|/);
  expect(table).toMatch(/\| weights moved \| 3\.\d+ MB in \d+ requests \|/);
  expect(table).toMatch(/web-llm, WebGPU: did not run\. It needs a library compiled for this model/);
});
