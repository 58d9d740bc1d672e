// One job a model across all tabs. Without Web Locks (plain http, very old browsers) across this worker at least; two
// tabs then still cannot harm each other, for the ledger takes a chunk only in its turn.

import { EngineError } from '../failures.ts';

/** Model -> settles when this thread's job on it ends. */
const held = new Map<string, Promise<void>>();

const lockOf = (modelId: string): string => `yupana-model-${modelId}`;
const webLocks = (): LockManager | undefined =>
  (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;

/** Runs `work` while nobody else works on the model's files. Throws "download-busy" at once where somebody does. */
export async function withModel<T>(modelId: string, work: () => Promise<T>): Promise<T> {
  const busy = (): EngineError =>
    new EngineError('download-busy', `${modelId} is being worked on elsewhere`, { model: modelId });
  if (held.has(modelId)) throw busy();
  let free: () => void = () => undefined;
  held.set(modelId, new Promise<void>((resolve) => (free = resolve)));
  try {
    const locks = webLocks();
    if (!locks) return await work();
    return await locks.request(lockOf(modelId), { ifAvailable: true }, (lock) => {
      if (!lock) throw busy();
      return work();
    });
  } finally {
    held.delete(modelId);
    free();
  }
}

/** Resolves when nobody works on the model's files any more. Throws "aborted". */
export async function whenFree(modelId: string, signal: AbortSignal): Promise<void> {
  const stopped = (): EngineError => new EngineError('aborted', 'the waiting was stopped');
  if (signal.aborted) throw stopped();
  let stop: () => void = () => undefined;
  const cut = new Promise<never>((_, reject) => (stop = () => reject(stopped())));
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([held.get(modelId), cut]);
    await Promise.race([webLocks()?.request(lockOf(modelId), { signal }, () => undefined), cut]);
  } catch (error) {
    throw signal.aborted ? stopped() : error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
