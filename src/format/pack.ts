// A pack: a model directory with its manifest, to be carried by hand. docs/pack.md is the format in words.
//
//   <folder>/manifest.json      as it came, so that a catalog's pin still vouches for it
//   <folder>/pack.json          which model it is
//   <folder>/params_shard_0.bin or, where a file is longer than a part, params_shard_0.bin.001, .002, …

import { EngineError } from '../failures.ts';
import { asObject, stringField } from '../llama/json-fields.ts';

export const PACK_FILE = 'pack.json';
const PACK_FORMAT = 'yupana-pack';
const PACK_VERSION = 1;

/** FAT32 ends at 4 GiB - 1, some tools at 2 GiB; and a part that failed is written again whole. */
export const PART_BYTES = 1024 ** 3;
/** Three digits. A file of `MAX_SHARD_BYTES` has eight parts. */
const MAX_PARTS = 999;
const MAX_ID = 120;
const MAX_NAME = 200;

/** What a directory may hold by its manifest: data. Nothing that any browser or system would run. */
const DATA = /\.(json|bin|jinja|model|txt)$/;

export interface PackNote {
  /** The model's id where it was packed. */
  id: string;
  /** How it is called there, for people. */
  name: string;
}

/** A pack that was written into a folder. */
export interface ExportedPack {
  /** The folder it is in, below the one that was chosen. */
  folder: string;
  bytes: number;
  /** Bytes that were there already, and right. */
  kept: number;
}

/** A part of a pack, to be saved. */
export interface PackFile {
  name: string;
  blob: Blob;
}

export const describePack = ({ id, name }: PackNote): string =>
  `${JSON.stringify({ format: PACK_FORMAT, version: PACK_VERSION, id, name: name.slice(0, MAX_NAME) }, null, 1)}\n`;

const invalid = (file: string, message: string, details: Record<string, string | number> = {}): EngineError =>
  new EngineError('pack-invalid', `${file}: ${message}`, { file, ...details });

/** A model's name among others: a key, never a path. */
export const isModelId = (id: string): boolean =>
  id.length <= MAX_ID && /^[A-Za-z0-9][A-Za-z0-9._/@~-]*$/.test(id) && !id.includes('..');

/** Any words as an id: what a folder is called, for a model that has no other name. */
export const idFromName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, MAX_ID - 20) || 'modelo';

/** The folder of a model with that id. */
export const folderOf = (id: string): string => idFromName(id);

/** Parses pack.json. Throws "pack-invalid", and "config-invalid" where a field is no text. */
export function parsePack(json: unknown): PackNote {
  const where = { file: PACK_FILE, path: '' };
  const object = asObject(json, where);
  if (object['format'] !== PACK_FORMAT || object['version'] !== PACK_VERSION) {
    throw invalid(PACK_FILE, 'is of another format or version', {
      expected: `${PACK_FORMAT} ${PACK_VERSION}`,
      actual: `${String(object['format']).slice(0, 40)} ${String(object['version']).slice(0, 20)}`,
    });
  }
  const id = stringField(object, 'id', MAX_ID, where);
  const name = stringField(object, 'name', MAX_NAME, where);
  if (!isModelId(id)) throw invalid(PACK_FILE, 'its id is no id', { actual: id.slice(0, 80) });
  return { id, name };
}

export const isData = (path: string): boolean => DATA.test(path);

/** Throws "pack-invalid" where a manifest names something else than data. */
export function refuseCode(paths: readonly string[]): void {
  const found = paths.find((path) => !isData(path));
  if (found !== undefined)
    throw invalid(found, 'is no kind of file that a model is made of', { expected: '.json .bin .jinja' });
}

export interface Part {
  path: string;
  offset: number;
  bytes: number;
}

/** The files that a file of `bytes` is carried as: itself, or its parts in order. */
export function partsOf(path: string, bytes: number, partBytes = PART_BYTES): Part[] {
  if (bytes <= partBytes) return [{ path, offset: 0, bytes }];
  return Array.from({ length: Math.ceil(bytes / partBytes) }, (_, index) => ({
    path: `${path}.${String(index + 1).padStart(3, '0')}`,
    offset: index * partBytes,
    bytes: Math.min(partBytes, bytes - index * partBytes),
  }));
}

/** "params_shard_0.bin.002" is part 2 of "params_shard_0.bin". Undefined for any other name. */
export function partNamed(name: string): { path: string; part: number } | undefined {
  const match = /^(.+)\.(\d{3})$/.exec(name);
  const part = Number(match?.[2]);
  return match?.[1] !== undefined && part >= 1 && part <= MAX_PARTS ? { path: match[1], part } : undefined;
}
