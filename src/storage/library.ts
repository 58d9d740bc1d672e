// The person's own library: models they named themselves, mirrors, and how fast downloads may go. Tokens are never here.

import type { FoundModel } from '../format/model-source.ts';
import { openDatabase, requested } from './database.ts';
import { mergeById, mergeList } from './merge.ts';

export interface LibraryRecord {
  /** Models that somebody added by their address, as they were found then. */
  added: FoundModel[];
  /** Bytes a second of all downloads together; null: as fast as it comes. */
  limit: number | null;
  /** Addresses of mirrors, asked before the models' own hosts. */
  roots: string[];
  /** A notice of the system when a download ends. */
  notify: boolean;
  /** How fast weights are gone through here, as last measured; left out: not yet. */
  pace?: MeasuredPace;
}

/** On a graphics card; the processor is measured at each start. */
export interface MeasuredPace {
  /** The card, by name: another one has another pace. */
  adapter: string;
  bytesPerSecond: number;
  /** "copy": of a kernel that only moves memory, which no model reaches. */
  from: 'answers' | 'copy';
}

export const EMPTY_LIBRARY: LibraryRecord = { added: [], limit: null, roots: [], notify: false };
const MAX_ADDED = 500;
const MAX_ROOTS = 5;

export interface LibraryStore {
  load(): Promise<LibraryRecord>;
  /** @param base what the patch was made from: of its lists only what it changed is written; left out: all of it */
  save(patch: Partial<LibraryRecord>, base?: LibraryRecord): Promise<LibraryRecord>;
  clear(): Promise<void>;
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const text = (value: unknown, max = 1_000): value is string =>
  typeof value === 'string' && value !== '' && value.length <= max;
const count = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const strings = (value: unknown, max: number): string[] =>
  Array.isArray(value) ? value.filter((each) => text(each)).slice(0, max) : [];

function checkAdded(value: unknown): FoundModel[] {
  const model = asRecord(value) as Partial<Record<keyof FoundModel, unknown>>;
  const { id, name, base, scheme, bytes, bytesOnDisk, parameters, contextWindow, bytesPerToken } = model;
  if (!text(id, 200) || !text(name) || !text(base) || !/^https?:/.test(base) || !text(scheme, 20)) return [];
  if (![bytes, bytesOnDisk, parameters, contextWindow, bytesPerToken].every(count)) return [];
  const gguf = model.format === 'gguf';
  const { file, ...rest } = model;
  if (gguf && !(text(file, 250) && /^[^/\\]+\.gguf$/i.test(file))) return [];
  return [
    {
      ...(rest as FoundModel),
      format: gguf ? 'gguf' : model.format === 'mlc' ? 'mlc' : 'safetensors',
      ...(gguf && { file: file as string }),
      revision: text(model.revision, 100) ? model.revision : null,
      licence: text(model.licence, 100) ? model.licence : null,
      languages: strings(model.languages, 100),
      gated: model.gated === true,
      ...(model.hosts === undefined ? {} : { hosts: strings(model.hosts, 20) }),
      ...(model.check === 'sha256' || model.check === 'md5' || model.check === 'size'
        ? { check: model.check }
        : {}),
    },
  ];
}

function checkPace(value: unknown): Pick<LibraryRecord, 'pace'> {
  const { adapter, bytesPerSecond, from } = asRecord(value);
  if (!text(adapter, 300) || typeof bytesPerSecond !== 'number' || !Number.isFinite(bytesPerSecond))
    return {};
  if (bytesPerSecond <= 0 || (from !== 'answers' && from !== 'copy')) return {};
  return { pace: { adapter, bytesPerSecond, from } };
}

/** Any value as a library: each part kept where it is valid. */
export function checkLibrary(value: unknown): LibraryRecord {
  const { added, limit, roots, notify, pace } = asRecord(value);
  return {
    added: Array.isArray(added) ? added.flatMap(checkAdded).slice(0, MAX_ADDED) : [],
    limit: count(limit) && limit > 0 ? limit : null,
    roots: strings(roots, MAX_ROOTS),
    notify: notify === true,
    ...checkPace(pace),
  };
}

export function openLibrary(name = 'yupana-library'): LibraryStore {
  const database = openDatabase(name, 1);
  const KEY = ['library'];
  return {
    load: () => database.read(async (store) => checkLibrary(await requested<unknown>(store.get(KEY)))),
    save: (patch, base) =>
      database.write(async (store) => {
        const stored = checkLibrary(await requested<unknown>(store.get(KEY)));
        const { added, roots } = patch;
        const next = checkLibrary({
          ...stored,
          ...patch,
          ...(added && base && { added: mergeById(base.added, added, stored.added) }),
          ...(roots && base && { roots: mergeList(base.roots, roots, stored.roots) }),
        });
        await requested(store.put(next, KEY));
        return next;
      }),
    clear: () =>
      database.write(async (store) => {
        await requested(store.delete(KEY));
      }),
  };
}
