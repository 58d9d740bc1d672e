// docs/preflight.*.md, for a school's technician, are the interface's own words: written from the dictionary, and held to it.
// After a change of wording: npx vitest run --project unit src/app/text/docs.test.ts -u

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { en } from './en/dictionary.ts';
import { es, type Dictionary } from './es/dictionary.ts';
import { pt } from './pt/dictionary.ts';
import type { GpuFault, Platform, PreflightFault } from './texts.ts';

const FAULTS: PreflightFault[] = ['insecure-context', 'storage-missing'];
/** What the processor stands in for, where it has WebAssembly SIMD. */
const GPU_FAULTS: GpuFault[] = ['webgpu-missing', 'adapter-missing', 'limit-too-low'];
const PLATFORMS: Platform[] = ['windows', 'linux', 'chromeos', 'macos', 'other'];

function page(dictionary: Dictionary): string {
  const { preflight, machine } = dictionary;
  const lines = [`# ${preflight.title}`];
  const faults = (which: readonly PreflightFault[], level: string): void => {
    for (const fault of which) {
      lines.push('', `${level} ${preflight.faults[fault]}`);
      const ways = dictionary.ways[fault];
      const same = PLATFORMS.every((platform) => ways[platform].join() === ways.windows.join());
      for (const platform of same ? (['windows'] as const) : PLATFORMS) {
        lines.push('', ...(same ? [] : [`${level}# ${preflight.platforms[platform]}`, '']));
        ways[platform].forEach((way, i) => lines.push(`${i + 1}. ${way}`));
      }
    }
  };
  faults(FAULTS, '##');
  lines.push('', `# ${machine.slower}`, '', machine.processor, '', `## ${machine.waysToGpu}`);
  faults(GPU_FAULTS, '###');
  return `${lines.join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

it.each([
  ['es', es],
  ['pt', pt],
  ['en', en],
] as const)('docs/preflight.%s.md says what the interface says', async (language, dictionary) => {
  const file = path.resolve(import.meta.dirname, `../../../docs/preflight.${language}.md`);
  await expect(page(dictionary)).toMatchFileSnapshot(file);
});

it('docs/trust.md gives the promise in the words that the interface has for it', () => {
  const trust = readFileSync(path.resolve(import.meta.dirname, '../../../docs/trust.md'), 'utf8');
  for (const { settings } of [es, pt, en]) expect(trust).toContain(settings.privacyText);
});
