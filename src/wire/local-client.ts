// The page's hand on models carried by hand: part of the download's client.

import type { TaskOptions } from './download-client.ts';
import type { DownloadReply, DownloadRequest, ModelStatus } from './download-protocol.ts';
import type { Link } from './link.ts';
import type {
  ImportAccount,
  LocalFile,
  LocalFindings,
  LocalModel,
  LocalRequest,
  LocalResult,
  PackNote,
  Pins,
} from './local-protocol.ts';

type WithoutId<Request> = Request extends unknown ? Omit<Request, 'id'> : never;

export interface LocalClient {
  /** What there is to add among chosen files. Throws "nothing-to-add", "pack-invalid", "limit-exceeded", "file-unreadable". */
  inspect(files: readonly LocalFile[], pins: Pins): Promise<LocalFindings>;
  /**
   * Copies (a checkpoint: converts) one of them into the store, verified as a download is; resumes whatever is there.
   * An abort rejects with "aborted" and keeps what was committed.
   */
  import(
    model: LocalModel,
    files: readonly LocalFile[],
    options?: TaskOptions,
  ): Promise<{ status: ModelStatus; account: ImportAccount }>;
  /** Writes a pack into a folder of its own below `folder`; what is there and right is kept. */
  export(
    note: PackNote,
    folder: FileSystemDirectoryHandle,
    options?: TaskOptions,
  ): Promise<{ folder: string; bytes: number; kept: number }>;
  /** The pack as files to save. */
  exportFiles(note: PackNote, options?: TaskOptions): Promise<readonly { name: string; blob: Blob }[]>;
}

export function localClient(link: Link<DownloadRequest, DownloadReply>): LocalClient {
  const ask = async <Kind extends LocalRequest['type']>(
    request: WithoutId<Extract<LocalRequest, { type: Kind }>>,
    { onProgress, signal }: TaskOptions = {},
  ): Promise<Extract<LocalResult, { for: Kind }>> => {
    const done = await link.call(request as WithoutId<LocalRequest>, {
      signal,
      onPush: (reply) => {
        if (reply.type === 'progress') onProgress?.(reply.progress);
      },
    });
    const result = 'local' in done ? done.local : undefined;
    if (result?.for !== request.type) throw new TypeError(`the worker did not answer to ${request.type}`);
    return result as Extract<LocalResult, { for: Kind }>;
  };
  return {
    inspect: async (files, pins) =>
      (await ask<'inspect'>({ type: 'inspect', files: [...files], pins: { ...pins } })).findings,
    import: (model, files, options) =>
      ask<'import'>(
        {
          type: 'import',
          // Plain copies: state proxies of a UI framework cannot be posted.
          model: { ...model, missing: [...model.missing] },
          files: [...files],
        },
        options,
      ),
    export: (note, folder, options) => ask<'export'>({ type: 'export', note: { ...note }, folder }, options),
    exportFiles: async (note, options) =>
      (await ask<'export-files'>({ type: 'export-files', note: { ...note } }, options)).files,
  };
}
