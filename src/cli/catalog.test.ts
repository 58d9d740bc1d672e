import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMIT, pageFetch, startHub } from '../../tests/host/hub.ts';
import type { Hub } from '../../tests/host/hub.ts';
import { HOST } from '../download/host.ts';
import type { FoundModel } from '../format/model-source.ts';
import { inspectModel } from '../download/inspect.ts';
import { checkCatalog } from './catalog.ts';
import type { CatalogEntry } from './catalog.ts';

const folder = new URL('../../tests/golden/gqa-tied/hf/', import.meta.url);
const encode = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
const files: Record<string, Uint8Array> = {
  ...Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder))])),
  'tokenizer.json': encode({ model: {} }),
};
const host = { ...HOST, fetch: pageFetch, attempts: 2, wait: () => Promise.resolve() };

let hub: Hub;
let found: FoundModel;
beforeAll(async () => {
  hub = await startHub({
    'o/n': { files, licence: 'apache-2.0', language: ['es', 'pt'] },
    'o/old': { files: {}, renamedTo: 'o/n' },
  });
  found = await inspectModel(host, `${hub.url}/o/n`);
});
afterAll(() => hub.close());

async function check(change: Partial<CatalogEntry>, card = 'from o/n and o/old'): Promise<string[]> {
  const { bytes, bytesOnDisk, parameters, contextWindow, format, scheme } = found;
  const entry: CatalogEntry = {
    ...{ id: 'n', repository: 'o/n', bytes, bytesOnDisk, parameters, contextWindow, format, scheme },
    ...{ bytesAbout: true, languages: ['es', 'pt'], license: 'Apache-2.0', card: 'n.md' },
    ...change,
  };
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const wrong = await checkCatalog([entry], () => Promise.resolve(card), { host, hub: hub.url, say });
  expect(wrong).toBe(lines.some((line) => line.includes('as its host says')) ? 0 : 1);
  return lines;
}

test('an entry as its host says', async () => {
  expect(await check({})).toEqual([`n: as its host says, at ${COMMIT}`]);
  expect(await check({ bytes: Math.round(found.bytes * 1.01) })).toHaveLength(1);
});

test.each<[string, () => Partial<CatalogEntry>, RegExp]>([
  ['half of the bytes', () => ({ bytes: found.bytes / 2 }), /^n: bytes: \d+ here, \d+ there$/],
  ['a size that is pinned', () => ({ bytes: found.bytes + 1, bytesAbout: false }), /^n: bytes: /],
  ['parameters', () => ({ parameters: 1 }), /^n: parameters: 1 here, /],
  ['the context', () => ({ contextWindow: 1 }), /^n: contextWindow: 1 here, /],
  ['a licence', () => ({ license: 'MIT' }), /^n: license: MIT here, apache-2.0 there$/],
  ['a language too many', () => ({ languages: ['es', 'en'] }), /^n: languages: en here, es, pt there$/],
  ['another name', () => ({ repository: 'o/old' }), /^n: repository: o\/old here, o\/n there$/],
  ['no such repository', () => ({ repository: 'o/none' }), /^n: repository-missing: /],
])('%s is said', async (_, change, line) => {
  expect(await check(change())).toEqual([expect.stringMatching(line) as string]);
});

test('a card that names another repository is said', async () => {
  expect(await check({}, 'from x/y')).toEqual(['n: card: n.md does not name the repository']);
});
