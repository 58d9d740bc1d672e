import { brotliCompressSync } from 'node:zlib';
import { expect, it, vi } from 'vitest';
import { shellChunks, shellSize } from './shell-size.mjs';

const chunk = (fileName: string, imports: string[] = [], isEntry = false) => ({
  type: 'chunk',
  fileName,
  isEntry,
  imports,
  code: `export const ${fileName[0]} = "${fileName}";`,
});
const bundle = {
  'a.js': chunk('a.js', ['b.js'], true),
  'b.js': chunk('b.js', ['a.js', 'c.js']),
  'c.js': chunk('c.js'),
  'late.js': chunk('late.js', ['c.js']),
  'a.css': { type: 'asset', fileName: 'a.css' },
};

it('counts what the entry imports, and not what comes later', () => {
  const counted = shellChunks(bundle);
  expect(counted.map(({ fileName }) => fileName).sort()).toEqual(['a.js', 'b.js', 'c.js']);
  expect(counted.find(({ fileName }) => fileName === 'c.js')?.bytes).toBe(
    brotliCompressSync(bundle['c.js'].code).length,
  );
});

it('counts the largest of the languages, since one is loaded before the first paint', () => {
  const language = (code: string, words: string) => ({
    ...chunk(`${code}.js`, ['c.js']),
    facadeModuleId: `/src/app/text/${code}/dictionary.ts`,
    code: words,
  });
  const files = {
    ...bundle,
    'es.js': language('es', 'export const es = 1'),
    'pt.js': language('pt', '"palavras e mais palavras"'),
  };
  expect(
    shellChunks(files)
      .map(({ fileName }) => fileName)
      .sort(),
  ).toEqual(['a.js', 'b.js', 'c.js', 'pt.js']);
});

it('fails a build beyond the budget, and says by how much', () => {
  vi.spyOn(console, 'log').mockReturnValue();
  const total = shellChunks(bundle).reduce((sum, { bytes }) => sum + bytes, 0);
  const build = (budget: number): void => {
    const hook = shellSize(budget).generateBundle as unknown as {
      handler: (this: { error: (message: string) => never }, options: unknown, bundle: unknown) => void;
    };
    hook.handler.call(
      {
        error: (message) => {
          throw new Error(message);
        },
      },
      {},
      bundle,
    );
  };
  expect(() => build(total)).not.toThrow();
  expect(() => build(total - 1)).toThrow('the shell is 1 bytes of Brotli beyond its budget');
});
