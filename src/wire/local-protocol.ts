// What page and download worker say about models that are carried by hand: chosen files in, packs out.

import type { ModelStatus } from './download-protocol.ts';
import type { WireError } from './link.ts';

/** A file that a person chose. Its bytes are read by the worker alone. */
export interface LocalFile {
  /** Path below what was chosen, with forward slashes. */
  path: string;
  file: Blob;
}

/** sha256 of the manifest that the library pins for an id, or null where it pins none. */
export type Pins = Readonly<Record<string, string | null>>;

/** A model among chosen files, judged before a weight is read. */
export interface LocalModel {
  folder: string;
  kind: 'pack' | 'mlc' | 'checkpoint' | 'gguf';
  /** Of a GGUF file: its name, or that of its first part. */
  file?: string;
  /** Under which it will be stored. */
  id: string;
  name: string;
  bytes: number;
  scheme: string;
  licence: string;
  /** Who says that these are the right bytes: the library's own pin, the pack itself, or nobody. */
  vouched: 'catalog' | 'pack' | 'nobody';
  manifestSha256: string;
  /** Files it should have and has not, or not whole. */
  missing: readonly string[];
  stored: ModelStatus['state'];
}

export interface LocalFindings {
  models: readonly LocalModel[];
  /** Folders that look like a model and are refused. */
  faults: readonly { folder: string; error: WireError }[];
}

/** What could not be taken from the chosen files. */
export interface ImportAccount {
  missing: readonly string[];
  damaged: readonly string[];
}

export interface PackNote {
  id: string;
  name: string;
}

export type LocalRequest =
  | { type: 'inspect'; id: number; files: readonly LocalFile[]; pins: Pins }
  | { type: 'import'; id: number; model: LocalModel; files: readonly LocalFile[] }
  /** Into a folder that the person gave; the model gets a folder of its own in it. */
  | { type: 'export'; id: number; note: PackNote; folder: FileSystemDirectoryHandle }
  /** As files to save one by one, where no folder can be written to. */
  | { type: 'export-files'; id: number; note: PackNote };

export type LocalResult =
  | { for: 'inspect'; findings: LocalFindings }
  | { for: 'import'; status: ModelStatus; account: ImportAccount }
  | { for: 'export'; folder: string; bytes: number; kept: number }
  | { for: 'export-files'; files: readonly { name: string; blob: Blob }[] };
