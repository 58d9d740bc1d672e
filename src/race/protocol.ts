// What the race's page, its worker and the command line say to each other.

/** A runner and how it runs. */
export const COLUMNS = {
  'yupana-wgsl': 'Yupana, WebGPU',
  'yupana-cpu-1': 'Yupana, CPU, 1 thread',
  'yupana-cpu': 'Yupana, CPU, threads',
  'web-llm': 'web-llm, WebGPU',
  'wllama-cpu-1': 'wllama, CPU, 1 thread',
  'wllama-cpu': 'wllama, CPU, threads',
  'wllama-webgpu': 'wllama, WebGPU',
} as const;
export type ColumnName = keyof typeof COLUMNS;

export interface RacePrompt {
  text: string;
  /** The same with its first token, by the model's own tokenizer. */
  ids: number[];
}

export interface RaceOrder {
  column: ColumnName;
  /** Absolute base of the model directory (q4f16_1) and address of the GGUF file (Q4_0). */
  modelBase: string;
  ggufUrl: string;
  /** web-llm's compiled library for this model. */
  webLlmLib?: string;
  contextLength: number;
  threads: number;
  /** The first warms up, again until its pace has settled; each further one is a repetition. None begins as another does, so that no prefix is reused. */
  prompts: RacePrompt[];
  /** Tokens of an answer, whatever the model would end with. */
  tokens: number;
}

/** One answer, by the consumer's clock. */
export interface RaceRun {
  promptTokens: number;
  tokens: number;
  text: string;
  /** Seconds from the call to the first token. */
  firstToken: number;
  /** Seconds from the first token to the last. */
  decode: number;
}

/** What the page asked of WebGPU, over all its threads. */
export interface GpuCalls {
  dispatches: number;
  passes: number;
  submits: number;
  bindGroups: number;
  buffers: number;
  writes: number;
  maps: number;
  /** Bytes of buffers alive, and the most at once. */
  bytes: number;
  peakBytes: number;
}

export interface RaceResult {
  /** Seconds from the start of loading to the first token of the warm-up, weights in the browser's own storage. */
  warmFirstToken: number;
  /** The warm-up's answer. */
  warm: RaceRun;
  runs: RaceRun[];
  /** During the last repetition, and during an answer to the same kind of prompt of half as many tokens. */
  calls: { whole: GpuCalls; half: GpuCalls; tokens: number; halfTokens: number };
  /** How it ran, in the runner's own words. */
  how: string;
}

/** What `globalThis.race` on the page offers the command line. */
export interface RacePage {
  /** Brings the weights into the browser's storage, as the runner itself does it. */
  download(order: RaceOrder): Promise<void>;
  run(order: RaceOrder): Promise<RaceResult>;
}

declare global {
  /** On the race's page. */
  var race: RacePage;
}

/** A runner with its model loaded. */
export interface Runner {
  readonly how: string;
  answer(prompt: RacePrompt, tokens: number): Promise<RaceRun>;
}

// To the worker of our own engines.

export interface RaceLoad {
  modelId: string;
  engine: 'wgsl' | 'cpu';
  threads: number;
  contextLength: number;
}

export type RaceRequest =
  { type: 'load'; load: RaceLoad } | { type: 'answer'; ids: number[]; tokens: number };

export type RaceReply =
  | { type: 'loaded'; how: string }
  /** A piece of the answer came: the page takes the time. */
  | { type: 'piece' }
  | { type: 'answered'; text: string; tokens: number }
  | { type: 'failed'; message: string };
