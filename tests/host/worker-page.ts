// The built workers without the app around them: a copy of dist/ whose page only spawns them and passes messages on, under
// the same headers. For tests that kill workers and look at what they may reach.

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/install.mjs';
import { serve } from '../../scripts/serve.mjs';

/** In the page: `spawn("engine" | "download" | "engine-web-llm")` -> {ask({call, input}), abortLast(), kill(), pushed}. `ask`
 * resolves with done or error; what else the worker says (a call's progress, too) is in `pushed`. */
const PAGE_SCRIPT = (names: Record<string, string>): string => `
const policy = trustedTypes.createPolicy('yupana', { createScriptURL: (url) => url });
const names = ${JSON.stringify(names)};
window.spawn = (kind) => {
  const worker = new Worker(policy.createScriptURL(names[kind]), { type: 'module' });
  const calls = new Map();
  // The download's worker is told what a person confirmed, as the app's own client does it.
  const { port1: person, port2 } = new MessageChannel();
  if (kind === 'download') worker.postMessage({ type: 'confirmations' }, [port2]);
  let confirmed = 0;
  const confirm = ({ base, mirrors = [], roots = [] }) => {
    person.postMessage({ bases: [base, ...mirrors, ...roots], count: ++confirmed });
    return call({ call: 'heard', input: confirmed });
  };
  const pushed = [];
  let last = 0;
  const call = (request) => new Promise((resolve) => {
    calls.set(++last, resolve);
    worker.postMessage({ type: 'call', ...request, id: last, reports: ['onProgress'] });
  });
  worker.onmessage = ({ data }) => {
    if (data.type === 'done' || data.type === 'error') calls.get(data.id)?.(data);
    else pushed.push(data);
  };
  worker.onerror = (event) => calls.forEach((end) => end({ type: 'dead', message: event.message }));
  return {
    pushed,
    ask: async (request) => {
      if (request.input?.base) await confirm(request.input);
      return call(request);
    },
    /** As code of the page's that got hold of the worker, and of nothing else. */
    attack: (request) => call(request),
    abortLast: () => worker.postMessage({ type: 'abort', id: last }),
    kill: () => worker.terminate(),
  };
};
`;

export interface WorkerPage {
  /** Address of the page. */
  url: string;
  /** Address of the download worker's script. */
  download: string;
  close: () => Promise<void>;
}

/**
 * Needs a built dist/.
 * @param bare true: served as by a host that knows nothing of the header table
 * @param loosen a piece of the table, and what stands there instead
 */
export async function serveWorkerPage({
  bare = false,
  loosen,
}: { bare?: boolean; loosen?: [string, string] } = {}): Promise<WorkerPage> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'yupana-workers-'));
  await cp(path.join(root, 'dist'), dir, { recursive: true });
  const assets = await readdir(path.join(dir, 'assets'));
  const nameOf = (kind: string): string => {
    const found = assets.find((name) => name.startsWith(`${kind}-worker-`) && name.endsWith('.js'));
    if (!found) throw new Error(`dist/ has no ${kind} worker: build first`);
    return `/assets/${found}`;
  };
  const names = {
    engine: nameOf('engine'),
    download: nameOf('download'),
    'engine-web-llm': nameOf('engine-web-llm'),
  };
  await writeFile(path.join(dir, 'assets/worker-page.js'), PAGE_SCRIPT(names));
  const html =
    '<!doctype html><title>workers</title><script type="module" src="/assets/worker-page.js"></script>';
  await writeFile(path.join(dir, 'workers.html'), html);
  const table = path.join(dir, 'headers.json');
  if (bare) await writeFile(table, '[]');
  if (loosen) await writeFile(table, (await readFile(table, 'utf8')).replaceAll(...loosen));
  const server = await serve({ dir, port: 0, host: 'localhost' });
  return {
    url: `${server.url}workers.html`,
    download: new URL(names.download, server.url).href,
    close: async () => {
      await server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
