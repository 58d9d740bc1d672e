// One conversation at a time over a loaded web-llm: it takes messages, not tokens, and keeps its KV cache to itself.

import type { MLCEngine } from '@mlc-ai/web-llm';
import { EngineError } from '../../failures.ts';
import type { FinishReason, GenerateOptions, GenerateResult, Message, Session } from '../../engine.ts';
import { answerText } from '../answer-text.ts';
import type { ModelText } from '../model-text.ts';
import { checkSampler } from '../options.ts';
import { fromWebLlm } from './errors.ts';

interface SessionParts {
  engine: Pick<MLCEngine, 'chatCompletion' | 'completion' | 'interruptGenerate' | 'resetChat'>;
  modelId: string;
  contextLength: number;
  vocabSize: number;
  text: ModelText | undefined;
  /** Who writes the turns: the model's own template, as for our engines, or web-llm's. */
  template: 'own' | 'web-llm';
}

/** A piece of either of its streams. */
interface StreamDelta {
  text: string;
  finish: string | null;
  usage:
    | {
        prompt_tokens: number;
        completion_tokens: number;
        extra: { prefill_tokens_per_s: number; decode_tokens_per_s: number };
      }
    | undefined;
}

function unsupported(option: string): EngineError {
  return new EngineError('option-unsupported', `web-llm cannot do ${option}`, { option, engine: 'WebLLM' });
}

/** What web-llm takes of our options. Top-k and min-p it has not: EngineInfo.lacks says so, and the interface shows it. */
function requestOf(options: GenerateOptions, vocabSize: number) {
  if (options.constraint) throw unsupported('constraint');
  if (options.logprobs !== undefined) throw unsupported('logprobs');
  if (options.stopTokens && options.stopTokens.length > 0) throw unsupported('stopTokens');
  const sampler = checkSampler(options, vocabSize);
  return {
    temperature: sampler.temperature,
    top_p: sampler.topP,
    repetition_penalty: sampler.repetitionPenalty,
    frequency_penalty: sampler.frequencyPenalty,
    presence_penalty: sampler.presencePenalty,
    ...(sampler.logitBias.length > 0
      ? { logit_bias: Object.fromEntries(sampler.logitBias.map(([id, bias]) => [String(id), bias])) }
      : {}),
    seed: sampler.seed,
    max_tokens: options.maxTokens,
    stream: true as const,
    stream_options: { include_usage: true },
  };
}

export interface WebLlmSession extends Session {
  /** As of the capability `answer`, for this session. */
  answer(messages: readonly Message[], options: GenerateOptions, begun?: string): Promise<GenerateResult>;
}

export function createWebLlmSession(parts: SessionParts): WebLlmSession {
  const { engine, modelId, contextLength, vocabSize, text, template } = parts;
  let position = 0;
  let disposed = false;

  async function* pieces(
    messages: readonly Message[],
    options: GenerateOptions,
    begun: string,
  ): AsyncGenerator<StreamDelta> {
    const request = requestOf(options, vocabSize);
    // An answer can only be gone on with as a text.
    if (text && (template === 'own' || begun !== '')) {
      const prompt = text.renderChat(messages) + begun;
      for await (const chunk of await engine.completion({ ...request, prompt })) {
        const [choice] = chunk.choices;
        yield { text: choice?.text ?? '', finish: choice?.finish_reason ?? null, usage: chunk.usage };
      }
      return;
    }
    if (begun !== '') throw unsupported('begun');
    const turns = messages.map(({ role, content }) => ({ role, content }));
    for await (const chunk of await engine.chatCompletion({ ...request, messages: turns })) {
      const [choice] = chunk.choices;
      yield { text: choice?.delta.content ?? '', finish: choice?.finish_reason ?? null, usage: chunk.usage };
    }
  }

  async function answer(
    messages: readonly Message[],
    options: GenerateOptions,
    begun = '',
  ): Promise<GenerateResult> {
    if (disposed) throw new EngineError('internal', 'The session was disposed of');
    const { signal, onText, stopStrings, maxTokens } = options;
    const started = performance.now();
    let firstAt = 0;
    let tokens = 0;
    let piece = '';
    const shown = answerText({ push: () => piece, end: () => '' }, stopStrings);
    let finish: FinishReason = 'stop';
    let usage: StreamDelta['usage'];
    const stop = (): void => void engine.interruptGenerate();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      if (maxTokens > 0 && !signal?.aborted) {
        for await (const next of pieces(messages, options, begun)) {
          usage = next.usage ?? usage;
          if (next.finish === 'length') finish = 'length';
          if (next.usage || next.finish !== null) continue;
          firstAt ||= performance.now();
          tokens++;
          if (signal?.aborted || shown.stopped) continue;
          piece = next.text;
          const ready = shown.push(tokens);
          if (ready !== '') onText?.(ready, tokens);
          if (shown.stopped) stop();
        }
      } else finish = 'length';
    } catch (thrown) {
      throw fromWebLlm(thrown, modelId, 'answer');
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    if (signal?.aborted) finish = 'abort';
    else if (shown.stopped) finish = 'stop';
    else {
      const rest = shown.end();
      if (rest !== '') onText?.(rest, tokens);
    }
    const prefilled = usage?.prompt_tokens ?? 0;
    const whole = countOf(messages, begun) ?? prefilled;
    const completionTokens = usage?.completion_tokens ?? tokens;
    position = Math.min(contextLength, whole + completionTokens);
    return {
      tokenIds: [],
      text: shown.text,
      finishReason: finish,
      usage: {
        promptTokens: whole,
        reusedTokens: Math.max(0, whole - prefilled),
        completionTokens,
        timeToFirstToken: firstAt === 0 ? 0 : (firstAt - started) / 1000,
        prefillTokensPerSecond: usage?.extra.prefill_tokens_per_s ?? 0,
        decodeTokensPerSecond: usage?.extra.decode_tokens_per_s ?? 0,
        contextUsed: position,
        contextLength,
      },
    };
  }

  const countOf = (messages: readonly Message[], begun: string): number | undefined => {
    try {
      return text?.encodeChat(messages, begun).length;
    } catch {
      return undefined; // a template that only web-llm has
    }
  };

  return {
    get position() {
      return position;
    },
    bytes: 0,
    answer,
    sync: () => Promise.reject(unsupported('sync')),
    generate: () => Promise.reject(unsupported('generate')),
    logits: () => Promise.reject(unsupported('logits')),
    dispose() {
      disposed = true;
    },
  };
}
