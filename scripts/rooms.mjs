// Who may import whom (the table of the README's layout), as an ESLint rule, so that it sees .ts and .svelte alike.

import path from 'node:path';

/** What any of the app's features may import. */
const FLOOR = ['app/kit', 'app/text', 'storage'];

/**
 * Room -> rooms it may import, apart from itself, src/engine.ts, src/failures.ts and src/form-faults.ts. The longest matching room
 * owns a file; one that has rooms of its own owns only the files directly in it.
 */
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
  // The page's and the service worker's composition roots.
  app: ['app/kit', 'app/text', 'app/features/machine', 'app/features/models', 'app/shell', 'wire'],
  // Languages and preferences: below every control, which is to say something.
  'app/text': ['storage'],
  'app/kit': ['app/text', 'storage'],
  'app/markdown': ['app/kit', 'app/text'],
  // A feature imports the features it shows; of all others it takes narrow interfaces in its create.ts and context.ts.
  'app/features/documents': FLOOR,
  'app/features/donate': FLOOR,
  'app/features/vault': FLOOR,
  'app/features/machine': [...FLOOR, 'wire'],
  'app/features/settings': [...FLOOR, 'app/features/vault', 'wire'],
  'app/features/models': [
    ...FLOOR,
    'app/markdown',
    'app/features/machine',
    'app/features/settings',
    'wire',
    'models',
  ],
  'app/features/chat': [
    ...FLOOR,
    'app/markdown',
    'app/features/documents',
    'app/features/donate',
    'app/features/vault',
    'app/features/settings',
    'app/features/models',
    'wire',
  ],
  // Puts the features together; nothing else sees all of the app.
  'app/shell': [
    ...FLOOR,
    'app/markdown',
    'app/features/documents',
    'app/features/donate',
    'app/features/vault',
    'app/features/machine',
    'app/features/settings',
    'app/features/models',
    'app/features/chat',
    'wire',
  ],
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
  'workbox-window': ['app/shell'],
  'hash-wasm': ['download', 'cli', 'convert'],
  webgpu: ['cli'],
};

/** @param {string} file path from the repository's root, with forward slashes */
export function roomOf(file) {
  for (const outside of ['models', 'scripts']) if (file.startsWith(`${outside}/`)) return outside;
  if (!file.startsWith('src/')) return null;
  const inside = file.slice('src/'.length);
  if (['engine.ts', 'failures.ts', 'form-faults.ts'].includes(inside)) return 'seam';
  if (!inside.includes('/')) return 'root';
  const parts = inside.split('/');
  for (let length = parts.length; length > 0; length--) {
    const room = parts.slice(0, length).join('/');
    if (!(room in ROOMS)) continue;
    return HALLS.has(room) && parts.length > length + 1
      ? `unknown room ${parts.slice(0, -1).join('/')}`
      : room;
  }
  return `unknown room ${parts[0]}`;
}

/** Rooms with rooms of their own. */
const HALLS = new Set(
  Object.keys(ROOMS).flatMap((room) =>
    /\.ts$/.test(room) || !room.includes('/') ? [] : [room.slice(0, room.indexOf('/'))],
  ),
);

/** A package is allowed to a room and to the rooms within it. @param {readonly string[]} owners @param {string} room */
const owns = (owners, room) => owners.some((owner) => room === owner || room.startsWith(`${owner}/`));

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
    return !owners || owns(owners, from) ? null : `package ${pkg} is for ${owners.join(', ')}, not ${from}`;
  }
  if (/\.css$/.test(name)) return null;
  // A worker's URL is no import of its code: the page needs it to start the thread.
  if (/\?worker&url$/.test(target))
    return owns(['app', 'api', 'race'], from) ? null : `${from} starts no workers`;
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
