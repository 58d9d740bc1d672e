// Everything that can be refused or fail, with the figures that its text reads. Imports no more than types of form-faults.ts; everyone may import it.

import type { GrammarFault, SchemaFault } from './form-faults.ts';

/**
 * Reason -> code. The interface has a text for each reason in each language. A new failure is a new line here and in
 * `ErrorDetailsOf`, and the compiler then asks for its texts and for its figures wherever it is thrown.
 */
export const ERROR_REASONS = {
  'webgpu-missing': 'UnsupportedDeviceError',
  'adapter-missing': 'UnsupportedDeviceError',
  'limit-too-low': 'UnsupportedDeviceError',
  'feature-missing': 'UnsupportedDeviceError', // an optional WebGPU feature that this model's library needs
  'wasm-simd-missing': 'UnsupportedDeviceError', // the CPU engine needs WebAssembly SIMD
  'model-over-4gb': 'OutOfMemoryError', // what the CPU engine's 32-bit addresses reach
  'device-lost': 'DeviceLostError',
  'out-of-memory': 'OutOfMemoryError',
  'context-full': 'ContextFullError',
  'engine-busy': 'BusyError',
  'engine-taken': 'BusyError', // another tab took the engine over
  'download-busy': 'BusyError', // another tab is at work on the same model's files
  'worker-gone': 'WorkerError',
  aborted: 'AbortError',
  internal: 'InternalError',
  'option-invalid': 'UsageError',
  'option-unsupported': 'UsageError', // the engine in use cannot do it
  'schema-unsupported': 'UsageError', // a JSON schema says what no grammar can hold an answer to
  'grammar-invalid': 'UsageError',
  'answer-unfinished': 'ContextFullError', // the context ended before the answer had the form asked for
  'library-missing': 'UnsupportedModelError', // WebLLM needs a compiled library, and the model has none
  'library-mismatch': 'UnsupportedModelError', // made for another version or another model
  'constraint-empty': 'UsageError', // a TokenConstraint allowed no token at all
  'architecture-unsupported': 'UnsupportedModelError',
  'scheme-unsupported': 'UnsupportedModelError',
  'rope-unsupported': 'UnsupportedModelError',
  'config-unsupported': 'UnsupportedModelError',
  'dtype-unsupported': 'UnsupportedModelError',
  'weights-foreign': 'UnsupportedModelError', // files of another program or library, known by their names
  'config-invalid': 'FormatError',
  'not-a-model': 'FormatError',
  'json-invalid': 'FormatError',
  'limit-exceeded': 'FormatError',
  'tensor-missing': 'FormatError',
  'tensor-shape': 'FormatError',
  'tensor-bounds': 'FormatError',
  'tensor-not-finite': 'FormatError',
  'safetensors-invalid': 'FormatError',
  'gguf-invalid': 'FormatError',
  'manifest-invalid': 'FormatError',
  'tokenizer-invalid': 'FormatError',
  'template-invalid': 'FormatError',
  'file-missing': 'FormatError',
  'pack-invalid': 'FormatError', // a pack that is none, or names what no pack may hold
  'nothing-to-add': 'FormatError', // no model among the files that were chosen
  'file-unreadable': 'StorageError', // a chosen file went away: a stick pulled out, a permission withdrawn
  'target-failed': 'StorageError', // the folder a pack is written to refuses
  'target-full': 'QuotaError', // no room there
  'hash-mismatch': 'IntegrityError',
  'size-mismatch': 'IntegrityError',
  'network-failed': 'NetworkError',
  offline: 'NetworkError', // the browser knows of no connection
  'host-silent': 'NetworkError', // a look-up had no answer
  'host-unreadable': 'NetworkError', // it answers, but lets no page read it
  'http-status': 'NetworkError',
  'access-needed': 'NetworkError', // 401: the host asks who it is
  'access-refused': 'NetworkError', // 403, or 401 with a token that is not good
  'repository-missing': 'NetworkError', // the hub has none of that name, or shows it to nobody
  'repository-disabled': 'NetworkError', // the hub took it out of service
  'revision-missing': 'NetworkError', // the repository has no such branch, tag or commit
  'delivery-refused': 'NetworkError', // the server that a hub leads to does not give the file; no token helps
  'address-other': 'UsageError', // something of the hub's that is no model
  'address-unconfirmed': 'UsageError', // nobody saw it and asked for it in this session
  'address-invalid': 'UsageError', // neither a repository's name nor an address of one
  'captive-portal': 'NetworkError', // a web page came where a file was asked for
  'download-larger': 'UsageError', // its source lists more than the person was told
  'file-changed': 'NetworkError', // the host's file changes under the download, again and again
  'quota-exceeded': 'QuotaError',
  'storage-failed': 'StorageError',
  'storage-blocked': 'StorageError', // another tab holds the database
  'storage-newer': 'StorageError', // written by a newer version of the app
  'model-not-stored': 'StorageError',
  'model-not-loaded': 'UsageError', // no model is, or another one than the one asked for
  'document-unsupported': 'DocumentError', // a kind of file that is not read
  'document-wrong-type': 'DocumentError', // its content is not what its name says
  'document-empty': 'DocumentError',
  'document-too-large': 'DocumentError',
  'document-encrypted': 'DocumentError',
  'document-no-text': 'DocumentError', // pages are pictures (a scan)
  'document-damaged': 'DocumentError',
  'import-invalid': 'ImportError', // nothing was changed
  'import-too-large': 'ImportError',
  'import-newer': 'ImportError', // written by a newer version of the app
  'vault-missing': 'VaultError',
  'vault-exists': 'VaultError',
  'vault-locked': 'VaultError',
  'vault-passphrase': 'VaultError', // wrong passphrase (or a tampered header: no one can tell them apart)
  'vault-passphrase-short': 'VaultError',
  'vault-damaged': 'VaultError', // a record is not what was written
} as const;

