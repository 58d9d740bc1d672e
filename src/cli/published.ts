// The commands that whoever installs the package has too: those that need nothing of this repository.

import type { Command } from './command.ts';

export interface Offered {
  what: string;
  load: () => Promise<Command>;
}

export const PUBLISHED: Record<string, Offered> = {
  convert: {
    what: 'a checkpoint into a directory that the engine reads',
    load: () => import('./convert.ts'),
  },
  generate: { what: 'an answer, without the interface', load: () => import('./generate.ts') },
  bench: { what: 'how fast a model runs here', load: () => import('./bench.ts') },
  evaluate: { what: 'how well a model answers a set of questions', load: () => import('./evaluate.ts') },
  synth: { what: "random weights in a real model's shape", load: () => import('./synth.ts') },
  mirror: { what: 'a static mirror of models for a school or a country', load: () => import('./mirror.ts') },
};
