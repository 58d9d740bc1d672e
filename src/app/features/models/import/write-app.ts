// The app itself, copied out: its own files from its own address, as a folder that a tiny server hands to one computer.
//
//   yupana/app/…           what this server serves        yupana/yupana.{mjs,py,ps1,cmd}   that server, for Node, Python, Windows
//   yupana/models/…        packs                          yupana/LEEME.txt LEIAME.txt README.txt

import { EngineError } from '../../../../failures.ts';

interface AppFile {
  path: string;
  bytes: number;
  /** hex */
  sha256: string;
}

export interface WrittenFile {
  /** Below the folder "yupana". */
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Written by the build beside the app. */
const LIST = 'app-files.json';
const PORTABLE = 'portable/';
/** Not in its own list: it names the list's content. */
const SERVICE_WORKER = 'sw.js';

/** Every file of the copy. Works without a network, out of what the service worker keeps. Throws "hash-mismatch", "file-missing". */
export async function* appFiles(): AsyncGenerator<WrittenFile> {
  const list = await load(LIST);
  const { files, more } = JSON.parse(new TextDecoder().decode(list)) as { files: AppFile[]; more: AppFile[] };
  yield { path: `app/${LIST}`, bytes: list };
  for (const file of files) yield* placed(file.path, await checked(file));
  // What the shell does without (a second engine, large) goes along where it can be had.
  for (const file of more) {
    const bytes = await checked(file).catch(() => undefined);
    if (bytes) yield* placed(file.path, bytes);
  }
  yield { path: `app/${SERVICE_WORKER}`, bytes: await load(SERVICE_WORKER) };
}

function* placed(path: string, bytes: Uint8Array<ArrayBuffer>): Generator<WrittenFile> {
  // Twice: to be run from the folder, and to be there when this copy is copied again.
  if (path.startsWith(PORTABLE)) yield { path: path.slice(PORTABLE.length), bytes };
  yield { path: `app/${path}`, bytes };
}

async function load(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`./${path}`).catch(() => undefined);
  if (!response?.ok) throw new EngineError('file-missing', `${path} of the app is missing`, { file: path });
  return new Uint8Array(await response.arrayBuffer());
}

/** A copy of two versions mixed would not start: each file is the one of the list. */
async function checked({ path, sha256 }: AppFile): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await load(path);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const actual = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (actual === sha256) return bytes;
  throw new EngineError('hash-mismatch', `${path} is of another version`, {
    file: path,
    expected: sha256,
    actual,
  });
}

/** The folder everything goes into: the chosen one where it bears the name, else one of that name in it. */
export const yupanaFolder = async (chosen: FileSystemDirectoryHandle): Promise<FileSystemDirectoryHandle> =>
  chosen.name === 'yupana' ? chosen : chosen.getDirectoryHandle('yupana', { create: true });

/** Writes the app into that folder. Throws "target-full", "target-failed", "aborted". */
export async function writeApp(root: FileSystemDirectoryHandle, signal: AbortSignal): Promise<void> {
  for await (const { path, bytes } of appFiles()) {
    if (signal.aborted) throw new EngineError('aborted', 'stopped');
    try {
      const names = path.split('/');
      const name = names.pop() ?? '';
      let folder = root;
      for (const inner of names) folder = await folder.getDirectoryHandle(inner, { create: true });
      const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
      await writable.write(bytes);
      await writable.close();
    } catch (error) {
      const { name, message } = error as DOMException;
      const reason = name === 'QuotaExceededError' ? 'target-full' : 'target-failed';
      throw new EngineError(reason, `${path}: ${message}`, { file: path, why: name }, error);
    }
  }
}

/** The same as one file, for browsers that write into no folder: they all unpack a zip. */
export async function zipApp(): Promise<Blob> {
  const { zipSync } = await import('fflate');
  const entries: Record<string, Uint8Array> = {};
  for await (const { path, bytes } of appFiles()) entries[`yupana/${path}`] = bytes;
  const zip = zipSync(entries, { level: 6 });
  return new Blob([zip as Uint8Array<ArrayBuffer>], { type: 'application/zip' });
}
