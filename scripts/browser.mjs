// Finds the browser the tests drive, installs one where there is none, and finds the software Vulkan it brings.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './install.mjs';

/** Chromium-family executables where systems put them, best known first. YUPANA_BROWSER comes before all. @returns {string[]} */
function candidates() {
  const home = os.homedir();
  const env = process.env;
  /** @type {Record<string, string[]>} */
  const places = {
    linux: [
      '/usr/lib/chromium/chromium',
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/opt/google/chrome/chrome',
      '/usr/bin/google-chrome',
      '/opt/microsoft/msedge/msedge',
    ],
    darwin: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ],
    win32: [env.ProgramFiles, env['ProgramFiles(x86)'], env.LOCALAPPDATA]
      .filter((base) => base !== undefined)
      .flatMap((base) => [
        path.join(base, 'Google/Chrome/Application/chrome.exe'),
        path.join(base, 'Microsoft/Edge/Application/msedge.exe'),
      ]),
  };
  return [env.YUPANA_BROWSER ?? '', ...(places[process.platform] ?? []), ...playwrightBrowsers(home)].filter(
    Boolean,
  );
}

/** @param {string} home @returns {string[]} */
function playwrightBrowsers(home) {
  const caches = [
    path.join(home, '.cache/ms-playwright'),
    path.join(home, 'Library/Caches/ms-playwright'),
    path.join(home, 'AppData/Local/ms-playwright'),
  ];
  const inside = [
    'chrome-linux/chrome',
    'chrome-linux64/chrome',
    'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
    'chrome-win/chrome.exe',
    'chrome-win64/chrome.exe',
  ];
  return caches
    .filter((cache) => existsSync(cache))
    .flatMap((cache) =>
      readdirSync(cache)
        .filter((name) => /^chromium-\d+$/.test(name))
        .flatMap((name) => inside.map((exe) => path.join(cache, name, exe))),
    );
}

/** Path of a Chromium-family browser, or null. */
export function findBrowser() {
  return candidates().find((exe) => existsSync(exe)) ?? null;
}

/** Finds a browser or installs one; throws in words where neither works. */
export function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('Installing a browser (apt-get install chromium) …');
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    spawnSync('apt-get', ['install', '-y', '-qq', 'chromium'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } else {
    console.log('Installing a browser (playwright install chromium) …');
    const cli = path.join(root, 'node_modules/playwright-core/cli.js');
    spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: 'inherit' });
  }
  const installed = findBrowser();
  if (installed) return installed;
  throw new Error(
    'No Chromium-family browser found and none could be installed. Install Chrome, Edge or Chromium, or name one in YUPANA_BROWSER.',
  );
}

/**
 * Environment under which Dawn in Node finds the SwiftShader that a Chromium-family browser brings, or null.
 * LD_LIBRARY_PATH is read when a process starts: it must be given to a new one.
 * @returns {Record<string, string> | null}
 */
export function softwareVulkan() {
  if (process.platform !== 'linux') return null; // Direct3D and Metal have their own adapters
  const folders = candidates().map((exe) => path.dirname(exe));
  const dir = folders.find((folder) => existsSync(path.join(folder, 'vk_swiftshader_icd.json')));
  if (!dir) return null;
  const before = process.env.LD_LIBRARY_PATH;
  return {
    VK_ICD_FILENAMES: path.join(dir, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: before ? `${dir}${path.delimiter}${before}` : dir,
  };
}
