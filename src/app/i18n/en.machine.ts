import type { Dictionary } from './es.ts';

export const machine: Dictionary['machine'] = {
  slower: 'It works without a graphics card, more slowly',
  processor: 'Yupana can compute with this computer’s processor.',
  expected: (one, three) =>
    `Measured just now: a model of one billion parameters would write about ${one} words a second here, and one of three billion about ${three}. Those that take more than 4 GB do not fit.`,
  waysToGpu: 'How to use the graphics card',
  chipWithout: 'without a graphics card',
  engines: {
    wgsl: 'Yupana, on the graphics card (WebGPU)',
    cpu: 'Yupana, on the processor, without a graphics card (WebAssembly)',
    'web-llm': 'WebLLM, on the graphics card (WebGPU)',
  },
  cpu: 'Processor',
};
