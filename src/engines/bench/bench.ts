// The bench: one model on one adapter, at several lengths of context, beside a yardstick where one is wanted.

import type { AdapterInfo, Engine, EngineInfo } from '../../engine.ts';
import type { Device } from '../../gpu/device.ts';
import { neededCacheBytes } from '../wgsl/accounting.ts';
import type { WgslEngine } from '../wgsl/engine.ts';
import { copyBandwidth as measureBandwidth } from './bandwidth.ts';
import { countToken } from './counters.ts';
import type { TokenCounters } from './counters.ts';
import { computesOnCpu } from '../software-adapter.ts';
import { cpuCost } from './cpu-cost.ts';
import type { CpuCost } from './cpu-cost.ts';
import { timeKernels } from './kernels.ts';
import type { KernelTimes } from './kernels.ts';
import { engineSubject, randomPrompt, repeat } from './pace.ts';
import type { PaceSpread, Subject } from './pace.ts';

export interface Ratio {
  prefill: number;
  decode: number;
}

export interface BenchContext extends PaceSpread {
  /** Tokens of the prompt. */
  context: number;
  /** Bytes that decoding reads for a token, halfway through the answer: weights, keys and values. Of our GPU engine. */
  bytesPerToken?: number;
  /** bytesPerToken * decodeTokensPerSecond over the bandwidth that copying reaches. */
  bandwidthShare?: number;
  /** Where the adapter computes on the CPU. */
  cpuSeconds?: CpuCost;
  /** The yardstick's figures, and how many times its speed ours is: by the clock, and by processor seconds where those are known. */
  versus?: PaceSpread & { cpuSeconds?: CpuCost };
  ratio?: Ratio;
  cpuRatio?: Ratio;
}

export interface BenchResult {
  engine: EngineInfo['engine'];
  modelId: string;
  adapter: AdapterInfo;
  /** What `versus` is. */
  versus?: string;
  /** Of keys and values, where they are not halves. */
  cacheBits?: 8;
  /** Tokens generated in each repetition. */
  tokens: number;
  /** Medians at the first context. */
  prefillTokensPerSecond: number;
  decodeTokensPerSecond: number;
  timeToFirstToken: number;
  contexts: BenchContext[];
  /** Of our GPU engine: bytes a second, read and written, that a copy kernel reaches; and what a token asks of the GPU. */
  copyBandwidth?: number;
  counters?: TokenCounters;
  gpuMemory?: GpuMemory;
  /** At the last context, where asked for. */
  kernels?: KernelTimes;
}

/** Bytes of GPU buffers: at the most, and what docs/budgets.md allows for this model and context. */
export interface GpuMemory {
  peak: number;
  budget: number;
}

/** What is only measured of our GPU engine. */
export interface BenchGpu {
  engine: WgslEngine;
  device: Device;
}

export interface BenchOptions {
  contexts: readonly number[];
  /** At least 2. */
  tokens: number;
  repetitions: number;
  /** No repetition of a context begins after so many seconds. */
  seconds: number;
  /** Processor seconds that this process has used; left out where nobody tells. */
  cpuSeconds?: () => number;
  /** Whether to time our GPU engine's kernels one by one. */
  kernels: boolean;
  /** Made when ours has been counted, so that its buffers are not. */
  versus?: { name: string; create: () => Promise<Subject> };
  onProgress?: (step: BenchStep) => void;
}

/** What it is at, and how many of all its steps are done. */
export interface BenchStep {
  at: 'bandwidth' | 'warm-up' | 'counting' | 'yardstick' | 'repetition' | 'processor' | 'kernels';
  /** Tokens of the prompt, where it is about one. */
  context?: number;
  done: number;
  total: number;
}

/** Weights as they lie on disk, the KV cache, 5 % and 64 MiB. */
export function gpuBudget({ plan, storedWeightBytes }: WgslEngine): number {
  const cache = neededCacheBytes(plan, plan.contextLength);
  return Math.floor(1.05 * (storedWeightBytes + cache) + 64 * 2 ** 20);
}

/** Contexts that leave room for the answer: longer ones are cut, doubles left out. */
export function fittingContexts(
  contexts: readonly number[],
  tokens: number,
  contextLength: number,
): number[] {
  return [...new Set(contexts.map((context) => Math.max(1, Math.min(context, contextLength - tokens))))];
}

/**
 * Runs the bench. The engine must have a context of the longest of `contexts` and `tokens` more, and read its model through
 * `endlessSource`.
 * @param gpu the engine again, where it is ours for the GPU
 */
