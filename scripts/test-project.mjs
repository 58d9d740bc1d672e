// `npm run test:unit`, `test:gpu`, `test:e2e` [-- file … --times N --busy]: one project, or files of it, in the environment that
// `npm test` gives it. Other options are vitest's. --times runs it so often and prints a table; --busy keeps every core at work.

import { spawn, spawnSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { mkdirSync, rmSync } from 'node:fs';
import { ensureInstalled, root } from './install.mjs';
import { readReport } from './totals.mjs';

ensureInstalled();
const { ensureBrowser, softwareVulkan } = await import('./browser.mjs');

const [project = '', ...given] = process.argv.slice(2);
const busy = given.includes('--busy');
const at = given.indexOf('--times');
const times = at < 0 ? 1 : Number(given[at + 1]);
if (!Number.isInteger(times) || times < 1) {
  console.error(`test:${project}: --times wants a whole number of 1 or more, not "${given[at + 1] ?? ''}"`);
  process.exit(2);
}
const args = given.filter((arg, i) => arg !== '--busy' && (at < 0 || (i !== at && i !== at + 1)));

const env = { ...process.env, ...softwareVulkan() };
if (project === 'e2e') {
  env.YUPANA_BROWSER = ensureBrowser();
  await (await import('./build-app.mjs')).buildApp();
}
const report = path.join(root, `.cache/report-times-${project}.json`);
mkdirSync(path.dirname(report), { recursive: true });

/** Programs that do nothing but count, one a core. */
const others = busy
  ? os.cpus().map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))
  : [];
const rows = [];
for (let run = 1; run <= times; run++) {
  rmSync(report, { force: true });
  const start = Date.now();
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...args],
    { cwd: root, stdio: 'inherit', env: { ...env, YUPANA_REPORT: report } },
  );
  const { passed, failed, skipped, failures } = readReport(project, report, status);
  const seconds = Math.round((Date.now() - start) / 1000);
  const what = failures.map(({ file, test }) => `${file} > ${test}`).join('; ');
  rows.push({ run, passed, failed, skipped, seconds, 'load after it': os.loadavg()[0]?.toFixed(1), what });
  if (failed > 0) process.exitCode = 1;
}
for (const other of others) other.kill();
if (times > 1) console.table(rows);
