// The OpenAI-style surface, as WebLLM's users know it: the parts that our engines really do. What is left out is refused by name.

import type { ShardSource } from '../format/shard-source.ts';

export type { ShardSource } from '../format/shard-source.ts';

/** Where a model's weights are. */
export type ModelReference =
  /** Address of a directory in MLC's layout ("https://…/"), or the id of one that this origin has stored already. */
  | string
  /** The same with an id to store it under, and the SHA-256 of its manifest.json where you know it. */
  | { url: string; id?: string; manifestSha256?: string }
  /** Anything that reads files: a folder, a ZIP, your own store. In the page only: it cannot be posted to a worker. */
  | { source: ShardSource; id: string };

export interface InitProgressReport {
  /** 0 to 1. */
  progress: number;
  /** Seconds since the reload began. */
  timeElapsed: number;
  text: string;
}
export type InitProgressCallback = (report: InitProgressReport) => void;

export interface ReloadOptions {
  /** Tokens the model may hold. */
  context_window_size?: number;
}

export interface EngineConfig {
  initProgressCallback?: InitProgressCallback;
  /** "cpu" computes without a GPU even where there is one; left out, the GPU where one can be used. */
  device?: 'auto' | 'cpu';
}

export interface ChatCompletionMessageParam {
  role: 'system' | 'user' | 'assistant';
  content: string | readonly { type: 'text'; text: string }[];
}

export type ResponseFormat =
  | { type: 'text' }
  /** `schema`, a JSON schema as text, as WebLLM takes it, makes it "json_schema". */
  | { type: 'json_object'; schema?: string }
  | { type: 'json_schema'; json_schema: { schema: object; name?: string; strict?: boolean } }
  /** EBNF, with a rule called root. */
  | { type: 'grammar'; grammar: string };

interface SamplingParams {
  temperature?: number | null | undefined;
  top_p?: number | null | undefined;
  /** 0 keeps all. Ours: OpenAI has none. */
  top_k?: number | null | undefined;
  min_p?: number | null | undefined;
  frequency_penalty?: number | null | undefined;
  presence_penalty?: number | null | undefined;
  repetition_penalty?: number | null | undefined;
  /** Token id -> what is added to its logit, -100 to 100. */
  logit_bias?: Record<string, number> | null | undefined;
  max_tokens?: number | null | undefined;
  stop?: string | null | string[] | undefined;
  seed?: number | null | undefined;
  logprobs?: boolean | null | undefined;
  /** 0 to 20; needs `logprobs`. */
  top_logprobs?: number | null | undefined;
  /** Only 1. */
  n?: number | null | undefined;
  /** Id of the loaded model, or left out. */
  model?: string | null | undefined;
  stream_options?: { include_usage?: boolean } | null | undefined;
}

export interface ChatCompletionRequestBase extends SamplingParams {
  messages: readonly ChatCompletionMessageParam[];
  response_format?: ResponseFormat | undefined;
  stream?: boolean | null | undefined;
}
export interface ChatCompletionRequestNonStreaming extends ChatCompletionRequestBase {
  stream?: false | null | undefined;
}
export interface ChatCompletionRequestStreaming extends ChatCompletionRequestBase {
  stream: true;
}

export interface CompletionRequestBase extends SamplingParams {
  prompt: string;
  /** Puts the prompt before the text. */
  echo?: boolean | null | undefined;
  stream?: boolean | null | undefined;
}
export interface CompletionRequestNonStreaming extends CompletionRequestBase {
  stream?: false | null | undefined;
}
export interface CompletionRequestStreaming extends CompletionRequestBase {
  stream: true;
}

export type FinishReason = 'stop' | 'length' | 'abort';

export interface CompletionUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  extra: {
    e2e_latency_s: number;
    prefill_tokens_per_s: number;
    decode_tokens_per_s: number;
    time_to_first_token_s: number;
    time_per_output_token_s: number;
    /** Prompt tokens that were not computed again. */
    reused_prompt_tokens: number;
  };
}

export interface TopLogprob {
  token: string;
  bytes: number[] | null;
  logprob: number;
}
export interface TokenLogprob extends TopLogprob {
  top_logprobs: TopLogprob[];
}
export interface Logprobs {
  content: TokenLogprob[] | null;
}

export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: {
    index: number;
    finish_reason: FinishReason;
    message: { role: 'assistant'; content: string };
    logprobs: Logprobs | null;
  }[];
  usage: CompletionUsage;
}

export interface ChatCompletionChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  /** Empty in the last one, which carries the usage where it was asked for. */
  choices: {
    index: number;
    delta: { role?: 'assistant'; content?: string };
    finish_reason: FinishReason | null;
    /** In the chunk with the finish reason, for all tokens of the answer. */
    logprobs: Logprobs | null;
  }[];
  usage?: CompletionUsage;
}

export interface Completion {
  id: string;
  object: 'text_completion';
  created: number;
  model: string;
  choices: { index: number; finish_reason: FinishReason | null; text: string; logprobs: Logprobs | null }[];
  usage?: CompletionUsage;
}

export interface ChatCompletions {
  create(request: ChatCompletionRequestNonStreaming): Promise<ChatCompletion>;
  create(request: ChatCompletionRequestStreaming): Promise<AsyncIterable<ChatCompletionChunk>>;
  create(request: ChatCompletionRequestBase): Promise<ChatCompletion | AsyncIterable<ChatCompletionChunk>>;
}
export interface Completions {
  create(request: CompletionRequestNonStreaming): Promise<Completion>;
  create(request: CompletionRequestStreaming): Promise<AsyncIterable<Completion>>;
  create(request: CompletionRequestBase): Promise<Completion | AsyncIterable<Completion>>;
}

/** An engine in the page or behind a worker: the same calls. Failures are EngineError, with a `reason`. */
export interface YupanaEngine {
  readonly chat: { completions: ChatCompletions };
  readonly completions: Completions;
  setInitProgressCallback(callback: InitProgressCallback): void;
  getInitProgressCallback(): InitProgressCallback | undefined;
  /** Loads a model, letting go of the one before; downloads it first where it is not stored. */
  reload(model: ModelReference, options?: ReloadOptions): Promise<void>;
  /** Ends the answer being written; what was written stands, with finish_reason "abort". */
  interruptGenerate(): void;
  unload(): Promise<void>;
  /** Forgets the conversation computed last: the next request is computed from its beginning. */
  resetChat(): Promise<void>;
  /** Text of the answer being written, or of the last one. */
  getMessage(): Promise<string>;
  runtimeStatsText(): Promise<string>;
  getGPUVendor(): Promise<string>;
}
