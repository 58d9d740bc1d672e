// web-llm as its package says to use it: its own cache, its own worker-less engine, the library a person brings.

import { CreateMLCEngine } from '@mlc-ai/web-llm';
import type { AppConfig, MLCEngine } from '@mlc-ai/web-llm';
import type { RaceOrder, Runner } from './protocol.ts';

const MODEL_ID = 'race';

function configFor({ modelBase, webLlmLib }: RaceOrder): AppConfig {
  if (webLlmLib === undefined)
    throw new Error('web-llm needs a compiled library for this model: --webllm-lib');
  return { model_list: [{ model: modelBase, model_id: MODEL_ID, model_lib: webLlmLib }] };
}

async function open(order: RaceOrder): Promise<MLCEngine> {
  return CreateMLCEngine(
    MODEL_ID,
    { appConfig: configFor(order) },
    { context_window_size: order.contextLength },
  );
}

/** Its loader downloads and loads in one. */
export async function downloadForWebLlm(order: RaceOrder): Promise<void> {
  await (await open(order)).unload();
}

export async function loadWebLlm(order: RaceOrder): Promise<Runner> {
  const engine = await open(order);
  return {
    how: 'web-llm',
    async answer(prompt, tokens) {
      await engine.resetChat();
      const started = performance.now();
      let first = 0;
      let last = 0;
      let text = '';
      let usage: { prompt_tokens: number; completion_tokens: number } | undefined;
      const stream = await engine.completions.create({
        prompt: prompt.text,
        max_tokens: tokens,
        temperature: 0,
        ignore_eos: true,
        stream: true,
        stream_options: { include_usage: true },
      });
      for await (const chunk of stream) {
        if (chunk.usage) usage = chunk.usage;
        else {
          last = performance.now();
          first ||= last;
        }
        text += chunk.choices[0]?.text ?? '';
      }
      return {
        promptTokens: usage?.prompt_tokens ?? 0,
        tokens: usage?.completion_tokens ?? 0,
        text,
        firstToken: (first - started) / 1000,
        decode: (last - first) / 1000,
      };
    },
  };
}
