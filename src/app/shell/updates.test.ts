import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const { Workbox, messages } = vi.hoisted(() => {
  const messages: string[] = [];
  /** Registers, and never says "controlling": as where the browser does not tell. */
  class Workbox extends EventTarget {
    register = () => Promise.resolve({ active: {} });
    messageSkipWaiting = () => void messages.push('skip waiting');
  }
  return { Workbox, messages };
});
vi.mock('workbox-window', () => ({ Workbox }));
vi.mock('../kit/trusted.ts', () => ({ scriptURL: (url: string) => url }));

const { TAKES_OVER_MS, Updates } = await import('./updates.svelte.ts');

let serviceWorker: EventTarget;
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
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('starts the new version once it controls the page, and only once', () => {
  updates.apply();
  updates.apply();
  expect(messages).toEqual(['skip waiting']);
  expect(reload).not.toHaveBeenCalled();
  serviceWorker.dispatchEvent(new Event('controllerchange'));
  serviceWorker.dispatchEvent(new Event('controllerchange'));
  vi.advanceTimersByTime(10 * TAKES_OVER_MS);
  expect(reload).toHaveBeenCalledTimes(1);
});

it('starts again after a while where the browser never says that it does', () => {
  updates.apply();
  vi.advanceTimersByTime(TAKES_OVER_MS - 1);
  expect(reload).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(reload).toHaveBeenCalledTimes(1);
});
