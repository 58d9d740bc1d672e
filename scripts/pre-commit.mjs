// What a commit would take in, linted and checked for its form: `npm run hooks` has git call this before each commit, and
// `npm run hooks -- off` ends that. Judged is what is staged; a file that was changed again after it was staged is refused.

import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from './install.mjs';

const HOOKS = 'scripts/hooks';
/** @param {string[]} args */
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' });
/** Names that git lists, whatever is in them. @param {string[]} args */
const names = (...args) =>
  git(...args, '-z')
    .split('\0')
    .filter(Boolean);

// `npm run hooks` gives "on"; what a person adds comes behind it.
const wish = process.argv.at(-1);
if (wish === 'on' || wish === 'off') {
  const on = wish === 'on';
  spawnSync('git', ['config', ...(on ? ['core.hooksPath', HOOKS] : ['--unset', 'core.hooksPath'])], {
    cwd: root,
  });
  console.log(
    on
      ? 'From now on a commit is linted and checked for its form first; "npm run hooks -- off" ends that, "git commit --no-verify" skips it once.'
      : 'Commits are no longer checked.',
  );
  process.exit(0);
}

const staged = names('diff', '--cached', '--name-only', '--diff-filter=ACMR');
const half = new Set(names('diff', '--name-only'));
const both = staged.filter((name) => half.has(name));
if (both.length > 0) {
  console.error(
    `pre-commit: changed again after "git add", so that what would be committed is not what is checked:\n  ${both.join('\n  ')}`,
  );
  process.exit(1);
}
/** @param {string} tool @param {string[]} args */
const passes = (tool, ...args) =>
  spawnSync(process.execPath, [path.join(root, 'node_modules', tool), ...args], {
    cwd: root,
    stdio: 'inherit',
  }).status === 0;
const code = staged.filter((name) => /\.(ts|mjs|js|svelte)$/.test(name));
const linted = code.length === 0 || passes('eslint/bin/eslint.js', '--no-warn-ignored', ...code);
const formed =
  staged.length === 0 ||
  passes('prettier/bin/prettier.cjs', '--check', '--ignore-unknown', '--log-level', 'warn', ...staged);
if (!formed) console.error('pre-commit: "npm run format" writes them as they should be.');
process.exitCode = linted && formed ? 0 : 1;
