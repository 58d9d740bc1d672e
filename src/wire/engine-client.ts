// The page's hand on the engine's worker. The only way the app has to an engine.

import type { EngineInfo, Message } from '../engine.ts';
import type { EngineError } from '../failures.ts';
import type { Remote } from './calls.ts';
import type { CountMany } from './count.ts';
import type {
  AnswerReports,
  EngineCalls,
  EngineNews,
  GenerateAnswer,
  GenerateRequest,
  LoadRequest,
  PhaseReports,
} from './engine-protocol.ts';
import { createLink, forwarding, rebuildError } from './link.ts';

/** Ours (on the GPU, or on the CPU without one), or @mlc-ai/web-llm with a library that MLC or the model's owner compiled. */
export type EngineKind = 'yupana' | 'web-llm';

export interface LoadOptions extends Omit<LoadRequest, 'modelId'>, Partial<PhaseReports> {
  /** Whose engine runs it; left out, ours. Read by `eitherEngine`. */
  engine?: EngineKind;
  signal?: AbortSignal;
}

/** No report is given once `signal` is aborted. */
export interface GenerateCall extends GenerateRequest, Partial<AnswerReports> {
  signal?: AbortSignal;
}

/** What the worker answers to; `load`, `generate` and `countMany` as the page says them. */
export interface EngineClient extends Omit<Remote<EngineCalls>, 'load' | 'generate' | 'countMany'> {
  load(modelId: string, options?: LoadOptions): Promise<EngineInfo>;
  generate(call: GenerateCall): Promise<GenerateAnswer>;
  countMany: CountMany;
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
  const { call, calls, dispose } = createLink<EngineCalls, EngineNews>(spawn, {
    onNews: ({ lost }) => tell(rebuildError(lost)),
    onGone: tell,
  });

  return forwarding<EngineClient>(
    {
      load: (modelId, { onProgress, signal, ...options } = {}) =>
        calls.load({ modelId, ...options }, { onProgress, signal }),
      async generate({ onText, onProgress, signal, ...request }) {
        let shown = '';
        // Plain copies: state proxies of a UI framework cannot be posted.
        const { messages, sampler, stopStrings } = request;
        const posted: GenerateRequest = {
          ...request,
          messages: messages.map(({ role, content }) => ({ role, content })),
          ...(sampler && { sampler: { ...sampler } }),
          ...(stopStrings && { stopStrings: [...stopStrings] }),
        };
        const answer = await calls.generate(posted, {
          signal,
          onProgress,
          onText(text, completionTokens) {
            shown += text;
            onText?.(text, completionTokens);
          },
        });
        return signal?.aborted ? { ...answer, text: shown, finishReason: 'abort' } : answer;
      },
      countMany(conversations, options) {
        // A message that stands in many conversations is copied once, and crosses once.
        const copies = new Map<Message, Message>();
        const copy = (message: Message): Message => {
          const { role, content } = message;
          const made = copies.get(message) ?? { role, content };
          copies.set(message, made);
          return made;
        };
        const plain = conversations.map(({ messages, ...counted }) => ({
          ...counted,
          messages: messages.map(copy),
        }));
        return calls.countMany({ conversations: plain, ...options });
      },
      onLost(callback) {
        listeners.add(callback);
        return () => listeners.delete(callback);
      },
      dispose,
    },
    call,
  );
}
