// Committed measurements: tests/bench/results/<adapter>.json and .md, with a section for each model.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../failures.ts';
import type { AdapterInfo } from '../engine.ts';
import { resultsPage } from './bench-report.ts';
import type { BenchReport } from './bench-report.ts';

interface Results {
  adapter: string;
  reports: BenchReport[];
}

/** What a person calls the adapter: its description, where the driver gives one. */
export function adapterName({ description, vendor, architecture }: AdapterInfo): string {
  return description || [vendor, architecture].filter(Boolean).join(' ') || 'unknown adapter';
}

/** A file name for it, of what no driver update changes. */
export function adapterSlug(adapter: AdapterInfo): string {
  const stable = [adapter.vendor, adapter.architecture].filter(Boolean).join(' ') || adapterName(adapter);
  return stable
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

async function earlier(file: string): Promise<BenchReport[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  try {
    return (JSON.parse(text) as Results).reports;
  } catch (cause) {
    throw new EngineError('json-invalid', `${file}: is not what this command saved`, { file }, cause);
  }
}

/** Puts the report in the place of an earlier one of the same model, engine, yardstick and cache. Answers with the path without its ending. */
export async function saveReport(folder: string, report: BenchReport): Promise<string> {
  const base = path.join(folder, adapterSlug(report.adapter));
  const same = (other: BenchReport) =>
    (['modelId', 'engine', 'versus', 'cacheBits'] as const).every((key) => other[key] === report[key]);
  const others = (await earlier(`${base}.json`)).filter((other) => !same(other));
  const reports = [...others, report].sort((a, b) => a.modelId.localeCompare(b.modelId));
  const adapter = adapterName(report.adapter);
  await mkdir(folder, { recursive: true });
  const files = {
    json: `${JSON.stringify({ adapter, reports } satisfies Results, null, 2)}\n`,
    md: resultsPage(adapter, reports),
  };
  for (const [ending, text] of Object.entries(files)) {
    await writeFile(`${base}.${ending}.partial`, text);
    await rename(`${base}.${ending}.partial`, `${base}.${ending}`);
  }
  return base;
}
