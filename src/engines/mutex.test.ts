import { expect, it } from 'vitest';
import { createMutex } from './mutex.ts';

it('runs one after another, in the order asked, past failures too', async () => {
  const mutex = createMutex();
  const seen: string[] = [];
  const step = (name: string, fails = false) =>
    mutex.run(async () => {
      seen.push(`${name} begins`);
      await Promise.resolve();
      seen.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const all = await Promise.allSettled([step('a'), step('b', true), step('c')]);
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});
