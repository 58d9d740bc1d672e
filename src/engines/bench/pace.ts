// How fast an engine answers: the same prompt, over and over, prefill and decode apart.

import { EngineError } from '../../failures.ts';
import type { Engine } from '../../engine.ts';
import { argmax, pcgHash } from '../../llama/sampling.ts';
import type { Baseline } from '../baseline/baseline.ts';

/** Figures of one repetition. */
export interface Pace {
  prefillTokensPerSecond: number;
  decodeTokensPerSecond: number;
  /** Seconds */
  timeToFirstToken: number;
}

/** What is measured. */
export interface Subject {
  /** Prefills the whole prompt, whatever was held, and decodes. Throws "internal" where the answer has not so many tokens. */
  run(prompt: readonly number[], tokens: number): Promise<Pace>;
  dispose(): void;
}

export interface Spread {
  median: number;
  min: number;
  max: number;
  /** Repetitions */
  count: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
  return { median, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN, count: sorted.length };
}

/** Ids spread over the vocabulary, the same for the same seed. */
export function randomPrompt(length: number, vocabSize: number, seed: number): number[] {
  const stream = pcgHash(seed);
  return Array.from({ length }, (_, i) => pcgHash((stream + i) >>> 0) % vocabSize);
}

/** One session of an engine, greedy. The engine must read its model through `endlessSource`. */
export function engineSubject(engine: Engine): Subject {
  const session = engine.createSession();
  return {
    async run(prompt, tokens) {
      // Another first token leaves no common prefix, and the session's buffers as they are.
      await session.sync([prompt[0] === 0 ? 1 : 0]);
      const { usage } = await session.generate(prompt, { maxTokens: tokens, speculation: 'off' });
      const { completionTokens: actual } = usage;
      if (actual !== tokens) {
        const details = { expected: tokens, actual };
        throw new EngineError('internal', `The answer ended after ${actual} tokens, not ${tokens}`, details);
      }
      return usage;
    },
    dispose: () => session.dispose(),
  };
}

export function baselineSubject(baseline: Baseline): Subject {
  return {
    async run(prompt, tokens) {
      baseline.truncate(0);
      const started = performance.now();
      let next = argmax(await baseline.feed(prompt));
      const first = performance.now();
      for (let i = 1; i < tokens; i++) next = argmax(await baseline.feed([next]));
      const last = performance.now();
      return {
        prefillTokensPerSecond: (prompt.length * 1000) / (first - started),
        decodeTokensPerSecond: tokens > 1 ? ((tokens - 1) * 1000) / (last - first) : 0,
        timeToFirstToken: (first - started) / 1000,
      };
    },
    dispose: () => baseline.dispose(),
  };
}

export type PaceSpread = Record<keyof Pace, Spread>;

export interface RepeatOptions {
  repetitions: number;
  /** No repetition begins after so many seconds. */
  seconds: number;
  onRepetition?: (done: number) => void;
}

/**
 * Repetitions of the same run by all subjects in turn, so that what else the machine does falls on all alike. The subjects must
 * be warm.
 */
export async function repeat<Name extends string>(
  subjects: Readonly<Record<Name, Subject>>,
  prompt: readonly number[],
  tokens: number,
  options: RepeatOptions,
): Promise<Record<Name, PaceSpread>> {
  const entries = Object.entries(subjects) as [Name, Subject][];
  const paces = new Map<Name, Pace[]>(entries.map(([name]) => [name, []]));
  const started = performance.now();
  for (let done = 0; done < options.repetitions; done++) {
    if (done > 0 && performance.now() - started > options.seconds * 1000) break;
    for (const [name, subject] of entries) paces.get(name)?.push(await subject.run(prompt, tokens));
    options.onRepetition?.(done + 1);
  }
  const spread = (name: Name, key: keyof Pace) => spreadOf((paces.get(name) ?? []).map((pace) => pace[key]));
  return Object.fromEntries(
    entries.map(([name]) => [
      name,
      {
        prefillTokensPerSecond: spread(name, 'prefillTokensPerSecond'),
        decodeTokensPerSecond: spread(name, 'decodeTokensPerSecond'),
        timeToFirstToken: spread(name, 'timeToFirstToken'),
      },
    ]),
  ) as Record<Name, PaceSpread>;
}
