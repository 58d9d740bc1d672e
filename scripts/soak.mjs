// `npm run soak [-- name …] [--save]`: the full counts of what `npm test` runs in short form. Prints a table; --save puts each row
// that ran into tests/bench/results/soak.json and .md. A rig that is missing is a line that says so, never a pass.

import { spawnSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { ensureInstalled, root } from './install.mjs';

ensureInstalled();
const { ensureBrowser, softwareVulkan } = await import('./browser.mjs');
const { lavapipe } = await import('./lavapipe.mjs');
const { buildApp } = await import('./build-app.mjs');
const { saveSoak, soakPage } = await import('./soak-results.mjs');

const KERNELS = ['gemv', 'gemm', 'attention', 'sampler'].map((name) => `tests/gpu/${name}.test.ts`);

/**
 * @typedef {{ name: string, what: string, files: string[], rig: 'none' | 'swiftshader' | 'lavapipe' | 'browser',
 *   times?: number, env?: Record<string, string>, script?: string }} Row a script of its own in place of test files
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
    name: 'two-tabs',
    what: '5,000 random orders of two tabs on the same conversations: nothing stored is lost, nothing deleted comes back',
    rig: 'none',
    files: ['src/app/features/chat/two-tabs.test.ts'],
    env: { YUPANA_TAB_SCHEDULES: '5000' },
  },
  {
    name: 'kills',
    what: '50 kills in mid-download, 200 MB',
    rig: 'browser',
    files: ['tests/e2e/download-kills.full.test.ts'],
    env: { YUPANA_KILLS: '50' },
  },
  {
    name: 'big-model',
    what: '2 GB through download, verify, load, a token and delete: what JavaScript holds, and the disk',
    rig: 'browser',
    files: ['tests/e2e/big-model.full.test.ts'],
    env: { YUPANA_BIG_LAYERS: '12' },
  },
  {
    name: 'conversion',
    what: 'a synthetic 1B of two layers converted in the browser, killed half way, against the command line',
    rig: 'browser',
    files: ['tests/e2e/browser-conversion.test.ts'],
    env: { YUPANA_CONVERT: '1' },
  },
  {
    name: 'kernels',
    what: 'every kernel against float64, 50 seeds (lavapipe)',
    rig: 'lavapipe',
    files: KERNELS,
    times: 50,
    // A million draws are a row of their own.
    env: { YUPANA_DRAWS: '4000' },
  },
  {
    name: 'kernels-swiftshader',
    what: 'every kernel against float64, 5 seeds (SwiftShader)',
    rig: 'swiftshader',
    files: KERNELS,
    times: 5,
  },
  {
    name: 'variants',
    what: 'every variant, and the cache of 8 bits, against every golden (lavapipe)',
    rig: 'lavapipe',
    files: [
      'tests/gpu/variants.full.test.ts',
      'tests/gpu/cache-bits.full.test.ts',
      'tests/gpu/batch.test.ts',
      'tests/gpu/autotune.test.ts',
    ],
    env: { YUPANA_GOLDEN_CASES: '99' },
  },
  {
    name: 'real-shapes',
    what: 'rows of all 7 published shapes by every variant (lavapipe)',
    rig: 'lavapipe',
    files: ['tests/gpu/real-shapes.test.ts'],
    env: { YUPANA_SHAPES: 'all' },
  },
  {
    name: 'machine',
    what: 'the whole measurement in the page, on the GPU too',
    rig: 'browser',
    files: ['tests/e2e/machine.full.test.ts'],
    env: { YUPANA_WHOLE_BENCH: '1' },
  },
  {
    name: 'goldens',
    what: 'all goldens, by the engine and by the yardstick (lavapipe)',
    rig: 'lavapipe',
    files: ['tests/gpu/golden.test.ts', 'tests/gpu/baseline.test.ts'],
  },
  {
    name: 'shapes',
    what: 'shapes and schemes, and the counters of a token (lavapipe)',
    rig: 'lavapipe',
    files: ['tests/gpu/shapes.full.test.ts', 'tests/gpu/session.test.ts', 'tests/gpu/bench.full.test.ts'],
  },
  {
    name: 'faults',
    what: 'the device lost after each of its submits; out of memory (lavapipe)',
    rig: 'lavapipe',
    files: ['tests/gpu/faults.test.ts'],
    env: { YUPANA_LOSSES: '1000' },
  },
  {
    name: 'memory',
    what: 'GPU and JavaScript bytes while loading, against the budgets (lavapipe)',
    rig: 'lavapipe',
    files: ['tests/gpu/memory.test.ts'],
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
    what: '500 answers for each schema, held to it at temperature 1 (CPU engine)',
    rig: 'none',
    files: ['src/engines/grammar/grammar.test.ts'],
    env: { YUPANA_FORMS: '500' },
  },
  {
    name: 'forms-schemas',
    what: 'forms by two judges, 1,000 walks a schema: the public suite, 208 as people write them, 2,000 random; 10,000 number ranges',
    rig: 'none',
    files: [
      'src/engines/grammar/schema/suite.test.ts',
      'src/engines/grammar/schema/compile.test.ts',
      'src/engines/grammar/numbers.test.ts',
    ],
    env: {
      ...{ YUPANA_FORM_SCHEMAS: '2000', YUPANA_FORM_EVERY: '1' },
      ...{ YUPANA_FORM_WALKS: '1000', YUPANA_RANGES: '10000' },
    },
  },
  {
    name: 'search',
    what: '50,000 conversations: records read a search',
    rig: 'none',
    files: ['src/storage/search-index.test.ts'],
    env: { YUPANA_CONVERSATIONS: '50000' },
  },
  {
    name: 'stores',
    what: '50,000 conversations in the browser: rows rendered, records read, times',
    rig: 'browser',
    files: ['tests/e2e/many-conversations.test.ts'],
    env: { YUPANA_CONVERSATIONS: '50000' },
  },
  {
    name: 'xss',
    what: '200 hostile texts as answers and on every other surface',
    rig: 'browser',
    files: ['tests/e2e/markdown.test.ts', 'tests/e2e/hostile-surfaces.test.ts'],
  },
  {
    name: 'frames',
    what: 'milliseconds of the main thread a frame, streaming 100 tokens/s, from the trace: median, p95, p99, max, frames over 16.7',
    rig: 'browser',
    files: [],
    script: 'scripts/frames.mjs',
  },
  {
    name: 'requests',
    what: 'every feature behind a proxy that counts what leaves the machine',
    rig: 'browser',
    files: ['tests/e2e'],
  },
  {
    name: 'lighthouse',
    what: 'performance, accessibility and best practices of the built app, 95 each',
    rig: 'browser',
    files: [],
    script: 'scripts/lighthouse.mjs',
  },
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

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  const rows = ROWS.map(({ name, what }) => `  ${name.padEnd(20)} ${what}\n`).join('');
  process.stdout.write(
    `usage: soak [row …] [--save]\nAll rows where none is named; --save keeps the figures.\n${rows}`,
  );
  process.exit(0);
}
const options = process.argv.slice(2).filter((arg) => arg.startsWith('-') && arg !== '--save');
if (options.length > 0) {
  console.error(`soak: unknown option ${options[0]}: there is --save (soak --help shows the rows)`);
  process.exit(2);
}
const names = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const unknown = names.filter((name) => !ROWS.some((row) => row.name === name));
if (unknown.length > 0) {
  console.error(
    `soak: no such row: ${unknown.join(', ')}; there are ${ROWS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
/** @param {string[]} args of git */
const git = (args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.trim();
const changed = git(['status', '--porcelain', '--untracked-files=no']) !== '';
const commit = `${git(['rev-parse', '--short', 'HEAD'])}${changed ? ' and changes' : ''}`;
const machine = `${os.cpus().length} cores, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, ${os.type()} ${os.arch()}, Node ${process.versions.node}`;
const folder = path.join(root, 'tests/bench/results');
/** Lines by which tests tell their figures and seeds. */
const TELLING =
  /^(faulty downloads|kills in|conversion of|big model:|lighthouse|leaks:|forms:|memory:|losses:|soak:|stores:|requests:|markdown, after|plain text, after)|chi-squared|payloads|YUPANA_SEED|runs from seed/;
const KEPT_FIGURES = 6;

let failed = 0;
/** @type {import('./soak-results.mjs').Result[]} */
const results = [];
const skipped = [];
for (const row of ROWS.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const rig = environment(row.rig);
  if ('why' in rig) {
    skipped.push(`${row.name}: skipped, ${rig.why}`);
    console.log(skipped.at(-1));
    continue;
  }
  if (row.rig === 'browser') await buildApp();
  const start = Date.now();
  /** @type {string[]} */
  const figures = [];
  const runs = row.times ?? 1;
  let bad = 0;
  /** @param {number} done */
  const resultAfter = (done) => ({
    name: row.name,
    what: row.what,
    rig: machine,
    date: new Date().toISOString().slice(0, 10),
    commit,
    runs: done,
    passed: done - bad,
    seconds: Math.round((Date.now() - start) / 1000),
    figures: figures.slice(-KEPT_FIGURES),
  });
  // After each run: a night's soak that is cut off keeps what it did, and says how many runs that were.
  /** @param {import('./soak-results.mjs').Result} result */
  const keep = (result) => {
    if (!process.argv.includes('--save')) return;
    saveSoak(
      folder,
      [result],
      ROWS.map(({ name }) => name),
    );
  };
  for (let run = 0; run < runs; run++) {
    const { status, stdout } = spawnSync(
      process.execPath,
      row.script === undefined
        ? ['node_modules/vitest/vitest.mjs', 'run', '--testTimeout=14400000', ...row.files]
        : [row.script],
      {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, YUPANA_FULL: '1', ...row.env, ...rig.env, NO_COLOR: '1', YUPANA_REPORT: '' },
        maxBuffer: 2 ** 28,
      },
    );
    if (status !== 0) {
      bad++;
      console.log(stdout);
    }
    figures.push(...stdout.split('\n').filter((line) => TELLING.test(line)));
    keep(resultAfter(run + 1));
    if (runs > 1) console.log(`${row.name}: run ${run + 1} of ${runs}, ${bad} failed`);
  }
  failed += bad;
  results.push(resultAfter(runs));
}
console.log(`\n${soakPage(results)}${skipped.join('\n')}`);
process.exitCode = failed ? 1 : 0;
