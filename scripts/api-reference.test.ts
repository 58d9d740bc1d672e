import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { apiReference, REFERENCE } from './api-reference.mjs';

test('docs/api.md says what the types say: after changing them, node scripts/api-reference.mjs', () => {
  const reference = apiReference();
  for (const name of ['createEngine', 'createWorkerEngine', 'serveEngine', 'YupanaEngine', 'EngineError']) {
    expect(reference).toMatch(new RegExp(`^### ${name}$`, 'm'));
  }
  expect(reference).toContain('| `model-not-loaded` |');
  expect(reference).toBe(readFileSync(REFERENCE, 'utf8'));
});
