// The page's hand on the download's worker.

import type {
  DownloadProgress,
  DownloadReply,
  DownloadRequest,
  FoundModel,
  LookTry,
  ModelSource,
  ModelStatus,
} from './download-protocol.ts';
import { createLink } from './link.ts';
import { localClient } from './local-client.ts';
import type { LocalClient } from './local-client.ts';

export interface TaskOptions {
  onProgress?: (progress: DownloadProgress) => void;
  signal?: AbortSignal;
}

export interface DownloadClient {
  /**
   * Fetches what is missing and verifies it; resumes whatever is there. Resolves when the model is ready.
   * An abort rejects with "aborted" and keeps what was committed. Throws "download-busy" while another tab is at it.
   */
  download(source: ModelSource, options?: TaskOptions): Promise<ModelStatus>;
  /** What is stored, without the network. */
  status(modelId: string): Promise<ModelStatus>;
  /** Hashes every stored byte again and marks what is damaged; a download afterwards fetches only that. */
  verify(modelId: string, options?: TaskOptions): Promise<ModelStatus>;
  /** `verify`, then `download` of what is damaged or missing. */
  repair(source: ModelSource, options?: TaskOptions): Promise<ModelStatus>;
  delete(modelId: string): Promise<ModelStatus>;
  /** Models carried by hand. */
  readonly local: LocalClient;
  /** What lies at an address that somebody typed: looked at, not fetched. */
  inspect(address: string, signal?: AbortSignal, onTry?: (tried: LookTry) => void): Promise<FoundModel>;
  /** Speed of all downloads together in bytes a second; null: as fast as it comes. Told again to a worker born later. */
  limit(bytesPerSecond: number | null): Promise<void>;
  /** A token for requests to `origin` and no other, while this page lives; null forgets it. Never stored. */
  token(origin: string, token: string | null): Promise<void>;
  /** Ends the worker; committed bytes stay. Any call afterwards starts a new one. */
  dispose(): void;
}

/** @param spawn `() => new Worker(policy.createScriptURL(url), {type: 'module'})` with Vite's `?worker&url` */
export function createDownloadClient(spawn: () => Worker): DownloadClient {
  let speed: number | null = null;
  const tokens = new Map<string, string>();
  const link = createLink<DownloadRequest, DownloadReply>(
    () => {
      const worker = spawn();
      // A worker born after another's death knows nothing yet; no page call has these ids.
      let id = 0;
      const tell = (message: DownloadRequest): void => worker.postMessage(message);
      if (speed !== null) tell({ type: 'limit', id: --id, bytesPerSecond: speed });
      for (const [origin, token] of tokens) tell({ type: 'token', id: --id, origin, token });
      return worker;
    },
    () => undefined,
    () => undefined,
  );
  const run = async (
    request: Parameters<typeof link.call>[0],
    { onProgress, signal }: TaskOptions = {},
  ): Promise<ModelStatus> => {
    const done = await link.call(request, {
      signal,
      onPush: (reply) => {
        if (reply.type === 'progress') onProgress?.(reply.progress);
      },
    });
    if (!('status' in done)) throw new TypeError(`the worker answered otherwise to ${request.type}`);
    return done.status;
  };
  // Relative to the page, not to the worker's script.
  const absolute = (address: string): string => new URL(address, globalThis.location.href).href;
  const resolved = ({ mirrors, roots, ...source }: ModelSource): ModelSource => ({
    ...source,
    base: absolute(source.base),
    ...(mirrors && { mirrors: mirrors.map(absolute) }),
    ...(roots && { roots: roots.map(absolute) }),
  });
  return {
    download: (source, options) => run({ type: 'download', source: resolved(source) }, options),
    status: (modelId) => run({ type: 'status', modelId }),
    verify: (modelId, options) => run({ type: 'verify', modelId }, options),
    repair: (source, options) => run({ type: 'repair', source: resolved(source) }, options),
    delete: (modelId) => run({ type: 'delete', modelId }),
    local: localClient(link),
    inspect: async (address, signal, onTry) => {
      const onPush = (reply: DownloadReply): void => {
        if (reply.type === 'trying') onTry?.(reply);
      };
      const done = await link.call({ type: 'look', address }, { signal, onPush });
      if (!('inspection' in done)) throw new TypeError('the worker answered otherwise to look');
      return done.inspection;
    },
    limit: async (bytesPerSecond) => {
      speed = bytesPerSecond;
      await link.call({ type: 'limit', bytesPerSecond });
    },
    token: async (origin, token) => {
      if (token === null) tokens.delete(origin);
      else tokens.set(origin, token);
      await link.call({ type: 'token', origin, token });
    },
    dispose: () => link.dispose(),
  };
}
