import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LIST, listText, webLlmModels } from './web-llm-models.mjs';

test('the list in the repository is the one of the installed package', () => {
  expect(readFileSync(LIST, 'utf8')).toBe(listText());
});

test('it names models that only WebLLM runs, with plain library names', () => {
  const { models } = webLlmModels();
  expect(models.length).toBeGreaterThan(60);
  expect(models.filter(({ llama }) => !llama).length).toBeGreaterThan(30);
  for (const { id, repository, library, memory } of models) {
    expect(id).toMatch(/^[A-Za-z0-9._-]+$/);
    expect(repository).toBe(`mlc-ai/${id}`);
    expect(library).toMatch(/^[A-Za-z0-9._-]+\.wasm$/);
    expect(memory).toBeGreaterThan(2 ** 27);
  }
});
