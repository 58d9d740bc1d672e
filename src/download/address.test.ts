// Addresses as people write them.

import { describe, expect, it } from 'vitest';
import { readAddress } from './address.ts';

const HUB = 'https://huggingface.co/o/n.1/resolve/';

describe('the hub', () => {
  it.each([
    'o/n.1',
    ' o/n.1 ',
    'o / n.1',
    'o/n.1/',
    '"o/n.1"',
    '“o/n.1”',
    '«o/n.1»',
    "'o/n.1',",
    '`o/n.1`',
    '(o/n.1)',
    '<https://huggingface.co/o/n.1>',
    'o/n.1.git',
    '\u200bo/n.1\ufeff',
    'huggingface.co/o/n.1',
    'www.huggingface.co/o/n.1',
    'hf.co/o/n.1',
    'HuggingFace.co/o/n.1',
    'http://huggingface.co/o/n.1',
    'https://huggingface.co/o/n.1',
    'https://huggingface.co/o/n.1.',
    'https://huggingface.co/o/n.1/',
    'https://huggingface.co//o//n.1//',
    'https://huggingface.co:443/o/n.1',
    'https://hf.co/o/n.1',
    'https://huggingface.co/models/o/n.1',
    'https://huggingface.co/api/models/o/n.1',
    'https://huggingface.co/api/models/o/n.1?blobs=true',
    'https://huggingface.co/o/n.1?library=transformers',
    'https://huggingface.co/o/n.1#how-to-use',
    'https://huggingface.co/o/n.1/?a=1#b',
    'https://huggingface.co/o/n.1.git',
    'git@hf.co:o/n.1',
    'git@huggingface.co:o/n.1.git',
    'ssh://git@hf.co/o/n.1',
    'git clone https://huggingface.co/o/n.1',
    'hf download o/n.1',
    'huggingface-cli download o/n.1',
    'ollama run hf.co/o/n.1',
    '[Modelo](https://huggingface.co/o/n.1)',
    'hf://o/n.1',
    'hf://models/o/n.1',
    'hf:o/n.1',
    'https://huggingface.co/o/n.1/tree/main',
    'https://huggingface.co/o/n.1/tree/main/',
    'https://huggingface.co/o/n.1/tree/main?show_file_info=model.safetensors',
    'https://huggingface.co/o/n.1/resolve/main',
    'https://huggingface.co/o/n.1/commits/main',
    'https://huggingface.co/o/n.1/discussions/12',
    'https://huggingface.co/o/n.1/discussions',
  ])('%s', (text) => {
    expect(readAddress(text)).toEqual({ name: 'o/n.1', bases: [`${HUB}main/`] });
  });

  it.each([
    ['o/n.1@v2', 'v2'],
    ['o/n.1@0123abc', '0123abc'],
    ['hf://o/n.1@v2', 'v2'],
    ['https://huggingface.co/o/n.1@v2', 'v2'],
    ['https://huggingface.co/o/n.1/tree/v2', 'v2'],
    [`https://huggingface.co/o/n.1/commit/${'a'.repeat(40)}`, 'a'.repeat(40)],
    ['https://huggingface.co/o/n.1/tree/refs%2Fpr%2F7', 'refs%2Fpr%2F7'],
    ['https://huggingface.co/o/n.1/tree/refs/pr/7', 'refs%2Fpr%2F7'],
    ['o/n.1@refs/pr/7', 'refs%2Fpr%2F7'],
  ])('%s, at a revision', (text, revision) => {
    expect(readAddress(text)).toEqual({ name: 'o/n.1', bases: [`${HUB}${revision}/`] });
  });

  it.each<[string, object]>([
    [
      'https://huggingface.co/o/n.1/tree/main/sub/q4',
      { name: 'o/n.1/sub/q4', bases: [`${HUB}main/sub/q4/`] },
    ],
    ['https://huggingface.co/o/n.1/tree/v2/sub%20a', { name: 'o/n.1/sub a', bases: [`${HUB}v2/sub%20a/`] }],
    ['hf://o/n.1/sub', { name: 'o/n.1/sub', bases: [`${HUB}main/sub/`] }],
    ['o/n.1/sub', { name: 'o/n.1/sub', bases: [`${HUB}main/sub/`] }],
    ['o/n.1@v2/sub/', { name: 'o/n.1/sub', bases: [`${HUB}v2/sub/`] }],
    [
      'https://huggingface.co/o/n.1/blob/main/config.json',
      { name: 'o/n.1', bases: [`${HUB}main/`], file: 'config.json' },
    ],
    [
      'https://huggingface.co/o/n.1/resolve/main/n-Q4_K_M.gguf?download=true',
      { name: 'o/n.1', bases: [`${HUB}main/`], file: 'n-Q4_K_M.gguf' },
    ],
    [
      'https://huggingface.co/o/n.1/raw/main/sub/config.json',
      { name: 'o/n.1/sub', bases: [`${HUB}main/sub/`], file: 'config.json' },
    ],
    ['hf://o/n.1/n.gguf', { name: 'o/n.1', bases: [`${HUB}main/`], file: 'n.gguf' }],
    ['o/n.1:Q4_K_M', { name: 'o/n.1', bases: [`${HUB}main/`], tag: 'Q4_K_M' }],
    ['ollama run hf.co/o/n.1:Q8_0', { name: 'o/n.1', bases: [`${HUB}main/`], tag: 'Q8_0' }],
  ])('%s, a part of it', (text, expected) => {
    expect(readAddress(text)).toEqual(expected);
  });

  it.each([
    ['https://huggingface.co/datasets/o/n', 'dataset'],
    ['datasets/o/n', 'dataset'],
    ['hf://datasets/o/n', 'dataset'],
    ['https://huggingface.co/api/datasets/o/n', 'dataset'],
    ['hf.co/spaces/o/n', 'space'],
    ['https://huggingface.co/collections/o/n-0123', 'collection'],
    ['https://huggingface.co/papers/2502.08489', 'paper'],
    ['https://huggingface.co/latam-gpt', 'account'],
    ['https://huggingface.co/models', 'page'],
    ['https://huggingface.co/models?search=latam', 'page'],
    ['https://huggingface.co/docs/hub/models', 'page'],
    ['https://huggingface.co/blog/o/n', 'page'],
  ])('%s is no model but a %s', (text, kind) => {
    expect(() => readAddress(text)).toThrow(
      expect.objectContaining({
        reason: 'address-other',
        details: expect.objectContaining({ kind }) as object,
      }),
    );
  });
});

