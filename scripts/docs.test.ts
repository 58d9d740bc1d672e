// What the documents point at is there: files that they name, and pages that they link to.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from './install.mjs';

const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(root, file)));
/** A changelog speaks of what was. */
const pages = tracked.filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md');
/** Made by a build or by who follows the instructions; examples; names that are not to be. */
const MADE = /^(dist|dist-lib|dist-cli|assets|\.cache|\.ci)\/|\*|<|(^|\/)name\.|^(utils|index)\.ts$/;

const SOURCE = /`([\w@./{},-]+\.(?:ts|mjs|svelte|wgsl|md|svg))`/g;
const LINK = /\]\(([^)#\s]+)(?:#[^)]*)?\)/g;

/** `a/{b,c}.ts` names two. */
function spelledOut(name: string): string[] {
  const [whole, inside] = /\{([^}]*)\}/.exec(name) ?? [];
  if (whole === undefined || inside === undefined) return [name];
  return inside.split(',').flatMap((each) => spelledOut(name.replace(whole, each)));
}

const outsideCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '');

const ends = new Set(tracked.flatMap((file) => file.split('/').map((_, i, all) => all.slice(i).join('/'))));

test('every file that a page names exists, by its path or the end of it', () => {
  expect(pages.length).toBeGreaterThan(50);
  const missing = pages.flatMap((page) =>
    [...outsideCode(readFileSync(path.join(root, page), 'utf8')).matchAll(SOURCE)]
      .flatMap(([, name = '']) => spelledOut(name))
      .filter((name) => !MADE.test(name) && !ends.has(path.posix.normalize(name).replace(/^(\.\.\/)+/, '')))
      .map((name) => `${page}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('every source or page that a comment names exists', () => {
  const sources = tracked.filter((file) => /^(src|scripts|tests)\/.*\.(ts|mjs|svelte|wgsl)$/.test(file));
  const missing = sources.flatMap((file) =>
    readFileSync(path.join(root, file), 'utf8')
      .split('\n')
      .filter((line) => /^\s*(\/\/|\*|\/\*)/.test(line))
      .flatMap((line) => [...line.matchAll(/(?<![\w./*{-])([\w-][\w./-]*\.(?:ts|mjs|svelte|wgsl|md))\b/g)])
      .map(([, name = '']) => name)
      .filter((name) => name !== 'apuntes.md' && !MADE.test(name) && !ends.has(path.posix.normalize(name)))
      .map((name) => `${file}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('every page that a page links to exists', () => {
  const missing = pages.flatMap((page) =>
    [...outsideCode(readFileSync(path.join(root, page), 'utf8')).matchAll(LINK)]
      .map(([, target = '']) => target)
      .filter(
        (target) => !/^[a-z]+:/.test(target) && !existsSync(path.join(root, path.dirname(page), target)),
      )
      .map((target) => `${page}: ${target}`),
  );
  expect(missing).toEqual([]);
});

test('a decision has a date, a line in the list, and when to change it', () => {
  const decisions = pages.filter((page) => /^docs\/decisions\/\d/.test(page));
  expect(decisions.length).toBeGreaterThan(30);
  const list = readFileSync(path.join(root, 'docs/decisions/README.md'), 'utf8');
  for (const page of decisions) {
    const text = readFileSync(path.join(root, page), 'utf8');
    expect(text, page).toMatch(/^Decided 20\d\d-\d\d-\d\d/m);
    expect(text, page).toMatch(/^## When to change it\n\n\S/m);
    expect(list, page).toContain(`(${path.basename(page)})`);
  }
});
