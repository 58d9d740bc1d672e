// What the lanes of a test run reported, added up: plain figures in, lines out.

import { readFileSync } from 'node:fs';

/**
 * @typedef {{ file: string, seconds: number }} FileTime
 * @typedef {{ file: string, test: string, message: string }} Failure
 * @typedef {{ passed: number, failed: number, skipped: number, files: FileTime[], failures: Failure[] }} Totals
 */

/** @returns {Totals} */
export const nothing = () => ({ passed: 0, failed: 0, skipped: 0, files: [], failures: [] });

/**
 * A lane's report. One that is missing, unreadable or at odds with how its process ended counts as a failure: a process that
 * was killed must never pass for one without tests.
 * @param {string} lane @param {string} place @param {number | null} status the process's exit code
 * @returns {Totals}
 */
export function readReport(lane, place, status) {
  /** @param {string} message @param {Totals} totals @returns {Totals} */
  const withFailure = (message, totals) => ({
    ...totals,
    failed: totals.failed + 1,
    failures: [...totals.failures, { file: lane, test: 'the lane itself', message }],
  });
  let totals;
  try {
    totals = /** @type {Totals} */ (JSON.parse(readFileSync(place, 'utf8')));
  } catch {
    return withFailure(`left no report, exit code ${status ?? 'none (killed)'}`, nothing());
  }
  if (status !== 0 && totals.failed === 0)
    return withFailure(`ended with exit code ${status ?? 'none (killed)'}`, totals);
  return totals;
}

/** @param {readonly Totals[]} parts @returns {Totals} */
export const addUp = (parts) => ({
  passed: parts.reduce((sum, { passed }) => sum + passed, 0),
  failed: parts.reduce((sum, { failed }) => sum + failed, 0),
  skipped: parts.reduce((sum, { skipped }) => sum + skipped, 0),
  files: parts.flatMap(({ files }) => files),
  failures: parts.flatMap(({ failures }) => failures),
});

/** The last line of a run; what reads it wants it alone on its line. @param {Totals} totals */
export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;

/** @param {readonly FileTime[]} files @param {number} count @returns {string[]} */
export const slowest = (files, count) =>
  [...files]
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, count)
    .map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}`);

/** @param {readonly Failure[]} failures @returns {string[]} */
export const failureLines = (failures) =>
  failures.map(({ file, test, message }) => `FAIL ${file} > ${test}\n     ${message.split('\n')[0]}`);
