// The licences of the packages whose code is in the library's modules, as each asks to be told of.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The folder of the package that a module is of, or undefined for our own. @param {string} module */
function packageOf(module) {
  const file = module.replace(/^\0/, '').replace(/\?.*$/, '').replaceAll('\\', '/');
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

/**
 * @param {string[]} modules files that were bundled
 * Throws where a package has neither a licence's name nor its text: it may not be passed on.
 */
export async function noticesOf(modules) {
  const folders = [...new Set(modules.flatMap((module) => packageOf(module) ?? []))].toSorted();
  const parts = await Promise.all(
    folders.map(async (folder) => {
      const { name, version, license, author, homepage } = JSON.parse(
        await readFile(path.join(folder, 'package.json'), 'utf8'),
      );
      const texts = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
      if (!license && texts.length === 0) throw new Error(`${name} says nothing of its licence`);
      const by = typeof author === 'string' ? author : (author?.name ?? homepage ?? '');
      const read = await Promise.all(texts.map((file) => readFile(path.join(folder, file), 'utf8')));
      return [`${name} ${version} (${license})${by ? `, ${by}` : ''}`, ...read].join('\n\n');
    }),
  );
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  return `Code of these packages is in the modules of this library.${line}${parts.join(line)}\n`;
}
