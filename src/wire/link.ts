// The page's connection to one worker: ids, pending calls, aborts, death and respawn. Every client is derived from it.

import { EngineError } from '../failures.ts';
import type { Remote, ToPage, ToWorker, WireError } from './calls.ts';

export const rebuildError = ({ reason, message, details }: WireError): EngineError =>
  new EngineError(reason, message, details);

/** A job as it is here: the signal, and functions by name. */
type AnyJob = { signal?: AbortSignal | undefined } & Record<string, unknown>;

export interface Link<Calls> {
  /**
   * The protocol's calls. Each settles with the worker's answer. It rejects with the worker's error rebuilt, with "worker-gone"
   * when the worker dies, with "aborted" when its signal was aborted before. An abort afterwards is the worker's to answer.
   */
  readonly calls: Remote<Calls>;
  /** The same by name, for clients that add to them: see `forwarding`. */
  call(name: string, input?: unknown, job?: unknown): Promise<unknown>;
  /** Ends the worker; what is pending rejects with "worker-gone". A later call spawns a new one. */
  dispose(): void;
}

interface Pending {
  onReport: (name: string, args: unknown[]) => void;
  resolve: (result: unknown) => void;
  reject: (error: EngineError) => void;
}

export interface LinkOptions<News> {
  /** What the worker says by itself. */
  onNews?: (news: News) => void;
  /** The worker died by itself. */
  onGone?: (error: EngineError) => void;
  /** Called with each new worker before anything else is asked of it: what it must know that the one before was told. */
  onBorn?: (call: (name: string, input: unknown) => void) => void;
}

/** @param spawn makes the worker (the page owns the Trusted Types policy that worker URLs need); called again after a death */
export function createLink<Calls, News = never>(
  spawn: () => Worker,
  { onNews, onGone, onBorn }: LinkOptions<News> = {},
): Link<Calls> {
  const pending = new Map<number, Pending>();
  let worker: Worker | undefined;
  let lastId = 0;

  /** Ends the current worker: nothing it may still say is heard. */
  const end = (error: EngineError): void => {
    worker?.terminate();
    worker = undefined;
    const calls = [...pending.values()];
    pending.clear();
    for (const call of calls) call.reject(error);
  };

  const gone = (from: Worker, why: string): void => {
    if (from !== worker) return;
    const error = new EngineError('worker-gone', `the worker is gone: ${why}`, { why });
    end(error);
    onGone?.(error);
  };

  const receive = (from: Worker, data: unknown): void => {
    if (from !== worker) return;
    const message = data as ToPage; // both ends are built together
    switch (message.type) {
      case 'alive':
        watch(from, message.lock);
        return;
      case 'news':
        onNews?.(message.news as News);
        return;
      case 'report':
        pending.get(message.id)?.onReport(message.report, message.args);
        return;
      case 'done':
      case 'error': {
        const call = pending.get(message.id);
        pending.delete(message.id);
        if (message.type === 'done') call?.resolve(message.result);
        else call?.reject(rebuildError(message.error));
      }
    }
  };

  /** A worker killed for memory fires no event, but its lock falls: whoever is granted it knows. */
  const watch = (from: Worker, lock: string): void => {
    void globalThis.navigator.locks.request(lock, () => gone(from, 'it was killed')).catch(() => undefined);
  };

  const current = (): Worker => {
    if (worker) return worker;
    const born = spawn();
    worker = born;
    born.addEventListener('message', (event: MessageEvent<unknown>) => receive(born, event.data));
    born.addEventListener('messageerror', () => gone(born, 'a message could not be read'));
    born.addEventListener('error', (event) => {
      gone(born, event.message || 'its script could not be loaded');
    });
    onBorn?.((name, input) => post(born, { type: 'call', id: ++lastId, call: name, input, reports: [] }));
    return born;
  };

  const post = (to: Worker, message: ToWorker): void => to.postMessage(message);

  const call = (name: string, input?: unknown, job: unknown = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const { signal, ...reports } = job as AnyJob;
      if (signal?.aborted) {
        reject(new EngineError('aborted', 'aborted before it began'));
        return;
      }
      const target = current();
      const id = ++lastId;
      const abort = (): void => post(target, { type: 'abort', id });
      const settle =
        <T>(how: (value: T) => void) =>
        (value: T): void => {
          signal?.removeEventListener('abort', abort);
          how(value);
        };
      const listening = Object.keys(reports).filter((report) => typeof reports[report] === 'function');
      pending.set(id, {
        onReport: (report, args) => {
          const listener = reports[report] as ((...args: unknown[]) => void) | undefined;
          if (!signal?.aborted) listener?.(...args);
        },
        resolve: settle(resolve),
        reject: settle(reject),
      });
      signal?.addEventListener('abort', abort, { once: true });
      try {
        post(target, { type: 'call', id, call: name, input, reports: listening });
      } catch (error) {
        // Something that cannot be cloned: nothing was asked.
        pending.get(id)?.reject(failedToPost(name, error));
        pending.delete(id);
      }
    });

  return {
    calls: forwarding<Remote<Calls> & object>({}, call),
    call,
    dispose() {
      end(new EngineError('worker-gone', 'the worker was let go', { why: 'disposed' }));
    },
  };
}

const failedToPost = (call: string, cause: unknown): EngineError =>
  new EngineError('internal', `what ${call} is given cannot be posted: ${String(cause)}`, {}, cause);

/**
 * An object whose methods are `own`, and all others go to `forward`: a client takes every call of its protocol without naming it.
 * It is no promise: `then` is not forwarded.
 */
export function forwarding<Whole extends object>(
  own: Partial<Whole>,
  forward: (name: string, ...parameters: unknown[]) => unknown,
): Whole {
  return new Proxy(own, {
    get(target, name, receiver) {
      if (typeof name === 'symbol' || name === 'then' || name in target) {
        return Reflect.get(target, name, receiver) as unknown;
      }
      return (...parameters: unknown[]) => forward(name, ...parameters);
    },
    // A copy would lose every call that is not its own, in silence.
    ownKeys() {
      throw new TypeError('a client cannot be spread or copied: use forwarding() to add to it');
    },
  }) as Whole;
}
