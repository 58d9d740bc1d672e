import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { saveSoak } from './soak-results.mjs';

const row = (name: string, commit: string) => ({
  name,
  what: `what ${name} is`,
  rig: '2 cores',
  date: '2026-01-31',
  commit,
  runs: 1,
  passed: 1,
  seconds: 5,
  figures: ['a | b', 'c'],
});

it('keeps the rows that were not run, in the order of the table', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'yupana-soak-'));
  const names = ['first', 'second', 'third'];
  try {
    saveSoak(folder, [row('third', 'one'), row('first', 'one')], names);
    saveSoak(folder, [row('second', 'two'), row('third', 'two')], names);
    const { rows } = JSON.parse(readFileSync(path.join(folder, 'soak.json'), 'utf8')) as {
      rows: { name: string; commit: string }[];
    };
    expect(rows.map(({ name, commit }) => [name, commit])).toEqual([
      ['first', 'one'],
      ['second', 'two'],
      ['third', 'two'],
    ]);
    const page = readFileSync(path.join(folder, 'soak.md'), 'utf8');
    expect(page).toContain(
      '| second | what second is | 1 of 1 runs passed in 5 s | a / b; c | 2 cores | 2026-01-31, two |',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
