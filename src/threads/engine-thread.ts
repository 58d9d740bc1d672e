// A further thread of the CPU engine: sees the weights and what people write, like the engine's worker, and is served with
// the same policy (its file's name begins alike). The page starts it: the engine's worker may start nothing.

import type { ThreadStart } from '../engines/cpu/team.ts';
import { serveThread } from '../engines/cpu/thread.ts';
import { CANARY } from '../wire/thread-protocol.ts';

self.addEventListener(
  'message',
  ({ data }: MessageEvent<ThreadStart | typeof CANARY>) => {
    if (data === CANARY) {
      self.postMessage(CANARY); // who could start it hears it
      return;
    }
    // A rejection alone would stay in here: reported, it is an error event at the page.
    serveThread(data, () => self.postMessage('ready')).catch(reportError);
  },
  { once: true },
);
