// The seam: what every engine (WGSL, CPU, web-llm) is to the rest of the house. Imports only failures.ts; everyone may import it.

import type { EngineError, ErrorReason } from './failures.ts';

/** One turn of a conversation, as chat templates take it. */
export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** A call of a tool as the assistant made it. */
export interface ToolCallTurn {
  id: string;
  name: string;
  arguments: Record<string, unknown>;
}

/** A turn that may speak of tools, for templates of models that call them. */
export interface ChatTurn {
  role: Message['role'] | 'tool';
  content: string;
  /** The assistant's. */
  toolCalls?: readonly ToolCallTurn[];
  /** A tool's answer: to which call. */
  toolCallId?: string;
}

/** A tool a model may call; `parameters` is a JSON schema. */
export interface Tool {
  name: string;
  description?: string;
  parameters?: object;
}

/** How a model writes calls of tools: a JSON object of a name and arguments, between what its chat template puts around it. */
export interface ToolFormat {
  /** What the template writes between the assistant's header and the call's name, and from there to the arguments' value. */
  beforeName: string;
  beforeArguments: string;
  /** Text that begins calls in an answer, special tokens left out; "" where an answer that is JSON is a call. */
  open: string;
  nameKey: string;
  argumentsKey: string;
}

/**
 * How the next token is drawn. Applied in this order: logit bias, frequency and presence penalties, the constraint of
 * GenerateOptions, repetition penalty, temperature, top-k, top-p, min-p, draw.
 * `temperature` 0 is greedy: the largest logit after all that comes before it, the lowest id on a tie.
 */
export interface SamplerOptions {
  /** >= 0; logits are divided by it. */
  temperature: number;
  /** Keep the k most likely tokens; 0 keeps all. */
  topK: number;
  /** Keep the smallest set of most likely tokens whose probabilities reach p, in (0, 1]. */
  topP: number;
  /** Keep tokens with probability >= minP * the largest one, in [0, 1). */
  minP: number;
  /** > 0; logits of tokens already in the context are divided (positive) or multiplied (negative) by it; 1 is off. */
  repetitionPenalty: number;
  /** From -2 to 2, as OpenAI defines it: taken from a token's logit for each time this answer has it already; 0 is off. */
  frequencyPenalty: number;
  /** From -2 to 2, as OpenAI defines it: taken once from the logit of each token this answer has already; 0 is off. */
  presencePenalty: number;
  /** Added to the logits of these tokens, from -1000 to 1000 (100 forces a token, -100 bans it). At most 1,024; usually none. */
  logitBias: readonly (readonly [id: number, bias: number])[];
  /** Unsigned 32-bit. The same seed, model and prompt give the same tokens on the same adapter. */
  seed: number;
}

export const GREEDY: SamplerOptions = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  logitBias: [],
  seed: 0,
};

/**
 * Which tokens may come next, decided token by token: a grammar, a JSON schema, a list of answers. It lives where the engine
 * lives (it is called for every token, so it never crosses a worker's border) and serves one answer at a time. The engine calls
 *
 *   reset(room)                once, when an answer begins
 *   mask(bits) -> draw -> accept(id)   for each token, in turn; `mask` is asked again only after `accept`
 *
 * and ends the answer with finishReason "stop" as soon as `finished` is true after an `accept`, or when a stop token is drawn.
 * What `mask` leaves out is never drawn, at any temperature; what it allows is drawn with the probabilities that the sampler's
 * other options give it among the allowed. Whether the answer was complete when it ended otherwise ("length", "abort") is for
 * the constraint's owner to know: ask it after `generate` has settled.
 *
 * Anything that `reset`, `mask` or `accept` throws ends the answer: `generate` rejects with it, and the session stays usable.
 */
export interface TokenConstraint {
  /** Back to the beginning of an answer, whatever was accepted before. @param maxTokens tokens that it may have at most */
  reset(maxTokens?: number): void;
  /**
   * Fills `bits`, ceil(vocabSize / 32) words of unspecified content, with the tokens that may come next: bit (id % 32), least
   * significant first, of word (id >> 5) is 1 where `id` may. Bits past the vocabulary are ignored. Stop tokens are tokens like
   * others: allow them exactly where the answer may end. Resolves to false where every token may come, and then need not fill;
   * anything else counts as filled. An empty set is refused as "constraint-empty". While this computes, the GPU is already at
   * work on the token accepted last: time spent here is free up to the time of a forward pass.
   */
  mask(bits: Uint32Array): boolean | undefined | Promise<boolean | undefined>;
  /** The token that was drawn: one that the last mask allowed, and never a stop token. */
  accept(id: number): void;
  /** Nothing may follow what was accepted, not even a stop token: the answer is whole. */
  readonly finished: boolean;
}

