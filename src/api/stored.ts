// The models of this origin's store: which there are, how large, and letting one go.

import { withModel } from '../download/lock.ts';
import { EngineError } from '../failures.ts';
import { openShards } from '../storage/shards.ts';
import { check, isText } from './check.ts';
import type { StoredModel } from './types.ts';

/** Every model there is something of, by id. Throws "storage-failed" and its kin. */
export async function listModels(): Promise<StoredModel[]> {
  const store = openShards();
  const models: StoredModel[] = [];
  for (const { modelId: id, state, committedBytes, totalBytes } of await store.list()) {
    const { from } = await store.note(id);
    models.push({
      id,
      state: state === 'absent' ? 'partial' : state,
      bytes: committedBytes,
      totalBytes,
      ...(from === undefined ? {} : { url: from }),
    });
  }
  return models.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Deletes a stored model. An engine that has it loaded goes on with what it holds.
 * Throws "model-not-stored", "download-busy" while somebody downloads it.
 */
export async function deleteModel(id: string): Promise<void> {
  check((value) => isText(value) && value !== '', 'the id of a stored model')(id, 'id');
  const store = openShards();
  if (!(await store.list()).some(({ modelId }) => modelId === id)) {
    throw new EngineError('model-not-stored', `nothing is stored under ${id}`, { model: id });
  }
  await withModel(id, () => store.remove(id));
}
