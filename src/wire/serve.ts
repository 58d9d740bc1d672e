// What both workers do with messages: one answer a request, aborts by id, errors that cross, a sign of life.

import { EngineError, failureOf } from '../failures.ts';
import type { WireError } from './link.ts';

/** The part of a worker's global scope that is used here; tests hand in a port. */
export interface Scope {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

export function wireError(error: unknown): WireError {
  const known =
    error instanceof EngineError
      ? error
      : new EngineError('internal', error instanceof Error ? (error.stack ?? error.message) : String(error));
  return { ...failureOf(known), message: known.message };
}

/**
 * Answers each request with what `handle` resolves to ("done" and the fields it returns) or the error it throws.
 * `signal` aborts when the page sends `abort` with the request's id.
 */
export function serveRequests<Request extends { type: string; id: number }>(
  scope: Scope,
  handle: (request: Exclude<Request, { type: 'abort' }>, signal: AbortSignal) => Promise<object>,
): void {
  const running = new Map<number, AbortController>();
  scope.addEventListener('message', ({ data }) => {
    const request = data as Request; // both ends are built together
    const { id } = request;
    if (request.type === 'abort') {
      running.get(id)?.abort();
      return;
    }
    const control = new AbortController();
    running.set(id, control);
    void handle(request as Exclude<Request, { type: 'abort' }>, control.signal)
      .then(
        (body) => scope.postMessage({ type: 'done', id, ...body }),
        (error: unknown) => scope.postMessage({ type: 'error', id, error: wireError(error) }),
      )
      .finally(() => running.delete(id));
  });
}

/**
 * Holds a Web Lock for as long as this worker lives, and tells the page its name: where the browser kills a worker
 * without an event (for memory), the page is granted the lock and knows. Without Web Locks there is no such sign.
 */
export function announceLife(scope: Scope): void {
  const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
  if (!locks) return;
  const lock = `yupana-alive-${crypto.randomUUID()}`;
  locks
    .request(lock, () => {
      scope.postMessage({ type: 'alive', lock });
      return new Promise<never>(() => undefined);
    })
    .catch(() => undefined); // refused (an opaque origin): as without Web Locks
}
