// A worker and its page in one thread: messages are cloned and arrive later, as between real ones; it can be killed.

import type { Scope } from '../../src/wire/serve.ts';

type Listener = (event: { data: unknown; message: string }) => void;
interface InsideEvent {
  data: unknown;
  ports: readonly Transferable[];
  stopImmediatePropagation: () => void;
}

export interface PairedWorker {
  /** What the page holds. */
  worker: Worker;
  /** Ends it as a crash does, with the event the page sees. */
  crash(kind: 'error' | 'messageerror', message?: string): void;
  /** Ends it as a browser short of memory does: no event at all. */
  kill(): void;
  readonly terminated: boolean;
}

export function pairedWorker(run: (scope: Scope) => void): PairedWorker {
  const page = new Map<string, Listener>();
  const inside: ((event: InsideEvent) => void)[] = [];
  let alive = true;
  const later = (work: () => void): void => {
    setTimeout(() => {
      if (alive) work();
    }, 0);
  };
  run({
    postMessage: (message) => {
      const data: unknown = structuredClone(message);
      later(() => page.get('message')?.({ data, message: '' }));
    },
    addEventListener: (_, listener) => inside.push(listener),
  });
  const worker = {
    postMessage: (message: unknown, ports: readonly Transferable[] = []) => {
      const data: unknown = structuredClone(message);
      later(() => {
        let stopped = false;
        const event = { data, ports, stopImmediatePropagation: () => (stopped = true) };
        for (const listener of inside) if (!stopped) listener(event);
      });
    },
    addEventListener: (type: string, listener: Listener) => page.set(type, listener),
    terminate: () => {
      alive = false;
    },
  };
  return {
    worker: worker as unknown as Worker,
    crash: (kind, message = '') => {
      page.get(kind)?.({ data: undefined, message });
    },
    kill: () => {
      alive = false;
    },
    get terminated() {
      return !alive;
    },
  };
}
