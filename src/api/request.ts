// Requests as our options. What our engines cannot do is refused by name, never ignored.

import { EngineError } from '../engine.ts';
import type { AnswerFormat, GenerateOptions, Message, SamplerOptions } from '../engine.ts';
import type {
  ChatCompletionMessageParam,
  ChatCompletionRequestBase,
  CompletionRequestBase,
} from './types.ts';

type SamplingRequest = Omit<CompletionRequestBase, 'prompt' | 'echo'>;

/** What WebLLM's or OpenAI's requests may carry and neither of our engines does. */
const LEFT_OUT = ['tools', 'tool_choice', 'ignore_eos', 'suffix', 'best_of', 'audio', 'modalities'];

export interface Defaults {
  temperature: number;
  topP: number;
  contextLength: number;
}

function refuse(option: string, expected: string, actual: unknown): EngineError {
  return new EngineError('option-invalid', `${option} should be ${expected}`, {
    option,
    expected,
    actual: String(actual).slice(0, 40),
  });
}

export function messagesOf(messages: readonly ChatCompletionMessageParam[]): Message[] {
  if (!Array.isArray(messages) || messages.length === 0) throw refuse('messages', 'at least one', messages);
  return messages.map(({ role, content }) => {
    if (!['system', 'user', 'assistant'].includes(role)) {
      throw refuse('role', 'system, user or assistant', role);
    }
    if (typeof content === 'string') return { role, content };
    if (!Array.isArray(content)) throw refuse('content', 'text', content);
    const parts = content as readonly { type: string; text?: unknown }[];
    const text = parts.map((part) => {
      if (part.type === 'text' && typeof part.text === 'string') return part.text;
      throw refuse('content', 'text', part.type);
    });
    return { role, content: text.join('') };
  });
}

function biasOf(bias: Record<string, number> | null | undefined): SamplerOptions['logitBias'] {
  return Object.entries(bias ?? {}).map(([id, value]) => {
    if (!/^\d+$/.test(id)) throw refuse('logit_bias', 'token ids', id);
    if (!(value >= -100 && value <= 100)) throw refuse('logit_bias', 'from -100 to 100', value);
    return [Number(id), value] as const;
  });
}

/** Without the abort signal, the callbacks and the constraint. Throws "option-invalid", "option-unsupported". */
export function optionsOf(request: SamplingRequest, defaults: Defaults): GenerateOptions {
  for (const option of LEFT_OUT) {
    const value = (request as Record<string, unknown>)[option];
    if (value === undefined || value === null || value === false) continue;
    throw new EngineError('option-unsupported', `${option} is not supported`, { option, engine: 'Yupana' });
  }
  const { n, seed, stop, logprobs, top_logprobs: top, max_tokens: maxTokens } = request;
  if ((n ?? 1) !== 1) throw new EngineError('option-unsupported', 'n > 1', { option: 'n', engine: 'Yupana' });
  if ((top ?? 0) > 0 && !logprobs) throw refuse('top_logprobs', 'together with logprobs', top);
  return {
    maxTokens: maxTokens ?? defaults.contextLength,
    sampler: {
      temperature: request.temperature ?? defaults.temperature,
      topP: request.top_p ?? defaults.topP,
      topK: request.top_k ?? 0,
      minP: request.min_p ?? 0,
      repetitionPenalty: request.repetition_penalty ?? 1,
      frequencyPenalty: request.frequency_penalty ?? 0,
      presencePenalty: request.presence_penalty ?? 0,
      logitBias: biasOf(request.logit_bias),
      // Any integer is a seed in OpenAI's API; ours has 32 bits.
      seed: (seed ?? Math.floor(Math.random() * 2 ** 32)) >>> 0,
    },
    ...(stop ? { stopStrings: typeof stop === 'string' ? [stop] : stop } : {}),
    ...(logprobs ? { logprobs: top ?? 0 } : {}),
  };
}

/** undefined: free text. */
export function formatOf({ response_format: format }: ChatCompletionRequestBase): AnswerFormat | undefined {
  switch (format?.type) {
    case undefined:
    case 'text':
      return undefined;
    case 'json_object':
      return format.schema === undefined
        ? { type: 'json_object' }
        : { type: 'json_schema', schema: parsed(format.schema) };
    case 'json_schema':
      return { type: 'json_schema', schema: format.json_schema.schema };
    case 'grammar':
      return { type: 'grammar', grammar: format.grammar };
    default:
      throw refuse(
        'response_format',
        'text, json_object, json_schema or grammar',
        (format as { type: string }).type,
      );
  }
}

function parsed(schema: string): unknown {
  try {
    return JSON.parse(schema) as unknown;
  } catch {
    throw refuse('response_format.schema', 'JSON', schema);
  }
}
