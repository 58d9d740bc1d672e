// Which test files run when. `npm test`: every `*.test.ts`, in short form. `npm run test:full`: what that leaves out, which is
// every `*.full.test.ts`, and again, in long form, the files that ask tests/host/tier.ts which form is wanted.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** For vitest's --exclude. */
export const FULL_ONLY = '**/*.full.test.ts';

/** Where the files of each vitest project lie. */
export const PROJECTS = { unit: ['src', 'scripts'], gpu: ['tests/gpu'], e2e: ['tests/e2e'] };

/**
 * Files of the full tier.
 * @param {string} root @param {keyof typeof PROJECTS} project
 * @returns {string[]} paths from the root, with slashes
 */
export function fullTier(root, project) {
  return PROJECTS[project]
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        `${folder}/${name}`.replaceAll('\\', '/'),
      ),
    )
    .filter(
      (name) =>
        name.endsWith('.full.test.ts') ||
        (name.endsWith('.test.ts') &&
          /from '[^']*\/host\/tier\.ts'/.test(readFileSync(path.join(root, name), 'utf8'))),
    )
    .sort();
}
