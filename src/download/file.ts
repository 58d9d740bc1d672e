// One file from where it stands to verified: fetch what is missing or damaged, compare the hash, publish.

import { EngineError, failedBy } from '../failures.ts';
import { CHUNK_BYTES } from '../storage/bytes.ts';
import type { FileRecord } from '../storage/ledger.ts';
import { chunkCount, chunkLength } from '../storage/ledger.ts';
import type { ShardStore } from '../storage/shards.ts';
import { fetchChunks, sameFile, tagFor, tagOf } from './chunks.ts';
import type { Chunk } from './chunks.ts';
import { crcOf, isRight, resumeSums } from './hash.ts';
import type { Found } from './hash.ts';
import { persist } from './host.ts';
import type { Host, Rotation } from './host.ts';
import { openLanes } from './lanes.ts';
import { examine } from './verify.ts';

/** A file that changes at its host more often than this while it is fetched is given up. */
const MAX_RESTARTS = 3;
/** A whole file with a wrong hash is fetched once more: a proxy may have damaged it. Twice wrong is refused. */
const MAX_WRONG_HASHES = 2;

export interface FileJob {
  host: Host;
  store: ShardStore;
  modelId: string;
  /** Addresses of the file, and which of them is asked next. */
  urls: readonly string[];
  rotation: Rotation;
  signal?: AbortSignal | undefined;
  /** Bytes just committed; negative where bytes were thrown away. */
  onCommitted: (bytes: number) => void;
}

/** Throws "hash-mismatch", "file-changed", "quota-exceeded" and what `fetchChunks` throws; committed chunks stay. */
export async function fetchFile(job: FileJob, path: string): Promise<void> {
  const { store, modelId } = job;
  let restarts = 0;
  let wrong = 0;
  for (;;) {
    const file = await recordOf(job, path);
    if (file.state === 'verified') return;
    const startOver = async (): Promise<void> => {
      const now = await recordOf(job, path);
      await store.reset(modelId, path);
      job.onCommitted(-(now.committed - damagedBytes(now)));
    };
    let found: Found | undefined;
    try {
      found = file.state === 'corrupt' ? await mend(job, file) : await append(job, file);
      if (found && isRight(file, found)) {
        await store.seal(modelId, path, found);
        return;
      }
    } catch (error) {
      if (!asksForNewStart(error) || ++restarts > MAX_RESTARTS) throw error;
      await startOver();
      continue;
    }
    await startOver();
    // The next try may be luckier at another place.
    job.rotation.place = (job.rotation.place + 1) % job.rotation.places;
    if (found !== undefined && ++wrong >= Math.max(MAX_WRONG_HASHES, job.urls.length)) {
      const byMd5 = file.sha256 === '';
      throw new EngineError('hash-mismatch', `${path}: what came is not what the manifest names`, {
        file: path,
        expected: (byMd5 ? file.md5 : file.sha256) ?? '',
        actual: (byMd5 ? found.md5 : found.sha256) ?? '',
      });
    }
  }
}

async function recordOf({ store, modelId }: FileJob, path: string): Promise<FileRecord> {
  const file = await store.file(modelId, path);
  if (file) return file;
  throw new EngineError('model-not-stored', `${modelId} has no ${path}: deleted meanwhile`, {
    model: modelId,
    file: path,
  });
}

/** The host has another file now, or the browser lost committed chunks. */
const asksForNewStart = (error: unknown): boolean =>
  (failedBy(error, 'file-changed') && error.details.changed === 'tag') ||
  (failedBy(error, 'storage-failed') && error.details.lost === true);

const damagedBytes = (file: FileRecord): number =>
  file.damaged.reduce((sum, index) => sum + chunkLength(file.bytes, index), 0);

/** Fetches from the last committed chunk to the end. @returns its sums, undefined where stored chunks are lost */
async function append(job: FileJob, start: FileRecord): Promise<Found | undefined> {
  const { host, store, modelId, urls, rotation, signal, onCommitted } = job;
  const hash = await resumeSums(store, modelId, start);
  if (!hash) return undefined;
  let file = start;

  const keep = async ({ index, bytes, etag, url }: Chunk): Promise<void> => {
    const before = hash.save();
    hash.update(bytes);
    const hashState = hash.save();
    try {
      const kept = etag === null && tagFor(url, file.etag) !== null ? file.etag : tagOf(url, etag);
      const chunk = { index, bytes, crc: await crcOf(bytes), hashState, etag: kept };
      file = await store.commit(modelId, file.path, chunk);
    } catch (error) {
      hash.load(before);
      throw error;
    }
    onCommitted(bytes.length);
  };

  // Where the sum of the whole decides, tags decide nothing: edges of one network may give different ones for the same bytes.
  const summed = file.sha256 !== '' || file.md5 !== undefined;
  const wantedTag = (url: string): string | null => (summed ? null : tagFor(url, file.etag));

  const lanes = openLanes(host, file, signal);
  try {
    await persist(
      host,
      signal,
      async (progressed, place) => {
        const url = urls[place % urls.length]!;
        while (file.committed < file.bytes) {
          const first = file.committed / CHUNK_BYTES;
          if (lanes.open) {
            const chunk = await lanes.take(url, first);
            if (chunk) {
              sameFile({ total: null, etag: chunk.etag }, { ...file, etag: wantedTag(chunk.url) });
              await keep(chunk);
              progressed();
              continue;
            }
          }
          const chunks = Array.from({ length: chunkCount(file.bytes) - first }, (_, index) => first + index);
          const began = performance.now();
          const ranged = await fetchChunks(
            host,
            { url, path: file.path, bytes: file.bytes, etag: wantedTag(url), chunks },
            async (chunk) => {
              await keep(chunk);
              progressed();
            },
            signal,
          );
          if (ranged) lanes.learn(performance.now() - began);
        }
      },
      rotation,
    );
  } finally {
    lanes.close();
  }
  return hash.digest();
}

/** Fetches the damaged chunks only. @returns the sums of what is stored then */
async function mend(job: FileJob, start: FileRecord): Promise<Found | undefined> {
  const { host, store, modelId, urls, rotation, signal, onCommitted } = job;
  let file = start;
  await persist(
    host,
    signal,
    async (progressed, place) => {
      while (file.damaged.length > 0) {
        const chunks = [...file.damaged].sort((a, b) => a - b);
        await fetchChunks(
          host,
          // Any tag will do: the hash of the whole decides, and a wrong one starts the file over.
          { url: urls[place % urls.length]!, path: file.path, bytes: file.bytes, etag: null, chunks },
          async ({ index, bytes }) => {
            file = await store.mend(modelId, file.path, index, bytes, await crcOf(bytes));
            onCommitted(bytes.length);
            progressed();
          },
          signal,
        );
      }
    },
    rotation,
  );
  const { right, damaged } = await examine(store, modelId, file, () => undefined, signal);
  return right && damaged.length === 0 ? { sha256: file.sha256, md5: undefined } : undefined;
}
