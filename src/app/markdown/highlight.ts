// Colours for finished code. The grammars are a chunk of their own, fetched with the first block in a language they know.

import type * as Grammars from './grammars.ts';
import type { HastNode } from './hast.ts';
import { MAX_HIGHLIGHT_CHARS } from './limits.ts';

/** What is told apart by look: few enough for two inks. */
export type Ink =
  'plain' | 'keyword' | 'string' | 'number' | 'comment' | 'name' | 'meta' | 'added' | 'removed';

export interface Stroke {
  ink: Ink;
  text: string;
}

/** Names that fences use -> the grammar's own. */
const LANGUAGES: Readonly<Record<string, string>> = {
  python: 'python',
  py: 'python',
  python3: 'python',
  javascript: 'javascript',
  js: 'javascript',
  jsx: 'javascript',
  mjs: 'javascript',
  node: 'javascript',
  typescript: 'typescript',
  ts: 'typescript',
  tsx: 'typescript',
  java: 'java',
  c: 'c',
  h: 'c',
  cpp: 'cpp',
  'c++': 'cpp',
  cc: 'cpp',
  hpp: 'cpp',
  arduino: 'cpp',
  html: 'xml',
  xml: 'xml',
  svg: 'xml',
  css: 'css',
  json: 'json',
  sql: 'sql',
  bash: 'bash',
  sh: 'bash',
  shell: 'bash',
  zsh: 'bash',
  r: 'r',
  markdown: 'markdown',
  md: 'markdown',
};

/** Name of the grammar for a fence's language, or null. */
export function grammarOf(language: string): string | null {
  const name = language.toLowerCase();
  return Object.hasOwn(LANGUAGES, name) ? (LANGUAGES[name] ?? null) : null;
}

export const canHighlight = (text: string, language: string): boolean =>
  text.length <= MAX_HIGHLIGHT_CHARS && grammarOf(language) !== null;

let loading: Promise<typeof Grammars> | null = null;

/** @returns strokes whose texts together are `text`; null where there is no grammar or the text is too long */
export async function highlight(text: string, language: string): Promise<Stroke[] | null> {
  const grammar = grammarOf(language);
  if (grammar === null || !canHighlight(text, language)) return null;
  loading ??= import('./grammars.ts').catch((error: unknown) => {
    loading = null; // offline before the chunk was cached: the next block tries again
    throw error;
  });
  const { tokens } = await loading;
  const strokes: Stroke[] = [];
  flatten(tokens(grammar, text), 'plain', strokes);
  return strokes;
}

function flatten(nodes: readonly HastNode[], ink: Ink, out: Stroke[]): void {
  for (const node of nodes) {
    if (node.type === 'text') {
      const text = node.value ?? '';
      const last = out.at(-1);
      if (last?.ink === ink) last.text += text;
      else out.push({ ink, text });
    } else flatten(node.children ?? [], inkOf(node) ?? ink, out);
  }
}

const INKS: Readonly<Record<string, Ink>> = {
  keyword: 'keyword',
  literal: 'keyword',
  'selector-tag': 'keyword',
  'template-tag': 'keyword',
  built_in: 'name',
  type: 'name',
  title: 'name',
  class: 'name',
  function: 'name',
  section: 'name',
  name: 'keyword',
  tag: 'plain',
  attr: 'name',
  attribute: 'name',
  property: 'name',
  'selector-class': 'name',
  'selector-id': 'name',
  string: 'string',
  regexp: 'string',
  code: 'string',
  char: 'string',
  link: 'string',
  number: 'number',
  symbol: 'number',
  bullet: 'number',
  comment: 'comment',
  quote: 'comment',
  doctag: 'comment',
  meta: 'meta',
  subst: 'plain',
  addition: 'added',
  deletion: 'removed',
};

function inkOf(node: HastNode): Ink | null {
  const names: unknown = node.properties?.className;
  if (!Array.isArray(names)) return null;
  const name = String(names[0] ?? '').replace(/^hljs-/, '');
  return Object.hasOwn(INKS, name) ? (INKS[name] ?? null) : null;
}
