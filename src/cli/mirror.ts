// npm run -s mirror -- <model…> <out dir>: a static directory from which the app downloads, for any web server. A model is an id
// of the catalog, a directory with a manifest.json, or <id>=<directory>.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { convertCheckpoint, copiedFiles } from '../convert/convert.ts';
import type { ModelSource } from '../format/model-source.ts';
import { createSums } from '../download/hash.ts';
import { HOST } from '../download/host.ts';
import type { Host } from '../download/host.ts';
import { planDownload } from '../download/plan.ts';
import { openRemote, urlOf } from '../download/remote.ts';
import { openSequential } from '../download/sequential.ts';
import { EngineError } from '../failures.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import { parseJson } from '../format/json-file.ts';
import { describeManifest, MANIFEST_FILE, parseManifest } from '../format/manifest.ts';
import { MIRROR_FILE, mirrorPath, parseMirror } from '../format/mirror.ts';
import type { MirroredModel } from '../format/mirror.ts';
import { schemeNamed } from '../format/schemes.ts';
import { home } from './home.ts';
import { parseCommand, WrongUse, type CommandCall } from './command.ts';
import { createFolderSink, namesIn } from './folder-sink.ts';
import { folderSource } from './folder-source.ts';
import { partialOf, settled, sweepPartials } from './partials.ts';

export const HELP = `usage: mirror <model id | directory | id=directory>… <out dir> [--into]
A model is an id of the catalog, a directory with a ${MANIFEST_FILE}, or <id>=<directory>.
--into  writes into a directory that holds other things and is no mirror yet
`;
/** How often a host that is not reached is asked before a mirror gives up: a person waits for the first answer. */
const ATTEMPTS = 3;
const SILENT_MS = 10_000;
const STEP = 4 * 2 ** 20;
/** For hosts that read such a file; docs/mirror.*.md has the same for nginx and Caddy. */
const HEADERS = `/${MIRROR_FILE}
  Access-Control-Allow-Origin: *
  Cache-Control: no-cache
/sha256/*
  Access-Control-Allow-Origin: *
  Access-Control-Expose-Headers: Content-Range, ETag
  Cross-Origin-Resource-Policy: cross-origin
  Cache-Control: public, max-age=31536000, immutable
`;

interface CatalogEntry {
  id: string;
  name: string;
  base: string;
  repository: string | null;
  format: 'mlc' | 'safetensors';
  scheme: string;
  license: string;
  manifestSha256: string | null;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Buffer);
  return hash.digest('hex');
}

/** Puts a model directory into the mirror, each file under its own sum. Throws "hash-mismatch" before it is listed. */
export async function mirrorFolder(folder: string, id: string, name: string, out: string): Promise<void> {
  const text = await readFile(path.join(folder, MANIFEST_FILE), 'utf8');
  const manifest = parseManifest(parseJson(text, MANIFEST_FILE));
  await mkdir(path.join(out, 'sha256'), { recursive: true });
  const put = async (file: string, expected: string | undefined): Promise<string> => {
    const found = await sha256Of(path.join(folder, file));
    if (expected !== undefined && found !== expected) {
      const details = { file, expected, actual: found };
      throw new EngineError('hash-mismatch', `${folder}: ${file} is not what its manifest names`, details);
    }
    const target = path.join(out, mirrorPath(found));
    if (!(await isThere(target))) {
      const partial = partialOf(target);
      await copyFile(path.join(folder, file), partial);
      await rename(partial, target);
      settled(partial);
    }
    return found;
  };
  for (const file of manifest.files) await put(file.path, file.sha256);
  const listed: MirroredModel = {
    id,
    name,
    licence: manifest.licence,
    scheme: manifest.scheme,
    bytes: manifest.bytes,
    manifest: await put(MANIFEST_FILE, undefined),
  };
  const index = path.join(out, MIRROR_FILE);
  const before = (await isThere(index))
    ? parseMirror(parseJson(await readFile(index, 'utf8'), MIRROR_FILE))
    : [];
  const models = [...before.filter((model) => model.id !== id), listed].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  const partial = partialOf(index);
  await writeFile(partial, JSON.stringify({ version: 1, models }, null, 1));
  await rename(partial, index);
  settled(partial);
  await writeFile(path.join(out, '_headers'), HEADERS);
}

