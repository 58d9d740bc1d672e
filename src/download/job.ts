// What every long job of this room is given and says.

import type { DownloadProgress } from '../format/model-status.ts';

export interface ProgressJob {
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}
