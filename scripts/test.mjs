// `npm test` and, with --full, `npm run test:full`: installs what is missing (a browser too), checks the house, builds, runs the
// suites of the tier (tiers.mjs) in three lanes, because those in a browser mostly wait, and prints one closing line.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ensureInstalled, root } from './install.mjs';
import { FULL_ONLY, fullTier } from './tiers.mjs';
import { addUp, closingLine, failureLines, nothing, readReport, slowest } from './totals.mjs';

/** @typedef {import('./totals.mjs').Totals} Totals */
/** Something to do in a lane, and what it came to. @typedef {{ name: string, run: () => Promise<Totals> }} Step */

const full = process.argv.includes('--full');
/** `.ci/run` runs both tiers, and its last line is the sum. */
const afterDaily = process.argv.includes('--after-daily');

ensureInstalled();
const { ensureBrowser, softwareVulkan } = await import('./browser.mjs');
const browser = ensureBrowser();
const vulkan = softwareVulkan();
console.log(`Browser: ${browser}\nVulkan for kernels: ${vulkan ? vulkan.VK_ICD_FILENAMES : "the system's"}`);

const cache = path.join(root, '.cache');
mkdirSync(cache, { recursive: true });
const env = { ...process.env, ...vulkan, YUPANA_BROWSER: browser, YUPANA_FULL: full ? '1' : '' };

/**
 * @param {string} name said before each line where output is shown as it comes; left out, it is held back until the end
 * @param {string[]} args of node @param {Record<string, string>} more environment @param {boolean} live
 * @returns {Promise<number | null>} exit code, null where a signal ended it
 */
function node(name, args, more, live) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, ...more },
  });
  /** @type {string[]} */
  const held = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      if (live) console.log(line.trim() === '' ? '' : `${name.padEnd(4)} ${line}`);
      else held.push(line);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      for (const line of held) console.log(line);
      resolve(status);
    });
  });
}

/** A command that is right or wrong: counts as one test. @param {string} name @param {string[]} args @returns {Step} */
const check = (name, args) => ({
  name,
  run: async () => {
    const status = await node(name, args, {}, false);
    if (status === 0) return { ...nothing(), passed: 1 };
    const failure = { file: name, test: 'the whole', message: 'see its output above' };
    return { ...nothing(), failed: 1, failures: [failure] };
  },
});

/** The files of one vitest project that the tier runs. @param {'unit' | 'gpu' | 'e2e'} project @returns {Step[]} */
function suite(project) {
  const files = full ? fullTier(root, project) : [];
  if (full && files.length === 0) return [];
  return [
    {
      name: project,
      run: async () => {
        const report = path.join(cache, `report-${project}.json`);
        rmSync(report, { force: true });
        // What tests print is for whoever looks for a fault: a test that passes keeps it to itself here.
        const args = ['run', '--project', project, '--silent=passed-only', ...files];
        if (!full) args.push('--exclude', FULL_ONLY);
        const more = { YUPANA_REPORT: report };
        const status = await node(project, ['node_modules/vitest/vitest.mjs', ...args], more, true);
        return readReport(project, report, status);
      },
    },
  ];
}

/** Steps one after another; what is behind a failed build is not run, and fails by name. @param {Step[]} steps */
async function lane(steps) {
  /** @type {Totals[]} */
  const parts = [];
  let broken = '';
  for (const { name, run } of steps) {
    const start = Date.now();
    const failure = { file: name, test: 'the whole', message: `not run: ${broken} failed` };
    const totals = broken ? { ...nothing(), failed: 1, failures: [failure] } : await run();
    parts.push(totals);
    const seconds = ((Date.now() - start) / 1000).toFixed(0);
    console.log(`${totals.failed === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
    if (totals.failed > 0 && /build/.test(name)) broken = name;
  }
  return addUp(parts);
}

/**
 * What a linter remembers is worth what it was remembered with: other packages or other rules of ours, another memory.
 * A file whose imports changed their types is not looked at again; a fresh clone and CI look at all.
 */
const rules = ['package-lock.json', 'eslint.config.mjs', 'scripts/rooms.mjs', '.prettierrc.json'];
const hash = createHash('sha256');
for (const name of rules) hash.update(readFileSync(path.join(root, name)));
const memory = hash.digest('hex').slice(0, 12);
/** @param {string} tool */
const cached = (tool) => [
  '--cache',
  '--cache-strategy',
  'content',
  '--cache-location',
  `.cache/${tool}-${memory}`,
];
const build = [
  check('build', ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn']),
  check('build of the commands', [
    '--input-type=module',
    '-e',
    "await (await import('./scripts/cli.mjs')).buildCli()",
  ]),
];
const house = [
  check('types', ['scripts/types.mjs']),
  check('lint', ['node_modules/eslint/bin/eslint.js', ...cached('eslint'), '.']),
  check('format', [
    'node_modules/prettier/bin/prettier.cjs',
    '--check',
    ...['--log-level', 'warn'],
    ...cached('prettier'),
    '.',
  ]),
];

const start = Date.now();
const totals = addUp(
  await Promise.all([
    lane([...build, ...suite('e2e')]),
    lane([...(full ? [] : house), ...suite('unit')]),
    lane(suite('gpu')),
  ]),
);
const daily = path.join(cache, 'totals-daily.json');
if (!full) writeFileSync(daily, JSON.stringify(totals));

console.log(
  `\n${full ? 'The full tier' : 'All'} in ${((Date.now() - start) / 1000).toFixed(0)} s. The slowest files:`,
);
for (const line of slowest(totals.files, 10)) console.log(line);
if (totals.failures.length > 0) console.log(`\nFailures:\n${failureLines(totals.failures).join('\n')}`);
const sum = full && afterDaily ? addUp([readReport('npm test', daily, 0), totals]) : totals;
if (sum !== totals) console.log('\nWith what npm test ran before:');
console.log(closingLine(sum));
process.exitCode = sum.failed ? 1 : 0;
