// What the page and the engine's worker say to each other. Every request has an id; every answer carries it.

import type {
  EngineInfo,
  FinishReason,
  GpuProbe,
  Message,
  SamplerOptions,
  TuneReport,
  Usage,
} from '../engine.ts';
import type { Counted, TokenCounts } from './count.ts';
import type { WireError } from './link.ts';

export type EngineRequest =
  | { type: 'probe'; id: number }
  | {
      type: 'load';
      id: number;
      modelId: string;
      contextLength?: number;
      cacheBits?: 16 | 8;
      takeOver?: boolean;
    }
  | {
      type: 'generate';
      id: number;
      messages: Message[];
      /** The beginning of the answer, which is not said again; "" where there is none. */
      begun: string;
      maxTokens: number;
      sampler: Partial<SamplerOptions>;
      stopStrings: string[];
      /** A temporary or locked conversation: nothing of it may be written to disk, prefixes for reuse included. */
      ephemeral: boolean;
      /** The system prompt's keys and values may be kept on disk, and taken from there. Never together with `ephemeral`. */
      keepPrefix: boolean;
    }
  | { type: 'count'; id: number; conversations: Counted[]; untilFits: number | null }
  | { type: 'tune'; id: number }
  | { type: 'unload'; id: number }
  | { type: 'abort'; id: number };

export type EngineReply =
  /** Text since the last one: batched, at most one message a frame. */
  | { type: 'text'; id: number; text: string; completionTokens: number }
  | { type: 'progress'; id: number; phase: LoadPhase; done: number; total: number }
  | { type: 'done'; id: number; result: EngineResult }
  | { type: 'error'; id: number; error: WireError }
  /** Not an answer: the device went away, or another tab took the engine over. */
  | { type: 'lost'; error: WireError }
  /** Not an answer: the worker holds this Web Lock for as long as it lives. */
  | { type: 'alive'; lock: string };

/** `weights` counts bytes, `pipelines` counts pipelines, `prefill` counts prompt tokens. */
export type LoadPhase = 'weights' | 'pipelines' | 'prefill';

export type EngineResult =
  | { for: 'probe'; probe: Probe }
  | { for: 'load'; info: EngineInfo }
  | { for: 'generate'; text: string; finishReason: FinishReason; usage: Usage }
  | ({ for: 'count' } & TokenCounts)
  | { for: 'tune'; report: TuneReport | null }
  | { for: 'unload' };

/** What the worker finds out about this machine and this host, before anything is loaded. */
export interface Probe extends GpuProbe {
  /** Of the CPU engine, measured where no GPU can be used: null where one can, or where WebAssembly SIMD is missing. */
  cpuBytesPerSecond: number | null;
  /** The canary: true where the worker's attempt to fetch its own origin was refused by policy, as it must be. */
  networkBlocked: boolean;
}
