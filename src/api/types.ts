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
  /** Tokens the model may hold: a whole number of at least 1; more than the model has is refused. */
  context_window_size?: number;
  /** Aborting ends the download or the loading: the call rejects with "aborted", and what was downloaded stays. */
  signal?: AbortSignal;
}

export interface EngineConfig {
  initProgressCallback?: InitProgressCallback;
  /** "cpu" computes without a GPU even where there is one; left out, the GPU where one can be used. */
  device?: 'auto' | 'cpu';
}

/** A call of a tool, as answers have it and as the next request sends it back. */
export interface ChatCompletionMessageToolCall {
  id: string;
  type: 'function';
  /** `arguments` is JSON as text, as the model wrote it. */
  function: { name: string; arguments: string };
}

export interface ChatCompletionTool {
  type: 'function';
  /** `parameters` is a JSON schema of an object. */
  function: { name: string; description?: string; parameters?: object };
}

type TextContent = string | readonly { type: 'text'; text: string }[];

export type ChatCompletionMessageParam =
  | { role: 'system' | 'developer' | 'user'; content: TextContent }
  | {
      role: 'assistant';
      content?: TextContent | null;
      tool_calls?: readonly ChatCompletionMessageToolCall[];
    }
  | { role: 'tool'; content: TextContent; tool_call_id?: string };

export type ResponseFormat =
  | { type: 'text' }
  /** `schema`, a JSON schema as text, as WebLLM takes it, makes it "json_schema". */
  | { type: 'json_object'; schema?: string | null | undefined }
  | { type: 'json_schema'; json_schema: { schema: object; name?: string; strict?: boolean } }
  /** EBNF, with a rule called root. */
  | { type: 'grammar'; grammar: string }
  /** An ECMAScript regular expression, which the whole answer matches. */
  | { type: 'regex'; pattern: string }
  /** One of these texts. */
  | { type: 'choice'; choices: readonly string[] };

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
  /** Tokens of an answer at most; left out, as many as the context holds. */
  max_tokens?: number | null | undefined;
  /** OpenAI's newer name of the same. */
  max_completion_tokens?: number | null | undefined;
  /** Up to 64 texts; neither they nor what follows is part of the answer. */
  stop?: string | null | string[] | undefined;
  seed?: number | null | undefined;
  logprobs?: boolean | null | undefined;
  /** 0 to 20; needs `logprobs`. */
  top_logprobs?: number | null | undefined;
  /** Answers, up to 128, computed one after another. */
  n?: number | null | undefined;
  /** Id of the loaded model, or left out. */
  model?: string | null | undefined;
  /** Only together with `stream`. */
  /** `include_parsed`: with a JSON form, each chunk with text carries the value so far as `delta.parsed`. */
  stream_options?: { include_usage?: boolean; include_parsed?: boolean } | null | undefined;
  response_format?: ResponseFormat | null | undefined;
  /** Aborting ends the answer: the call, or the loop over its pieces, rejects with "aborted". */
  signal?: AbortSignal | null | undefined;
}

export interface ChatCompletionRequestBase extends SamplingParams {
  messages: readonly ChatCompletionMessageParam[];
  /** For models whose chat template speaks of tools; refused for others. */
  tools?: readonly ChatCompletionTool[] | null | undefined;
  tool_choice?:
    'none' | 'auto' | 'required' | { type: 'function'; function: { name: string } } | null | undefined;
  /** false: at most one call an answer. */
  parallel_tool_calls?: boolean | null | undefined;
  stream?: boolean | null | undefined;
}
export interface ChatCompletionRequestNonStreaming extends ChatCompletionRequestBase {
  stream?: false | null | undefined;
}
export interface ChatCompletionRequestStreaming extends ChatCompletionRequestBase {
  stream: true;
}

export interface CompletionRequestBase extends SamplingParams {
  /** A text, token ids, or a list of either: each has answers of its own. */
  prompt: string | readonly string[] | readonly number[] | readonly (readonly number[])[];
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

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'abort';

export interface CompletionUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  /** Prompt tokens that were not computed again, as OpenAI tells them. */
  prompt_tokens_details: { cached_tokens: number };
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
    message: {
      role: 'assistant';
      /** null where the answer is nothing but calls. */
      content: string | null;
      tool_calls?: ChatCompletionMessageToolCall[];
    };
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
    delta: {
      role?: 'assistant';
      content?: string;
      /** The value so far, where `include_parsed` asks for it. */
      parsed?: unknown;
      tool_calls?: (Partial<Pick<ChatCompletionMessageToolCall, 'id' | 'type'>> & {
        index: number;
        function: { name?: string; arguments?: string };
      })[];
    };
    finish_reason: FinishReason | null;
    /** Of the tokens whose text this chunk has. */
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

/** Our engines have none yet: every call rejects with "option-unsupported" and `details.option` "embeddings". */
export interface Embeddings {
  create(request: unknown): Promise<never>;
}

/** A model of this origin's store. */
export interface StoredModel {
  id: string;
  /** "ready": it opens without a line. "partial": a download was cut; "corrupt": bytes were lost; both go on at the next load. */
  state: 'partial' | 'ready' | 'corrupt';
  /** On disk, and when it is whole. */
  bytes: number;
  totalBytes: number;
  /** Where it was downloaded from, where that is known. */
  url?: string;
}

/** An engine in the page or behind a worker: the same calls. Failures are EngineError, with a `reason`. */
export interface YupanaEngine {
  readonly chat: { completions: ChatCompletions };
  readonly completions: Completions;
  readonly embeddings: Embeddings;
  setInitProgressCallback(callback: InitProgressCallback): void;
  getInitProgressCallback(): InitProgressCallback | undefined;
  /** Loads a model, letting go of the one before; downloads it first where it is not stored. */
  reload(model: ModelReference, options?: ReloadOptions): Promise<void>;
  /**
   * Ends the answer being written: what was written stands, with finish_reason "abort". Answers that wait for their turn reject
   * with "aborted".
   */
  interruptGenerate(): void;
  /** Interrupts, ends a loading (it rejects with "aborted"), and lets go of the model. */
  unload(): Promise<void>;
  /** Forgets the conversation computed last and the tokens forwarded: the next request is computed from its beginning. */
  resetChat(): Promise<void>;
  /**
   * Computes these tokens after those forwarded before (`resetChat` forgets them) and draws what follows, by the model's own
   * temperature and top_p. A token that ends answers is given like any other: whoever forwards decides where it ends.
   * @param isPrefill as WebLLM has it; the same is computed either way
   * @returns the token's id
   */
  forwardTokensAndSample(inputIds: readonly number[], isPrefill?: boolean): Promise<number>;
  /** Text of the answer being written, or of the last one. */
  getMessage(): Promise<string>;
  runtimeStatsText(): Promise<string>;
  getGPUVendor(): Promise<string>;
}
