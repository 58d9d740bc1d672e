// A folder on this computer as a model host: it answers the requests of a download out of the files that were chosen. So a
// model from a stick goes the very way of one from the net: plan, ranges, ledger, hash, conversion, publication.

import { EngineError } from '../failures.ts';
import type { ShardSource } from '../format/shard-source.ts';
import type { Host } from './host.ts';
import { HOST } from './host.ts';
import { readLocal } from './local-files.ts';

/** Never asked of any network: `localHost` answers for it. */
export const LOCAL_BASE = 'https://folder.invalid/';

const tagOf = (file: Blob): string => {
  const { lastModified } = file as { lastModified?: number };
  return `"${file.size}-${lastModified ?? 0}"`;
};

export function localHost(files: ReadonlyMap<string, Blob>): Host {
  return {
    ...HOST,
    // A disk that fails will not do better for being asked again at once.
    attempts: 1,
    fetch: (url, { headers }) => {
      const path = decodeURIComponent(url.slice(LOCAL_BASE.length));
      const file = url.startsWith(LOCAL_BASE) ? files.get(path) : undefined;
      if (!file) return Promise.resolve(new Response(null, { status: 404 }));
      const range = /^bytes=(\d+)-(\d+)$/.exec(new Headers(headers).get('range') ?? '');
      const told = { etag: tagOf(file), 'content-type': 'application/octet-stream' };
      if (!range) {
        const body = file.slice(0, file.size, told['content-type']);
        return Promise.resolve(
          new Response(body, { headers: { ...told, 'content-length': String(file.size) } }),
        );
      }
      const from = Number(range[1]);
      if (from >= file.size) return Promise.resolve(new Response(null, { status: 416 }));
      const to = Math.min(Number(range[2]) + 1, file.size);
      return Promise.resolve(
        new Response(file.slice(from, to, told['content-type']), {
          status: 206,
          headers: { ...told, 'content-range': `bytes ${from}-${to - 1}/${file.size}` },
        }),
      );
    },
  };
}

/** The same files to read from before anything is copied. */
export function localSource(name: string, files: ReadonlyMap<string, Blob>): ShardSource {
  return {
    name,
    size: (path) => Promise.resolve(files.get(path)?.size),
    read(path, offset, length) {
      const file = files.get(path);
      if (!file) throw new EngineError('file-missing', `${path} is missing`, { file: path, model: name });
      return readLocal(file, path, offset, length);
    },
  };
}
