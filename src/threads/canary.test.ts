import { expect, test } from 'vitest';
import { networkBlocked } from './canary.ts';

const OWN = 'https://yupana.example/assets/engine-worker-1.js';
const refuse = (): Promise<never> => Promise.reject(new TypeError('Failed to fetch'));

test.each<[string, (url: string) => Promise<unknown>, boolean]>([
  ['everything is refused', refuse, true],
  ['nothing is refused: no policy', () => Promise.resolve(), false],
  ['offline without a policy', (url) => (url === OWN ? refuse() : Promise.resolve()), false],
  ['the own origin is open', (url) => (url === OWN ? Promise.resolve() : refuse()), false],
])('%s', async (_, attempt, blocked) => {
  expect(await networkBlocked(attempt, OWN)).toBe(blocked);
});
