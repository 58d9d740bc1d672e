// A process that only starts another one: what it is told to stop, the other is told, and decides how to end.

/** @param {import('node:child_process').ChildProcess} child */
export function passSignals(child) {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => void child.kill(signal));
  }
}
