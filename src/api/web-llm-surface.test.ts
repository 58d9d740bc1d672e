// Where this surface is WebLLM's (MLCEngineInterface), by the compiler: a program written for one takes the other in these calls, and
// the differences that are left are named, so that a new one is noticed.

import type { MLCEngineInterface } from '@mlc-ai/web-llm';
import type * as webllm from '@mlc-ai/web-llm';
import { expect, expectTypeOf, test } from 'vitest';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  Completion,
  InitProgressCallback,
  YupanaEngine,
} from './types.ts';

/** Calls that a program may make on either, and rely on the answer. */
type Shared =
  | 'setInitProgressCallback'
  | 'getInitProgressCallback'
  | 'interruptGenerate'
  | 'unload'
  | 'forwardTokensAndSample'
  | 'resetChat'
  | 'getMessage'
  | 'runtimeStatsText'
  | 'getGPUVendor';

/** What MLCEngineInterface has and this has not: models in a list, several at once, journals, methods that repeat others. */
type LeftOut =
  | 'embedding'
  | 'chatCompletion'
  | 'completion'
  | 'setAppConfig'
  | 'listResumableSessions'
  | 'resumeChatCompletion'
  | 'deleteResumableSession'
  | 'getMaxStorageBufferBindingSize'
  | 'setLogLevel';

test('every member of the interface is shared, told apart below, or left out by name', () => {
  expectTypeOf<Exclude<keyof MLCEngineInterface, Shared | LeftOut>>().toEqualTypeOf<
    'chat' | 'completions' | 'embeddings' | 'reload'
  >();
  expectTypeOf<Exclude<keyof YupanaEngine, keyof MLCEngineInterface>>().toEqualTypeOf<never>();
  expectTypeOf<
    Pick<YupanaEngine, Exclude<Shared, 'resetChat' | 'getMessage' | 'runtimeStatsText'>>
  >().toExtend<Pick<MLCEngineInterface, Exclude<Shared, 'resetChat' | 'getMessage' | 'runtimeStatsText'>>>();
  // Sound, though they take no model id: a parameter less.
  expectTypeOf<YupanaEngine['resetChat']>().toExtend<MLCEngineInterface['resetChat']>();
  expectTypeOf<YupanaEngine['getMessage']>().toExtend<MLCEngineInterface['getMessage']>();
  expectTypeOf<YupanaEngine['runtimeStatsText']>().toExtend<MLCEngineInterface['runtimeStatsText']>();
  expect(true).toBe(true); // the compiler is the judge
});

test('a request that this surface takes is one of WebLLM’s', () => {
  interface Plain {
    messages: { role: 'user'; content: string }[];
    temperature: number;
    top_p: number;
    max_tokens: number;
    stop: string[];
    seed: number;
    logprobs: boolean;
    top_logprobs: number;
    frequency_penalty: number;
    presence_penalty: number;
    logit_bias: Record<string, number>;
    response_format: { type: 'json_object'; schema: string };
  }
  expectTypeOf<Plain & { stream: false }>().toExtend<webllm.ChatCompletionRequestNonStreaming>();
  expectTypeOf<Plain & { stream: true }>().toExtend<webllm.ChatCompletionRequestStreaming>();
  expectTypeOf<Plain & { stream: true }>().toExtend<
    Parameters<YupanaEngine['chat']['completions']['create']>[0]
  >();
});

test('answers can be read as WebLLM’s', () => {
  expectTypeOf<ChatCompletion['choices'][number]['message']['content']>().toExtend<
    webllm.ChatCompletion['choices'][number]['message']['content']
  >();
  expectTypeOf<ChatCompletion['choices'][number]['finish_reason']>().toExtend<
    webllm.ChatCompletion['choices'][number]['finish_reason']
  >();
  expectTypeOf<ChatCompletion['usage']>().toExtend<NonNullable<webllm.ChatCompletion['usage']>>();
  expectTypeOf<ChatCompletionChunk['choices'][number]['delta']>().toExtend<
    webllm.ChatCompletionChunk['choices'][number]['delta']
  >();
  expectTypeOf<Completion['choices'][number]['text']>().toExtend<string>();
  expectTypeOf<InitProgressCallback>().toEqualTypeOf<webllm.InitProgressCallback>();
  // Not sound: `reload` takes one model, by address or stored id, and no ChatOptions but the context's size; a chat of several
  // models in one engine has no counterpart here.
  expectTypeOf<YupanaEngine['reload']>().not.toExtend<MLCEngineInterface['reload']>();
  // Not sound: requests with tools, images or a list of choices compile for WebLLM and are refused here.
  expectTypeOf<webllm.ChatCompletionRequestNonStreaming>().not.toExtend<
    Parameters<YupanaEngine['chat']['completions']['create']>[0]
  >();
});
