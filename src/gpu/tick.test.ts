import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { needsTick, waiting } from './tick.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('waiting', () => {
  it('makes the browser look while somebody waits, and never else', async () => {
    const submit = vi.fn();
    const wait = waiting({ submit }, true);
    const settle: (() => void)[] = [];
    const both = [
      wait(new Promise<void>((r) => settle.push(r))),
      wait(new Promise<void>((r) => settle.push(r))),
    ];
    await vi.advanceTimersByTimeAsync(40);
    expect(submit).toHaveBeenCalledTimes(10);
    expect(submit).toHaveBeenCalledWith([]);
    settle[0]!();
    await both[0];
    await vi.advanceTimersByTimeAsync(40);
    expect(submit).toHaveBeenCalledTimes(20);
    settle[1]!();
    await both[1];
    await vi.advanceTimersByTimeAsync(400);
    expect(submit).toHaveBeenCalledTimes(20);
    await expect(wait(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does nothing where it is not needed', async () => {
    const submit = vi.fn();
    const wait = waiting({ submit }, false);
    const late = wait(new Promise((resolve) => setTimeout(() => resolve('done'), 500)));
    await vi.advanceTimersByTimeAsync(500);
    expect(await late).toBe('done');
    expect(submit).not.toHaveBeenCalled();
  });

  it('is for Firefox alone', () => {
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';
    const chrome =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
    expect([firefox, chrome, 'Node.js/20', undefined].map(needsTick)).toEqual([true, false, false, false]);
  });
});
