// Where a model comes from, as every thread speaks of it: the page, the download's worker, the store.

/** Where a model comes from and how it is checked. */
export interface ModelSource {
  id: string;
  /** Base URL of the model directory, with a trailing slash; the page's may be relative to the app, the worker's are absolute. */
  base: string;
  /** Other addresses of the same directory, in the order to try after `base`. */
  mirrors?: string[];
  /** Mirrors made by `npm run mirror` (with a trailing slash), asked before anything else. */
  roots?: string[];
  /** sha256 (hex) of `manifest.json`, where the directory has one and the catalog pins it. */
  manifestSha256?: string;
  /** What lies there: a model directory (the default), or a Hugging Face checkpoint or a GGUF file to convert on the way in. */
  format?: 'mlc' | 'safetensors' | 'gguf';
  /** Name of the GGUF file in the directory; of one in several parts, of any of them. */
  file?: string;
  /** Scheme to convert to. */
  scheme?: string;
  /** Address of a compiled library to fetch along with the files, for the engine that needs one. */
  library?: string;
  /** For the manifest made here where the directory has none: what it is from, in words, and its licence. */
  source?: string;
  licence?: string;
  /** Bytes that the person was told, and agreed to; a source that lists more than a tenth more is asked about first. */
  told?: number;
}

/** A look-up had no answer, and asks again: which try it is, of how many, at which host. */
export interface LookTry {
  attempt: number;
  attempts: number;
  host: string;
}

/** What an address holds: enough for a card, and to say what it costs. */
export interface FoundModel {
  /** Of the model in this browser. */
  id: string;
  name: string;
  /** Where it lies, at a fixed revision where the host tells one. */
  base: string;
  revision: string | null;
  format: 'mlc' | 'safetensors' | 'gguf';
  /** Of a GGUF file: which of the directory. */
  file?: string;
  scheme: string;
  /** To download, and kept afterwards. */
  bytes: number;
  bytesOnDisk: number;
  parameters: number;
  contextWindow: number;
  bytesPerToken: number;
  /** As its owner declares it; null where nobody does. */
  licence: string | null;
  languages: string[];
  /** Given only to who accepted conditions. */
  gated: boolean;
  /** Hosts that the files come from: a filter must let all of them through. */
  hosts?: string[];
  /** What will judge the weights: their sha256, their md5, or their length alone. */
  check?: 'sha256' | 'md5' | 'size';
}
