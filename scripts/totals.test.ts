import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addUp, closingLine, nothing, readReport, slowest } from './totals.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'yupana-totals-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const report = (name: string, content: string): string => {
  const place = path.join(folder, name);
  writeFileSync(place, content);
  return place;
};

it('adds up what the lanes reported', () => {
  const a = { ...nothing(), passed: 3, skipped: 1, files: [{ file: 'a.test.ts', seconds: 2 }] };
  const b = { ...nothing(), passed: 2, failed: 1, files: [{ file: 'b.test.ts', seconds: 12.34 }] };
  const sum = addUp([a, b]);
  expect(closingLine(sum)).toBe('5 passed, 1 failed, 1 skipped');
  expect(closingLine(b)).toBe('2 passed, 1 failed');
  expect(slowest(sum.files, 1)).toEqual(['   12.3 s  b.test.ts']);
});

it('counts a lane without a report as a failure, whatever its exit code', () => {
  for (const status of [0, 1, null]) {
    const totals = readReport('e2e', path.join(folder, 'none.json'), status);
    expect(totals.failed).toBe(1);
    expect(totals.failures[0]?.message).toContain('left no report');
  }
  expect(readReport('e2e', report('half.json', '{"passed": 3,'), 0).failed).toBe(1);
});

it('counts a lane that ends badly as a failure where none of its tests failed', () => {
  const place = report('good.json', JSON.stringify({ ...nothing(), passed: 9 }));
  expect(readReport('unit', place, 0)).toMatchObject({ passed: 9, failed: 0 });
  expect(readReport('unit', place, 1)).toMatchObject({ passed: 9, failed: 1 });
  expect(readReport('unit', place, null)).toMatchObject({ passed: 9, failed: 1 });
});
