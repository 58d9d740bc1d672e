import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const { Workbox, messages, made } = vi.hoisted(() => {
  const messages: string[] = [];
  const made: EventTarget[] = [];
  /** Registers, and never says "controlling": as where the browser does not tell. */
  class Workbox extends EventTarget {
    constructor() {
      super();
      made.push(this);
    }
    register = () => Promise.resolve({ active: {} });
    messageSkipWaiting = () => void messages.push('skip waiting');
  }
  return { Workbox, messages, made };
});
vi.mock('workbox-window', () => ({ Workbox }));
vi.mock('../kit/trusted.ts', () => ({ scriptURL: (url: string) => url }));

const { TAKES_OVER_MS, Updates } = await import('./updates.svelte.ts');

let serviceWorker: EventTarget;
let next: EventTarget & { state: string };
let reload: ReturnType<typeof vi.fn>;
let updates: InstanceType<typeof Updates>;

beforeEach(async () => {
  vi.useFakeTimers();
  serviceWorker = new EventTarget();
  reload = vi.fn();
  messages.length = 0;
  vi.stubGlobal('navigator', { serviceWorker });
  vi.stubGlobal('location', { reload });
  updates = new Updates();
  await updates.register();
  next = Object.assign(new EventTarget(), { state: 'installed' });
  made.at(-1)?.dispatchEvent(Object.assign(new Event('waiting'), { sw: next }));
  expect(updates.waiting).toBe(true);
});

/** What the new version tells of itself. */
function turn(state: string): void {
  next.state = state;
  next.dispatchEvent(new Event('statechange'));
}
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('starts the new version once it is active, and only once', () => {
  updates.apply();
  updates.apply();
  expect(messages).toEqual(['skip waiting']);
  expect(reload).not.toHaveBeenCalled();
  // It controls the page while it is still activating: too early.
  turn('activating');
  serviceWorker.dispatchEvent(new Event('controllerchange'));
  expect(reload).not.toHaveBeenCalled();
  turn('activated');
  vi.advanceTimersByTime(10 * TAKES_OVER_MS);
  expect(reload).toHaveBeenCalledTimes(1);
});

it('starts again after a while where the browser never says that it is active', () => {
  updates.apply();
  vi.advanceTimersByTime(TAKES_OVER_MS - 1);
  expect(reload).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100 * TAKES_OVER_MS);
  expect(reload).toHaveBeenCalledTimes(1);
});

it('starts again once it is active, where it takes over only as the page loads', () => {
  updates.apply();
  vi.advanceTimersByTime(TAKES_OVER_MS);
  expect(reload).toHaveBeenCalledTimes(1);
  turn('activating');
  expect(reload).toHaveBeenCalledTimes(1);
  turn('activated');
  expect(reload).toHaveBeenCalledTimes(2);
});
