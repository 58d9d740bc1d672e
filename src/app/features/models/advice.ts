// Whether a model fits this machine, how fast it would write, and which one suits it best, by what the browser tells and what
// was measured here. Pure: the numbers behind the word are part of the answer.

/** What is known of the machine. null: the browser does not tell. */
export interface Machine {
  /** navigator.deviceMemory in bytes: rounded, and never more than its cap. */
  memory: number | null;
  /** Largest buffer the graphics card takes; 0 where there is none. */
  maxBufferSize: number | null;
  /** Bytes the browser would still store. */
  disk: number | null;
  /** false: no graphics card can be used, and the CPU engine stands in. */
  gpu?: boolean;
}

export interface Needs {
  /** On disk and in memory. */
  weights: number;
  /** Of keys and values as halves. */
  bytesPerToken: number;
  cacheBits: 16 | 8;
  context: number;
  /** Still to be stored; 0 where all of it is. */
  toStore: number;
  /** Only an engine that needs a graphics card runs it. */
  needsGpu?: boolean;
}

export type Fit = 'good' | 'tight' | 'no';

export interface Advice {
  fit: Fit;
  /**
   * What decided: memory, disk, the graphics card's largest buffer, what the CPU engine can address, no graphics card at all;
   * "unknown": nothing is told, so nothing is promised.
   */
  why: 'memory' | 'memory-capped' | 'disk' | 'buffer' | 'cpu-limit' | 'needs-gpu' | 'unknown';
  weights: number;
  cache: number;
  work: number;
  needed: number;
}

/** Beside weights and cache: models/README.md. */
export const WORK_SPACE = 128 * 2 ** 20;
/** Browsers say no more than this for privacy: https://www.w3.org/TR/device-memory/ */
export const MEMORY_CAP = 8 * 2 ** 30;
/** Of the whole memory: system, browser and other pages want theirs, and small machines share it with their graphics. */
const COMFORTABLE = 0.4;
const POSSIBLE = 0.7;
/** A machine that says "8 or more" may have this much. Beyond it, nobody should download in good faith. */
const BEYOND_CAP = 2;
/** WebAssembly's memory in 32 bits: weights, cache and work space of the CPU engine lie in it. */
export const CPU_LIMIT = 4 * 2 ** 30;
/** Merged pieces and a shard being made are there twice for a moment. */
const DISK_MARGIN = 64 * 2 ** 20;
/** Keys and values in 8 bits against halves, scales included: heads of 64, larger ones take less. */
const EIGHT_BIT_SHARE = (2 * 64 + 12) / (4 * 64);
/** Weights are spread over buffers; the largest single tensor, an embedding, is about this share of a small model. */
const LARGEST_SHARE = 0.25;

export function advise({ memory, maxBufferSize, disk, gpu = true }: Machine, needs: Needs): Advice {
  const { weights, bytesPerToken, cacheBits, context, toStore } = needs;
  const cache = Math.ceil(bytesPerToken * (cacheBits === 8 ? EIGHT_BIT_SHARE : 1) * context);
  const needed = weights + cache + WORK_SPACE;
  const say = (fit: Fit, why: Advice['why']): Advice => ({
    fit,
    why,
    weights,
    cache,
    work: WORK_SPACE,
    needed,
  });
  if (!gpu && needs.needsGpu) return say('no', 'needs-gpu');
  if (!gpu && needed > CPU_LIMIT) return say('no', 'cpu-limit');
  if (disk !== null && toStore > 0 && toStore + DISK_MARGIN > disk) return say('no', 'disk');
  if (gpu && maxBufferSize !== null && maxBufferSize > 0 && weights * LARGEST_SHARE > maxBufferSize * 4) {
    return say('no', 'buffer');
  }
  if (memory === null) return say('tight', 'unknown');
  if (needed <= memory * COMFORTABLE) return say('good', 'memory');
  if (needed <= memory * POSSIBLE) return say('tight', 'memory');
  if (memory >= MEMORY_CAP) return say(needed <= memory * BEYOND_CAP ? 'tight' : 'no', 'memory-capped');
  return say('no', 'memory');
}

/** Contexts worth asking about: powers of two up to what the model was trained for. */
export function contextsOf(contextWindow: number): number[] {
  const contexts = [2048, 4096, 8192, 32_768].filter((context) => context < contextWindow);
  return [...contexts.slice(0, 3), ...(contextWindow <= 8192 ? [contextWindow] : contexts.slice(3))];
}

/** How fast weights are gone through here, and by what that is known. */
export interface Pace {
  bytesPerSecond: number;
  /** "copy": of a kernel that only moves memory, which no model reaches. */
  from: 'processor' | 'answers' | 'copy';
}

/** A model smaller than this says more about the engine's overhead than about the memory: its pace is no measure for others. */
export const TELLING_BYTES = 300e6;

export interface Candidate {
  id: string;
  fit: Fit;
  /** A second; null: not known. */
  words: number | null;
  parameters: number;
  /** To download. */
  bytes: number;
}

/** Slower than people read aloud, an answer is waited for. */
const PLEASANT_WORDS = 2.5;

/**
 * The one to begin with: the largest that fits well and writes as fast as people read. Where none does, the smallest that
 * runs. null: none runs.
 */
export function recommend(candidates: readonly Candidate[]): string | null {
  const runs = candidates.filter(({ fit }) => fit !== 'no');
  const pleasant = runs.filter(
    ({ fit, words }) => fit === 'good' && (words === null || words >= PLEASANT_WORDS),
  );
  const [first] =
    pleasant.length > 0
      ? pleasant.sort(largest)
      : runs.sort((a, b) => a.parameters - b.parameters || a.bytes - b.bytes);
  return first?.id ?? null;
}

/** Of two alike, the one with less to download. */
const largest = (a: Candidate, b: Candidate): number => b.parameters - a.parameters || a.bytes - b.bytes;
