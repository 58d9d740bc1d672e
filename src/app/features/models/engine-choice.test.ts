import { expect, test } from 'vitest';
import { CATALOG } from './catalog.ts';
import { engineFor } from './engine-choice.ts';
import { catalogModelOf, libraryAddress, publishedFor, WEB_LLM_MODELS } from './web-llm-list.ts';

test('automatic is ours where it runs the architecture', () => {
  expect(engineFor({}, { id: 'a' })).toBe('yupana');
  expect(engineFor({}, { id: 'a', webLlmOnly: true })).toBe('web-llm');
  expect(engineFor({ a: 'web-llm' }, { id: 'a' })).toBe('web-llm');
  expect(engineFor({ a: 'web-llm' }, { id: 'b' })).toBe('yupana');
});

test("a catalog entry of MLC's own files has the library of that model, others none", () => {
  const llama = CATALOG.find(({ id }) => id === 'llama-3.2-1b-instruct-q4f16_1');
  const published = llama && publishedFor(llama);
  expect(published && libraryAddress(published)).toMatch(
    /^https:\/\/raw\.githubusercontent\.com\/mlc-ai\/.*\/v0_2_86\/base\/Llama-3\.2-1B-Instruct-q4f16_1_cs1k-webgpu\.wasm$/,
  );
  expect(publishedFor(CATALOG[0]!)).toBeUndefined();
});

test('what only WebLLM runs comes with its library', () => {
  const qwen = WEB_LLM_MODELS.find(({ id }) => id === 'Qwen3-0.6B-q4f16_1-MLC')!;
  const model = catalogModelOf(qwen.id)!;
  expect(model).toMatchObject({ webLlmOnly: true, name: 'Qwen3-0.6B-q4f16_1' });
  expect(model.source.library).toBe(libraryAddress(qwen));
  expect(catalogModelOf('other')).toBeUndefined();
  expect(model.source.base).toBe('https://huggingface.co/mlc-ai/Qwen3-0.6B-q4f16_1-MLC/resolve/main/');
});