interface Wanted {
  url: string;
  path: string;
  bytes: number;
  sha256: string | undefined;
}

/** Throws "hash-mismatch". */
async function fetchTo(
  folder: string,
  host: Host,
  { url, path: name, bytes, sha256 }: Wanted,
): Promise<void> {
  const sums = await createSums(false);
  const reader = openSequential(host, { url, path: name, bytes, etag: null, position: 0, sums });
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  const file = await open(path.join(folder, name), 'w');
  try {
    let shown = 0;
    for (let at = 0; at < bytes; at += STEP) {
      await file.writeFile(await reader.take(at, Math.min(STEP, bytes - at)));
      const tenths = Math.floor((10 * Math.min(at + STEP, bytes)) / bytes);
      if (tenths > shown) say(`${name}: ${tenths * 10} % of ${(bytes / 1e6).toFixed(1)} MB`);
      shown = tenths;
    }
  } finally {
    reader.close();
    await file.close();
  }
  const found = sums.digest().sha256;
  if (sha256 !== undefined && sha256 !== '' && sha256 !== found) {
    const details = { file: name, expected: sha256, actual: found };
    throw new EngineError('hash-mismatch', `${name}: what came is not what its host names`, details);
  }
  say(`${name}: ${bytes} bytes`);
}

/** Fetches a model from its host, converted where it is a checkpoint. @returns its directory under `work` */
export async function fetchModelTo(work: string, source: ModelSource, host: Host = HOST): Promise<string> {
  const folder = path.join(work, 'model');
  if (source.format !== 'safetensors') {
    await mkdir(folder);
    const { stored, places, claims } = await planDownload(host, source);
    for (const file of stored.files) {
      const url = places[0]!(file)!;
      await fetchTo(folder, host, { url, path: file.path, bytes: file.bytes, sha256: file.sha256 });
    }
    let text = stored.manifest;
    if (claims) {
      const files = [];
      for (const file of stored.files) {
        files.push({ ...file, sha256: await sha256Of(path.join(folder, file.path)) });
      }
      text = describeManifest(claims, files).text;
    }
    await writeFile(path.join(folder, MANIFEST_FILE), text);
    return folder;
  }
  const remote = await openRemote(host, source);
  const checkpoint = await openCheckpoint(remote);
  const from = path.join(work, 'checkpoint');
  await mkdir(from);
  for (const name of ['config.json', 'generation_config.json', 'model.safetensors.index.json']) {
    const bytes = await remote.load(name);
    if (bytes) await writeFile(path.join(from, name), bytes);
  }
  for await (const file of copiedFiles(remote)) await writeFile(path.join(from, file.path), file.bytes);
  for (const name of new Set([...checkpoint.parts.values()].map((part) => part.file))) {
    const found = await remote.measure(name);
    if (found) await fetchTo(from, host, { url: urlOf(remote.base, name), path: name, ...found });
  }
  const sink = await createFolderSink(folder);
  try {
    await convertCheckpoint(folderSource(from), sink, {
      scheme: schemeNamed(source.scheme ?? 'q4f16_1', source.id),
      source: source.source ?? remote.base,
      licence: source.licence ?? 'unknown',
    });
    await sink.commit();
  } catch (error) {
    await sink.discard();
    throw error;
  }
  return folder;
}

/** A model as it was named, and where it comes from: a directory here, or the catalog's host. */
interface Order {
  id: string;
  name: string;
  from: string | CatalogEntry;
}

