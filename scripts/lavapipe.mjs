// A second software adapter for kernel tests: Mesa's lavapipe 25 (shader-f16, subgroups of 8), several times faster than
// SwiftShader. Debian 12's own Mesa is refused by Dawn; its backports suite, on the mirror already configured, has a newer
// one. It is unpacked under .cache, never installed. Where that is not possible the rig is absent, and says why.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { softwareVulkan } from './browser.mjs';
import { root } from './install.mjs';

const PACKAGES = ['mesa-vulkan-drivers', 'libdrm2', 'libdrm-amdgpu1', 'libdrm-common'];
const home = path.join(root, '.cache', 'lavapipe');

/** First mirror of the running system's apt sources. @returns {string | null} */
function mirror() {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((f) => path.join(folder, f)) : []),
  ];
  for (const file of files.filter((f) => /\.(list|sources)$/.test(f) && existsSync(f))) {
    const found = /^(?:URIs:\s*|deb\s+(?:\[[^\]]*\]\s+)?)(\S+)/m.exec(readFileSync(file, 'utf8'));
    if (found?.[1] && /debian\/?$/.test(found[1])) return found[1];
  }
  return null;
}

/**
 * Environment for a process whose Dawn is to find lavapipe.
 * @returns {{ env: Record<string, string> } | { why: string }}
 */
export function lavapipe() {
  const lib = path.join(
    home,
    'unpacked/usr/lib',
    `${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu`,
  );
  const icd = path.join(home, 'icd.json');
  if (!existsSync(icd)) {
    const why = fetchMesa(lib, icd);
    if (why) return { why };
  }
  // The Vulkan loader itself: the system's, or the one that comes with the browser.
  const loader = softwareVulkan()?.LD_LIBRARY_PATH;
  return { env: { VK_ICD_FILENAMES: icd, LD_LIBRARY_PATH: loader ? `${lib}:${loader}` : lib } };
}

/** @param {string} lib @param {string} icd @returns {string | null} why it cannot be had */
function fetchMesa(lib, icd) {
  if (process.platform !== 'linux' || !existsSync('/etc/os-release')) return 'not a Linux system';
  const release = readFileSync('/etc/os-release', 'utf8');
  const codename = /VERSION_CODENAME=(\w+)/.exec(release)?.[1];
  if (!/^ID=debian$/m.test(release) || codename !== 'bookworm')
    return 'not Debian 12, whose backports have it';
  const uri = mirror();
  if (!uri) return 'no Debian mirror in the apt sources';

  rmSync(home, { recursive: true, force: true });
  for (const dir of ['parts', 'lists/partial', 'cache/archives/partial', 'debs', 'unpacked']) {
    mkdirSync(path.join(home, dir), { recursive: true });
  }
  writeFileSync(
    path.join(home, 'parts/backports.sources'),
    `Types: deb\nURIs: ${uri}\nSuites: ${codename}-backports\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n`,
  );
  const apt = [
    '-qq',
    ...[
      'Dir::Etc::sourcelist=/dev/null',
      `Dir::Etc::sourceparts=${home}/parts`,
      `Dir::State::lists=${home}/lists`,
    ]
      .concat(`Dir::Cache=${home}/cache`, 'APT::Sandbox::User=root', 'Debug::NoLocking=1')
      .flatMap((option) => ['-o', option]),
  ];
  /** @param {string[]} args */
  const run = (args) =>
    spawnSync('apt-get', [...apt, ...args], { cwd: path.join(home, 'debs'), encoding: 'utf8' });
  const update = run(['update']);
  if (update.status !== 0) return `apt-get update of the backports suite failed: ${update.stderr.trim()}`;
  const download = run(['download', ...PACKAGES]);
  if (download.status !== 0) return `apt-get download failed: ${download.stderr.trim()}`;
  for (const deb of readdirSync(path.join(home, 'debs'))) {
    const { status } = spawnSync('dpkg', ['-x', path.join(home, 'debs', deb), path.join(home, 'unpacked')]);
    if (status !== 0) return `${deb} could not be unpacked`;
  }
  const library = path.join(lib, 'libvulkan_lvp.so');
  if (!existsSync(library)) return 'the package brought no libvulkan_lvp.so';
  const missing = spawnSync('ldd', [library], {
    encoding: 'utf8',
    env: { ...process.env, LD_LIBRARY_PATH: lib },
  });
  const lacks = [...missing.stdout.matchAll(/^\s*(\S+) => not found/gm)].map((m) => m[1]);
  if (lacks.length) return `libraries it needs are not on this system: ${lacks.join(', ')}`;
  const api = { file_format_version: '1.0.0', ICD: { library_path: library, api_version: '1.4.305' } };
  writeFileSync(icd, JSON.stringify(api));
  return null;
}
