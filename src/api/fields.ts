// Every field that OpenAI's and WebLLM's requests have: done, or refused by name. What nobody knows is refused as well.

import {
  bool,
  check,
  checkFields,
  count,
  given,
  isCount,
  isRecord,
  isText,
  jsonCopy,
  number,
  refuse,
  text,
  unsupported,
  whole,
  type Check,
  type Neutral,
} from './check.ts';
import { checkFormat } from './format.ts';
import { turnsOf } from './messages.ts';
import { checkTools } from './tools.ts';
import type { ChatCompletionRequestBase, CompletionRequestBase } from './types.ts';

/** Answers to one prompt, and answers to all prompts of a completion, at most: they are computed one after another. */
export const MAX_CHOICES = 128;
/** Stop strings, and characters each may have. */
export const MAX_STOPS = 64;
export const MAX_STOP_LENGTH = 1_000;

const isStop = (value: unknown): boolean => isText(value) && value !== '' && value.length <= MAX_STOP_LENGTH;
const isTokens = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isCount);

const bias: Check = (value, name) => {
  if (!isRecord(value)) throw refuse(name, 'an object of token ids', value);
  for (const [id, added] of Object.entries(value)) {
    if (!/^\d{1,9}$/.test(id)) throw refuse(name, 'of token ids', id);
    number((each) => each >= -100 && each <= 100, 'from -100 to 100')(added, name);
  }
};

const streamOptions: Check = (value, name) => {
  if (!isRecord(value)) throw refuse(name, 'an object', value);
  checkFields(value, { include_usage: bool, include_parsed: bool }, { include_obfuscation: no }, `${name}.`);
};

const COMMON: Record<string, Check> = {
  temperature: number((value) => value >= 0, 'of 0 or more'),
  top_p: number((value) => value > 0 && value <= 1, 'above 0 and at most 1'),
  top_k: count,
  min_p: number((value) => value >= 0 && value < 1, 'from 0 to below 1'),
  frequency_penalty: number((value) => Math.abs(value) <= 2, 'from -2 to 2'),
  presence_penalty: number((value) => Math.abs(value) <= 2, 'from -2 to 2'),
  repetition_penalty: number((value) => value > 0, 'above 0'),
  logit_bias: bias,
  max_tokens: count,
  max_completion_tokens: count,
  stop: check(
    (value) =>
      isStop(value) ||
      (Array.isArray(value) && value.length <= MAX_STOPS && value.every((one) => isStop(one))),
    `a text or a list of up to ${MAX_STOPS} texts, none empty or over ${MAX_STOP_LENGTH} characters`,
  ),
  seed: whole,
  logprobs: bool,
  top_logprobs: check((value) => isCount(value) && value <= 20, 'a whole number from 0 to 20'),
  n: check(
    (value) => isCount(value) && value >= 1 && value <= MAX_CHOICES,
    `a whole number from 1 to ${MAX_CHOICES}`,
  ),
  model: text,
  stream: bool,
  stream_options: streamOptions,
  response_format: checkFormat,
  signal: check((value) => value instanceof AbortSignal, 'an AbortSignal'),
};

const CHAT: Record<string, Check> = {
  ...COMMON,
  messages: () => undefined, // turnsOf judges them
  tools: checkTools,
  tool_choice: () => undefined, // with the tools
  parallel_tool_calls: bool,
};

const COMPLETION: Record<string, Check> = {
  ...COMMON,
  prompt: check(
    (value) =>
      isText(value) ||
      isTokens(value) ||
      (Array.isArray(value) && value.length > 0 && (value.every(isText) || value.every(isTokens))),
    'a text, a list of texts, token ids, or a list of lists of them, none empty',
  ),
  echo: bool,
};

const no: Neutral = (value) => value === false;
const none: Neutral = (value) => value === 'none';
const empty: Neutral = (value) =>
  (Array.isArray(value) && value.length === 0) || (isRecord(value) && Object.keys(value).length === 0);

/** Known and not done: only what asks for nothing passes. Other names are refused whatever they say. */
const NEUTRAL: Record<string, Neutral> = {
  ignore_eos: no,
  extra_body: empty,
  store: no,
  functions: empty,
  function_call: none,
  modalities: (value) => Array.isArray(value) && value.every((each) => each === 'text'),
  best_of: (value) => value === 1,
  suffix: (value) => value === '',
};

function together(request: Record<string, unknown>): void {
  const { max_tokens: most, max_completion_tokens: named, top_logprobs: top } = request;
  if (given(most) && given(named) && most !== named) {
    throw refuse('max_completion_tokens', `max_tokens' ${String(most)} where both are there`, named);
  }
  if (given(top) && request['logprobs'] !== true) throw refuse('top_logprobs', 'together with logprobs', top);
  if (given(request['stream_options']) && request['stream'] !== true) {
    throw refuse('stream_options', 'together with stream', request['stream_options']);
  }
}

interface Checked<Request> {
  /** Without its signal: it can be posted to a worker. */
  request: Request;
  signal: AbortSignal | undefined;
}

function checked<Request>(value: unknown, known: Readonly<Record<string, Check>>): Checked<Request> {
  if (!isRecord(value)) throw refuse('request', 'an object', value);
  checkFields(value, known, NEUTRAL);
  together(value);
  const kept = Object.entries(value).filter(
    ([name, field]) => name !== 'signal' && given(field) && Object.hasOwn(known, name),
  );
  const request = jsonCopy(Object.fromEntries(kept), 'request') as Request;
  return { request, signal: (value['signal'] ?? undefined) as AbortSignal | undefined };
}

/** A chat's request, whole. Throws "option-invalid", "option-unsupported". */
export function checkChat(value: unknown): Checked<ChatCompletionRequestBase> {
  const whole = checked<ChatCompletionRequestBase>(value, CHAT);
  turnsOf(whole.request.messages);
  const { tools = [], tool_choice: choice, response_format: format } = whole.request;
  if (given(choice)) checkChoice(choice, tools?.map((tool) => tool.function.name) ?? []);
  if (tools?.length && format && format.type !== 'text') {
    throw unsupported('response_format', 'is not supported together with tools');
  }
  return whole;
}

function checkChoice(choice: unknown, names: readonly string[]): void {
  if (choice === 'none' || choice === 'auto') return;
  const name = isRecord(choice) && isRecord(choice['function']) ? choice['function']['name'] : undefined;
  if (choice !== 'required' && !isText(name)) {
    throw refuse('tool_choice', '"none", "auto", "required" or a function', choice);
  }
  if (names.length === 0) throw refuse('tool_choice', 'together with tools', choice);
  if (isText(name) && !names.includes(name)) throw refuse('tool_choice', `one of ${names.join(', ')}`, name);
}

/** A completion's request, whole. Throws "option-invalid", "option-unsupported". */
export function checkCompletion(value: unknown): Checked<CompletionRequestBase> {
  const whole = checked<CompletionRequestBase>(value, COMPLETION);
  const { prompt, n } = whole.request;
  if (!given(prompt)) throw refuse('prompt', 'a text, or token ids', prompt);
  const prompts = Array.isArray(prompt) && typeof prompt[0] !== 'number' ? prompt.length : 1;
  if (prompts * (n ?? 1) > MAX_CHOICES)
    throw refuse('n', `at most ${MAX_CHOICES} answers in all`, n ?? prompts);
  return whole;
}
