// What every worker does with messages: one answer a call, aborts by id, errors that cross, a sign of life.

import { EngineError, failureOf } from '../failures.ts';
import type { Job, ToPage, ToWorker, WireError } from './calls.ts';

/** The part of a worker's global scope that is used here; tests hand in a port. */
export interface Scope {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

type AnyCall = (input: unknown, job: Job) => Promise<unknown>;

export function wireError(error: unknown): WireError {
  const known =
    error instanceof EngineError
      ? error
      : new EngineError('internal', error instanceof Error ? (error.stack ?? error.message) : String(error));
  return { ...failureOf(known), message: known.message };
}

/**
 * Answers each call of a protocol with what its method resolves to or the error it throws. `job.signal` aborts when the page
 * says so, and the job's reports are posted.
 * @param calls the protocol's implementation
 * @returns tells the page news, as the protocol's client expects it
 */
export function serveCalls<Calls extends object, News = never>(
  scope: Scope,
  calls: Calls,
): (news: News) => void {
  const post = (message: ToPage): void => scope.postMessage(message);
  const running = new Map<number, AbortController>();

  const answer = async (message: Extract<ToWorker, { type: 'call' }>, signal: AbortSignal) => {
    const { id, call, input, reports } = message;
    if (!Object.hasOwn(calls, call)) throw new EngineError('internal', `no call is named ${call}`);
    const report = (name: string) => [
      name,
      (...args: unknown[]) => post({ type: 'report', id, report: name, args }),
    ];
    const job = { ...(Object.fromEntries(reports.map(report)) as object), signal };
    return (calls as Record<string, AnyCall>)[call]!(input, job);
  };

  scope.addEventListener('message', ({ data }) => {
    const message = data as ToWorker; // both ends are built together
    const { id } = message;
    if (message.type === 'abort') {
      running.get(id)?.abort();
      return;
    }
    const control = new AbortController();
    running.set(id, control);
    void answer(message, control.signal)
      .then(
        (result) => post({ type: 'done', id, result }),
        (error: unknown) => post({ type: 'error', id, error: wireError(error) }),
      )
      .finally(() => running.delete(id));
  });
  announceLife(scope);
  return (news) => post({ type: 'news', news });
}

/**
 * Holds a Web Lock for as long as this worker lives, and tells the page its name: where the browser kills a worker
 * without an event (for memory), the page is granted the lock and knows. Without Web Locks there is no such sign.
 */
function announceLife(scope: Scope): void {
  const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
  if (!locks) return;
  const lock = `yupana-alive-${crypto.randomUUID()}`;
  locks
    .request(lock, () => {
      scope.postMessage({ type: 'alive', lock } satisfies ToPage);
      return new Promise<never>(() => undefined);
    })
    .catch(() => undefined); // refused (an opaque origin): as without Web Locks
}
