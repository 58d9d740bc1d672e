// npm run -s mirror -- <model…> <out dir>: a static directory from which the app downloads, for any web server. A model is an id
// of the catalog, a directory with a manifest.json, or <id>=<directory>.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { convertCheckpoint, copiedFiles } from '../convert/convert.ts';
import type { ModelSource } from '../format/model-source.ts';
import { createSums } from '../download/hash.ts';
import { HOST } from '../download/host.ts';
import type { Host } from '../download/host.ts';
import { planDownload } from '../download/plan.ts';
import { openRemote, urlOf } from '../download/remote.ts';
import { openSequential } from '../download/sequential.ts';
import { EngineError } from '../engine.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import { parseJson } from '../format/json-file.ts';
import { describeManifest, MANIFEST_FILE, parseManifest } from '../format/manifest.ts';
import { MIRROR_FILE, mirrorPath, parseMirror } from '../format/mirror.ts';
import type { MirroredModel } from '../format/mirror.ts';
import { schemeNamed } from '../format/schemes.ts';
import { createFolderSink } from './folder-sink.ts';
import { folderSource } from './folder-source.ts';

const USAGE = 'usage: mirror <model id | directory | id=directory>… <out dir>\n';
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
      await copyFile(path.join(folder, file), `${target}.part`);
      await rename(`${target}.part`, target);
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
  await writeFile(`${index}.part`, JSON.stringify({ version: 1, models }, null, 1));
  await rename(`${index}.part`, index);
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
    for (let at = 0; at < bytes; at += STEP)
      await file.writeFile(await reader.take(at, Math.min(STEP, bytes - at)));
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

async function mirrorOne(
  name: string,
  catalog: readonly CatalogEntry[],
  root: string,
  out: string,
): Promise<void> {
  const [id = '', given] = name.split('=');
  const entry = catalog.find((model) => model.id === id);
  const local = given ?? (entry ? undefined : name);
  if (local !== undefined) {
    const known = entry?.id ?? (given === undefined ? path.basename(path.resolve(local)) : id);
    return mirrorFolder(local, known, entry?.name ?? known, out);
  }
  if (!entry) return;
  if (entry.repository === null) {
    return mirrorFolder(path.join(root, 'public', entry.base), entry.id, entry.name, out);
  }
  await mkdir(out, { recursive: true });
  const work = await mkdtemp(path.join(out, '.work-'));
  try {
    const { base, format, scheme, license: licence } = entry;
    const source = { id: entry.id, base, format, scheme, licence, source: entry.repository };
    const pinned = entry.manifestSha256 === null ? {} : { manifestSha256: entry.manifestSha256 };
    await mirrorFolder(await fetchModelTo(work, { ...source, ...pinned }), entry.id, entry.name, out);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @returns exit code: 0 done, 1 a model was refused or could not be fetched, 2 wrong arguments */
export async function main(argv: string[]): Promise<number> {
  const { positionals } = parseArgs({ args: argv, allowPositionals: true, options: {} });
  const out = positionals.at(-1);
  const names = positionals.slice(0, -1);
  if (out === undefined || names.length === 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const root = process.env.YUPANA_ROOT ?? '.';
  const file = await readFile(path.join(root, 'models/catalog.json'), 'utf8');
  const { models } = JSON.parse(file) as { models: CatalogEntry[] };
  for (const name of names) {
    await mirrorOne(name, models, root, out);
    say(`${name}: in ${out}`);
  }
  return 0;
}
