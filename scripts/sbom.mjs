// `node scripts/sbom.mjs [file]`: what the app is made of beside our own code, as CycloneDX, by npm itself. The same tree gives the
// same bytes. Ends with status 1 where a licence is not one of those that may be passed on with the app.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './install.mjs';

/**
 * @typedef {{ name: string, version: string, licenses?: { license?: { id?: string, name?: string }, expression?: string }[] }} Component
 * @typedef {{ serialNumber?: string, metadata: { timestamp?: string, component: Record<string, unknown> }, components: Component[] }} Bom
 */

/** May be passed on in source and in builds, with their notices. */
export const PERMISSIVE = new Set([
  'Apache-2.0',
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'CC0-1.0',
  'Unlicense',
]);

/** Without what differs from run to run and from folder to folder. */
export function tidy(/** @type {Bom} */ bom, /** @type {string} */ name) {
  const metadata = { ...bom.metadata, timestamp: undefined, component: { ...bom.metadata.component, name } };
  return { ...bom, serialNumber: undefined, metadata };
}

/** Components under none of the licences: "A OR B" needs one of them, "A AND B" both. */
export function notPermissive(/** @type {Component[]} */ components) {
  return components.filter(({ licenses = [] }) => {
    const texts = licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? '');
    const held = (/** @type {string} */ text) =>
      text
        .replace(/[()]/g, '')
        .split(' AND ')
        .every((part) => part.split(' OR ').some((id) => PERMISSIVE.has(id.trim())));
    return texts.length === 0 || !texts.every(held);
  });
}

/** Of what runs in the app: nothing that only builds or tests it. */
export function bomOf() {
  const { name } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'];
  const shell = process.platform === 'win32';
  const text = execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20, shell });
  return tidy(JSON.parse(text), name);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const bom = bomOf();
  const file = path.resolve(process.argv[2] ?? path.join(root, 'dist/sbom.cdx.json'));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(bom, null, 1)}\n`);
  const refused = notPermissive(bom.components);
  console.log(
    `${file}: ${bom.components.length} components, ${refused.length} under a licence that is not permissive`,
  );
  for (const { name, version, licenses } of refused)
    console.error(`${name}@${version}: ${JSON.stringify(licenses ?? 'none')}`);
  process.exitCode = refused.length > 0 ? 1 : 0;
}
