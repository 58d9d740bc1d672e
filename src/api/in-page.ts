// The engine in this thread: a page's, or the worker's that worker.ts serves.

import { EngineError } from '../engine.ts';
import type {
  AnswerFormat,
  Engine,
  GenerateOptions,
  GenerateResult,
  Session,
  TokenLogprobs,
} from '../engine.ts';
import type { Grammars } from '../engines/grammar/grammar.ts';
import { findDevice, openEngine } from '../engines/open.ts';
import { readJson } from '../format/json-file.ts';
import { MLC_CONFIG_FILE } from '../format/model-directory.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { openTunings } from '../storage/tunings.ts';
import type { Backend } from './backend.ts';
import { openModel } from './open-model.ts';
import { formatOf, messagesOf, optionsOf } from './request.ts';
import type { Defaults } from './request.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  Completion,
  CompletionUsage,
  EngineConfig,
  Logprobs,
} from './types.ts';

interface Loaded {
  id: string;
  engine: Engine;
  session: Session;
  defaults: Defaults;
  grammars?: Promise<Grammars>;
  close(): void;
}

/** The sampling that a model's own config asks for where the request says nothing. */
async function defaultsOf(source: ShardSource, contextLength: number): Promise<Defaults> {
  const config = (await readJson(source, MLC_CONFIG_FILE)) as Record<string, unknown>;
  const number = (key: string, fallback: number, top: number): number => {
    const value = config[key];
    return typeof value === 'number' && value > 0 && value <= top ? value : fallback;
  };
  return { temperature: number('temperature', 1, 5), topP: number('top_p', 1, 1), contextLength };
}

