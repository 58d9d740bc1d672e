// `npm run -s <command> -- …`: bundles src/cli when stale (plain Node cannot import `?raw`) and runs one command of it.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled, root } from './install.mjs';
import { passSignals } from './pass-signals.mjs';
import { isStale } from './stale.mjs';

/** Builds dist-cli/ if any source is newer. */
export async function buildCli() {
  if (!isStale('dist-cli/main.js', ['src', 'package-lock.json', 'scripts/cli.mjs'])) return;
  const { build } = await import('vite');
  const { xgrammar } = await import('./xgrammar-plugin.mjs');
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [xgrammar()],
    ssr: { noExternal: ['@mlc-ai/web-xgrammar'] },
    build: {
      ssr: true,
      target: 'node20',
      outDir: 'dist-cli',
      rolldownOptions: {
        input: {
          main: path.join(root, 'src/cli/main.ts'),
          'cpu-thread': path.join(root, 'src/cli/cpu-thread.ts'),
        },
        // Beside one another: whoever starts a thread finds its script there.
        output: { chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  ensureInstalled();
  await buildCli();
  const [command = '', ...args] = process.argv.slice(2);
  // npm runs scripts from the root: paths that a person types are meant from where they stand.
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', path.join(root, 'dist-cli/main.js'), command, ...args],
    {
      stdio: 'inherit',
      cwd: process.env.INIT_CWD ?? process.cwd(),
      env: { ...process.env, YUPANA_ROOT: root },
    },
  );
  passSignals(child);
  child.on('close', (status) => {
    process.exitCode = status ?? 1;
  });
}
