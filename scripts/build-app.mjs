// Builds dist/ where it is older than what it is made of: for `npm start`, and for the browser's rows of `npm run soak`.

import path from 'node:path';
import { root } from './install.mjs';
import { isStale } from './stale.mjs';

const SOURCES = ['src', 'public', 'models', 'index.html', 'vite.config.ts', 'package-lock.json'];

export async function buildApp() {
  if (!isStale('dist/sw.js', SOURCES)) return;
  console.log('Building …');
  const { build } = await import('vite');
  await build({ root, configFile: path.join(root, 'vite.config.ts'), logLevel: 'warn' });
}
