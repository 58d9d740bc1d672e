// One engine a browser profile: two would share one GPU and one memory, and both would fail. A Web Lock says whose it is.

import { EngineError } from '../failures.ts';

const NAME = 'yupana-engine';

export interface EngineLock {
  /**
   * Throws "engine-busy" where another tab holds it, unless `takeOver`. Held already: nothing happens.
   */
  acquire(takeOver: boolean): Promise<void>;
  release(): void;
}

/**
 * @param locks undefined where the browser has none: then every tab is granted
 * @param onTaken another tab took it over; it is not held any more
 */
export function engineLock(
  locks: LockManager | undefined,
  onTaken: (error: EngineError) => void,
): EngineLock {
  let release: (() => void) | undefined;
  return {
    async acquire(takeOver) {
      if (release || !locks) return;
      await new Promise<void>((granted, refused) => {
        const options: LockOptions = takeOver ? { steal: true } : { ifAvailable: true };
        let mine: (() => void) | undefined;
        locks
          .request(NAME, options, (lock) => {
            if (!lock) {
              refused(new EngineError('engine-busy', 'the engine runs in another tab'));
              return undefined;
            }
            const held = new Promise<void>((resolve) => (mine = resolve));
            release = mine;
            granted();
            return held;
          })
          .catch((error: unknown) => {
            // Stolen: the request rejects although its callback still runs.
            if (mine && release === mine) {
              release = undefined;
              onTaken(new EngineError('engine-taken', 'another tab took the engine over', {}, error));
            } else {
              refused(error instanceof Error ? error : new Error(String(error)));
            }
          });
      });
    },
    release() {
      release?.();
      release = undefined;
    },
  };
}