export type ErrorReason = keyof typeof ERROR_REASONS;
export type ErrorCode = (typeof ERROR_REASONS)[ErrorReason];

/** What a limit counts. Each language has its word for it. */
export type Counted =
  | 'bytes'
  | 'characters'
  | 'conversations'
  | 'entries'
  | 'files'
  | 'levels'
  | 'messages'
  | 'pages'
  | 'tensors'
  | 'value';

/**
 * Where and what, for whoever mends it: named in `message`, never in a sentence that a teacher reads. Field and tensor are
 * names in a file; expected and actual are English or values of that file.
 */
interface Developer {
  model?: string;
  field?: string;
  tensor?: string;
  expected?: string | number;
  actual?: string | number;
  why?: string;
}

/** What files that are not read are. */
export type ForeignKind =
  'adapter' | 'flax' | 'meta' | 'mlx' | 'onnx' | 'pointer' | 'pytorch' | 'tensorflow' | 'zip';

/** A file's name, as its text says it. */
interface OfFile extends Developer {
  file: string;
}

/** Of two sizes: tokens or bytes. */
interface OfSizes {
  expected: number;
  actual: number;
}

/** The name of what a model has and we do not run ("MistralForCausalLM", "q8f16"); left out where it has none. */
interface Named extends Developer {
  name?: string;
  file?: string;
}

/** What nobody has a figure for. */
type None = Developer;

/**
 * The figures of each failure: what its texts read is required, and the rest is for developers. A failure whose figures may be
 * unknown says so here with `?`, and its text has a sentence for both.
 */
