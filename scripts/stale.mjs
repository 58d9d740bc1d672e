// Is what was built older than what it is built from?

import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { root } from './install.mjs';

/** Newest modification time (ms) of a file or of anything below a folder; 0 where there is none. @param {string} place @returns {number} */
function newest(place) {
  const info = statSync(place, { throwIfNoEntry: false });
  if (!info) return 0;
  if (!info.isDirectory()) return info.mtimeMs;
  return Math.max(info.mtimeMs, ...readdirSync(place).map((name) => newest(path.join(place, name))));
}

/**
 * @param {string} output file that a build leaves last, from the root
 * @param {string[]} sources files and folders, from the root
 */
export function isStale(output, sources) {
  const built = statSync(path.join(root, output), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return sources.some((source) => newest(path.join(root, source)) > built);
}
