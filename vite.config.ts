import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build, defineConfig, type Plugin } from 'vite';
import { getManifest, injectManifest } from 'workbox-build';
import { devServerHeaders } from './scripts/dev-headers.mjs';
import { shellSize } from './scripts/shell-size.mjs';
import { KERNELS_BASE64 } from './src/engines/cpu/kernels-wasm.ts';
import { hostFiles } from './scripts/host-files.mjs';
import { headerRules, META_POLICY } from './src/wire/headers.ts';

const root = import.meta.dirname;

/** The header table as data, for any server that serves dist/. */
function headerTable(): Plugin {
  return {
    name: 'yupana:headers',
    generateBundle() {
      this.emitFile({
        type: 'asset',
        fileName: 'headers.json',
        source: JSON.stringify(headerRules(), null, 1),
      });
    },
  };
}

/** The page's policy in the page itself, before anything else: what holds on a host that sends no headers. */
function metaPolicy(): Plugin {
  return {
    name: 'yupana:meta-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: META_POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** app-files.json: what a copy of the app is made of, each with its sha256. The service worker is not in it: it names this list. */
async function listFiles(outDir: string, shell: readonly string[]): Promise<void> {
  const describe = async (file: string) => {
    const bytes = await readFile(path.join(outDir, file));
    return { path: file, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const assets = (await readdir(path.join(outDir, 'assets'))).map((name) => `assets/${name}`);
  const list = {
    files: await Promise.all([...shell].sort().map(describe)),
    more: await Promise.all(assets.filter((name) => !shell.includes(name)).map(describe)),
  };
  await writeFile(path.join(outDir, 'app-files.json'), JSON.stringify(list, null, 1));
}

/** The header table in the words of nginx, Caddy, Apache and static hosts. */
async function writeHostFiles(outDir: string): Promise<void> {
  const found = await readdir(outDir, { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(outDir, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
  await mkdir(path.join(outDir, 'hosting'), { recursive: true });
  for (const [name, text] of Object.entries(hostFiles(headerRules(), files)))
    await writeFile(path.join(outDir, 'hosting', name), text);
}

/** sw.ts is one classic script of its own at the root of dist/; Workbox writes into it what the shell is made of. */
function serviceWorker(): Plugin {
  let outDir = '';
  return {
    name: 'yupana:service-worker',
    apply: 'build',
    configResolved(config) {
      outDir = path.resolve(config.root, config.build.outDir);
    },
    closeBundle: {
      sequential: true,
      order: 'post',
      async handler() {
        await build({
          root,
          configFile: false,
          logLevel: 'error',
          publicDir: false,
          define: { 'process.env.NODE_ENV': '"production"' },
          build: {
            outDir,
            emptyOutDir: false,
            lib: {
              entry: path.join(root, 'src/app/sw.ts'),
              formats: ['iife'],
              name: 'sw',
              fileName: () => 'sw-raw.js',
            },
          },
        });
        const raw = path.join(outDir, 'sw-raw.js');
        const shell = {
          globDirectory: outDir,
          globPatterns: [
            'index.html',
            'assets/**/*',
            'icons/**/*',
            'portable/*',
            '*.{svg,webmanifest}',
            'headers.json',
            'app-files.json',
          ],
          globIgnores: ['assets/engine-web-llm-*'],
          // Hashed names say their content: no query string is needed to tell versions apart.
          dontCacheBustURLsMatching: /^assets\//,
          maximumFileSizeToCacheInBytes: 8 * 2 ** 20,
        };
        await listFiles(
          outDir,
          (await getManifest(shell)).manifestEntries.map(({ url }) => url),
        );
        const { count, size, warnings } = await injectManifest({
          ...shell,
          swSrc: raw,
          swDest: path.join(outDir, 'sw.js'),
        });
        await rm(raw);
        await writeHostFiles(outDir);
        for (const warning of warnings) this.warn(warning);
        const cpuEngineBytes = Buffer.from(KERNELS_BASE64, 'base64').length;
        const report = { files: count, bytes: size, cpuEngineBytes };
        await writeFile(path.join(outDir, 'shell.json'), JSON.stringify(report));
        console.log(
          `shell: ${count} files, ${size} bytes; the CPU engine's WebAssembly: ${cpuEngineBytes} bytes`,
        );
      },
    },
  };
}

export default defineConfig({
  root,
  base: './',
  plugins: [svelte(), devServerHeaders(), metaPolicy(), headerTable(), shellSize(), serviceWorker()],
  build: {
    target: 'es2023',
    sourcemap: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  worker: {
    format: 'es',
    // The server finds a worker's policy by its name.
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: { entryFileNames: 'assets/[name]-worker-[hash].js' },
    },
  },
});
