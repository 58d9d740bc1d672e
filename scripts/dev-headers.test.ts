import { expect, it } from 'vitest';
import { headersFor } from '../src/wire/headers.ts';
import { devHeaders } from './dev-headers.mjs';

const policy = (headers: Record<string, string>) => headers['Content-Security-Policy']?.split('; ') ?? [];

it('a page in development has the policy of the built one, and a nonce for styles', () => {
  const [dev, built] = [policy(devHeaders('/')), policy(headersFor('/'))];
  expect(dev.filter((directive) => !built.includes(directive))).toEqual(["style-src 'self' 'nonce-dev'"]);
  expect(dev).toHaveLength(built.length);
});

it('a worker in development may import its modules, and reaches no more than the built one', () => {
  for (const name of ['engine', 'engine-bench', 'engine-web-llm', 'download', 'pdf-thread']) {
    const dev = policy(devHeaders(`/src/any/${name}.ts?worker_file&type=module`));
    const built = policy(headersFor(`/assets/${name}-worker-x.js`));
    expect(built.length, name).toBeGreaterThan(1);
    for (const directive of dev.filter((directive) => !built.includes(directive)))
      expect(directive, name).toMatch(/^script-src [^;]*'self'$/);
    expect(dev.find((directive) => directive.startsWith('connect-src'))).toBe(
      built.find((directive) => directive.startsWith('connect-src')),
    );
  }
});

it('every other answer carries what the table says, and leaves its keeping to Vite', () => {
  const { 'Cache-Control': keeping, ...rest } = headersFor('/src/app/main.ts');
  expect(keeping).toBeDefined();
  expect(devHeaders('/src/app/main.ts?t=1')).toEqual(rest);
  expect(rest['Cross-Origin-Embedder-Policy']).toBe('require-corp');
});
