// Files that a person chooses, drops or is sent, by whichever way this browser has. Only names that a model's files can have
// are taken: whatever else is on a stick is neither read nor counted.

import { EngineError } from '../../../../failures.ts';
import type { LocalFile } from '../../../../wire/download-protocol.ts';

interface FolderPicker {
  showDirectoryPicker?: (options: {
    id: string;
    mode: 'read' | 'readwrite';
  }) => Promise<FileSystemDirectoryHandle>;
}

const OF_A_MODEL = /\.(json|bin|safetensors|jinja|yupana|tar|txt|model)(\.\d{3})?$/;
/** Folders below the one that was chosen. */
const MAX_DEPTH = 8;
const MAX_FILES = 25_000;

export const canOpenFolders = (): boolean => 'showDirectoryPicker' in window;

/** Asks for a folder. Throws "aborted" where the person chose none. */
export async function openFolder(mode: 'read' | 'readwrite'): Promise<FileSystemDirectoryHandle> {
  try {
    const picked = await (window as FolderPicker).showDirectoryPicker?.({ id: 'yupana', mode });
    if (picked) return picked;
  } catch (error) {
    const { name, message } = error as DOMException;
    if (name !== 'AbortError') {
      throw new EngineError('target-failed', `no folder: ${message}`, { why: name }, error);
    }
  }
  throw new EngineError('aborted', 'no folder was chosen');
}

const taken = (found: LocalFile[], path: string, file: File): void => {
  if (found.length >= MAX_FILES) {
    throw new EngineError('limit-exceeded', `more than ${MAX_FILES} files`, {
      file: path,
      what: 'files',
      limit: MAX_FILES,
    });
  }
  found.push({ path, file });
};

export async function filesOfFolder(folder: FileSystemDirectoryHandle): Promise<LocalFile[]> {
  const found: LocalFile[] = [];
  const walk = async (inner: FileSystemDirectoryHandle, path: string, depth: number): Promise<void> => {
    for await (const handle of inner.values()) {
      const below = `${path}/${handle.name}`;
      if (handle.kind === 'directory') {
        if (depth < MAX_DEPTH && !handle.name.startsWith('.')) await walk(handle, below, depth + 1);
      } else if (OF_A_MODEL.test(handle.name)) {
        taken(found, below, await handle.getFile());
      }
    }
  };
  await walk(folder, folder.name || 'carpeta', 0);
  return found;
}

/** Of an input, with `webkitdirectory` or several files. */
export function filesOfInput(files: Iterable<File>): LocalFile[] {
  const found: LocalFile[] = [];
  for (const file of files)
    if (OF_A_MODEL.test(file.name)) taken(found, file.webkitRelativePath || file.name, file);
  return found;
}

/** Of a drop. Its items must be asked for at once: the browser empties them when the event ends. */
export function filesOfDrop(transfer: DataTransfer): () => Promise<LocalFile[]> {
  const entries = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  return async () => {
    const found: LocalFile[] = [];
    for (const entry of entries) await walkEntry(entry, entry.name, 0, found);
    return found;
  };
}

async function walkEntry(
  entry: FileSystemEntry,
  path: string,
  depth: number,
  found: LocalFile[],
): Promise<void> {
  if (entry.isFile) {
    if (!OF_A_MODEL.test(entry.name)) return;
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    ).catch((cause: unknown) => {
      throw new EngineError('file-unreadable', `${path} cannot be read`, { file: path }, cause);
    });
    taken(found, path, file);
    return;
  }
  if (depth >= MAX_DEPTH || entry.name.startsWith('.')) return;
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives some at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const inner of some) await walkEntry(inner, `${path}/${inner.name}`, depth + 1, found);
  }
}

interface LaunchQueue {
  setConsumer(consumer: (params: { files: readonly FileSystemFileHandle[] }) => void): void;
}

/** Files that the system opens with this app, now and later. */
export function onLaunchedFiles(take: (choose: () => Promise<LocalFile[]>) => void): void {
  (window as { launchQueue?: LaunchQueue }).launchQueue?.setConsumer(({ files }) => {
    if (files.length === 0) return;
    take(async () => filesOfInput(await Promise.all(files.map((handle) => handle.getFile()))));
  });
}
