// What every long job of this room is given and says.

import type { Failure } from '../failures.ts';

export interface Progress {
  /** download, import: bytes committed to the store. convert: bytes of the checkpoint read and converted. verify: bytes hashed.
   * export: bytes written. */
  committedBytes: number;
  totalBytes: number;
  file: string;
  phase: 'plan' | 'download' | 'convert' | 'verify' | 'import' | 'importConvert' | 'export';
  /** What failed, while it waits to ask again, and for how long. */
  waiting?: Failure & { seconds: number };
}

export interface Task {
  onProgress?: ((progress: Progress) => void) | undefined;
  signal?: AbortSignal | undefined;
}
