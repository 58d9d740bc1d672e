// The page's part in the CPU engine's threads: it starts them for the engine's worker, whose policy lets it start nothing, so that
// whatever runs in there can reach no thread with another policy. Loaded only when a worker asks.

import type { ThreadOrder, ThreadWord } from './thread-protocol.ts';

/** More than an engine takes: a worker that asks for more is refused. */
export const MOST_THREADS = 15;

/** Of each worker, what runs for it; gone together with it. */
const threadsOf = new WeakMap<Worker, Set<Worker>>();

/**
 * Starts one thread, once `owner` still wants it, and ends it with `owner`.
 * @param spawn starts the one script that a thread may be
 */
export function hostThread(owner: Worker, port: MessagePort, spawn: () => Worker): void {
  const threads = threadsOf.get(owner) ?? endingWith(owner);
  let thread: Worker | undefined;
  const say = (word: ThreadWord): void => port.postMessage(word);
  const end = (): void => {
    thread?.terminate();
    if (thread) threads.delete(thread);
    thread = undefined;
    port.close();
  };
  port.onmessage = ({ data }: MessageEvent<ThreadOrder>) => {
    if (data.type === 'end') {
      end();
      return;
    }
    if (thread) return;
    if (threads.size >= MOST_THREADS) {
      say({ type: 'failed', why: `there are ${MOST_THREADS} already` });
      return;
    }
    thread = spawn();
    threads.add(thread);
    thread.onmessage = () => say({ type: 'ready' });
    thread.onerror = (event) =>
      say({ type: 'failed', why: event.message || 'its script could not be loaded' });
    thread.onmessageerror = () => say({ type: 'failed', why: 'its memory could not be shared' });
    thread.postMessage(data.start);
  };
  // A worker that died meanwhile answers nothing to this, and no thread is started for it.
  say({ type: 'go' });
}

/** However the worker is ended, its threads are: they sleep on a memory that nobody writes to any more. */
function endingWith(owner: Worker): Set<Worker> {
  const threads = new Set<Worker>();
  threadsOf.set(owner, threads);
  const terminate = owner.terminate.bind(owner);
  owner.terminate = () => {
    for (const thread of threads) thread.terminate();
    threads.clear();
    terminate();
  };
  return threads;
}
