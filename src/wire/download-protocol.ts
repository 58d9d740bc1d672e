// What the page and the download's worker say to each other. It never carries a word of what people write.

import type { ImportAccount, LocalFile, LocalModel, Pins } from '../format/local-model.ts';
import type { FoundModel, LookTry, ModelSource } from '../format/model-source.ts';
import type { DownloadProgress, ModelStatus } from '../format/model-status.ts';
import type { ExportedPack, PackFile, PackNote } from '../format/pack.ts';
import type { Job, WireError } from './calls.ts';

// The page speaks of these too, and sees no further down than this room.
export type {
  DownloadProgress,
  FoundModel,
  ImportAccount,
  LocalFile,
  LocalModel,
  LookTry,
  ModelSource,
  ModelStatus,
};

/** A job that says how far it is. */
export type DownloadJob = Job<{ onProgress: (progress: DownloadProgress) => void }>;

export interface DownloadCalls extends LocalCalls {
  /**
   * Fetches what is missing and verifies it; resumes whatever is there. Resolves when the model is ready.
   * An abort rejects with "aborted" and keeps what was committed. Throws "download-busy" while another tab is at it, and
   * "address-unconfirmed" for what is neither of the catalog nor confirmed.
   */
  download(source: ModelSource, job: DownloadJob): Promise<ModelStatus>;
  /** What is stored, without the network. */
  status(modelId: string): Promise<ModelStatus>;
  /** Hashes every stored byte again and marks what is damaged; a download afterwards fetches only that. */
  verify(modelId: string, job: DownloadJob): Promise<ModelStatus>;
  /** `verify`, then `download` of what is damaged or missing. */
  repair(source: ModelSource, job: DownloadJob): Promise<ModelStatus>;
  /** Stops what this worker is doing with the model, then removes it. */
  delete(modelId: string): Promise<ModelStatus>;
  /** Resolves once the worker has heard so many confirmations, which come another way. */
  heard(confirmations: number): Promise<void>;
  /** The addresses that looking at what somebody typed would ask, as they would be asked. Asks nobody. Throws "address-invalid". */
  addressesOf(address: string): Promise<readonly string[]>;
  /** What lies at an address that somebody typed and confirmed: looked at, not fetched. Throws "address-unconfirmed". */
  look(address: string, job: Job<{ onTry: (tried: LookTry) => void }>): Promise<FoundModel>;
  /** How many models a confirmed mirror lists, as a look: nothing is fetched but the list. */
  mirror(root: string, job: Job<{ onTry: (tried: LookTry) => void }>): Promise<number>;
  /** Speed of all downloads together in bytes a second; null: as fast as it comes. */
  limit(bytesPerSecond: number | null): Promise<void>;
  /** A token for requests to that origin and no other, for as long as the page lives; null forgets it. Never stored. */
  token(given: { origin: string; token: string | null }): Promise<void>;
}

/** Models that are carried by hand: chosen files in, packs out. */
export interface LocalCalls {
  /** What there is to add among chosen files. Throws "nothing-to-add", "pack-invalid", "limit-exceeded", "file-unreadable". */
  inspectLocal(chosen: { files: readonly LocalFile[]; pins: Pins }): Promise<LocalFindings>;
  /**
   * Copies (a checkpoint: converts) one of them into the store, verified as a download is; resumes whatever is there.
   * An abort rejects with "aborted" and keeps what was committed.
   */
  importLocal(
    choice: { model: LocalModel; files: readonly LocalFile[] },
    job: DownloadJob,
  ): Promise<{ status: ModelStatus; account: ImportAccount }>;
  /** Writes a pack into a folder of its own below `folder`; what is there and right is kept. */
  exportPack(
    order: { note: PackNote; folder: FileSystemDirectoryHandle },
    job: DownloadJob,
  ): Promise<ExportedPack>;
  /** The pack as files to save one by one, where no folder can be written to. */
  exportFiles(note: PackNote, job: DownloadJob): Promise<readonly PackFile[]>;
}

export interface LocalFindings {
  models: readonly LocalModel[];
  /** Folders that look like a model and are refused. */
  faults: readonly { folder: string; error: WireError }[];
}
