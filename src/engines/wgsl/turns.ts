// Who may use the work space of prompts and batches: a prompt's chunk needs it through several submits, and no other session's may
// come between them.

export interface Turns {
  /** Runs `work` when all that asked before have ended. */
  take<T>(work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take(work) {
      const turn = last.then(work, work);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
