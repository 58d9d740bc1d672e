// `npm start`: installs what is missing, builds when stale, serves on localhost and prints the address.

import { ensureInstalled, root } from './install.mjs';
import path from 'node:path';

ensureInstalled();
const { buildApp } = await import('./build-app.mjs');
await buildApp();
const { serve } = await import('./serve.mjs');
const port = Number(process.env.PORT ?? 4173);
const { url } = await serve({ dir: path.join(root, 'dist'), port, host: 'localhost' });
console.log(
  `Yupana: ${url}\nOpen it in Chrome or Edge. Ctrl+C stops the server; what was installed goes on working without it.`,
);
