// What people read comes from the dictionary: no component has words of its own.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'svelte/compiler';
import { expect, it } from 'vitest';

const APP = path.resolve(import.meta.dirname, '..');
/** Attributes that are shown or read aloud. */
const SPOKEN = new Set([
  'alt',
  'aria-description',
  'aria-label',
  'aria-placeholder',
  'aria-roledescription',
  'label',
  'placeholder',
  'title',
]);
/** Names and units that are the same in every language; the line that Llama's licence asks for, in these words. */
const NAMES = /^(Yupana|Built with Llama|WebGPU|WebLLM|Hugging Face|JSON|tokens?\/s|MB|GB|ms|px)$/;

interface Node {
  type?: string;
  name?: string;
  data?: string;
  value?: unknown;
  start?: number;
}

const hasWords = (text: string): boolean =>
  text
    .replace(/&\w+;/g, ' ')
    .split(/\s{2,}|[·:|()]/)
    .some((part) => /\p{L}{2}/u.test(part) && !NAMES.test(part.trim()));

/** Literal texts of a component that a person would see or hear. */
export function literals(source: string): string[] {
  const found: string[] = [];
  const text = (value: unknown): string[] =>
    (Array.isArray(value) ? value : [value]).flatMap((part: Node | null) =>
      part?.type === 'Text' && hasWords(part.data ?? '') ? [(part.data ?? '').trim()] : [],
    );
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== 'object' || node === null) return;
    const { type, name, value } = node as Node;
    if (type === 'Attribute') {
      if (SPOKEN.has(name ?? '')) found.push(...text(value));
      return;
    }
    if (type === 'StyleDirective') return;
    if (type === 'Text') found.push(...text(node));
    for (const child of Object.values(node)) walk(child);
  };
  walk(parse(source, { modern: true }).fragment);
  return found;
}

const components = readdirSync(APP, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.svelte'),
);

it('finds words in markup and in what is read aloud, and nothing else', () => {
  expect(
    literals(
      '<script>const a = "no";</script><p class="no">Hola <b>{a}</b> Yupana</p><input placeholder="Escribe" id="no" />',
    ),
  ).toEqual(['Hola', 'Escribe']);
  expect(literals('<p>{t.a} · Yupana: 3 %</p><style>p { color: red }</style>')).toEqual([]);
});

it('no component has any', () => {
  expect(components.length).toBeGreaterThan(50);
  const found = components.flatMap((name) =>
    literals(readFileSync(path.join(APP, name), 'utf8')).map((text) => `${name}: ${text}`),
  );
  expect(found).toEqual([]);
});
