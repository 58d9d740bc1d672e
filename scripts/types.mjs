// Each thread's program is compiled with the globals that thread has, so `document` in an engine is an error.

import { spawnSync } from 'node:child_process';

/** tsc remembers under .cache what it found and looks again only at what changed. */
const tsc = (/** @type {string} */ project) => [
  'tsc',
  '-p',
  project,
  '--incremental',
  '--tsBuildInfoFile',
  `.cache/types/${project.replaceAll('/', '-')}.tsbuildinfo`,
];
const programs = [
  tsc('src/tsconfig.pure.json'),
  tsc('src/tsconfig.json'),
  tsc('src/app/tsconfig.sw.json'),
  ['svelte-check', '--tsconfig', 'src/app/tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  tsc('src/race/tsconfig.json'),
  tsc('docs/examples/tsconfig.json'),
  tsc('tsconfig.json'),
];
let failed = 0;
for (const [tool, ...args] of programs) {
  const bin = process.platform === 'win32' ? `node_modules\\.bin\\${tool}.cmd` : `node_modules/.bin/${tool}`;
  const { status } = spawnSync(bin, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) {
    console.error(`types: ${tool} ${args.join(' ')} failed`);
    failed++;
  }
}
process.exitCode = failed ? 1 : 0;
