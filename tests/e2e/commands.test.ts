// Every command under wrong use: exit status, stdout and stderr, each as a process of its own; closed pipes, signals, kills.

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli } from '../../scripts/cli.mjs';
import { root } from '../../scripts/install.mjs';

const SEMILLA = 'public/models/semilla-q4f16_1';
const COMMANDS = ['convert', 'generate', 'bench', 'evaluate', 'synth', 'mirror', 'catalog', 'race'];

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'yupana-commands-'));
  await buildCli();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = { ...process.env, INIT_CWD: root, YUPANA_ROOT: root };
function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist-cli/main.js', ...args], {
    cwd: root,
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}
const inFolder = (name: string) => path.join(folder, name);

describe.each(COMMANDS)('%s', (command) => {
  it('prints its help on stdout', () => {
    for (const flag of ['--help', '-h']) {
      const { status, stdout, stderr } = run(command, '--nonsense', flag);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^usage: ${command} `));
    }
  });

  it('says wrong use in one line on stderr', () => {
    // `catalog` looks at the whole catalog where nothing is named.
    const nothing = command === 'catalog' ? [] : [[]];
    for (const args of [...nothing, ['--nonsense'], ['--modle', 'x']]) {
      const { status, stdout, stderr } = run(command, ...args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(new RegExp(`^${command}: [^\\n]+\\n$`));
    }
  });
});

describe('wrong use says what would be right:', () => {
  const model = ['--model', SEMILLA];
  it.each<[string, string[], string]>([
    ['no model', ['generate', '--chat', 'hola'], '--model <dir> is missing'],
    ['no prompt', ['generate', ...model], 'exactly one of --prompt-ids 1,2,3 and --chat "text"'],
    ['two prompts', ['generate', ...model, '--chat', 'a', '--prompt-ids', '1'], 'exactly one of'],
    [
      'system without a chat',
      ['generate', ...model, '--prompt-ids', '1', '--system', 'x'],
      '--system goes with',
    ],
    [
      'a mistyped option',
      ['generate', ...model, '--chat', 'a', '--temprature', '1'],
      'did you mean --temperature?',
    ],
    [
      'a word for a number',
      ['generate', ...model, '--chat', 'a', '--seed', 'abc'],
      '--seed abc: expected a whole',
    ],
    ['an empty number', ['generate', ...model, '--chat', 'a', '--seed', ''], '--seed : expected a whole'],
    [
      'a value left out',
      ['generate', ...model, '--chat', 'a', '--seed'],
      "'--seed <value>' argument missing",
    ],
    ['an unknown engine', ['bench', ...model, '--engine', 'gpu'], '--engine gpu: expected wgsl or cpu'],
    [
      'an id beyond the vocabulary',
      ['generate', ...model, '--engine', 'cpu', '--prompt-ids', '1,99999'],
      '99999',
    ],
    ['an unknown scheme', ['convert', 'a', 'b', '--scheme', 'q2'], '--scheme q2: expected q4f16_1 or'],
    ['one path too many', ['convert', 'a', 'b', 'c'], 'a checkpoint directory and an output are needed'],
    ['an unknown shape', ['synth', 'llama-9', 'x'], 'unknown shape llama-9: there are'],
    ['a mistyped id', ['mirror', 'semila-q4f16_1', 'x'], 'no id of the catalog: semilla-q4f16_1'],
    ['an unknown command', ['convrt'], 'there are convert, generate'],
    ['no command', [], 'a command is missing'],
  ])('%s', (_, args, right) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout, stderr }).toMatchObject({ status: 2, stdout: '' });
    expect(stderr).toContain(right);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('a failure', () => {
  it('is our own text with status 1, and shows a stack with --debug only', () => {
    const wrong = ['generate', '--model', inFolder('nothing'), '--chat', 'hola'];
    const { status, stdout, stderr } = run(...wrong);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^generate: .*\[not-a-model\]\n$/);
    const debug = run(...wrong, '--debug');
    expect(debug.status).toBe(1);
    expect(debug.stderr).toContain('\n    at ');
  });

  it('of a mirror is said before anything is written into a folder that is not its own', () => {
    const out = inFolder('mine');
    mkdirSync(out);
    writeFileSync(path.join(out, 'letter.txt'), 'mine');
    const refused = run('mirror', SEMILLA, out);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('--into');
    expect(readdirSync(out)).toEqual(['letter.txt']);
    expect(run('mirror', SEMILLA, out, '--into').status).toBe(0);
    expect(readdirSync(out).sort()).toEqual(['_headers', 'letter.txt', 'mirror.json', 'sha256']);
    expect(run('mirror', SEMILLA, out).status).toBe(0);
  });
});

it('soak --help runs nothing', () => {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/soak.mjs', '--help'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^usage: soak /);
  expect(stdout).not.toContain('| row |');
});

it('a reader that closes the pipe ends a command quietly', async () => {
  const child = spawn(
    process.execPath,
    [
      'scripts/cli.mjs',
      'generate',
      '--model',
      SEMILLA,
      '--engine',
      'cpu',
      '--chat',
      'Hola',
      '--max-tokens',
      '400',
      '--temperature',
      '3',
      '--json',
    ],
    { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += String(text)));
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

/** Starts a long write and waits until something half-written lies in `parent`. */
async function halfWritten(parent: string) {
  const child = spawn(
    process.execPath,
    ['scripts/cli.mjs', 'synth', 'llama-3.2-1b', path.join(parent, 'model'), '--checkpoint'],
    { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const partial = () => readdirSync(parent).find((name) => /^\.model\.yupana-\d+$/.test(name));
  while (!(partial() && readdirSync(path.join(parent, partial()!)).length > 0)) {
    if (child.exitCode !== null) throw new Error('it ended before it had written anything');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { child, ended, pid: Number(/\d+$/.exec(partial()!)![0]) };
}

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s leaves nothing', async (signal, code) => {
  const parent = inFolder(signal);
  mkdirSync(parent);
  const { child, ended } = await halfWritten(parent);
  child.kill(signal);
  expect(await ended).toBe(code);
  expect(readdirSync(parent)).toEqual([]);
});

it('a next run sweeps what a kill left, and nothing else', async () => {
  const parent = inFolder('killed');
  mkdirSync(parent);
  mkdirSync(path.join(parent, `.other.yupana-${process.pid}`)); // of a process that lives
  const { ended, pid } = await halfWritten(parent);
  process.kill(pid, 'SIGKILL');
  await ended;
  expect(existsSync(path.join(parent, `.model.yupana-${pid}`))).toBe(true);
  cpSync(path.join(root, 'tests/golden/gqa-tied/hf'), inFolder('tiny'), { recursive: true });
  expect(run('convert', inFolder('tiny'), path.join(parent, 'done')).status).toBe(0);
  expect(readdirSync(parent).sort()).toEqual([`.other.yupana-${process.pid}`, 'done']);
});

it('a mirror without a network says so, names the host, and shows that it tries', () => {
  const catalog = JSON.stringify({
    models: [
      {
        id: 'far',
        name: 'Far',
        base: 'http://127.0.0.1:9/o/n/resolve/main/',
        repository: 'o/n',
        format: 'safetensors',
        scheme: 'q4f16_1',
        license: 'mit',
        manifestSha256: null,
      },
    ],
  });
  mkdirSync(path.join(folder, 'models'));
  writeFileSync(path.join(folder, 'models/catalog.json'), catalog);
  const out = inFolder('far');
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--enable-source-maps', path.join(root, 'dist-cli/main.js'), 'mirror', 'far', out],
    { encoding: 'utf8', env: { ...process.env, YUPANA_ROOT: folder } },
  );
  expect(status).toBe(1);
  expect(stderr).toContain('far: asking 127.0.0.1:9');
  expect(stderr).toContain('trying again in');
  expect(readdirSync(out)).toEqual([]);
});
