// How full the context would be if what is written were sent now: counted by the model's own tokenizer while it is idle.

import { fit, type Count, type Fit, type FitOrder } from './fit.ts';

/** Between two letters of somebody who types. */
const PAUSE_MS = 300;

export class ContextCount {
  /** null: nothing is known yet. */
  fit = $state.raw<Fit | null>(null);
  private readonly count: Count;

  constructor(count: Count) {
    this.count = count;
  }

  /** @returns takes the question back */
  ask(order: FitOrder | null): () => void {
    if (!order) {
      this.fit = null;
      return () => undefined;
    }
    let wanted = true;
    const timer = setTimeout(() => {
      fit(order, this.count).then(
        (found) => {
          if (wanted) this.fit = found;
        },
        () => {
          if (wanted) this.fit = null; // the engine went away: it is said elsewhere
        },
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }
}
