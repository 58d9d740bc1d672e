// `npm run build:lib`: src/api as a package of ES modules with types, in dist-lib/, for other web apps: `npm pack` there publishes it.

import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { root } from './install.mjs';
import { noticesOf } from './lib-notices.mjs';
import { xgrammar } from './xgrammar-plugin.mjs';

export const ENTRIES = { yupana: 'src/api/yupana.ts', worker: 'src/api/worker.ts' };
/** A service worker may not import later what it lacks, so its module is whole. */
const WHOLE = { 'service-worker': 'src/api/service-worker.ts' };

/** The modules alone. @param {string} outDir @returns {Promise<string[]>} files of other packages that are in them */
export async function buildModules(outDir) {
  return [...(await bundle(outDir, ENTRIES, true)), ...(await bundle(outDir, WHOLE, false))];
}

/**
 * @param {string} outDir @param {Record<string, string>} entries @param {boolean} split what is loaded later is a file of its own
 * @returns {Promise<string[]>} as `buildModules`
 */
async function bundle(outDir, entries, split) {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [xgrammar()],
    build: {
      outDir,
      emptyOutDir: split,
      target: 'es2023',
      minify: true,
      sourcemap: true,
      modulePreload: false,
      lib: {
        entry: Object.fromEntries(
          Object.entries(entries).map(([name, file]) => [name, path.join(root, file)]),
        ),
        formats: ['es'],
      },
      rolldownOptions: { checks: { pluginTimings: false }, output: { codeSplitting: split } },
    },
  });
  return modulesOf(built);
}

/** The package's commands and its entry for Node, whole but for Dawn. @param {string} outDir @returns {Promise<string[]>} as above */
async function buildForNode(outDir) {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [xgrammar()],
    ssr: { noExternal: true, external: ['webgpu'] },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      minify: true,
      sourcemap: true,
      rolldownOptions: {
        input: Object.fromEntries(
          ['yupana', 'node', 'cpu-thread'].map((name) => [name, path.join(root, `src/cli/${name}.ts`)]),
        ),
        checks: { pluginTimings: false },
        output: { chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
  return modulesOf(built);
}

/** @param {Awaited<ReturnType<typeof build>>} built @returns {string[]} files that are in it */
function modulesOf(built) {
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((each) =>
    'output' in each ? each.output : [],
  );
  return outputs.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []));
}

/** The catalog that `mirror` knows models by, without the one that comes along with the app alone. @param {string} outDir */
async function writeCatalog(outDir) {
  const { models, ...rest } = JSON.parse(await readFile(path.join(root, 'models/catalog.json'), 'utf8'));
  const there = models.filter(
    (/** @type {{ repository: string | null }} */ each) => each.repository !== null,
  );
  await mkdir(path.join(outDir, 'models'), { recursive: true });
  await writeFile(path.join(outDir, 'models/catalog.json'), JSON.stringify({ ...rest, models: there }));
}

/**
 * Declarations beside the modules: of the entries and what they speak of, no others. Imports in them name the emitted files.
 * @param {string} outDir
 */
async function buildTypes(outDir) {
  const types = path.join(outDir, 'types');
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(
    process.execPath,
    [tsc, '-p', 'src/api/tsconfig.lib.json', '--outDir', types],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) throw new Error('the declarations could not be made');
  /** @type {Set<string>} */
  const spokenOf = new Set();
  const follow = async (/** @type {string} */ file) => {
    if (spokenOf.has(file)) return;
    spokenOf.add(file);
    const text = await readFile(file, 'utf8');
    for (const [, target] of text.matchAll(/(?:from |import\()['"](\.[^'"]*)\.ts['"]/g)) {
      await follow(`${path.resolve(path.dirname(file), target ?? '')}.d.ts`);
    }
    const named = text.replace(/((?:from |import\()['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2');
    await writeFile(file, named);
  };
  for (const entry of Object.keys({ ...ENTRIES, ...WHOLE }))
    await follow(path.join(types, 'api', `${entry}.d.ts`));
  await follow(path.join(types, 'cli/node.d.ts'));
  for (const entry of await readdir(types, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && !spokenOf.has(file)) await rm(file);
  }
}

/** Each module's size as it is and as it travels. @param {string} outDir */
export async function sizesOf(outDir) {
  const names = (await readdir(outDir, { recursive: true })).filter((name) => name.endsWith('.js'));
  return Promise.all(
    names.toSorted().map(async (name) => {
      const bytes = await readFile(path.join(outDir, name));
      return { name: name.replaceAll('\\', '/'), bytes: bytes.length, gzip: gzipSync(bytes).length };
    }),
  );
}

const kB = (/** @type {number} */ bytes) => `${Math.ceil(bytes / 1000)} kB`;

/** @param {string} outDir */
export async function buildLibrary(outDir) {
  const own = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const bundled = [...(await buildModules(outDir)), ...(await buildForNode(path.join(outDir, 'cli')))];
  await writeCatalog(path.join(outDir, 'cli'));
  await buildTypes(outDir);
  const sizes = await sizesOf(outDir);
  const rows = sizes.map(({ name, bytes, gzip }) => `| \`${name}\` | ${kB(bytes)} | ${kB(gzip)} |`);
  const table = ['| module | size | compressed (gzip) |', '|---|---|---|', ...rows].join('\n');
  const readme = await readFile(path.join(root, 'src/api/README.md'), 'utf8');
  if (!readme.includes('<!-- sizes -->')) throw new Error('src/api/README.md has no place for the sizes');
  await writeFile(path.join(outDir, 'README.md'), readme.replace('<!-- sizes -->', table));
  await copyFile(path.join(root, 'LICENSE'), path.join(outDir, 'LICENSE'));
  await writeFile(path.join(outDir, 'THIRD-PARTY-NOTICES.txt'), await noticesOf(bundled));
  const exports = {
    '.': { types: './types/api/yupana.d.ts', default: './yupana.js' },
    './worker': { types: './types/api/worker.d.ts', default: './worker.js' },
    './service-worker': { types: './types/api/service-worker.d.ts', default: './service-worker.js' },
    './node': { types: './types/cli/node.d.ts', default: './cli/node.js' },
    './package.json': './package.json',
  };
  const published = {
    name: own.name,
    version: own.version,
    description: own.description,
    keywords: ['llm', 'webgpu', 'llama', 'openai', 'offline', 'browser'],
    license: own.license,
    ...(own.repository && { repository: own.repository }),
    type: 'module',
    engines: own.engines,
    sideEffects: false,
    bin: { yupana: './cli/yupana.js' },
    files: ['*.js', '*.js.map', 'cli', 'types', 'README.md', 'LICENSE', 'THIRD-PARTY-NOTICES.txt'],
    exports,
    types: './types/api/yupana.d.ts',
    // Dawn, for the commands on a GPU; without it they run on the processor.
    peerDependencies: { webgpu: own.devDependencies.webgpu },
    peerDependenciesMeta: { webgpu: { optional: true } },
  };
  await writeFile(path.join(outDir, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  return sizes;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, bytes, gzip } of await buildLibrary(path.join(root, 'dist-lib'))) {
    console.log(`dist-lib/${name} ${bytes} bytes, ${gzip} compressed`);
  }
}
