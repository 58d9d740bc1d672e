// How the engine is tuned to this machine: a record for each adapter and model, all of one build. Another build's kernels may
// time otherwise, so what an older one left is cleared by the first that is saved.

import { openDatabase, requested } from './database.ts';

export interface Tunings {
  /** What was saved, unchecked; undefined where there is nothing. */
  load(adapter: string, modelId: string): Promise<unknown>;
  save(adapter: string, modelId: string, tuning: unknown): Promise<void>;
}

/** @param build anything that is another one for each build of the engine */
export function openTunings(build: string, name = 'yupana-tunings'): Tunings {
  const database = openDatabase(name, 1);
  const key = (adapter: string, modelId: string) => ['tuning', build, adapter, modelId];
  return {
    load: (adapter, modelId) =>
      database.read((store) => requested<unknown>(store.get(key(adapter, modelId)))),
    save: (adapter, modelId, tuning) =>
      database.write(async (store) => {
        for (const found of await requested(store.getAllKeys())) {
          if (Array.isArray(found) && found[0] === 'tuning' && found[1] !== build) {
            await requested(store.delete(found));
          }
        }
        await requested(store.put(tuning, key(adapter, modelId)));
      }),
  };
}
