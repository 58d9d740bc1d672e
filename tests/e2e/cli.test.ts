// The commands as a person types them: convert then generate on both tiny checkpoints, chat with the starter model, bench.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/install.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'yupana-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/cli.mjs', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: root },
  });
  return { status, stdout, stderr };
}

/** Stdout of a command with --json: one object and nothing else. */
function json<T>(...args: string[]): T {
  const { status, stdout, stderr } = run(...args, '--json');
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

interface Generated {
  promptIds: number[];
  tokenIds: number[];
  text: string;
  finishReason: string;
  usage: Record<string, number>;
  adapter: { vendor: string };
  lastPromptLogits?: number[];
}
interface Golden {
  cases: { chat?: string; promptIds: number[]; greedyIds: number[]; text?: string; lastLogits?: number[] }[];
}
const golden = (model: string) =>
  JSON.parse(readFileSync(path.join(root, 'tests/golden', model, 'golden.json'), 'utf8')) as Golden;

describe.each(['gqa-tied', 'mha-untied-tail'])('%s', (model) => {
  it('is converted, and its shards give the golden tokens and logits', () => {
    const out = path.join(folder, model);
    const converted = run('convert', `tests/golden/${model}/hf`, out);
    expect(converted.status, converted.stderr).toBe(0);
    expect(converted.stdout).toBe('');
    // The command is refused where something is already, and leaves it alone.
    expect(run('convert', `tests/golden/${model}/hf`, out).status).not.toBe(0);
    for (const { promptIds, greedyIds, lastLogits } of golden(model).cases.slice(0, 2)) {
      const got = json<Generated>(
        'generate',
        '--model',
        out,
        '--prompt-ids',
        promptIds.join(),
        '--max-tokens',
        String(greedyIds.length),
        '--logits',
      );
      expect(got.tokenIds).toEqual(greedyIds);
      const most = Math.max(...lastLogits!.map(Math.abs));
      const off = Math.max(...lastLogits!.map((logit, i) => Math.abs(logit - got.lastPromptLogits![i]!)));
      expect(off / most).toBeLessThanOrEqual(2e-3);
    }
  });
});

describe('the starter model', () => {
  const MODEL = ['--model', 'public/models/semilla-q4f16_1'];

  it.each(['wgsl', 'cpu'])('answers a chat with the golden tokens on %s', (engine) => {
    const wanted = golden('semilla').cases.find(({ chat }) => chat !== undefined)!;
    const got = json<Generated>('generate', ...MODEL, '--chat', wanted.chat!, '--engine', engine);
    expect(got).toMatchObject({
      promptIds: wanted.promptIds,
      tokenIds: wanted.greedyIds,
      text: wanted.text,
      finishReason: 'stop',
    });
    expect(got.usage).toMatchObject({
      promptTokens: wanted.promptIds.length,
      completionTokens: wanted.greedyIds.length,
    });
  });

  it('is measured within the budgets of a token', () => {
    const { counters } = json<{ counters: Record<string, number> }>('bench', ...MODEL, '--contexts', '64');
    const layers = 6;
    expect(counters.dispatchesPerToken).toBeLessThanOrEqual(6 * layers + 8);
    expect(counters.computePassesPerToken).toBeLessThanOrEqual(1);
    expect(counters.submitsPerToken).toBeLessThanOrEqual(1);
    expect(counters.createBindGroupPerToken).toBe(0);
    expect(counters.createBufferPerToken).toBe(0);
    expect(counters.createPipelinePerToken).toBe(0);
    expect(counters.writeBufferPerToken).toBeLessThanOrEqual(1);
    expect(counters.readbackBytesPerToken).toBeLessThanOrEqual(64);
    expect(counters.weightBytesPerToken! / counters.quantizedWeightBytes!).toBeLessThanOrEqual(1.02);
    expect(counters.gpuBytes).toBeGreaterThan(0);
  });
});

describe('an answer held to a form', () => {
  const FORM = ['--model', 'public/models/semilla-q4f16_1', '--chat', 'x', '--engine', 'cpu'];
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };

  it('is in "parsed"; what is left out of the schema is told on stderr', () => {
    const schema = { type: 'array', items: { enum: ['sí', 'no'] }, minItems: 2, maxItems: 2_000 };
    const { status, stdout, stderr } = run('generate', ...FORM, '--schema', file('list.json', JSON.stringify(schema)), '--max-tokens', '30', '--json'); // prettier-ignore
    expect(status, stderr).toBe(0);
    const { text, parsed, finishReason } = JSON.parse(stdout) as Generated & { parsed: string[] };
    expect(parsed).toEqual(JSON.parse(text));
    expect(parsed.length).toBeGreaterThanOrEqual(2);
    expect(parsed.every((each) => ['sí', 'no'].includes(each))).toBe(true);
    expect(finishReason).toBe('stop');
    expect(stderr).toBe('maxItems at the root: at most 1000 items are written\n');
  });

  it('cut before it was whole ends with status 1, and has no value', () => {
    const schema = file('long.json', JSON.stringify({ type: 'string', minLength: 200 }));
    const { status, stdout, stderr } = run(
      'generate',
      ...FORM,
      '--schema',
      schema,
      '--max-tokens',
      '3',
      '--json',
    );
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ parsed: null, finishReason: 'length' });
    expect(stderr).toContain('cut before it had its form');
  });

  it('by a regular expression or a grammar, without --json: the text alone on stdout', () => {
    const regex = run('generate', ...FORM, '--regex', '(sí|no), \\d{2}');
    expect([regex.status, regex.stdout]).toEqual([0, expect.stringMatching(/^(sí|no), \d{2}$/)]);
    const grammar = run('generate', ...FORM, '--grammar', file('g.ebnf', 'root ::= "a" | "b"'));
    expect([grammar.status, grammar.stdout]).toEqual([0, expect.stringMatching(/^[ab]$/)]);
  });

  it.each([
    [
      '--schema',
      '{"properties":{"a/b":{"pattern":"(?<=x)y"}}}',
      /pattern at \/properties\/a~1b: \(\?<=x\) is a look-behind/,
    ],
    ['--schema', '{', /is no JSON/],
    ['--grammar', 'root ::= (', /line 1, column 10/],
  ])('%s %s is refused with status 2, before a model is loaded', (option, text, message) => {
    const { status, stdout, stderr } = run(
      'generate',
      '--model',
      'nowhere',
      '--chat',
      'x',
      option,
      file('bad', text),
    );
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at |xgrammar/);
  });
});

describe('wrong use', () => {
  it.each([
    [['generate', '--model', 'tests/golden'], 2],
    [['generate', '--model', 'tests/golden', '--prompt-ids', '1'], 1],
    [['generate', '--model', 'public/models/semilla-q4f16_1', '--chat', 'x', '--temperature', 'hot'], 2],
    [['convert', 'tests/golden', 'x'], 1],
    [['nonsense'], 2],
  ] as const)('%j ends with status %i, a plain line and no stack', (args, status) => {
    const got = run(...args);
    expect(got.status).toBe(status);
    expect(got.stdout).toBe('');
    expect(got.stderr).not.toMatch(/\n\s+at /);
  });
});
