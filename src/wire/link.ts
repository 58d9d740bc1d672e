// One page-side line to one worker: ids, pending calls, aborts, death and respawn. Both clients are thin typings of it.

import { EngineError, type Failure } from '../failures.ts';

export type WireError = Failure & { message: string };

export const rebuildError = ({ reason, message, details }: WireError): EngineError =>
  new EngineError(reason, message, details);

/** What a worker may say; `id` absent: an event of its own. */
type AnyReply = { type: string; id?: number };
type Done<Reply> = Extract<Reply, { type: 'done' }>;
type Push<Reply> = Exclude<Reply, { type: 'done' } | { type: 'error' }>;
type WithoutId<Request> = Request extends unknown ? Omit<Request, 'id'> : never;

export interface CallOptions<Reply> {
  /** Everything that comes before the end. Never called after `signal` aborts. */
  onPush?: ((reply: Push<Reply>) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface Link<Request, Reply> {
  /**
   * Settles with the worker's "done". Rejects with the worker's error rebuilt, with "worker-gone" when the worker dies,
   * with "aborted" when `signal` was aborted before the call. An abort afterwards is the worker's to answer.
   */
  call(request: WithoutId<Request>, options?: CallOptions<Reply>): Promise<Done<Reply>>;
  /** Ends the worker; what is pending rejects with "worker-gone". A later call spawns a new one. */
  dispose(): void;
}

interface Pending<Reply> {
  onPush: (reply: Push<Reply>) => void;
  resolve: (reply: Done<Reply>) => void;
  reject: (error: EngineError) => void;
}

/**
 * @param spawn makes the worker (the page owns the Trusted Types policy that worker URLs need); called again after a death
 * @param onEvent messages without id
 * @param onGone the worker died by itself
 */
export function createLink<Request extends { id: number }, Reply extends AnyReply>(
  spawn: () => Worker,
  onEvent: (reply: Push<Reply>) => void,
  onGone: (error: EngineError) => void,
): Link<Request, Reply> {
  const pending = new Map<number, Pending<Reply>>();
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
    onGone(error);
  };

  const hear = (from: Worker, data: unknown): void => {
    if (from !== worker) return;
    const reply = data as Reply; // both ends are built together
    if (reply.type === 'alive') {
      watch(from, (data as { lock: string }).lock);
      return;
    }
    if (reply.id === undefined) {
      onEvent(reply as Push<Reply>);
      return;
    }
    const call = pending.get(reply.id);
    if (!call) return;
    if (reply.type === 'done') {
      pending.delete(reply.id);
      call.resolve(reply as Done<Reply>);
    } else if (reply.type === 'error') {
      pending.delete(reply.id);
      call.reject(rebuildError((data as { error: WireError }).error));
    } else {
      call.onPush(reply as Push<Reply>);
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
    born.addEventListener('message', (event: MessageEvent<unknown>) => hear(born, event.data));
    born.addEventListener('messageerror', () => gone(born, 'a message could not be read'));
    born.addEventListener('error', (event) => {
      gone(born, event.message || 'its script could not be loaded');
    });
    return born;
  };

  return {
    call(request, { onPush, signal } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(new EngineError('aborted', 'aborted before it began'));
          return;
        }
        const id = ++lastId;
        const target = current();
        const abort = (): void => target.postMessage({ type: 'abort', id });
        const settle =
          <T>(how: (value: T) => void) =>
          (value: T): void => {
            signal?.removeEventListener('abort', abort);
            how(value);
          };
        pending.set(id, {
          onPush: (reply) => {
            if (!signal?.aborted) onPush?.(reply);
          },
          resolve: settle(resolve),
          reject: settle(reject),
        });
        signal?.addEventListener('abort', abort, { once: true });
        target.postMessage({ ...request, id });
      });
    },
    dispose() {
      end(new EngineError('worker-gone', 'the worker was let go', { why: 'disposed' }));
    },
  };
}
