// How an engine's worker, which may start nothing itself, has the page start a thread of the CPU engine, and ends it.

/** To the page, as an event of the worker's, with a port for the talk about one thread. */
export interface ThreadWish {
  type: 'thread';
}

/** Over that port, from the worker. `start` is passed on to the thread as it is, once the page has said "go". */
export type ThreadOrder = { type: 'start'; start: unknown } | { type: 'end' };

/** Over that port, from the page. */
export type ThreadWord = { type: 'go' } | { type: 'ready' } | { type: 'failed'; why: string };

/** What a thread that is only tried for is told, and answers. */
export const CANARY = 'canary';
