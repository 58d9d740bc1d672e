// What every long job of this room is given and says.

export interface Progress {
  /** download: bytes committed to the store. verify: bytes hashed. */
  committedBytes: number;
  totalBytes: number;
  file: string;
  phase: 'plan' | 'download' | 'verify';
}

export interface Task {
  onProgress?: ((progress: Progress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Where a model comes from and how it is checked. */
export interface ModelSource {
  id: string;
  /** Absolute URL of the model directory, with a trailing slash. */
  base: string;
  /** sha256 (hex) of manifest.json, where the catalog pins it. */
  manifestSha256?: string;
}
