// What a fresh clone lacks: node_modules as the lockfile has them. Plain Node only, it runs before anything is installed.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Runs `npm ci` unless node_modules was installed from this very lockfile. Exits the process with a plain message on failure. */
export function ensureInstalled() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(
      `Yupana needs Node 20.19 or newer; this is ${process.versions.node}. Get it from your system or nodejs.org.`,
    );
    process.exit(1);
  }
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = path.join(root, 'node_modules', '.yupana-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing packages (npm ci) …');
  const npm = process.env.npm_execpath;
  const run = npm
    ? spawnSync(process.execPath, [npm, 'ci', '--include=dev'], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', ['ci', '--include=dev'], {
        cwd: root,
        stdio: 'inherit',
        shell: process.platform === 'win32',
      });
  if (run.status !== 0) {
    console.error('npm ci failed: see its message above. A connection to the npm registry is needed once.');
    process.exit(run.status ?? 1);
  }
  writeFileSync(stamp, lock);
}
