// Sampling on the GPU: logits in, token out, in two dispatches (greedy) or three. Reference: src/llama/sampling.ts.

import { MAX_LOGPROBS } from '../../engine.ts';
import type { Kernel } from '../kernel.ts';
import adjustCode from './sample-adjust.wgsl?raw';
import bestCode from './best-of.wgsl?raw';
import finiteCode from './finite.wgsl?raw';
import binsCode from './sample-bins.wgsl?raw';
import blocksCode from './sample-blocks.wgsl?raw';
import greedyCode from './sample-greedy.wgsl?raw';
import logprobsCode from './sample-logprobs.wgsl?raw';
import pickCode from './sample-pick.wgsl?raw';
import massCode from './sampling-mass.wgsl?raw';
import samplingCode from './sampling.wgsl?raw';

/** Logits of a block of the first stage. */
export const SAMPLE_BLOCK = 1024;
/** Words of the histogram between the stages. */
export const SAMPLE_BINS = 4 * 256;

/** Bytes of the settings' uniform. */
export const SAMPLING_BYTES = 48;
/** Bytes that report a token's probability and the likeliest ones': pairs of id and logarithm. */
export const LOGPROBS_BYTES = 8 * (1 + MAX_LOGPROBS);

/** Constants: VOCAB. Bindings: logits, seen, sampling, blocks, bins; grid: vocab / SAMPLE_BLOCK */
export const sampleBlocksKernel: Kernel = {
  name: 'sample-blocks',
  code: samplingCode + finiteCode + bestCode + blocksCode,
  bindings: ['read', 'read', 'uniform', 'write', 'write'],
};

/** Constants: BLOCKS. Bindings: blocks, seen, state; grid: 1 */
export const sampleGreedyKernel: Kernel = {
  name: 'sample-greedy',
  code: bestCode + greedyCode,
  bindings: ['read', 'write', 'write'],
};

/** Constants: VOCAB, BLOCKS. Bindings: logits, seen, sampling, blocks, bins; grid: vocab / SAMPLE_BLOCK */
export const sampleBinsKernel: Kernel = {
  name: 'sample-bins',
  code: samplingCode + massCode + binsCode,
  bindings: ['read', 'read', 'uniform', 'read', 'write'],
};

/** Constants: VOCAB, BLOCKS. Bindings: logits, seen, sampling, blocks, bins, state; grid: 1 */
export const samplePickKernel: Kernel = {
  name: 'sample-pick',
  code: samplingCode + finiteCode + massCode + pickCode,
  bindings: ['read', 'write', 'uniform', 'read', 'read', 'write'],
};

/** Constants: VOCAB. Bindings: logits, notes, allowed, sampling, state, adjusted; grid: vocab / 256 */
export const sampleAdjustKernel: Kernel = {
  name: 'sample-adjust',
  code: samplingCode + finiteCode + adjustCode,
  bindings: ['read', 'write', 'read', 'uniform', 'read', 'write'],
};

/** Constants: VOCAB. Bindings: logits, sampling, state, out; grid: 1 */
export const sampleLogprobsKernel: Kernel = {
  name: 'sample-logprobs',
  code: samplingCode + logprobsCode,
  bindings: ['read', 'uniform', 'read', 'write'],
};
