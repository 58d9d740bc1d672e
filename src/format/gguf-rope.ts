// Llama 3's scaling of RoPE, found again in the divisors that a GGUF file keeps of it (rope_freqs.weight).

import { EngineError } from '../failures.ts';
import type { RopeScaling } from '../llama/config.ts';
import { ropeFrequencies } from '../llama/rope.ts';

/** Divisors are float32, worked out in float32: their neighbours' distance several times over. */
const NEAR = 1e-4;

type Shape = { headDim: number; ropeTheta: number };

function agrees(shape: Shape, divisors: Float32Array, scaling: RopeScaling): boolean {
  const plain = ropeFrequencies({ ...shape, ropeScaling: null });
  const scaled = ropeFrequencies({ ...shape, ropeScaling: scaling });
  return scaled.every((frequency, d) => {
    const wanted = plain[d]! / divisors[d]!;
    return Math.abs(frequency - wanted) <= NEAR * wanted;
  });
}

/** What Meta's models have, over the original contexts in use. */
function* usual(factor: number): Generator<RopeScaling> {
  for (const original of [8192, 4096, 2048, 16_384, 32_768, 65_536, 131_072, 1024, 512, 256, 128, 64, 32])
    yield {
      ropeType: 'llama3',
      factor,
      lowFreqFactor: 1,
      highFreqFactor: 4,
      originalMaxPositionEmbeddings: original,
    };
}

/**
 * From two divisors between 1 and `factor`: their blend is a straight line over the frequency, and its two numbers are all
 * that the divisors can tell of the three that the config has. The original context is taken to be 8192 then.
 */
function fromBlend(shape: Shape, divisors: Float32Array, factor: number): RopeScaling | undefined {
  const plain = ropeFrequencies({ ...shape, ropeScaling: null });
  const blended = [...plain.keys()].filter(
    (d) => divisors[d]! > 1 + NEAR && divisors[d]! < factor * (1 - NEAR),
  );
  const [first, last] = [blended[0], blended.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  const smooth = (d: number): number => (1 / divisors[d]! - 1 / factor) / (1 - 1 / factor);
  const slope = (smooth(first) - smooth(last)) / (plain[first]! - plain[last]!);
  const offset = smooth(first) - slope * plain[first]!;
  const original = 8192;
  const width = original / (2 * Math.PI * slope);
  const low = -offset * width;
  if (!(width > 0 && low > 0)) return undefined;
  return {
    ropeType: 'llama3',
    factor,
    lowFreqFactor: low,
    highFreqFactor: low + width,
    originalMaxPositionEmbeddings: original,
  };
}

/**
 * @param divisors of each pair's frequency, [headDim / 2]
 * @returns null where they change nothing. Throws "rope-unsupported" where no scaling of Llama 3's kind gives them
 */
export function scalingOfDivisors(file: string, shape: Shape, divisors: Float32Array): RopeScaling | null {
  const half = shape.headDim / 2;
  const refuse = (expected: string): EngineError =>
    new EngineError('rope-unsupported', `${file}: rope_freqs is no scaling of Llama 3's kind`, {
      file,
      field: 'rope_freqs',
      expected,
      actual: 'rope_freqs',
      name: 'rope_freqs',
    });
  if (divisors.length !== half) throw refuse(`${half} divisors`);
  if (!divisors.every((divisor) => Number.isFinite(divisor) && divisor > 0)) throw refuse('divisors above 0');
  if (divisors.every((divisor) => divisor === 1)) return null;
  const factor = Math.max(...divisors);
  const rounded = Math.abs(factor - Math.round(factor)) < NEAR * factor ? Math.round(factor) : factor;
  // Where no pair turns slowly enough to be divided by the whole factor, the largest divisor is not the factor.
  for (const each of [rounded, 2, 4, 8, 16, 32, 64, 128])
    for (const scaling of usual(each)) if (agrees(shape, divisors, scaling)) return scaling;
  const solved = fromBlend(shape, divisors, rounded);
  if (solved && agrees(shape, divisors, solved)) return solved;
  throw refuse('low and high frequency factors');
}
