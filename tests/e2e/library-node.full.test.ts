// The packed library in Node: its command, and its engine in a program of somebody else's.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/install.mjs';
import { freshProject, packLibrary } from '../host/library-package.ts';

const SEMILLA = path.join(root, 'public/models/semilla-q4f16_1');
let folder: string;
let project: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'yupana-node-'));
  project = path.join(folder, 'project');
  await mkdir(project);
  await freshProject(project, await packLibrary(folder), 'html');
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

/** What a child without this test's environment says. */
function node(...args: string[]) {
  const { PATH, HOME, SystemRoot } = process.env;
  const env = { PATH, HOME, ...(SystemRoot && { SystemRoot }) };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}

describe('the command', () => {
  const bin = ['node_modules/yupana/cli/yupana.js'];

  it('is installed under its name, and says what there is', () => {
    const name = process.platform === 'win32' ? 'yupana.cmd' : 'yupana';
    expect(existsSync(path.join(project, 'node_modules/.bin', name))).toBe(true);
    const { status, stdout, stderr } = node(...bin, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const command of ['convert', 'generate', 'bench', 'evaluate', 'synth', 'mirror']) {
      expect(stdout).toContain(`  ${command}`);
    }
    expect(stdout).not.toMatch(/race|catalog {2}/);
    const wrong = node(...bin, 'race');
    expect({ status: wrong.status, stdout: wrong.stdout }).toEqual({ status: 2, stdout: '' });
    expect(wrong.stderr).toMatch(/^unknown command race: there are convert, [^\n]+\n$/);
  });

  it('answers on the processor, where no WebGPU is installed', () => {
    const { status, stdout, stderr } = node(
      ...[...bin, 'generate', '--model', SEMILLA, '--chat', '¿Cuál es la capital de Bolivia?'],
      ...['--max-tokens', '40'],
    );
    expect(status).toBe(0);
    expect(stdout).toContain('Sucre');
    expect(stderr).toContain('npm install webgpu');
  });

  it('makes random weights that more threads than one compute', () => {
    const made = node(...bin, 'synth', 'tinyllama-1.1b', 'random', '--layers', '1');
    expect(made).toMatchObject({ status: 0 });
    const asked = [
      'generate',
      '--model',
      'random',
      '--prompt-ids',
      '1,2,3',
      '--engine',
      'cpu',
      '--max-tokens',
      '4',
    ];
    const one = node(...bin, ...asked, '--threads', '1', '--json');
    const two = node(...bin, ...asked, '--threads', '2', '--json');
    expect(two.status).toBe(0);
    const idsOf = (text: string): unknown => (JSON.parse(text) as { tokenIds: unknown }).tokenIds;
    expect(idsOf(two.stdout)).toEqual(idsOf(one.stdout));
  });

  it('mirrors what it is given, and names a wrong id', () => {
    expect(node(...bin, 'mirror', SEMILLA, 'mirrored')).toMatchObject({ status: 0 });
    expect(existsSync(path.join(project, 'mirrored/mirror.json'))).toBe(true);
    const wrong = node(...bin, 'mirror', 'lama-3', 'elsewhere');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/^mirror: lama-3 is no directory, and no id of the catalog: [^\n]+\n$/);
    expect(existsSync(path.join(project, 'elsewhere'))).toBe(false);
  });
});

describe('a program', () => {
  it('loads a folder, answers, streams, and is told what it does wrong', async () => {
    await writeFile(
      path.join(project, 'program.js'),
      `import { createEngine } from 'yupana';
import { createFolderEngine, folderSource } from 'yupana/node';
const [folder] = process.argv.slice(2);
const messages = [{ role: 'user', content: '¿Cuál es la capital de Bolivia?' }];
const asked = { messages, temperature: 0, max_tokens: 40 };
const engine = await createFolderEngine(folder, { device: 'cpu' });
const whole = (await engine.chat.completions.create(asked)).choices[0].message.content;
let streamed = '';
for await (const { choices } of await engine.chat.completions.create({ ...asked, stream: true }))
  streamed += choices[0]?.delta.content ?? '';
const form = { type: 'choice', choices: ['La Paz', 'Sucre'] };
const held = (await engine.chat.completions.create({ ...asked, response_format: form })).choices[0].message.content;
await engine.unload();
const here = await createEngine({ id: 'mine', source: folderSource(folder) });
const again = (await here.chat.completions.create(asked)).choices[0].message.content;
await here.unload();
const reason = (work) => work.then(() => 'not refused', (error) => error.reason ?? String(error));
const wrong = [
  await reason(createFolderEngine('nowhere', { device: 'cpu' })),
  await reason(createEngine('https://host.invalid/model/')),
  await reason(createEngine('stored-model')),
  await reason(createEngine('./model/')),
];
console.log(JSON.stringify({ whole, streamed, held, again, wrong }));
`,
    );
    const { status, stdout, stderr } = node('program.js', SEMILLA);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const said = JSON.parse(stdout) as Record<string, string> & { wrong: string[] };
    expect(said['whole']).toContain('Sucre');
    expect(said['streamed']).toBe(said['whole']);
    expect(said['again']).toBe(said['whole']);
    expect(['La Paz', 'Sucre']).toContain(said['held']);
    // A folder that is no model; a host that is none; and Node has no IndexedDB, so nothing can be kept there, and it says so.
    expect(said['wrong']).not.toContainEqual(expect.stringMatching(/not refused|Error/));
  });
});
