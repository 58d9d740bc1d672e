// The second real browser of the tests, where it is installed: Firefox, with WebGPU on lavapipe where it has no GPU.

import { existsSync } from 'node:fs';
import { lavapipe } from './lavapipe.mjs';

const PLACES = [
  process.env.YUPANA_FIREFOX ?? '',
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
];

/** Path of a Firefox, or undefined. */
export function findFirefox() {
  return PLACES.find((place) => place !== '' && existsSync(place));
}

/** @returns {{ executablePath: string, env: Record<string, string> } | { why: string }} why it cannot be driven here */
export function firefoxRig() {
  const executablePath = findFirefox();
  if (!executablePath) return { why: 'no Firefox is installed' };
  if (process.platform !== 'linux') return { executablePath, env: {} };
  const rig = lavapipe();
  return 'why' in rig ? { why: `no adapter for Firefox: ${rig.why}` } : { executablePath, env: rig.env };
}
