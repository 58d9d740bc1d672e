// Tuning the engine to this machine, in settings.

import type { Dictionary } from '../es/dictionary.ts';

export const tuning: Dictionary['tuning'] = {
  title: 'The engine on this machine',
  text: 'The first time it loads a model, Yupana tries several ways to compute and keeps the fastest. The result is kept in this browser.',
  run: 'Try again',
  running: 'Measuring',
  notLoaded: 'Load a model to measure.',
  onlyGpu: "This trial is for Yupana's own engine on the GPU.",
  tuned: (seconds) => `Tuned in ${seconds}.`,
  default: (seconds) => `Nothing was surely faster than the usual way. The trial took ${seconds}.`,
  useless:
    'On this machine the processor stands in for the GPU: timing says nothing, and the usual way is used.',
  refused: 'A faster way was left out because it was not exact enough for this model.',
  products: {
    qkv: 'Query, key and value',
    o: 'Output of attention',
    gateUp: 'Input of the network',
    down: 'Output of the network',
    logits: 'Possible words',
  },
  product: 'Computation',
  variant: 'Way',
  gain: 'Times faster',
  failed: 'The trial did not finish.',
};
