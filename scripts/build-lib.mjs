// `npm run build:lib`: src/api as a library of ES modules with types, in dist-lib/, for other web apps.

import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { root } from './install.mjs';
import { xgrammar } from './xgrammar-plugin.mjs';

export const ENTRIES = { yupana: 'src/api/yupana.ts', worker: 'src/api/worker.ts' };

/** The modules alone. @param {string} outDir */
export async function buildModules(outDir) {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [xgrammar()],
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      minify: true,
      modulePreload: false,
      lib: {
        entry: Object.fromEntries(
          Object.entries(ENTRIES).map(([name, file]) => [name, path.join(root, file)]),
        ),
        formats: ['es'],
      },
      rolldownOptions: { checks: { pluginTimings: false } },
    },
  });
}

/** Declarations beside the modules; imports in them name the emitted files. @param {string} outDir */
async function buildTypes(outDir) {
  const types = path.join(outDir, 'types');
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(
    process.execPath,
    [tsc, '-p', 'src/api/tsconfig.lib.json', '--outDir', types],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) throw new Error('the declarations could not be made');
  for (const entry of await readdir(types, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.d.ts')) continue;
    const file = path.join(entry.parentPath, entry.name);
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text
        .replace(/(from '\.[^']*|import\('\.[^']*)\.ts'/g, "$1.js'")
        .replace(/(from "\.[^"]*)\.ts"/g, '$1.js"'),
    );
  }
}

/** @param {string} outDir */
export async function buildLibrary(outDir) {
  const { version, license } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  await buildModules(outDir);
  await buildTypes(outDir);
  await copyFile(path.join(root, 'src/api/README.md'), path.join(outDir, 'README.md'));
  await copyFile(path.join(root, 'LICENSE'), path.join(outDir, 'LICENSE'));
  const exports = {
    '.': { types: './types/api/yupana.d.ts', default: './yupana.js' },
    './worker': { types: './types/api/worker.d.ts', default: './worker.js' },
  };
  await writeFile(
    path.join(outDir, 'package.json'),
    `${JSON.stringify({ name: 'yupana', version, license, type: 'module', exports, sideEffects: false }, null, 2)}\n`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outDir = path.join(root, 'dist-lib');
  await buildLibrary(outDir);
  for (const name of Object.keys(ENTRIES)) {
    const { length } = await readFile(path.join(outDir, `${name}.js`));
    console.log(`dist-lib/${name}.js ${length} bytes`);
  }
}