export async function bench(
  engine: Engine,
  gpu: BenchGpu | undefined,
  options: BenchOptions,
): Promise<BenchResult> {
  const { tokens, versus, cpuSeconds } = options;
  const { contextLength, vocabSize, modelId, adapter } = engine.info;
  const contexts = fittingContexts(options.contexts, tokens, contextLength);
  const steps = contexts.length * (options.repetitions + (cpuSeconds ? 2 : 1)) + (gpu ? 2 : 0);
  let done = 0;
  const say = (at: BenchStep['at'], context?: number): void =>
    options.onProgress?.({ at, ...(context === undefined ? {} : { context }), done, total: steps });
  if (gpu) say('bandwidth');
  const copyBandwidth = gpu && (await measureBandwidth(gpu.device));
  if (gpu) done++;

  const ours = engineSubject(engine);
  let theirs: Subject | undefined;
  try {
    const prompts: { context: number; prompt: number[] }[] = [];
    for (const context of contexts) {
      say('warm-up', context);
      const prompt = randomPrompt(context, vocabSize, context);
      await ours.run(prompt, tokens);
      prompts.push({ context, prompt });
      done++;
    }
    if (gpu) say('counting');
    const counters = gpu && (await countToken(gpu.engine, ours, prompts[0]?.prompt ?? [0], tokens));
    // Before a yardstick's buffers come, and without those that copied.
    const gpuMemory = gpu && { peak: gpu.engine.counters.gpuBytes, budget: gpuBudget(gpu.engine) };
    if (gpu) done++;

    if (versus) {
      say('yardstick');
      theirs = await versus.create();
    }
    const measured: BenchContext[] = [];
    for (const { context, prompt } of prompts) {
      if (theirs) {
        say('yardstick', context);
        await theirs.run(prompt, 2);
      }
      say('repetition', context);
      const before = done;
      const onRepetition = (repetitions: number): void => {
        done = before + repetitions;
        say('repetition', context);
      };
      const subjects = theirs ? { ours, theirs } : { ours };
      const paces = await repeat<string>(subjects, prompt, tokens, { ...options, onRepetition });
      done = before + options.repetitions;
      const entry: BenchContext = { context, ...paces['ours']! };
      if (gpu && copyBandwidth) {
        Object.assign(entry, share(gpu.engine, context + Math.round(tokens / 2), entry, copyBandwidth));
      }
      if (theirs) {
        entry.versus = paces['theirs']!;
        entry.ratio = ratio(entry, entry.versus);
      }
      if (cpuSeconds && computesOnCpu(adapter)) {
        say('processor', context);
        entry.cpuSeconds = await cpuCost(ours, prompt, tokens, cpuSeconds);
        if (theirs && entry.versus) {
          entry.versus.cpuSeconds = await cpuCost(theirs, prompt, tokens, cpuSeconds);
          entry.cpuRatio = cpuRatio(entry.cpuSeconds, entry.versus.cpuSeconds);
        }
      }
      if (cpuSeconds) done++;
      measured.push(entry);
    }
    const longest = prompts.at(-1);
    if (gpu && options.kernels) say('kernels');
    const kernels =
      gpu && options.kernels && longest && (await timeKernels(gpu.device, ours, longest.prompt, tokens));
    const first = measured[0]!;
    return {
      engine: engine.info.engine,
      modelId,
      adapter,
      ...(versus && { versus: versus.name }),
      ...(gpu?.engine.plan.cacheBits === 8 && { cacheBits: 8 }),
      tokens,
      prefillTokensPerSecond: first.prefillTokensPerSecond.median,
      decodeTokensPerSecond: first.decodeTokensPerSecond.median,
      timeToFirstToken: first.timeToFirstToken.median,
      contexts: measured,
      ...(copyBandwidth && { copyBandwidth }),
      ...(counters && { counters }),
      ...(gpuMemory && { gpuMemory }),
      ...(kernels && { kernels }),
    };
  } finally {
    ours.dispose();
    theirs?.dispose();
  }
}

function share(engine: WgslEngine, positions: number, pace: PaceSpread, bandwidth: number) {
  const bytesPerToken = engine.weightBytesPerToken + neededCacheBytes(engine.plan, positions);
  return { bytesPerToken, bandwidthShare: (bytesPerToken * pace.decodeTokensPerSecond.median) / bandwidth };
}

function cpuRatio(ours: CpuCost, theirs: CpuCost): Ratio {
  return { prefill: theirs.prefill / ours.prefill, decode: theirs.decodePerToken / ours.decodePerToken };
}

function ratio(ours: PaceSpread, theirs: PaceSpread): Ratio {
  return {
    prefill: ours.prefillTokensPerSecond.median / theirs.prefillTokensPerSecond.median,
    decode: ours.decodeTokensPerSecond.median / theirs.decodeTokensPerSecond.median,
  };
}
