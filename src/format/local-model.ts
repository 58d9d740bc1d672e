// Models among the files that a person chose, as page and download worker speak of them.

import type { ModelStatus } from './model-status.ts';

/** A file that a person chose. Its bytes are read by the worker alone. */
export interface LocalFile {
  /** Path below what was chosen, with forward slashes. */
  path: string;
  file: Blob;
}

/** What the library pins: id -> sha256 of its manifest, or null where it pins none. */
export type Pins = Readonly<Record<string, string | null>>;

/** A model among chosen files, judged before a weight is read. */
export interface LocalModel {
  /** Folder below what was chosen: with it the model is asked for. */
  folder: string;
  kind: 'pack' | 'mlc' | 'checkpoint' | 'gguf';
  /** Of a GGUF file: its name, or that of its first part. */
  file?: string;
  /** Under which it will be stored. */
  id: string;
  name: string;
  /** Bytes of its files, as far as they are known. */
  bytes: number;
  scheme: string;
  licence: string;
  /** Who says that these are the right bytes: the library's own pin, the pack itself, or nobody. */
  vouched: 'catalog' | 'pack' | 'nobody';
  /** sha256 of its manifest.json, which an import must find again; "" where there is none. */
  manifestSha256: string;
  /** Files it should have and has not, or not whole. */
  missing: readonly string[];
  /** What is stored under that id already. */
  stored: ModelStatus['state'];
}

/** What could not be taken from the chosen files. */
export interface ImportAccount {
  missing: readonly string[];
  damaged: readonly string[];
}
