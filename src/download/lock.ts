// One job a model across all tabs. Without Web Locks (plain http, very old browsers) across this worker at least; two
// tabs then still cannot harm each other, for the ledger takes a chunk only in its turn.

import { EngineError } from '../engine.ts';

const held = new Set<string>();

/** Runs `work` while nobody else works on the model's files. Throws "download-busy" at once where somebody does. */
export async function withModel<T>(modelId: string, work: () => Promise<T>): Promise<T> {
  const busy = (): EngineError =>
    new EngineError('download-busy', `${modelId} is being worked on elsewhere`, { model: modelId });
  if (held.has(modelId)) throw busy();
  held.add(modelId);
  try {
    const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
    if (!locks) return await work();
    return await locks.request(`yupana-model-${modelId}`, { ifAvailable: true }, (lock) => {
      if (!lock) throw busy();
      return work();
    });
  } finally {
    held.delete(modelId);
  }
}