/** @param base what relative addresses of models are relative to */
export function inPageBackend(
  { device: wanted = 'auto' }: Pick<EngineConfig, 'device'>,
  base: string,
): Backend {
  let loaded: Loaded | undefined;

  const need = (model?: string | null): Loaded => {
    if (!loaded) throw new EngineError('worker-gone', 'no model is loaded', { why: 'no model is loaded' });
    if (typeof model === 'string' && model !== loaded.id) {
      throw new EngineError('model-not-stored', `${model} is not the one loaded`, { model });
    }
    return loaded;
  };
  const unload = (): void => {
    const old = loaded;
    loaded = undefined;
    old?.close();
  };

  /** Generates; an answer that must have a form and has none is an error, unless it was cut by the caller. */
  async function generate(
    model: Loaded,
    tokens: number[],
    options: GenerateOptions,
    format: AnswerFormat | undefined,
  ): Promise<GenerateResult> {
    if (!format) return model.session.generate(tokens, options);
    model.grammars ??= import('../engines/grammar/grammar.ts').then(({ createGrammars }) => {
      const { vocabulary, info } = model.engine;
      return createGrammars(vocabulary(), info.vocabSize);
    });
    const constraint = await (await model.grammars).constraint(format);
    try {
      const result = await model.session.generate(tokens, { ...options, constraint });
      const { completionTokens, contextLength } = result.usage;
      // Cut by the caller's own limit it is no failure: as with OpenAI, the finish reason says so.
      const contextEnded = result.finishReason === 'length' && completionTokens < options.maxTokens;
      if (contextEnded && !(await constraint.whole())) {
        throw new EngineError('answer-unfinished', `the context ended before the answer had its form`, {
          expected: contextLength,
        });
      }
      return result;
    } finally {
      constraint.dispose();
    }
  }

  const usageOf = ({ usage }: GenerateResult, started: number): CompletionUsage => ({
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    extra: {
      e2e_latency_s: (performance.now() - started) / 1000,
      prefill_tokens_per_s: usage.prefillTokensPerSecond,
      decode_tokens_per_s: usage.decodeTokensPerSecond,
      time_to_first_token_s: usage.timeToFirstToken,
      time_per_output_token_s: usage.decodeTokensPerSecond > 0 ? 1 / usage.decodeTokensPerSecond : 0,
      reused_prompt_tokens: usage.reusedTokens,
    },
  });
  const head = <Kind extends string>(model: Loaded, object: Kind) => ({
    id: crypto.randomUUID(),
    object,
    created: Math.floor(Date.now() / 1000),
    model: model.id,
  });

  return {
    async reload(reference, options, onProgress, signal) {
      unload();
      const started = performance.now();
      const report = ({ progress, text }: { progress: number; text: string }): void =>
        onProgress({ progress, text, timeElapsed: (performance.now() - started) / 1000 });
      const { id, source } = await openModel(reference, base, report, signal);
      const device = wanted === 'cpu' ? undefined : await findDevice((navigator as { gpu?: GPU }).gpu);
      const opened = await openEngine({
        source,
        modelId: id,
        device,
        ...(options.context_window_size === undefined ? {} : { contextLength: options.context_window_size }),
        tunings: openTunings(import.meta.url),
        signal,
        onProgress: (phase, done, total) =>
          report({ progress: total > 0 ? done / total : 0, text: `Loading ${phase}: ${done} of ${total}` }),
      });
      const { engine } = opened;
      try {
        loaded = {
          id,
          engine,
          session: engine.createSession(),
          defaults: await defaultsOf(source, engine.info.contextLength),
          close() {
            void this.grammars?.then((grammars) => grammars.dispose());
            opened.close();
          },
        };
      } catch (error) {
        opened.close();
        throw error;
      }
      report({ progress: 1, text: `Loaded ${id}` });
    },

    async chat(request, { onChunk, signal }) {
      const model = need(request.model);
      const started = performance.now();
      const format = formatOf(request);
      const tokens = model.engine.encodeChat(messagesOf(request.messages));
      const start = head(model, 'chat.completion.chunk' as const);
      const chunk = (
        delta: ChatCompletionChunk['choices'][number]['delta'],
        finish: GenerateResult['finishReason'] | null = null,
        logprobs: Logprobs | null = null,
      ): void => onChunk?.({ ...start, choices: [{ index: 0, delta, finish_reason: finish, logprobs }] });
      let begun = false;
      const result = await generate(
        model,
        tokens,
        {
          ...optionsOf(request, model.defaults),
          signal,
          onText: (content) => {
            chunk(begun ? { content } : { role: 'assistant', content });
            begun = true;
          },
        },
        format,
      );
      const logprobs = logprobsOf(model.engine, result.logprobs);
      const usage = usageOf(result, started);
      chunk({}, result.finishReason, logprobs);
      if (request.stream_options?.include_usage) onChunk?.({ ...start, choices: [], usage });
      return {
        ...start,
        object: 'chat.completion',
        choices: [
          {
            index: 0,
            finish_reason: result.finishReason,
            message: { role: 'assistant', content: result.text },
            logprobs,
          },
        ],
        usage,
      } satisfies ChatCompletion;
    },

    async complete(request, { onChunk, signal }) {
      const model = need(request.model);
      const started = performance.now();
      const start = head(model, 'text_completion' as const);
      const choice = (
        text: string,
        finish: GenerateResult['finishReason'] | null,
        logprobs: Logprobs | null = null,
      ): Completion => ({ ...start, choices: [{ index: 0, finish_reason: finish, text, logprobs }] });
      if (request.echo) onChunk?.(choice(request.prompt, null));
      const result = await model.session.generate(model.engine.encode(request.prompt), {
        ...optionsOf(request, model.defaults),
        signal,
        onText: (text) => onChunk?.(choice(text, null)),
      });
      const logprobs = logprobsOf(model.engine, result.logprobs);
      const usage = usageOf(result, started);
      onChunk?.(choice('', result.finishReason, logprobs));
      if (request.stream_options?.include_usage) onChunk?.({ ...start, choices: [], usage });
      const text = request.echo ? request.prompt + result.text : result.text;
      return { ...choice(text, result.finishReason, logprobs), usage };
    },

    reset() {
      const model = need();
      model.session.dispose();
      model.session = model.engine.createSession();
      return Promise.resolve();
    },
    unload() {
      unload();
      return Promise.resolve();
    },
    async gpuVendor() {
      if (loaded) return loaded.engine.info.adapter.vendor;
      const adapter = await (navigator as { gpu?: GPU }).gpu?.requestAdapter();
      return adapter?.info.vendor ?? '';
    },
  };
}

function logprobsOf(engine: Engine, logprobs: readonly TokenLogprobs[] | undefined): Logprobs | null {
  if (!logprobs) return null;
  const told = ({ id, logprob }: { id: number; logprob: number }) => {
    const token = engine.decode([id]);
    return { token, bytes: [...new TextEncoder().encode(token)], logprob };
  };
  return { content: logprobs.map((entry) => ({ ...told(entry), top_logprobs: entry.top.map(told) })) };
}
