// llama.cpp in WebAssembly, as its package says to use it: one GGUF file, its own cache, its own worker.

import { LoggerWithoutDebug, Wllama } from '@wllama/wllama/esm/index.js';
import type { RawCompletionChunk } from '@wllama/wllama/esm/index.js';
import wasm from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import type { RaceOrder, Runner } from './protocol.ts';

const create = (): Wllama =>
  new Wllama({ default: new URL(wasm, location.href).href }, { logger: LoggerWithoutDebug });

export async function downloadForWllama({ ggufUrl }: RaceOrder): Promise<void> {
  await create().modelManager.downloadModel(ggufUrl);
}

export async function loadWllama(order: RaceOrder): Promise<Runner> {
  const wllama = create();
  const gpu = order.column === 'wllama-webgpu';
  await wllama.loadModelFromUrl(order.ggufUrl, {
    n_ctx: order.contextLength,
    n_gpu_layers: gpu ? 999 : 0,
    n_threads: order.column === 'wllama-cpu' ? order.threads : 1,
    n_parallel: 1,
    warmup: false,
  });
  /** Tokens a second by its own clock, of the last answer: what the way to the page costs shows against ours. */
  let own = 0;
  return {
    get how() {
      const threads = wllama.getNumThreads();
      return `llama.cpp ${Wllama.getLibllamaVersion()}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, last decode by its own clock ${own.toPrecision(3)}/s`;
    },
    async answer(prompt, tokens) {
      const started = performance.now();
      let first = 0;
      let last = 0;
      let text = '';
      let timings: RawCompletionChunk['timings'];
      await wllama.createCompletion({
        prompt: prompt.text,
        max_tokens: tokens,
        temperature: 0,
        ignore_eos: true,
        stream: true,
        onData(chunk) {
          last = performance.now();
          first ||= last;
          text += chunk.choices[0]?.text ?? '';
          timings = chunk.timings ?? timings;
        },
      });
      own = timings?.predicted_per_second ?? 0;
      return {
        // Its server keeps the first token, which all prompts share.
        promptTokens: (timings?.prompt_n ?? 0) + (timings?.cache_n ?? 0),
        tokens: timings?.predicted_n ?? 0,
        text,
        firstToken: (first - started) / 1000,
        decode: (last - first) / 1000,
      };
    },
  };
}
