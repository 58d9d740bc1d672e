// Rotary position embedding, NeoX rotate-half: element d of a head turns with element d + headDim/2.

import type { LlamaConfig } from './config.ts';

/**
 * Angle per position of each pair, radians: [headDim / 2]. Pair d of position p turns by p * f[d].
 * Source: RoFormer (arXiv 2104.09864); llama3 scaling as in transformers' `_compute_llama3_parameters`: wavelengths
 * beyond the original context are stretched by `factor`, short ones kept, those between blended.
 */
export function ropeFrequencies(
  config: Pick<LlamaConfig, 'headDim' | 'ropeTheta' | 'ropeScaling'>,
): Float64Array<ArrayBuffer> {
  const half = config.headDim / 2;
  const frequencies = new Float64Array(half);
  const scaling = config.ropeScaling;
  for (let d = 0; d < half; d++) {
    const frequency = config.ropeTheta ** ((-2 * d) / config.headDim);
    if (scaling === null) {
      frequencies[d] = frequency;
      continue;
    }
    const wavelength = (2 * Math.PI) / frequency;
    const turns = scaling.originalMaxPositionEmbeddings / wavelength;
    const blend = (turns - scaling.lowFreqFactor) / (scaling.highFreqFactor - scaling.lowFreqFactor);
    const smooth = Math.min(1, Math.max(0, blend));
    frequencies[d] = ((1 - smooth) * frequency) / scaling.factor + smooth * frequency;
  }
  return frequencies;
}
