// What there is to add among the files that a person chose: each folder with a model, named and judged before a weight is read.

import { EngineError } from '../failures.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import type { Checkpoint } from '../format/checkpoint.ts';
import { refuseForeign } from '../format/foreign-files.ts';
import { ggufSplits, isGgufName, openGguf } from '../format/gguf-checkpoint.ts';
import { MAX_JSON_BYTES, parseJson, readJson, readTextIfThere } from '../format/json-file.ts';
import { MANIFEST_FILE, parseManifest } from '../format/manifest.ts';
import type { ModelManifest } from '../format/manifest.ts';
import { MLC_CONFIG_FILE, readDirectoryClaims } from '../format/model-directory.ts';
import { idFromName, PACK_FILE, parsePack, refuseCode } from '../format/pack.ts';
import type { PackNote } from '../format/pack.ts';
import { TENSOR_CACHE_FILES } from '../format/tensor-cache.ts';
import type { ModelStatus } from '../format/model-status.ts';
import type { ShardStore } from '../storage/shards.ts';
import { createSums } from './hash.ts';
import { gatherFolders } from './local-files.ts';
import type { LocalFolder } from './local-files.ts';
import type { LocalFile, LocalModel, Pins } from '../format/local-model.ts';
import { localSource } from './local-host.ts';

export interface LocalFault {
  folder: string;
  error: EngineError;
}

export interface LocalFindings {
  models: readonly LocalModel[];
  /** Folders that look like a model and are refused, each with its reason. */
  faults: readonly LocalFault[];
}

const DEFAULT_SCHEME = 'q4f16_1';
const isTensorCache = (path: string): boolean => (TENSOR_CACHE_FILES as readonly string[]).includes(path);
const lastSegment = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Throws "nothing-to-add", and what `gatherFolders` throws. */
export async function inspectLocal(
  store: ShardStore,
  chosen: readonly LocalFile[],
  pins: Pins,
): Promise<LocalFindings> {
  const models: LocalModel[] = [];
  const faults: LocalFault[] = [];
  for (const folder of await gatherFolders(chosen)) {
    const judge = async (path: string, work: () => Promise<LocalModel>): Promise<void> => {
      try {
        models.push(await work());
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        faults.push({ folder: path, error });
      }
    };
    const kind = kindOf(folder);
    const ggufs = ggufsOf(folder);
    if (kind) await judge(folder.path, () => inspectFolder(store, folder, kind, pins));
    else if (ggufs.size === 0)
      await refuseForeign(localSource(folder.path, folder.files)).catch((error: unknown) => {
        if (!(error instanceof EngineError)) throw error;
        faults.push({ folder: folder.path, error });
      });
    // A folder of downloads may have many, each a model of its own.
    for (const file of ggufs)
      await judge([folder.path, file].filter(Boolean).join('/'), () => inspectGguf(store, folder, file));
  }
  const zip = chosen.find(({ path }) => /\.(zip|7z|rar)$/i.test(path));
  if (models.length + faults.length === 0 && zip)
    throw new EngineError('weights-foreign', `${zip.path} is an archive`, { file: zip.path, kind: 'zip' });
  if (models.length + faults.length === 0)
    throw new EngineError('nothing-to-add', 'no model among the chosen files', { files: chosen.length });
  return { models, faults };
}

type FolderKind = Exclude<LocalModel['kind'], 'gguf'>;

/** GGUF files of a folder; of one in several parts the first, whichever are there. */
function ggufsOf({ files }: LocalFolder): Set<string> {
  return new Set([...files.keys()].filter(isGgufName).map((name) => ggufSplits(name)[0] ?? name));
}

function kindOf({ files }: LocalFolder): FolderKind | undefined {
  if (files.has(PACK_FILE)) return 'pack';
  if (files.has(MLC_CONFIG_FILE) || files.has('tensor-cache.json') || files.has('ndarray-cache.json'))
    return 'mlc';
  const weights = [...files.keys()].some((path) => path.endsWith('.safetensors'));
  return weights ? 'checkpoint' : undefined;
}

const inspectFolder = (
  store: ShardStore,
  folder: LocalFolder,
  kind: FolderKind,
  pins: Pins,
): Promise<LocalModel> =>
  kind === 'checkpoint' ? inspectCheckpoint(store, folder) : inspectDirectory(store, folder, kind, pins);

async function inspectDirectory(
  store: ShardStore,
  folder: LocalFolder,
  kind: 'pack' | 'mlc',
  pins: Pins,
): Promise<LocalModel> {
  const name = lastSegment(folder.path) || 'modelo';
  const source = localSource(name, folder.files);
  const note: PackNote =
    kind === 'pack' ? parsePack(await readJson(source, PACK_FILE)) : { id: idFromName(name), name };
  const text = await readTextIfThere(source, MANIFEST_FILE, MAX_JSON_BYTES);
  const manifest = text === undefined ? undefined : parseManifest(parseJson(text, MANIFEST_FILE));
  const { scheme, bytes, missing } = manifest ? await byManifest(folder, manifest) : await byClaims(folder);
  const manifestSha256 = text === undefined ? '' : await sha256Of(new TextEncoder().encode(text));
  const mark =
    manifestSha256 ||
    (await markOf(folder, TENSOR_CACHE_FILES.filter((path) => folder.files.has(path)).slice(0, 1)));
  const named = await nameIt(store, note.id, { kind, text, manifestSha256, mark, pins });
  return {
    folder: folder.path,
    kind,
    name: note.name,
    bytes,
    scheme,
    licence: manifest?.licence ?? 'unknown',
    manifestSha256,
    missing,
    ...named,
  };
}

interface Judged {
  scheme: string;
  bytes: number;
  missing: string[];
}

