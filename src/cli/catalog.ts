// npm run -s catalog: what catalog and cards say against what the hosts say now. Asks for small files and headers only.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HOST } from '../download/host.ts';
import type { Host } from '../download/host.ts';
import { inspectModel } from '../download/inspect.ts';
import { EngineError } from '../failures.ts';
import type { FoundModel } from '../format/model-source.ts';
import { parseCommand, type CommandCall } from './command.ts';

export const HELP = `usage: catalog [--hub https://…] [--folder models]
Compares models/catalog.json and its cards with each repository's listing. Exit status 1 where something differs.
--hub     another host that has the repositories under the same names
--folder  where catalog.json and the cards are
`;

/** Sizes that nothing pins may differ by so much before they mislead. */
const ROUGH = 0.02;

export interface CatalogEntry {
  id: string;
  repository: string | null;
  scheme: string;
  format: string;
  bytes: number;
  bytesOnDisk: number;
  bytesAbout: boolean;
  parameters: number;
  contextWindow: number;
  languages: string[];
  license: string;
  card: string;
}

/** What of an entry and its card is not as the host says, in words. */
export function differences(entry: CatalogEntry, found: FoundModel, card: string): string[] {
  const out: string[] = [];
  const told = (what: string, here: unknown, there: unknown): void =>
    void out.push(`${what}: ${String(here)} here, ${String(there)} there`);
  const sized = (what: 'bytes' | 'bytesOnDisk'): void => {
    const [here, there] = [entry[what], found[what]];
    if (Math.abs(here / there - 1) > (entry.bytesAbout ? ROUGH : 0)) told(what, here, there);
  };
  sized('bytes');
  // A catalog's scheme may be another than a look would choose.
  if (found.scheme === entry.scheme) sized('bytesOnDisk');
  for (const what of ['parameters', 'contextWindow', 'format'] as const)
    if (entry[what] !== found[what]) told(what, entry[what], found[what]);
  if (found.licence === null) out.push('license: its host declares none');
  else if (found.licence.toLowerCase() !== entry.license.toLowerCase())
    told('license', entry.license, found.licence);
  const more = entry.languages.filter((code) => !found.languages.includes(code));
  if (found.languages.length > 0 && more.length > 0)
    told('languages', more.join(', '), found.languages.join(', '));
  if (entry.repository !== null && found.name !== entry.repository)
    told('repository', entry.repository, found.name);
  if (!card.includes(entry.repository ?? '')) out.push(`card: ${entry.card} does not name the repository`);
  return out;
}

/** Compares every entry that has a repository; says each by `say`. @returns how many differ or could not be asked */
export async function checkCatalog(
  entries: readonly CatalogEntry[],
  cardOf: (file: string) => Promise<string>,
  { host, hub, signal, say }: { host: Host; hub: string; signal?: AbortSignal; say: (line: string) => void },
): Promise<number> {
  let wrong = 0;
  for (const entry of entries) {
    if (entry.repository === null) continue;
    let found: string[];
    try {
      const there = await inspectModel(host, `${hub}/${entry.repository}`, signal);
      found = differences(entry, there, await cardOf(entry.card));
      if (found.length === 0) say(`${entry.id}: as its host says, at ${there.revision ?? 'no fixed commit'}`);
    } catch (error) {
      if (!(error instanceof EngineError) || error.reason === 'aborted') throw error;
      found = [`${error.reason}: ${error.message}`];
    }
    for (const line of found) say(`${entry.id}: ${line}`);
    if (found.length > 0) wrong++;
  }
  return wrong;
}

/** Tries of a host that is not reached, and silence before one ends: a person waits. */
const ATTEMPTS = 3;
const SILENT_MS = 10_000;

export async function main(argv: string[], call?: CommandCall): Promise<number> {
  const { values } = parseCommand({
    args: argv,
    options: {
      hub: { type: 'string', default: 'https://huggingface.co' },
      folder: { type: 'string', default: 'models' },
    },
  });
  const read = (file: string): Promise<string> => readFile(path.join(values.folder, file), 'utf8');
  const { models } = JSON.parse(await read('catalog.json')) as { models: CatalogEntry[] };
  const wrong = await checkCatalog(models, read, {
    host: { ...HOST, attempts: ATTEMPTS, idleMs: SILENT_MS },
    hub: values.hub.replace(/\/+$/, ''),
    ...(call && { signal: call.signal }),
    say: (line) => void process.stdout.write(`${line}\n`),
  });
  return wrong === 0 ? 0 : 1;
}
