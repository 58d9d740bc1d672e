// What the page and the engine's worker say to each other.

import type {
  EngineInfo,
  FinishReason,
  GpuProbe,
  Message,
  SamplerOptions,
  TuneReport,
  Usage,
} from '../engine.ts';
import type { Job, WireError } from './calls.ts';
import type { CountOptions, Counted, TokenCounts } from './count.ts';
import type { Doors } from './doors.ts';

export interface EngineCalls {
  /** What this machine and this host are like. Loads nothing. */
  probe(): Promise<Probe>;
  /** Loads a stored model, letting go of the one before. */
  load(request: LoadRequest, job: Job<PhaseReports>): Promise<EngineInfo>;
  /** An abort resolves with finishReason "abort" (rejects with "aborted" only where `signal` was aborted at the call). */
  generate(request: GenerateRequest, job: Job<AnswerReports>): Promise<GenerateAnswer>;
  /** Tokens of conversations by the model's template, and how many fit: one crossing for all of them. */
  countMany(request: { conversations: readonly Counted[] } & CountOptions): Promise<TokenCounts>;
  /** Times the loaded engine on this machine and goes on with what is fastest; null for an engine that has no such choice. */
  tune(nothing: void, job: Job): Promise<TuneReport | null>;
  unload(): Promise<void>;
}

/** The engine went away by itself: the device was lost, or another tab took it over. */
export interface EngineNews {
  lost: WireError;
}

export interface LoadRequest {
  modelId: string;
  /** Tokens; left out, the model's own or what the engine thinks fits. */
  contextLength?: number;
  /** Of keys and values, on the GPU; left out, 16. */
  cacheBits?: 16 | 8;
  /** Takes the engine from another tab instead of failing with "engine-busy". */
  takeOver?: boolean;
}

/** `weights` counts bytes, `pipelines` counts pipelines, `prefill` counts prompt tokens. */
export type LoadPhase = 'weights' | 'pipelines' | 'prefill';

export type OnPhase = (phase: LoadPhase, done: number, total: number) => void;

export interface PhaseReports {
  onProgress: OnPhase;
}

export interface GenerateRequest {
  messages: readonly Message[];
  /** How the answer begins already: it goes on from there, and only what is new is given. */
  begun?: string;
  maxTokens: number;
  sampler?: Partial<SamplerOptions>;
  stopStrings?: readonly string[];
  /** A temporary or locked conversation: nothing of it may be written to disk, prefixes for reuse included. */
  ephemeral?: boolean;
  /** Whether what is computed of the system prompt may be kept on disk; left out, it may not. Nothing of an ephemeral one is. */
  keepPrefix?: boolean;
}

export interface AnswerReports extends PhaseReports {
  /** Text since the last one, at most once a frame, and the tokens generated so far. */
  onText: (text: string, completionTokens: number) => void;
}

export interface GenerateAnswer {
  /** On an abort exactly what `onText` was given. */
  text: string;
  finishReason: FinishReason;
  usage: Usage;
}

/** What the worker finds out about this machine and this host, before anything is loaded. */
export interface Probe extends GpuProbe {
  /** Of the CPU engine, measured where no GPU can be used: null where one can, or where WebAssembly SIMD is missing. */
  cpuBytesPerSecond: number | null;
  /** The canary: true where every way that was tried out of the worker is closed, as it must be. */
  networkBlocked: boolean;
  /** What each of them came to. */
  doors: Doors;
}