describe('other servers', () => {
  it.each<[string, string, string[]]>([
    ['https://escuela.example/m/a', 'm/a', ['m/a/resolve/main/', 'm/a/']],
    ['https://escuela.example/m/a/', 'm/a', ['m/a/resolve/main/', 'm/a/']],
    ['escuela.example/m/a', 'm/a', ['m/a/resolve/main/', 'm/a/']],
    ['<https://escuela.example/m/a>', 'm/a', ['m/a/resolve/main/', 'm/a/']],
    ['https://escuela.example/m/a?x=1#y', 'm/a', ['m/a/resolve/main/', 'm/a/']],
    ['https://escuela.example/m/a.git', 'm/a', ['m/a/resolve/main/', 'm/a.git/']],
    ['https://escuela.example/m/a@v2', 'm/a', ['m/a/resolve/v2/']],
    ['https://escuela.example/m/a/tree/v2/sub', 'm/a/sub', ['m/a/resolve/v2/sub/']],
    ['https://escuela.example/x/y/z', 'escuela.example/x/y/z', ['x/y/z/']],
    ['https://escuela.example/modelos', 'escuela.example/modelos', ['modelos/']],
    ['escuela.example/modelos', 'escuela.example/modelos', ['modelos/']],
    ['https://escuela.example/a%20b/c/d/', 'escuela.example/a b/c/d', ['a%20b/c/d/']],
    ['https://escuela.example', 'escuela.example', ['']],
  ])('%s', (text, name, paths) => {
    expect(readAddress(text)).toEqual({
      name,
      bases: paths.map((path) => `https://escuela.example/${path}`),
    });
  });

  it.each([
    ['http://localhost:81/z/', 'localhost:81/z', 'http://localhost:81/z/'],
    ['localhost:81/z', 'localhost:81/z', 'http://localhost:81/z/'],
    ['http://127.0.0.1:81/x/y/z', '127.0.0.1:81/x/y/z', 'http://127.0.0.1:81/x/y/z/'],
  ])('%s, this machine', (text, name, base) => {
    expect(readAddress(text)).toEqual({ name, bases: [base] });
  });

  it.each([
    ['https://escuela.example/x/y/z/m.gguf', 'escuela.example/x/y/z', 'x/y/z/', 'm.gguf'],
    ['https://escuela.example/m.gguf?download=1', 'escuela.example', '', 'm.gguf'],
    ['https://escuela.example/m/config.json', 'escuela.example/m', 'm/', 'config.json'],
  ])('%s, a file', (text, name, path, file) => {
    expect(readAddress(text)).toEqual({ name, bases: [`https://escuela.example/${path}`], file });
  });
});

describe('refused', () => {
  it.each([
    '',
    '   ',
    'tucano',
    'a b/c',
    '<>',
    'http://escuela.example/m/',
    'ftp://x/y',
    'https://u:p@x.example/y',
    'https://huggingface.co/',
    'huggingface.co',
    'hf://',
    'javascript:alert(1)',
    'data:text/html,x/y',
    'file:///home/x/y',
    'o/n@',
    'o/..',
    'o/n/../../x',
    'o/n/tree/main/%2e%2e/x',
    '%/n',
    'x'.repeat(2_000),
    ' '.repeat(2_000),
  ])('%s', (text) => {
    expect(() => readAddress(text)).toThrow(expect.objectContaining({ reason: 'address-invalid' }) as Error);
  });
});
