// A reference as files to read: stored already, fetched into this origin's store, or the caller's own.

import { downloadModel } from '../download/download.ts';
import { EngineError } from '../engine.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { openShards } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import type { InitProgressReport, ModelReference } from './types.ts';

export interface OpenedModel {
  id: string;
  source: ShardSource;
}

/** "https://huggingface.co/owner/name/resolve/main/" -> "name"; else the last part of the path. */
export function idOf(url: string): string {
  const { pathname } = new URL(url);
  const parts = pathname.replace(/\/resolve\/[^/]+\/?$/, '').split('/');
  return (
    parts
      .filter(Boolean)
      .at(-1)
      ?.replace(/[^A-Za-z0-9._-]/g, '-') ?? 'model'
  );
}

/** With a slash at the end, and absolute: in a worker "./" is the worker's own folder. */
export function directoryUrl(url: string, base: string): string {
  const absolute = new URL(url.endsWith('/') ? url : `${url}/`, base).href;
  // A repository's page is not where its files are.
  return /^https:\/\/huggingface\.co\/[^/]+\/[^/]+\/$/.test(absolute) ? `${absolute}resolve/main/` : absolute;
}

/**
 * Downloads what is not stored; every byte is verified before it can be read, and a download that was cut goes on.
 * Throws what `downloadModel` throws, "model-not-stored" for an id that nothing is stored under.
 */
export async function openModel(
  model: ModelReference,
  base: string,
  onProgress: (report: Pick<InitProgressReport, 'progress' | 'text'>) => void,
  signal: AbortSignal,
): Promise<OpenedModel> {
  if (typeof model === 'object' && 'source' in model) return model;
  const store = openShards();
  const isUrl = typeof model === 'object' || /[:/]/.test(model);
  if (!isUrl) {
    const { state } = await store.status(model);
    if (state === 'ready') return { id: model, source: storedModel(model, store) };
    throw new EngineError('model-not-stored', `${model} is ${state}`, { model, state });
  }
  const given = typeof model === 'object' ? model : { url: model };
  const url = directoryUrl(given.url, base);
  const id = given.id ?? idOf(url);
  const { state } = await store.status(id);
  if (state !== 'ready') {
    const { manifestSha256 } = given;
    await downloadModel(
      store,
      { id, base: url, ...(manifestSha256 === undefined ? {} : { manifestSha256 }) },
      {
        signal,
        onProgress: ({ committedBytes, totalBytes, file }) =>
          onProgress({
            progress: totalBytes > 0 ? committedBytes / totalBytes : 0,
            text: `Downloading ${file}: ${committedBytes} of ${totalBytes} bytes`,
          }),
      },
    );
  }
  return { id, source: storedModel(id, store) };
}
