// A further thread of the CPU engine: sees the weights and what people write, like the engine's worker, and is served with
// the same policy (its file's name begins alike).

import type { ThreadStart } from '../engines/cpu/team.ts';
import { serveThread } from '../engines/cpu/thread.ts';

self.addEventListener(
  'message',
  ({ data }: MessageEvent<ThreadStart>) => {
    // A rejection alone would stay in here: reported, it is an error event at the engine's worker.
    serveThread(data, () => self.postMessage('ready')).catch(reportError);
  },
  { once: true },
);
