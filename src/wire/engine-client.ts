// The page's hand on the engine's worker. The only way the app has to an engine.

import type { EngineInfo, FinishReason, Message, SamplerOptions, TuneReport, Usage } from '../engine.ts';
import type { EngineError } from '../failures.ts';
import type { EngineReply, EngineRequest, EngineResult, LoadPhase, Probe } from './engine-protocol.ts';
import type { CountMany } from './count.ts';
import { createLink, rebuildError } from './link.ts';

/** Ours (on the GPU, or on the CPU without one), or @mlc-ai/web-llm with a library that MLC or the model's owner compiled. */
export type EngineKind = 'yupana' | 'web-llm';

export type OnPhase = (phase: LoadPhase, done: number, total: number) => void;

export interface LoadOptions {
  /** Tokens; left out, the model's own or what the engine thinks fits. */
  contextLength?: number;
  /** Of keys and values, on the GPU; left out, 16. */
  cacheBits?: 16 | 8;
  /** Whose engine runs it; left out, ours. */
  engine?: EngineKind;
  /** Takes the engine from another tab instead of failing with "engine-busy". */
  takeOver?: boolean;
  onProgress?: OnPhase;
  signal?: AbortSignal;
}

export interface GenerateCall {
  messages: readonly Message[];
  /** How the answer begins already: it goes on from there, and only what is new is given. */
  begun?: string;
  maxTokens: number;
  sampler?: Partial<SamplerOptions>;
  stopStrings?: readonly string[];
  /** A temporary or locked conversation: the engine writes nothing of it to disk. */
  ephemeral?: boolean;
  /** Whether what is computed of the system prompt may be kept on disk; left out, it may not. Nothing of an ephemeral one is. */
  keepPrefix?: boolean;
  /** Each new piece of text and the tokens generated so far. Never called once `signal` is aborted. */
  onText?: (text: string, completionTokens: number) => void;
  /** Prompt tokens done and to do. */
  onProgress?: OnPhase;
  signal?: AbortSignal;
}

export interface GenerateAnswer {
  /** On an abort exactly what `onText` was given. */
  text: string;
  finishReason: FinishReason;
  usage: Usage;
}

export interface EngineClient {
  /** What this machine and this host are like. Loads nothing. */
  probe(): Promise<Probe>;
  /** Loads a stored model, letting go of the one before. */
  load(modelId: string, options?: LoadOptions): Promise<EngineInfo>;
  /** An abort resolves with finishReason "abort" (rejects with "aborted" only where `signal` was aborted at the call). */
  generate(call: GenerateCall): Promise<GenerateAnswer>;
  /** Tokens of conversations by the model's template, and how many fit: one crossing for all of them. */
  countMany: CountMany;
  /** Times the loaded engine on this machine and goes on with what is fastest; null for an engine that has no such choice. */
  tune(signal?: AbortSignal): Promise<TuneReport | null>;
  unload(): Promise<void>;
  /** The engine went away: device lost, taken over by another tab, worker gone. @returns stops listening */
  onLost(callback: (error: EngineError) => void): () => void;
  /** Ends the worker. Any call afterwards starts a new one, without a model. */
  dispose(): void;
}

/** @param spawn `() => new Worker(policy.createScriptURL(url), {type: 'module'})` with Vite's `?worker&url` */
export function createEngineClient(spawn: () => Worker): EngineClient {
  const listeners = new Set<(error: EngineError) => void>();
  const tell = (error: EngineError): void => {
    for (const listener of [...listeners]) listener(error);
  };
  const link = createLink<EngineRequest, EngineReply>(
    spawn,
    (event) => {
      if (event.type === 'lost') tell(rebuildError(event.error));
    },
    tell,
  );

  const result = <Kind extends EngineResult['for']>(
    kind: Kind,
    { result: got }: Extract<EngineReply, { type: 'done' }>,
  ): Extract<EngineResult, { for: Kind }> => {
    if (got.for !== kind) throw new TypeError(`the worker answered ${got.for} to ${kind}`);
    return got as Extract<EngineResult, { for: Kind }>;
  };

  return {
    async probe() {
      return result('probe', await link.call({ type: 'probe' })).probe;
    },
    async load(modelId, { contextLength, cacheBits, takeOver, onProgress, signal } = {}) {
      const done = await link.call(
        {
          type: 'load',
          modelId,
          ...(contextLength === undefined ? {} : { contextLength }),
          ...(cacheBits === undefined ? {} : { cacheBits }),
          ...(takeOver === undefined ? {} : { takeOver }),
        },
        {
          signal,
          onPush: (reply) => {
            if (reply.type === 'progress') onProgress?.(reply.phase, reply.done, reply.total);
          },
        },
      );
      return result('load', done).info;
    },
    async generate({
      messages,
      begun = '',
      maxTokens,
      sampler,
      stopStrings,
      ephemeral = false,
      keepPrefix = false,
      onText,
      onProgress,
      signal,
    }) {
      let shown = '';
      const done = await link.call(
        {
          type: 'generate',
          // Plain copies: state proxies of a UI framework cannot be posted.
          messages: messages.map(({ role, content }) => ({ role, content })),
          begun,
          maxTokens,
          sampler: { ...sampler },
          stopStrings: [...(stopStrings ?? [])],
          ephemeral,
          keepPrefix: keepPrefix && !ephemeral,
        },
        {
          signal,
          onPush: (reply) => {
            if (reply.type === 'text') {
              shown += reply.text;
              onText?.(reply.text, reply.completionTokens);
            } else if (reply.type === 'progress') onProgress?.(reply.phase, reply.done, reply.total);
          },
        },
      );
      const { text, finishReason, usage } = result('generate', done);
      return signal?.aborted ? { text: shown, finishReason: 'abort', usage } : { text, finishReason, usage };
    },
    async countMany(conversations, { untilFits } = {}) {
      // A message that stands in many conversations is copied once, and crosses once.
      const copies = new Map<Message, Message>();
      const copy = (message: Message): Message => {
        const { role, content } = message;
        const made = copies.get(message) ?? { role, content };
        copies.set(message, made);
        return made;
      };
      const done = await link.call({
        type: 'count',
        conversations: conversations.map(({ messages, begun = '' }) => ({
          messages: messages.map(copy),
          begun,
        })),
        untilFits: untilFits ?? null,
      });
      const { tokens, contextLength } = result('count', done);
      return { tokens, contextLength };
    },
    async tune(signal) {
      return result('tune', await link.call({ type: 'tune' }, { signal })).report;
    },
    async unload() {
      await link.call({ type: 'unload' });
    },
    onLost(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    dispose: () => link.dispose(),
  };
}