async function byManifest(folder: LocalFolder, manifest: ModelManifest): Promise<Judged> {
  refuseCode(manifest.files.map(({ path }) => path));
  const missing = manifest.files
    .filter(({ path, bytes }) => folder.files.get(path)?.size !== bytes)
    .map(({ path }) => path);
  // A model that cannot run is refused by name here; one whose small files are missing is judged when they come.
  if (!missing.some((path) => !path.endsWith('.bin')))
    await readDirectoryClaims(localSource(folder.path, folder.files));
  return { scheme: manifest.scheme, bytes: manifest.bytes, missing };
}

async function byClaims(folder: LocalFolder): Promise<Judged> {
  const { scheme, cache } = await readDirectoryClaims(localSource(folder.path, folder.files));
  const missing = cache.shards
    .filter(({ path, bytes }) => folder.files.get(path)?.size !== bytes)
    .map(({ path }) => path);
  for (const path of ['tokenizer.json', 'tokenizer_config.json'])
    if (!folder.files.has(path)) missing.push(path);
  return { scheme: scheme.name, bytes: cache.shards.reduce((sum, { bytes }) => sum + bytes, 0), missing };
}

/**
 * The id it gets. A pin of the library decides for its ids; a pack may speak for an id that the library does not pin; and
 * nobody takes the place of another model that is stored: then the id gets a mark of the files' own.
 */
async function nameIt(
  store: ShardStore,
  wanted: string,
  {
    kind,
    text,
    manifestSha256,
    mark,
    pins,
  }: {
    kind: LocalModel['kind'];
    text: string | undefined;
    manifestSha256: string;
    mark: string;
    pins: Pins;
  },
): Promise<Pick<LocalModel, 'id' | 'vouched' | 'stored'>> {
  const vouched = kind === 'pack' ? 'pack' : 'nobody';
  const stored = async (id: string): Promise<ModelStatus['state']> => (await store.status(id)).state;
  const pin = Object.hasOwn(pins, wanted) ? pins[wanted] : undefined;
  if (pin && pin === manifestSha256) return { id: wanted, vouched: 'catalog', stored: await stored(wanted) };
  const free = pin === undefined || (pin === null && kind === 'pack');
  const state = await stored(wanted);
  const isSame =
    text === undefined
      ? (await store.files(wanted)).some(({ path, sha256 }) => isTensorCache(path) && sha256 === mark)
      : (await store.manifest(wanted)) === text;
  const same = state === 'absent' || isSame;
  if (free && same) return { id: wanted, vouched, stored: state };
  const id = `${wanted}-${mark.slice(0, 8)}`;
  return { id, vouched, stored: await stored(id) };
}

async function inspectCheckpoint(store: ShardStore, folder: LocalFolder): Promise<LocalModel> {
  const name = lastSegment(folder.path) || 'modelo';
  const checkpoint = await openCheckpoint(localSource(name, folder.files));
  const missing = folder.files.has('tokenizer.json') ? [] : ['tokenizer.json'];
  const mark = await markOf(folder, ['config.json', 'tokenizer.json']);
  return toConvert(store, folder, checkpoint, {
    kind: 'checkpoint',
    name,
    mark,
    missing,
    licence: 'unknown',
  });
}

async function inspectGguf(store: ShardStore, folder: LocalFolder, file: string): Promise<LocalModel> {
  const own = file.replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '');
  const checkpoint = await openGguf(localSource(file, folder.files), file);
  if ((await checkpoint.source.size('tokenizer.json')) === undefined)
    throw new EngineError('file-missing', `${file} has no tokenizer`, {
      file: 'tokenizer.json',
      model: file,
    });
  const mark = await sha256Of(new TextEncoder().encode(JSON.stringify(checkpoint.configJson)));
  const licence = checkpoint.licence || 'unknown';
  return toConvert(store, folder, checkpoint, { kind: 'gguf', file, name: own, mark, missing: [], licence });
}

async function toConvert(
  store: ShardStore,
  folder: LocalFolder,
  checkpoint: Checkpoint,
  {
    mark: some,
    ...known
  }: Pick<LocalModel, 'kind' | 'file' | 'name' | 'missing' | 'licence'> & { mark: string },
): Promise<LocalModel> {
  const weights = [...new Set([...checkpoint.parts.values()].map(({ file }) => file))].sort();
  // The same folder is the same model again, so that it goes on where it stopped; another folder of that name is not.
  const lengths = weights.map((path) => `${path} ${folder.files.get(path)?.size}`).join('\n');
  const mark = await sha256Of(new TextEncoder().encode(`${some}\n${lengths}`));
  const id = `${idFromName(known.name)}-${DEFAULT_SCHEME}-${mark.slice(0, 8)}`;
  return {
    ...known,
    folder: folder.path,
    id,
    bytes: weights.reduce((sum, path) => sum + (folder.files.get(path)?.size ?? 0), 0),
    scheme: DEFAULT_SCHEME,
    vouched: 'nobody',
    manifestSha256: '',
    stored: (await store.status(id)).state,
  };
}

/** sha256 over the files of a folder that tell it from others. */
async function markOf(folder: LocalFolder, paths: readonly string[]): Promise<string> {
  const sums = await createSums(false);
  const source = localSource(folder.path, folder.files);
  for (const path of paths) {
    const size = folder.files.get(path)?.size;
    if (size !== undefined && size <= MAX_MARKED_BYTES) sums.update(await source.read(path, 0, size));
  }
  return sums.digest().sha256;
}
const MAX_MARKED_BYTES = 128 * 2 ** 20;

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const sums = await createSums(false);
  sums.update(bytes);
  return sums.digest().sha256;
}
