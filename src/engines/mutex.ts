// One after another, in the order asked: for what several callers share and must not use at once. `exclusive.ts` refuses the
// second caller instead.

export interface Mutex {
  /** Runs `work` when all that asked before have ended, however they ended. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(work) {
      const done = last.then(work, work);
      last = done.catch(() => undefined);
      return done;
    },
  };
}
