// Builds and serves the page with one answer on it (src/app/markdown/try-page.svelte.ts), with the app's own headers.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';
import { root } from '../../scripts/install.mjs';
import { serve } from '../../scripts/serve.mjs';
import { headerRules } from '../../src/wire/headers.ts';

/** What the page puts on `window.yupanaTry`. */
export interface TryPage {
  show(text: string, streaming?: boolean): void;
  SAMPLE: string;
  XSS_CORPUS: readonly string[];
  XSS_PLACES: readonly ((payload: string) => string)[];
}

export async function serveMarkdownPage(): Promise<{ url: string; close: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yupana-markdown-'));
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    base: './',
    plugins: [svelte()],
    build: {
      target: 'es2023',
      outDir: folder,
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      cssCodeSplit: false,
      rolldownOptions: {
        input: path.join(root, 'src/app/markdown/try-page.svelte.ts'),
        output: { entryFileNames: 'assets/page.js', assetFileNames: 'assets/page[extname]' },
      },
    },
  });
  await writeFile(path.join(folder, 'headers.json'), JSON.stringify(headerRules()));
  await writeFile(
    path.join(folder, 'index.html'),
    '<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Yupana</title>' +
      '<meta name="viewport" content="width=device-width">' +
      '<link rel="icon" href="data:,"><link rel="stylesheet" href="./assets/page.css"></head>' +
      '<body><main></main><script type="module" src="./assets/page.js"></script></body></html>',
  );
  const server = await serve({ dir: folder, port: 0, host: 'localhost' });
  return {
    url: server.url,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