export interface ErrorDetailsOf {
  'webgpu-missing': None;
  'adapter-missing': None;
  /** `limit` is WebGPU's name of it; bytes where it ends in "Size". */
  'limit-too-low': OfSizes & { limit: string; what?: string; fits?: number };
  'feature-missing': { feature: string };
  'wasm-simd-missing': None;
  'model-over-4gb': OfSizes;
  'device-lost': { why?: string };
  /** `bytes`: what was asked for. `contextLength`: of a cache that did not fit. */
  'out-of-memory': { bytes?: number; contextLength?: number; what?: string; error?: string };
  /** Tokens: how many fit, and how many there were. */
  'context-full': OfSizes;
  'engine-busy': None;
  'engine-taken': None;
  'download-busy': { model: string };
  'worker-gone': { why?: string };
  aborted: None;
  internal: Developer & {
    what?: string;
    error?: string;
    kernel?: string;
    line?: number;
    column?: number;
    text?: string;
  };
  'option-invalid': { option: string; expected: string; actual: string };
  'option-unsupported': { option: string; engine: string };
  /** `pointer`: a JSON pointer. */
  'schema-unsupported': { keyword: string; pointer: string } & SchemaFault;
  'grammar-invalid': { line: number; column: number } & GrammarFault;
  /** Tokens of the context. */
  'answer-unfinished': { expected: number };
  'library-missing': { model: string };
  'library-mismatch': { model: string; version: string; why: string };
  'constraint-empty': None;
  'architecture-unsupported': Named;
  'scheme-unsupported': Named;
  'rope-unsupported': Named;
  'config-unsupported': Developer & { file?: string };
  'dtype-unsupported': Named;
  /** `base`: the model that an adapter was made for, where it says so. */
  'weights-foreign': OfFile & { kind: ForeignKind; base?: string };
  'config-invalid': OfFile;
  'not-a-model': OfFile;
  'json-invalid': OfFile;
  /** `file` is left out where what was asked for came from no file. `actual` is left out where counting ended at the limit. */
  'limit-exceeded': { file?: string; what: Counted; limit: number; actual?: number; field?: string };
  'tensor-missing': Developer & { file?: string; tensor: string };
  'tensor-shape': OfFile & { tensor: string };
  'tensor-bounds': OfFile;
  'tensor-not-finite': Developer & { file?: string; tensor: string };
  'safetensors-invalid': OfFile;
  'gguf-invalid': OfFile;
  'manifest-invalid': OfFile;
  'tokenizer-invalid': OfFile;
  'template-invalid': OfFile;
  'file-missing': OfFile;
  'pack-invalid': OfFile;
  'nothing-to-add': { files: number };
  'file-unreadable': { file: string; why?: string };
  'target-failed': { file?: string; why: string };
  /** Bytes still to be written; unknown where the folder itself refuses. */
  'target-full': { file?: string; needed?: number; why?: string };
  'hash-mismatch': OfFile;
  'size-mismatch': OfSizes & { file: string };
  'network-failed': { file: string; why: string };
  offline: None;
  'host-silent': { host: string; tries: number };
  'host-unreadable': { host: string };
  'http-status': { file: string; status: number; retryAfter?: number };
  'access-needed': { file: string; status: number; host: string; identified: boolean };
  'access-refused': { file: string; status: number; host: string; identified: boolean };
  'repository-missing': { file: string; status: number; host: string; identified: boolean };
  'repository-disabled': { file: string; status: number; host: string };
  'revision-missing': { file: string; status: number; host: string };
  /** `host` is the one that refused, not the one that was asked. */
  'delivery-refused': { file: string; status: number; host: string };
  'address-other': {
    given: string;
    kind: 'dataset' | 'space' | 'collection' | 'paper' | 'account' | 'page';
  };
  'address-unconfirmed': { host: string };
  'address-invalid': { given: string };
  'captive-portal': { file: string; type?: string };
  /** Bytes: what was told, and what the source lists. */
  'download-larger': { told: number; actual: number };
  'file-changed': { file: string; changed: 'length' | 'tag'; expected?: number; actual?: number };
  /** Bytes: still needed, left by the browser's account, stored already. A failed write knows none of them. */
  'quota-exceeded': { needed?: number; available?: number; kept?: number; store?: string; file?: string };
  'storage-failed': Developer & {
    store?: string;
    file?: string;
    id?: string;
    error?: string;
    lost?: boolean;
  };
  'storage-blocked': { store: string };
  'storage-newer': { store: string; found?: string; known?: number };
  'model-not-loaded': { model?: string };
  'model-not-stored': { model: string; state?: string; file?: string };
  'document-unsupported': { file: string; extension: string };
  'document-wrong-type': { file: string; found: string; extension?: string };
  'document-empty': { file: string };
  'document-too-large': { file: string; what: Counted; limit: number };
  'document-encrypted': { file: string };
  'document-no-text': { file: string; pages: number };
  'document-damaged': { file: string; why: string };
  /** `where`: the place in the file, in its own words. */
  'import-invalid': { where: string; expected: string };
  'import-too-large': { what: Counted; limit: number; where: string };
  'import-newer': { found: number; known: number };
  'vault-missing': None;
  'vault-exists': None;
  'vault-locked': None;
  'vault-passphrase': None;
  'vault-passphrase-short': { limit: number };
  'vault-damaged': { record: string };
}

export type ErrorDetails = ErrorDetailsOf[ErrorReason];

/** Details may be left out where none is required. */
type Rest<R extends ErrorReason> =
  Record<never, never> extends ErrorDetailsOf[R]
    ? [details?: ErrorDetailsOf[R], cause?: unknown]
    : [details: ErrorDetailsOf[R], cause?: unknown];

/** The one error class that crosses rooms and workers. `message` is English, for logs; people read `reason`'s text. */
export class EngineError<R extends ErrorReason = ErrorReason> extends Error {
  /** What `instanceof` makes of it: an error of some reason, not of any details. */
  declare static [Symbol.hasInstance]: (value: unknown) => value is EngineError;
  readonly code: ErrorCode;
  readonly reason: R;
  readonly details: ErrorDetailsOf[R];

  constructor(reason: R, message: string, ...[details, cause]: Rest<R>) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = ERROR_REASONS[reason];
    this.name = this.code;
    this.reason = reason;
    this.details = details ?? ({} as ErrorDetailsOf[R]);
  }
}

/** A reason with its details: what a switch over the reason narrows. */
export type Failure<R extends ErrorReason = ErrorReason> = {
  [K in R]: { reason: K; details: ErrorDetailsOf[K] };
}[R];

/** An error's reason with its own details; its constructor saw to it that they belong together. */
export const failureOf = <R extends ErrorReason>({ reason, details }: EngineError<R>): Failure<R> =>
  ({ reason, details }) as Failure<R>;

/** Whether this is a failure for one of these reasons; its details are then theirs. */
export function failedBy<R extends ErrorReason>(error: unknown, ...reasons: R[]): error is EngineError<R> {
  return error instanceof EngineError && (reasons as ErrorReason[]).includes(error.reason);
}
