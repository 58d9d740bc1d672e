// The page's hand on the download's worker.

import type {
  DownloadProgress,
  DownloadReply,
  DownloadRequest,
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
  /** Ends the worker; committed bytes stay. Any call afterwards starts a new one. */
  dispose(): void;
}

/** @param spawn `() => new Worker(policy.createScriptURL(url), {type: 'module'})` with Vite's `?worker&url` */
export function createDownloadClient(spawn: () => Worker): DownloadClient {
  const link = createLink<DownloadRequest, DownloadReply>(
    spawn,
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
  const resolved = (source: ModelSource): ModelSource => ({
    ...source,
    base: new URL(source.base, globalThis.location.href).href,
  });
  return {
    download: (source, options) => run({ type: 'download', source: resolved(source) }, options),
    status: (modelId) => run({ type: 'status', modelId }),
    verify: (modelId, options) => run({ type: 'verify', modelId }, options),
    repair: (source, options) => run({ type: 'repair', source: resolved(source) }, options),
    delete: (modelId) => run({ type: 'delete', modelId }),
    local: localClient(link),
    dispose: () => link.dispose(),
  };
}
