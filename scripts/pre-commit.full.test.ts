import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from './install.mjs';

let clone: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    cwd: clone,
    encoding: 'utf8',
    stdio: 'pipe',
  });
const commit = () =>
  spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-m', 'x'], {
    cwd: clone,
    encoding: 'utf8',
  });

beforeAll(() => {
  clone = mkdtempSync(path.join(os.tmpdir(), 'yupana-hooks-'));
  mkdirSync(path.join(clone, 'scripts'));
  for (const name of ['scripts/hooks', 'scripts/pre-commit.mjs', 'scripts/install.mjs', '.prettierrc.json'])
    cpSync(path.join(root, name), path.join(clone, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(clone, 'node_modules'), 'junction');
  // A table of its own: the house's needs the types of the whole house.
  writeFileSync(path.join(clone, 'eslint.config.mjs'), "export default [{ rules: { eqeqeq: 'error' } }];\n");
  git('init', '-q');
  execFileSync(process.execPath, ['scripts/pre-commit.mjs', 'on'], { cwd: clone });
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

it('a commit is refused for its form, for a rule, and for what was changed after it was staged; else it is taken', () => {
  const file = path.join(clone, 'a.mjs');
  writeFileSync(file, 'export  const a = 1;\n');
  git('add', 'a.mjs');
  expect(commit()).toMatchObject({ status: 1, stderr: expect.stringContaining('npm run format') as string });
  writeFileSync(file, 'export const a = (b) => b == 1;\n');
  git('add', 'a.mjs');
  const ruled = commit();
  expect(ruled.status).toBe(1);
  expect(ruled.stdout + ruled.stderr).toContain('eqeqeq');
  writeFileSync(file, 'export const a = 1;\n');
  const half = commit();
  expect(half.status).toBe(1);
  expect(half.stderr).toContain('changed again after "git add"');
  git('add', 'a.mjs');
  expect(commit().status).toBe(0);
}, 120_000);
