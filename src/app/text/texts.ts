// The shapes of what is translated by table: failures and the ways out of a machine that cannot run the engine.

import type { EngineError, ErrorDetailsOf, ErrorReason } from '../../failures.ts';
import type { Formats } from './format.ts';

/** What happened, and what the person can do. Plain sentences, each with its full stop. */
export interface FaultText {
  what: string;
  todo: string;
}

/** What is stored of the model that failed: only what is damaged and has a source can be repaired. */
export type Stored = 'none' | 'whole' | 'damaged';

/** One text for each reason: a new reason does not compile until every language has its words. */
export type ErrorTexts = {
  [R in ErrorReason]: (details: ErrorDetailsOf[R], formats: Formats, stored: Stored) => FaultText;
};

/** What a failure says to a person. */
export function faultText<R extends ErrorReason>(
  texts: ErrorTexts,
  { reason, details }: EngineError<R>,
  formats: Formats,
  stored: Stored = 'none',
): FaultText {
  return texts[reason](details, formats, stored);
}

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
export function blank(value: string | undefined, fallback: string): string {
  const line = (value ?? '').replace(/\s+/g, ' ').trim();
  if (line === '') return fallback;
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

/** ": “name”", or nothing where there is no name. */
export const named = (name: string | undefined): string =>
  blank(name, '') === '' ? '' : `: “${blank(name, '')}”`;

/** " (7)" where the value is a number; anything else would be a word of the code. */
export const number = (value: string): string =>
  value.trim() !== '' && Number.isFinite(Number(value)) ? ` (${value.trim()})` : '';

/** A limit of WebGPU: bytes where its name says a size. */
export const capacity = (limit: string, value: number, { bytes, number: count }: Formats): string =>
  limit.endsWith('Size') ? bytes(value) : count(value);
