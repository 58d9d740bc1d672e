// Sampling on the GPU: logits in, token out, in two or three dispatches.

import type { Kernel } from '../kernel.ts';
import adjustedCode from './adjusted.wgsl?raw';
import blocksCode from './sample-blocks.wgsl?raw';
import greedyCode from './sample-greedy.wgsl?raw';

/** Logits of a block of the first stage. */
export const SAMPLE_BLOCK = 1024;

/** bindings: logits, seen, sampling, blocks, bins; grid: vocab / SAMPLE_BLOCK */
export const sampleBlocksKernel: Kernel = {
  name: 'sample-blocks',
  code: adjustedCode + blocksCode,
  bindings: ['read', 'read', 'uniform', 'write', 'write'],
};

/** bindings: blocks, seen, state; grid: 1 */
export const sampleGreedyKernel: Kernel = {
  name: 'sample-greedy',
  code: greedyCode,
  bindings: ['read', 'write', 'write'],
};
