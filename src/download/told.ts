// What a download costs is agreed to before its first byte is stored.

import { EngineError } from '../failures.ts';
import type { ModelSource } from '../format/model-source.ts';
import type { ShardStore } from '../storage/shards.ts';

/** Sizes are told rounded, and a repository's small files come and go. */
const TOLERANCE = 1.1;
/** So little is here before the question is read. */
const NOT_WORTH_ASKING_BYTES = 64 * 1024;

/**
 * Throws "download-larger" where the source lists more bytes than the person agreed to and nothing of the model is stored yet.
 * @param listed bytes of all files that will be fetched
 */
export async function asTold(store: ShardStore, { id, told }: ModelSource, listed: number): Promise<void> {
  if (told === undefined || listed <= told * TOLERANCE + NOT_WORTH_ASKING_BYTES) return;
  if ((await store.status(id)).state !== 'absent') return; // asked at its start
  throw new EngineError('download-larger', `${id}: ${listed} bytes are listed, ${told} were told`, {
    told,
    actual: listed,
  });
}
