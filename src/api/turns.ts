// One call after another: the one at work, and those that wait, each of which can be ended by itself.

import { EngineError, failedBy } from '../failures.ts';

export interface Turn<T> {
  result: Promise<T>;
  /**
   * Ends it. While it waits it never begins, and `result` rejects with "aborted"; at work, its signal is aborted and it settles as it
   * will. Nothing happens where it has settled.
   */
  end(): void;
}

type Kind = 'answer' | 'load' | 'other';

export interface Turns {
  /**
   * Begins at once where nothing is at work. Rejects with "aborted" where `outer` is aborted before the end, whatever `work` makes
   * of its signal; everything else that is no EngineError becomes one ("internal").
   */
  add<T>(kind: Kind, work: (signal: AbortSignal) => Promise<T>, outer?: AbortSignal | null): Turn<T>;
  /** Ends all turns of these kinds. */
  end(...kinds: Kind[]): void;
}

const aborted = (cause?: unknown): EngineError =>
  new EngineError('aborted', 'the call was stopped', {}, cause);

function typed(error: unknown, stopped: boolean): EngineError {
  if (stopped && !(error instanceof EngineError)) return aborted(error);
  if (error instanceof EngineError) return error;
  const what = error instanceof Error ? error.message : String(error);
  return new EngineError('internal', what, { error: what }, error);
}

interface Job {
  kind: Kind;
  begin(): Promise<void>;
  end(): void;
}

export function createTurns(): Turns {
  let current: Job | undefined;
  const waiting: Job[] = [];

  const next = (): void => {
    if (current) return;
    current = waiting.shift();
    void current?.begin().then(() => {
      current = undefined;
      next();
    });
  };

  return {
    add<T>(kind: Kind, work: (signal: AbortSignal) => Promise<T>, outer?: AbortSignal | null): Turn<T> {
      const control = new AbortController();
      let resolve: (value: T) => void = () => undefined;
      let reject: (error: EngineError) => void = () => undefined;
      const result = new Promise<T>((...both) => ([resolve, reject] = both));
      const job: Job = {
        kind,
        async begin() {
          try {
            const value = await work(control.signal);
            if (outer?.aborted) reject(aborted());
            else resolve(value);
          } catch (error) {
            const stopped = control.signal.aborted;
            const byCaller = outer?.aborted === true && !failedBy(error, 'aborted');
            reject(byCaller ? aborted(error) : typed(error, stopped));
          } finally {
            outer?.removeEventListener('abort', job.end);
          }
        },
        end() {
          const place = waiting.indexOf(job);
          if (place >= 0) {
            waiting.splice(place, 1);
            outer?.removeEventListener('abort', job.end);
            reject(aborted());
          } else if (current === job) control.abort(aborted());
        },
      };
      if (outer?.aborted) reject(aborted());
      else {
        outer?.addEventListener('abort', job.end, { once: true });
        waiting.push(job);
        next();
      }
      return { result, end: job.end };
    },
    end(...kinds) {
      for (const job of [...waiting, current]) if (job && kinds.includes(job.kind)) job.end();
    },
  };
}
