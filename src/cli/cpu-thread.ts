// A further thread of the CPU engine in Node.

import { parentPort } from 'node:worker_threads';
import { serveThread } from '../engines/cpu/thread.ts';
import type { ThreadStart } from '../engines/cpu/team.ts';

parentPort?.once('message', (start: ThreadStart) => {
  void serveThread(start, () => parentPort?.postMessage('ready'));
});
