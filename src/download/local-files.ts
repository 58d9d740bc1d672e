// Files that a person chose, as folders of a model's files: parts joined, tars opened, nothing read but tar headers.

import { EngineError } from '../failures.ts';
import type { LocalFile } from '../format/local-model.ts';
import { partNamed } from '../format/pack.ts';
import { isInsidePath, readTarHeader, TAR_BLOCK, tarPadding } from '../format/tar.ts';

export interface LocalFolder {
  /** Path below what was chosen; "" for the chosen folder itself. */
  path: string;
  /** Whole files, parts joined. */
  files: ReadonlyMap<string, Blob>;
}

/** A checkpoint of 2,000 files beside others; a disk of photographs is refused here. */
export const MAX_LOCAL_FILES = 25_000;
/** A pack as one file. */
const TAR = /\.(yupana|tar)$/;

const tooMany = (): EngineError =>
  new EngineError('limit-exceeded', `more than ${MAX_LOCAL_FILES} files`, {
    what: 'files',
    limit: MAX_LOCAL_FILES,
  });

/** Throws "limit-exceeded", "pack-invalid" for a damaged tar, "file-unreadable". */
export async function gatherFolders(chosen: readonly LocalFile[]): Promise<LocalFolder[]> {
  if (chosen.length > MAX_LOCAL_FILES) throw tooMany();
  const folders = new Map<string, Map<string, Blob>>();
  const place = (path: string, file: Blob): void => {
    if (!isInsidePath(path)) return; // no system gives such a name to a file that was chosen
    const cut = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(0, cut));
    const files = folders.get(folder) ?? new Map<string, Blob>();
    files.set(path.slice(cut + 1), file);
    folders.set(folder, files);
  };
  for (const { path, file } of chosen) place(path, file);

  for (const [folder, files] of [...folders]) {
    const whole = joinParts(files);
    for (const [name, file] of whole) {
      if (!TAR.test(name)) continue;
      files.delete(name);
      for (const entry of await tarEntries(name, file))
        place([folder, name.replace(TAR, ''), entry.path].filter(Boolean).join('/'), entry.file);
    }
  }
  let count = 0;
  for (const files of folders.values()) count += files.size;
  if (count > MAX_LOCAL_FILES) throw tooMany();
  return [...folders].map(([path, files]) => ({ path, files: joinParts(files) }));
}

/** One Blob of a file's parts, unread; it ends where a part is not there. A file that is there whole wins over its parts. */
function joinParts(files: ReadonlyMap<string, Blob>): Map<string, Blob> {
  const whole = new Map<string, Blob>();
  const parts = new Map<string, Map<number, Blob>>();
  for (const [name, file] of files) {
    const named = partNamed(name);
    if (!named) {
      whole.set(name, file);
      continue;
    }
    const its = parts.get(named.path) ?? new Map<number, Blob>();
    its.set(named.part, file);
    parts.set(named.path, its);
  }
  for (const [path, its] of parts) {
    if (whole.has(path)) continue;
    const inOrder: Blob[] = [];
    for (let part = its.get(1), n = 1; part; part = its.get(++n)) inOrder.push(part);
    if (inOrder.length > 0) whole.set(path, new Blob(inOrder));
  }
  return whole;
}

async function tarEntries(name: string, tar: Blob): Promise<LocalFile[]> {
  const found: LocalFile[] = [];
  for (let at = 0; at + TAR_BLOCK <= tar.size;) {
    const entry = readTarHeader(await readLocal(tar, name, at, TAR_BLOCK));
    if (!entry) break;
    const start = at + TAR_BLOCK;
    const end = start + entry.bytes;
    // The last entry may be cut off (a part of the file that was not chosen): its length then tells.
    if (entry.kind === 'file')
      found.push({ path: entry.path, file: tar.slice(start, Math.min(end, tar.size)) });
    if (found.length > MAX_LOCAL_FILES) throw tooMany();
    at = end + tarPadding(entry.bytes);
  }
  return found;
}

/** Bytes of a chosen file. Throws "file-unreadable". */
export async function readLocal(
  file: Blob,
  path: string,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

export function unreadable(path: string, cause: unknown): EngineError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new EngineError('file-unreadable', `${path}: ${why}`, { file: path, why }, cause);
}
