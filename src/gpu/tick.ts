// Firefox looks only every 100 ms whether the GPU has finished (bugzilla 1870699, wgpu#6660): a map or `onSubmittedWorkDone`
// settles up to 100 ms late, which holds decoding to 10 to 20 tokens a second on any GPU. It also looks whenever something is
// submitted, so an empty submit every few milliseconds brings results in time while somebody waits for them.
// Delete this file, and its two uses in device.ts and readback.ts, when the oldest Firefox that the app supports has that bug fixed.

/** Between two empty submits; timers of nested calls are not quicker. */
const TICK_MILLISECONDS = 4;

/** Waits for a promise that settles when the GPU got somewhere. */
export type Wait = <T>(promise: Promise<T>) => Promise<T>;

/** Whether this browser needs it. @param userAgent of the navigator; Node has one too */
export function needsTick(userAgent: string | undefined): boolean {
  return /\bFirefox\/\d/.test(userAgent ?? '');
}

/** Where it is not needed the promise is waited for as it is. */
export function waiting(queue: Pick<GPUQueue, 'submit'>, needed: boolean): Wait {
  if (!needed) return (promise) => promise;
  let waiters = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  return async (promise) => {
    waiters++;
    timer ??= setInterval(() => queue.submit([]), TICK_MILLISECONDS);
    try {
      return await promise;
    } finally {
      if (--waiters === 0) {
        clearInterval(timer);
        timer = undefined;
      }
    }
  };
}
