// How full the context would be if what is written were sent now: counted by the model's own tokenizer while it is idle.

import { overOf, type Over } from './long-text.ts';
import type { CountMany } from '../../../../wire/count.ts';
import { countOne, fit, type Fit, type FitOrder } from '../answer/fit.ts';

/** Between two letters of somebody who types. */
const PAUSE_MS = 300;

export interface Counted extends Fit {
  /** What the message has too much of; null: it fits. */
  over: Over | null;
}

export class ContextCount {
  /** null: nothing is known yet. */
  fit = $state.raw<Counted | null>(null);
  private readonly countMany: CountMany;
  /** The conversation that `fit` is about. */
  private of: string | null = null;

  constructor(countMany: CountMany) {
    this.countMany = countMany;
  }

  /**
   * @param of the conversation; what is known of another one is forgotten at once
   * @returns takes the question back
   */
  ask(order: FitOrder | null, of: string | null): () => void {
    if (!order || of !== this.of) this.fit = null;
    this.of = of;
    if (!order) return () => undefined;
    let wanted = true;
    const look = async (): Promise<Counted> => {
      const found = await fit(order, this.countMany);
      return { ...found, over: await overOf(order, found, countOne(this.countMany)) };
    };
    const timer = setTimeout(() => {
      look().then(
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

  /** Until it is asked again. */
  forget(): void {
    this.fit = null;
  }
}
