// Lets the event loop run between tokens, so that an abort or a message can arrive.

export interface EventLoopYield {
  next(): Promise<void>;
  /** Or Node stays awake for it. */
  close(): void;
}

/**
 * A message to oneself: setTimeout would wait 4 ms once nested, as long as several tokens of a small model take. Node
 * handles up to a thousand messages before it looks at anything else, but has setImmediate.
 */
export function createYield(): EventLoopYield {
  const { setImmediate } = globalThis as { setImmediate?: (call: () => void) => unknown };
  if (setImmediate) {
    return { next: () => new Promise((resolve) => setImmediate(resolve)), close: () => undefined };
  }
  const { port1, port2 } = new MessageChannel();
  let resume: () => void = () => undefined;
  port1.onmessage = () => resume();
  return {
    next: () =>
      new Promise((resolve) => {
        resume = resolve;
        port2.postMessage(0);
      }),
    close: () => port1.close(),
  };
}
