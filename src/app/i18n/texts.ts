// The shapes of what is translated by table: failures and the ways out of a machine that cannot run the engine.

import type { ErrorDetails, ErrorReason } from '../../engine.ts';
import type { Formats } from './format.ts';

/** What happened, and what the person can do. Plain sentences, each with its full stop. */
export interface FaultText {
  what: string;
  todo: string;
}

/** One text for each reason of the seam: a new reason does not compile until every language has its words. */
export type ErrorTexts = Record<ErrorReason, (details: ErrorDetails, formats: Formats) => FaultText>;

export type Platform = 'windows' | 'linux' | 'chromeos' | 'macos' | 'other';

/** Why no GPU can be used. */
export type GpuFault = Extract<ErrorReason, 'webgpu-missing' | 'adapter-missing' | 'limit-too-low'>;

/** Why this browser cannot hold the engine or the models; of the GPU's, where the processor cannot stand in either. */
export type PreflightFault = 'insecure-context' | 'storage-missing' | GpuFault;

/** What to try, in order, on each system. */
export type WaysOut = Record<PreflightFault, Record<Platform, readonly string[]>>;

/** The same ways on every system. */
export const everywhere = (...ways: string[]): WaysOut['webgpu-missing'] => ({
  windows: ways,
  linux: ways,
  chromeos: ways,
  macos: ways,
  other: ways,
});

/** Fills a blank from untrusted details: one short line, never the raw text of a file. */
export function blank(value: ErrorDetails[string] | undefined, fallback: string): string {
  if (value === undefined) return fallback;
  const line = String(value).replace(/\s+/g, ' ').trim();
  if (line === '') return fallback;
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

/** As `blank`, with numbers as the person writes them. */
export function amount(
  value: ErrorDetails[string] | undefined,
  { number }: Formats,
  fallback: string,
): string {
  return typeof value === 'number' ? number(value) : blank(value, fallback);
}
