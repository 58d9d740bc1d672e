// Who may import whom (the table of the README's layout), as an ESLint rule, so that it sees .ts and .svelte alike.

import path from 'node:path';

/** Room -> rooms it may import, apart from itself, src/engine.ts, src/failures.ts and src/form-faults.ts. The longest matching room owns a file. */
export const ROOMS = {
  llama: [],
  tokenizer: [],
  // What the classroom computes without a model: pure.
  aula: [],
  format: ['llama'],
  convert: ['format', 'llama'],
  gpu: ['format', 'llama'],
  engines: ['gpu', 'format', 'llama', 'tokenizer'],
  // How good a model is: over the seam, for page, worker and command line.
  evaluate: [],
  storage: ['format'],
  download: ['storage', 'format', 'convert'],
  // The threads' composition roots and what runs in them. What sees what people write never imports what fetches.
  threads: ['engines', 'gpu', 'storage', 'format', 'wire'],
  'threads/download.ts': ['threads', 'download', 'convert', 'storage', 'format', 'wire', 'models'],
  'threads/race-engine.ts': ['threads', 'engines', 'storage', 'race'],
  // What crosses between threads: protocols, clients, and what both ends share. The page sees this much of a thread.
  wire: ['format'],
  api: ['wire', 'engines', 'gpu', 'format', 'storage', 'download'],
  app: ['wire', 'storage', 'models', 'aula'],
  // The race's page: never part of the app.
  race: ['wire'],
  cli: [
    'llama',
    'tokenizer',
    'format',
    'convert',
    'gpu',
    'engines',
    'evaluate',
    'storage',
    'download',
    'wire',
    'api',
    'race',
    'scripts',
  ],
};

/** Packages that only these rooms may import; packages not named here are free. */
const PACKAGES = {
  svelte: ['app'],
  '@mlc-ai/web-llm': ['engines', 'race', 'scripts'],
  '@mlc-ai/web-xgrammar': ['engines'],
  '@wllama/wllama': ['race'],
  '@huggingface/tokenizers': ['tokenizer'],
  '@huggingface/jinja': ['tokenizer'],
  'idb-keyval': ['storage'],
  'workbox-window': ['app'],
  'hash-wasm': ['download', 'cli', 'convert'],
  webgpu: ['cli'],
};

/** @param {string} file path from the repository's root, with forward slashes */
export function roomOf(file) {
  for (const outside of ['models', 'scripts']) if (file.startsWith(`${outside}/`)) return outside;
  if (!file.startsWith('src/')) return null;
  const inside = file.slice('src/'.length);
  if (['engine.ts', 'failures.ts', 'form-faults.ts'].includes(inside)) return 'seam';
  if (inside in ROOMS) return inside;
  const top = inside.split('/')[0] ?? '';
  return top in ROOMS ? top : inside.includes('/') ? `unknown room ${top}` : 'root';
}

/**
 * Why `file` may not import `target`, or null where it may.
 * @param {string} file importing file, from the root
 * @param {string} target specifier as written
 */
export function wrongArrow(file, target) {
  const from = roomOf(file);
  if (from === null || ['root', 'models', 'scripts'].includes(from) || /\.test\.ts$/.test(file)) return null;
  const name = target.replace(/\?.*$/, '');
  if (!name.startsWith('.')) {
    if (name.startsWith('node:'))
      return from === 'cli' ? null : `node: modules are for cli, scripts and tests, not ${from}`;
    const pkg = name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : (name.split('/')[0] ?? name);
    const owners = /** @type {Record<string, string[]>} */ (PACKAGES)[pkg];
    return !owners || owners.includes(from)
      ? null
      : `package ${pkg} is for ${owners.join(', ')}, not ${from}`;
  }
  // A worker's URL is no import of its code: the page needs it to start the thread.
  if (/\?worker&url$/.test(target))
    return ['app', 'api', 'race'].includes(from) ? null : `${from} starts no workers`;
  const to = roomOf(path.posix.join(path.posix.dirname(file), name));
  if (to === from || to === 'seam') return null;
  const allowed = /** @type {Record<string, string[]>} */ (ROOMS)[from];
  if (!allowed) return `${from}: not a room of the house`;
  if (to !== null && allowed.includes(to)) return null;
  return `${from} may not import ${to ?? name}`;
}

/** @type {import('eslint').Rule.RuleModule} */
export const rooms = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    /** @param {any} node */
    const check = (node) => {
      const target = node.source;
      if (target?.type !== 'Literal' || typeof target.value !== 'string') return;
      const why = wrongArrow(file, target.value);
      if (why) context.report({ node: target, message: `Wrong arrow: ${why}.` });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      TSImportType: check,
    };
  },
};
