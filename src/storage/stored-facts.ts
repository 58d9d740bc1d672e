// What the store itself knows of a model, for those that no catalog names.

import type { ModelStatus } from '../format/model-status.ts';
import type { ModelNote, ShardStore } from './shards.ts';

export interface StoredFacts {
  id: string;
  name: string;
  bytes: number;
  licence: string;
  status: ModelStatus;
  note: ModelNote;
}

/** Every model there is something of. */
export async function storedFacts(store: ShardStore): Promise<StoredFacts[]> {
  const facts: StoredFacts[] = [];
  for (const status of await store.list()) {
    const id = status.modelId;
    const note = await store.note(id);
    const licence = licenceOf(await store.manifest(id));
    facts.push({ id, name: note.name ?? id, bytes: status.totalBytes, licence, status, note });
  }
  return facts;
}

function licenceOf(manifest: string | undefined): string {
  try {
    const { licence } = JSON.parse(manifest ?? '') as { licence?: unknown };
    return typeof licence === 'string' ? licence.slice(0, 100) : '';
  } catch {
    return ''; // not planned to its end yet
  }
}
