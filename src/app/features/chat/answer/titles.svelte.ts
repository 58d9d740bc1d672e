// Titles in the model's words, once for each conversation, after a while in which nobody asked anything of it.

import { asEngineError } from '../../../kit/faults.ts';
import { untitledNow, type TitleMoment } from './suggest-title.ts';

/** Long enough that who goes on writing is not kept waiting. */
const QUIET_MS = 8_000;

export interface TitleDependencies {
  moment: () => TitleMoment;
  suggest: (conversationId: string) => Promise<unknown>;
}

export class Titles {
  private readonly deps: TitleDependencies;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is shown from it
  private readonly tried = new Set<string>();

  constructor(deps: TitleDependencies) {
    this.deps = deps;
  }

  /** For an effect: whatever the moment is made of starts the waiting anew. */
  watch(): (() => void) | undefined {
    const id = untitledNow(this.deps.moment());
    if (id === null || this.tried.has(id)) return;
    const timer = setTimeout(() => {
      this.tried.add(id);
      // Nobody asked for it: the first words stay, and the reason is for whoever looks.
      this.deps
        .suggest(id)
        .catch((error: unknown) => console.warn('no title:', asEngineError(error).message));
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }
}
