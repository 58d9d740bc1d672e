// `npm test`: installs what is missing (a browser too), checks the house, builds, runs every suite, prints one closing line.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, root } from './install.mjs';

ensureInstalled();
const { ensureBrowser, softwareVulkan } = await import('./browser.mjs');
const browser = ensureBrowser();
const vulkan = softwareVulkan();
console.log(`Browser: ${browser}\nVulkan for kernels: ${vulkan ? vulkan.VK_ICD_FILENAMES : "the system's"}`);

const report = path.join(root, '.cache/vitest.json');
mkdirSync(path.dirname(report), { recursive: true });
rmSync(report, { force: true });
const env = { ...process.env, ...vulkan, YUPANA_BROWSER: browser, YUPANA_REPORT: report };

let passed = 0;
let failed = 0;
/** What is said at the end of a step. @param {boolean} ok @param {string} name @param {number} start */
const closing = (ok, name, start) =>
  `${ok ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - start) / 1000).toFixed(0)} s)`;
/** @param {string} name @param {string[]} args of node */
function step(name, args) {
  const start = Date.now();
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env });
  console.log(closing(status === 0, name, start));
  return status === 0;
}
/** One of several steps at a time: what it says is held back until it ends. @param {string} name @param {string[]} args */
function check(name, args) {
  const start = Date.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env });
    /** @type {Buffer[]} */
    const said = [];
    child.stdout.on('data', (chunk) => said.push(chunk));
    child.stderr.on('data', (chunk) => said.push(chunk));
    child.on('close', (status) => {
      process.stdout.write(Buffer.concat(said));
      console.log(closing(status === 0, name, start));
      if (status === 0) passed++;
      else failed++;
      resolve(undefined);
    });
  });
}

// Each uses one core for most of its time: two at once are two cores at work.
await Promise.all([
  check('types', ['scripts/types.mjs']),
  check('lint', ['node_modules/eslint/bin/eslint.js', '.']),
]);
await Promise.all([
  check('format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']),
  check('build', ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn']),
]);
await check('command line build', [
  '--input-type=module',
  '-e',
  "await (await import('./scripts/cli.mjs')).buildCli()",
]);
const suites = step('suites', ['node_modules/vitest/vitest.mjs', 'run']);

let skipped = 0;
try {
  const totals = JSON.parse(readFileSync(report, 'utf8'));
  passed += totals.numPassedTests;
  failed += totals.numFailedTests;
  skipped = totals.numPendingTests + totals.numTodoTests;
  // A file that fails to load, or an unhandled error, has no failed test of its own but must not pass.
  if (!suites && totals.numFailedTests === 0) failed++;
} catch {
  console.error('The suites left no report.');
  failed++;
}
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed ? 1 : 0;