/** How the tokens spell text, for whoever works out which may come next. */
export interface Vocabulary {
  /** By id; a token that is never part of a text (special, or a row without a token) is "". */
  tokens: readonly string[];
  /** "byte-level": each character stands for a byte, as in GPT-2; "pieces": "\u2581" for a space and "<0xE2>" for lone bytes. */
  spelling: 'byte-level' | 'pieces';
  /** Ids that end an answer. */
  stopTokens: readonly number[];
}

/** The form an answer is to have. */
export type AnswerFormat =
  | { type: 'json_object' }
  /** `order`: few names may come in any order ("any", left out), or always come in the schema's ("declared"). */
  | { type: 'json_schema'; schema: unknown; order?: 'any' | 'declared' }
  /** EBNF, with a rule called root. */
  | { type: 'grammar'; grammar: string }
  /** An ECMAScript regular expression, which the whole answer matches. */
  | { type: 'regex'; pattern: string }
  /** One of these texts. */
  | { type: 'choice'; choices: readonly string[] };

/** A token and the natural logarithm of its probability, by the model's own logits: before any sampler option or constraint. */
export interface Logprob {
  id: number;
  logprob: number;
}

export interface TokenLogprobs extends Logprob {
  /** The likeliest tokens, by falling probability, the lower id first on a tie. */
  top: Logprob[];
}

/** Most `logprobs` that may be asked for (OpenAI's limit). */
export const MAX_LOGPROBS = 20;

export interface GenerateOptions {
  /** At most this many new tokens; the context's end may come earlier. */
  maxTokens: number;
  sampler?: Partial<SamplerOptions>;
  /** Further token ids that end the answer, in addition to the model's own. */
  stopTokens?: readonly number[];
  /** Strings that end the answer; neither they nor what follows is emitted. */
  stopStrings?: readonly string[];
  /** Only what it allows is drawn. Takes the speed of one token at a time: nothing is computed ahead of the drawn token. */
  constraint?: TokenConstraint;
  /** Reports each token's probability, and this many of the likeliest (0 to 20); left out, none. */
  logprobs?: number;
  /**
   * Guesses tokens from the text before (an answer often quotes it) and computes several at once: the same tokens, sooner.
   * "auto" guesses where that has paid; "always" and "off" are for tests and for measuring. Engines may not have it.
   */
  speculation?: 'auto' | 'always' | 'off';
  /** Aborting ends the generation with finishReason "abort"; what was emitted stands, nothing is emitted after. */
  signal?: AbortSignal;
  /**
   * Called with each new piece of text (whole characters only), the number of tokens generated so far and, where `logprobs` was
   * asked for, what it says of the tokens whose text is shown now for the first time.
   */
  onText?: (text: string, completionTokens: number, logprobs?: readonly TokenLogprobs[]) => void;
  /** Called after each prefill chunk: prompt tokens done and to do in this call. */
  onPrefill?: (done: number, total: number) => void;
}

export type FinishReason = 'stop' | 'length' | 'abort';

export interface Usage {
  promptTokens: number;
  /** Prompt tokens whose KV entries were reused. */
  reusedTokens: number;
  completionTokens: number;
  /** Seconds from the call to the first token. */
  timeToFirstToken: number;
  /** Newly prefilled tokens a second; 0 where nothing was measured. */
  prefillTokensPerSecond: number;
  decodeTokensPerSecond: number;
  /** Tokens in the KV cache afterwards, and how many fit. */
  contextUsed: number;
  contextLength: number;
}

export interface SpeculationCounts {
  drafted: number;
  accepted: number;
}

export interface GenerateResult {
  /** Generated ids, without the prompt and without the stop token. */
  tokenIds: number[];
  text: string;
  finishReason: FinishReason;
  usage: Usage;
  /** Tokens that were guessed, and how many of them were right; left out where nothing was guessed. */
  speculation?: SpeculationCounts;
  /** One for each of `tokenIds` but those that a stop string or an abort cut off the text, where `logprobs` was asked for. */
  logprobs?: TokenLogprobs[];
}

export interface AdapterInfo {
  vendor: string;
  architecture: string;
  description: string;
  /** Optional features in use, e.g. "shader-f16". */
  features: string[];
}

/** What this machine's WebGPU is like, without opening a device. */
export interface GpuProbe {
  /** null where there is no usable WebGPU; `reason` says why. */
  adapter: AdapterInfo | null;
  reason: Extract<ErrorReason, 'webgpu-missing' | 'adapter-missing' | 'limit-too-low'> | null;
  /** Bytes; 0 without an adapter. */
  maxBufferSize: number;
  maxStorageBufferBindingSize: number;
}

/** A setting or habit of ours that an engine has not: the interface says so instead of ignoring it. */
export type EngineLack = 'top-k' | 'min-p' | 'prefix-reuse';

