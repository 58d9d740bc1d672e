// `npm run soak [-- name …] [--save]`: the full counts of what `npm test` runs in short form. Prints a table; --save keeps it
// under tests/bench/results/. A rig that is missing is a line that says so, never a pass.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureInstalled, root } from './install.mjs';

ensureInstalled();
const { ensureBrowser, softwareVulkan } = await import('./browser.mjs');
const { lavapipe } = await import('./lavapipe.mjs');

const KERNELS = ['gemv', 'gemm', 'attention', 'sampler'].map((name) => `tests/gpu/${name}.test.ts`);

/**
 * @typedef {{ name: string, what: string, files: string[], rig: 'none' | 'swiftshader' | 'lavapipe' | 'browser',
 *   times?: number, env?: Record<string, string> }} Row
 */
/** @type {Row[]} */
const ROWS = [
  {
    name: 'downloads',
    what: '1,000 random faulty downloads',
    rig: 'none',
    files: ['src/download/faults.test.ts'],
    env: { YUPANA_FAULT_RUNS: '1000' },
  },
  {
    name: 'kills',
    what: '50 kills in mid-download, 200 MB',
    rig: 'browser',
    files: ['tests/e2e/download-kills.test.ts'],
    env: { YUPANA_KILLS: '50' },
  },
  {
    name: 'kernels',
    what: 'every kernel against float64, 50 seeds (lavapipe)',
    rig: 'lavapipe',
    files: KERNELS,
    times: 50,
  },
  {
    name: 'kernels-swiftshader',
    what: 'every kernel against float64, 5 seeds (SwiftShader)',
    rig: 'swiftshader',
    files: KERNELS,
    times: 5,
  },
  { name: 'goldens', what: 'all goldens (lavapipe)', rig: 'lavapipe', files: ['tests/gpu/golden.test.ts'] },
  {
    name: 'shapes',
    what: 'shapes and their counters (lavapipe)',
    rig: 'lavapipe',
    files: ['tests/gpu/shapes.test.ts'],
  },
  {
    name: 'sampler',
    what: '1,000,000 draws (lavapipe)',
    rig: 'lavapipe',
    files: ['tests/gpu/sampler.test.ts'],
    env: { YUPANA_DRAWS: '1000000' },
  },
  {
    name: 'leaks',
    what: '10,000 tokens and 100 loads (lavapipe)',
    rig: 'lavapipe',
    files: ['tests/gpu/leaks.test.ts'],
    env: { YUPANA_TOKENS: '10000', YUPANA_LOADS: '100' },
  },
  {
    name: 'forms',
    what: '500 answers held to a JSON schema at temperature 1 (lavapipe)',
    rig: 'lavapipe',
    files: ['tests/gpu/forms.test.ts'],
    env: { YUPANA_FORMS: '500' },
  },
  { name: 'xss', what: '200 hostile answers', rig: 'browser', files: ['tests/e2e/markdown.test.ts'] },
];

/** @param {Row['rig']} rig @returns {{ env: Record<string, string> } | { why: string }} */
function environment(rig) {
  switch (rig) {
    case 'none':
      return { env: {} };
    case 'browser':
      return { env: { YUPANA_BROWSER: ensureBrowser() } };
    case 'swiftshader':
      return process.platform === 'linux'
        ? toRig(softwareVulkan(), 'no Chromium brings SwiftShader here')
        : { env: {} };
    case 'lavapipe':
      return lavapipe();
  }
}
/** @param {Record<string, string> | null} env @param {string} why */
const toRig = (env, why) => (env ? { env } : { why });

const names = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const unknown = names.filter((name) => !ROWS.some((row) => row.name === name));
if (unknown.length > 0) {
  console.error(`No such row: ${unknown.join(', ')}. There are: ${ROWS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const lines = [];
let failed = 0;
for (const row of ROWS.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const rig = environment(row.rig);
  if ('why' in rig) {
    lines.push(`| ${row.name} | ${row.what} | skipped: ${rig.why} | |`);
    continue;
  }
  const start = Date.now();
  /** Lines by which tests tell their figures and seeds. @type {string[]} */
  const figures = [];
  let bad = 0;
  for (let run = 0; run < (row.times ?? 1); run++) {
    const { status, stdout } = spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--testTimeout=14400000', ...row.files],
      {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...row.env, ...rig.env, NO_COLOR: '1', YUPANA_REPORT: '' },
        maxBuffer: 2 ** 28,
      },
    );
    if (status !== 0) {
      bad++;
      console.log(stdout);
    }
    figures.push(
      ...stdout
        .split('\n')
        .filter((line) =>
          /faulty downloads|kills in|chi-squared|payloads|YUPANA_SEED|leaks:|forms:/.test(line),
        ),
    );
  }
  failed += bad;
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  const runs = `${(row.times ?? 1) - bad} of ${row.times ?? 1} runs passed in ${seconds} s`;
  lines.push(
    `| ${row.name} | ${row.what} | ${runs} | ${figures.slice(-3).join('; ').replaceAll('|', '/')} |`,
  );
  console.log(lines.at(-1));
}
const table = [
  `# Soak, ${new Date().toISOString().slice(0, 10)}`,
  '',
  `Rig: ${os.cpus().length} cores, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, ${os.type()} ${os.arch()}, Node ${process.versions.node}. Software adapters only: counts are the claim here, seconds are not.`,
  '',
  '| row | what | result | figures |',
  '|---|---|---|---|',
  ...lines,
  '',
].join('\n');
console.log(`\n${table}`);
if (process.argv.includes('--save')) {
  const folder = path.join(root, 'tests/bench/results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `soak-${names.length ? names.join('-') : 'all'}.md`), table);
}
process.exitCode = failed ? 1 : 0;