/** Throws WrongUse where `word` is no id of the catalog and no directory of a model. */
async function orderOf(word: string, catalog: readonly CatalogEntry[], root: string): Promise<Order> {
  const [id = '', given] = word.split('=');
  const entry = catalog.find((model) => model.id === id);
  if (given === undefined && entry) {
    const from = entry.repository === null ? path.join(root, 'public', entry.base) : entry;
    return { id, name: entry.name, from };
  }
  const folder = given ?? word;
  if (!(await isThere(path.join(folder, MANIFEST_FILE)))) {
    const there = (await isThere(folder)) ? `a directory without ${MANIFEST_FILE}` : 'no directory';
    const ids = catalog.map((model) => model.id).join(', ');
    throw new WrongUse(
      `${folder} is ${there}${given === undefined ? `, and no id of the catalog: ${ids}` : ''}`,
    );
  }
  const known = given === undefined ? path.basename(path.resolve(folder)) : id;
  return { id: known, name: entry?.name ?? known, from: folder };
}

async function mirrorOne({ id, name, from }: Order, out: string, host: Host): Promise<void> {
  if (typeof from === 'string') return mirrorFolder(from, id, name, out);
  await mkdir(out, { recursive: true });
  const work = partialOf(path.join(out, 'fetched'));
  await mkdir(work);
  try {
    const { base, format, scheme, license: licence } = from;
    const source = { id, base, format, scheme, licence, source: from.repository ?? base };
    const pinned = from.manifestSha256 === null ? {} : { manifestSha256: from.manifestSha256 };
    say(`${id}: asking ${new URL(base).host}`);
    await mirrorFolder(await fetchModelTo(work, { ...source, ...pinned }, host), id, name, out);
  } finally {
    await rm(work, { recursive: true, force: true });
    settled(work);
  }
}

/** A mirror's own directory, an empty one, or one that a person said to use. Throws "storage-failed". */
async function checkTarget(out: string, into: boolean): Promise<void> {
  const names = await namesIn(out);
  if (into || names.length === 0 || names.includes(MIRROR_FILE)) return;
  throw new EngineError(
    'storage-failed',
    `${out}: holds other things (${names.slice(0, 3).join(', ')}) and no ${MIRROR_FILE}; --into writes there all the same`,
    { file: out, actual: 'not empty' },
  );
}

/** Throws WrongUse; EngineError where a model is refused or cannot be fetched. */
export async function main(argv: string[], { signal }: Partial<CommandCall> = {}): Promise<number> {
  const { positionals, values } = parseCommand({
    args: argv,
    allowPositionals: true,
    options: { into: { type: 'boolean', default: false } },
  });
  const out = positionals.at(-1);
  const words = positionals.slice(0, -1);
  if (out === undefined || words.length === 0)
    throw new WrongUse('at least one model and an output directory are needed');
  const root = home.folder;
  const file = await readFile(path.join(root, 'models/catalog.json'), 'utf8');
  const { models } = JSON.parse(file) as { models: CatalogEntry[] };
  const orders = await Promise.all(words.map((word) => orderOf(word, models, root)));
  await checkTarget(out, values.into);
  sweepPartials(out);
  sweepPartials(path.join(out, 'sha256'));
  const host: Host = {
    ...HOST,
    attempts: ATTEMPTS,
    idleMs: SILENT_MS,
    fetch: (url, init) => fetch(url, { ...init, signal: anyOf(signal, init.signal) }),
    onWait: (wait) => wait && say(`${wait.error.message}; trying again in ${Math.ceil(wait.ms / 1000)} s`),
  };
  for (const order of orders) {
    signal?.throwIfAborted();
    await mirrorOne(order, out, host);
    say(`${order.id}: in ${out}`);
  }
  return 0;
}

function anyOf(...signals: (AbortSignal | null | undefined)[]): AbortSignal | null {
  const there = signals.filter((signal) => signal !== null && signal !== undefined);
  return there.length === 0 ? null : AbortSignal.any(there);
}