/** A context that had to be smaller than what was wished, and what refused the wish. */
export interface ContextCut {
  /** Tokens: asked for, or what the model would have had by itself. */
  wished: number;
  why: 'out-of-memory' | 'limit-too-low' | 'model-over-4gb';
}

export interface EngineInfo {
  engine: 'wgsl' | 'cpu' | 'web-llm';
  modelId: string;
  contextLength: number;
  /** Left out: `contextLength` is what was wished. */
  contextCut?: ContextCut;
  vocabSize: number;
  adapter: AdapterInfo;
  /** Bytes of GPU buffers held (weights, KV cache, work space). */
  gpuBytes: number;
  /** Left out: nothing. */
  lacks?: readonly EngineLack[];
}

/** A KV cache over one loaded model, and the tokens that it holds. One call at a time. */
export interface Session {
  /** Tokens whose keys and values are held. */
  readonly position: number;
  /**
   * Makes the cache hold exactly `tokens`, reusing the longest common prefix and prefilling the rest.
   * Always takes the FULL sequence. Throws EngineError "context-full" when it does not fit.
   * @returns tokens reused and tokens prefilled
   */
  sync(
    tokens: readonly number[],
    options?: Pick<GenerateOptions, 'signal' | 'onPrefill'>,
  ): Promise<{ reused: number; prefilled: number }>;
  /** `sync(tokens)`, then generates. */
  generate(tokens: readonly number[], options: GenerateOptions): Promise<GenerateResult>;
  /** Bytes of memory that are this session's alone. */
  readonly bytes: number;
  /** Logits [vocabSize] that follow the last token synced. For tests and tools: costs a readback. */
  logits(): Promise<Float32Array>;
  dispose(): void;
}

/** What sessions of an engine share of computed prefixes. Each function throws "internal" for a session of another engine. */
export interface PrefixReuse {
  /** How many of `tokens`, from the first on, the session holds: what `sync` would reuse. */
  common(session: Session, tokens: readonly number[]): number;
  /** Makes `to` hold the first `count` tokens that `from` holds, without computing them. Throws "out-of-memory". */
  copy(from: Session, to: Session, count: number): Promise<void>;
  /** Prefixes as bytes, to be kept on a disk; left out: not this engine. */
  readonly bytes?: PrefixBytes;
}

export interface PrefixBytes {
  /** Names how the bytes lie: those of another name mean something else. */
  readonly layout: string;
  /** Keys and values of the first `count` tokens held. Throws "internal" where fewer are held. */
  export(session: Session, count: number): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Makes the session hold exactly `tokens`, with what `export` gave for them. Throws "internal" where there are not so many
   * bytes for them, "context-full", "out-of-memory".
   */
  import(session: Session, tokens: readonly number[], bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** What tuning the loaded engine to this machine came to. */
export interface TuneReport {
  /** `useless`: the adapter computes on the processor; `default`: nothing was surely faster. */
  outcome: 'tuned' | 'default' | 'useless';
  seconds: number;
  /** Of each product, what it runs with now and how many times faster than the default that is. */
  products: { name: string; variant: string; gain: number }[];
  /** Largest difference of the model's logits from those in f32, of the largest logit. */
  error: number;
  /** Something faster was left out because it was not exact enough for this model. */
  refused: boolean;
}

/** What only some engines can do. A member that is left out is what this engine cannot. */
export interface EngineCapabilities {
  readonly prefix?: PrefixReuse;
  /** How the loaded model calls tools; left out too where its chat template does not say it in a way that can be read back. */
  readonly tools?: ToolFormat | undefined;
  /** Times this machine anew and goes on with what it found. Nothing else may run on the engine meanwhile. */
  tune?(signal?: AbortSignal): Promise<TuneReport>;
  /**
   * The assistant's next turn, for an engine that takes conversations and not tokens: its sessions' `sync`, `generate` and
   * `logits` throw "option-unsupported", and `tokenIds` of the result are empty.
   */
  answer?(
    session: Session,
    messages: readonly Message[],
    options: GenerateOptions,
    begun?: string,
  ): Promise<GenerateResult>;
}

export interface Engine {
  readonly info: EngineInfo;
  readonly capabilities: EngineCapabilities;
  /**
   * Token ids of a conversation by the model's own chat template, ready for the assistant's turn.
   * @param begun how that turn begins already: an answer that was cut off goes on from there
   * @param tools what the model may call; engines that take conversations and not tokens ignore it
   */
  encodeChat(messages: readonly ChatTurn[], begun?: string, tools?: readonly Tool[]): number[];
  encode(text: string): number[];
  decode(tokens: readonly number[]): string;
  vocabulary(): Vocabulary;
  createSession(): Session;
  /** Settles when the device is lost, with the reason; never rejects. */
  readonly lost: Promise<EngineError>;
  dispose(): void;
}
