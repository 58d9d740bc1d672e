import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { xgrammar } from './scripts/xgrammar-plugin.mjs';

const server = { deps: { inline: ['@mlc-ai/web-xgrammar'] } };

// unit: beside the code, pure or on fake-indexeddb. gpu: kernels and goldens on Dawn in Node. e2e: the built app in a browser.
// Timeouts are what a hang costs, never what a test measures: a machine that does other things too is several times slower.
export default defineConfig({
  test: {
    reporters: process.env.YUPANA_REPORT ? ['default', './scripts/report.mjs'] : ['default'],
    projects: [
      {
        plugins: [svelte(), xgrammar()],
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
          server,
          // Random texts and whole models: seconds where a machine does other things too.
          testTimeout: 30_000,
        },
      },
      {
        plugins: [xgrammar()],
        test: {
          name: 'gpu',
          server,
          include: ['tests/gpu/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 900_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
});
