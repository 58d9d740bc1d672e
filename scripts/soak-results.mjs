// The soak's figures as they are kept: tests/bench/results/soak.json, one entry a row whenever it was run last, and soak.md, the
// same as a table. Running some rows leaves the others as they are.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {{ name: string, what: string, rig: string, date: string, commit: string, runs: number, passed: number,
 *   seconds: number, figures: string[] }} Result
 */

/** @param {string} file @returns {Result[]} */
function earlier(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return JSON.parse(text).rows;
}

/** @param {Result} result */
function line({ name, what, rig, date, commit, runs, passed, seconds, figures }) {
  const cells = [
    name,
    what,
    `${passed} of ${runs} runs passed in ${seconds} s`,
    figures.join('; '),
    rig,
    `${date}, ${commit}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '/').replace(/\s+/g, ' ').trim()).join(' | ')} |`;
}

/** @param {readonly Result[]} rows */
export function soakPage(rows) {
  return [
    '# Soak',
    '',
    'The full counts of what `npm test` runs in short form (`npm run soak -- [row …] --save`): each row as it was run last, on the',
    'machine and commit it names. Software adapters: counts are the claim here, seconds are not. A row that is not here was not run.',
    '',
    '| row | what | result | figures | rig | when |',
    '|---|---|---|---|---|---|',
    ...rows.map(line),
    '',
  ].join('\n');
}

/**
 * Puts `results` in the place of earlier ones of the same name, in the order of `names`.
 * @param {string} folder @param {readonly Result[]} results @param {readonly string[]} names
 */
export function saveSoak(folder, results, names) {
  const file = path.join(folder, 'soak.json');
  const fresh = new Set(results.map(({ name }) => name));
  const rows = [...earlier(file).filter(({ name }) => !fresh.has(name)), ...results].sort(
    (a, b) => names.indexOf(a.name) - names.indexOf(b.name),
  );
  mkdirSync(folder, { recursive: true });
  for (const [ending, text] of [
    ['json', `${JSON.stringify({ rows }, null, 2)}\n`],
    ['md', soakPage(rows)],
  ]) {
    writeFileSync(path.join(folder, `soak.${ending}.partial`), text ?? '');
    renameSync(path.join(folder, `soak.${ending}.partial`), path.join(folder, `soak.${ending}`));
  }
}
