// A session's mutex: one call at a time, and a second one is refused, not queued.

import { EngineError } from '../failures.ts';

export interface Exclusive {
  readonly busy: boolean;
  /** Runs `call`. Throws "engine-busy" while another one runs. */
  run<T>(call: () => Promise<T>): Promise<T>;
}

export function createExclusive(): Exclusive {
  let busy = false;
  return {
    get busy() {
      return busy;
    },
    async run(call) {
      if (busy) throw new EngineError('engine-busy', 'The session is at work on another call');
      busy = true;
      try {
        return await call();
      } finally {
        busy = false;
      }
    },
  };
}
