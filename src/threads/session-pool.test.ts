import { expect, test } from 'vitest';
import type { Engine, PrefixReuse, Session } from '../engine.ts';
import { commonPrefix } from '../engines/generate.ts';
import { createSessionPool } from './session-pool.ts';

interface Fake extends Session {
  held: number[];
  alive: boolean;
}

/** Sessions that only remember what they hold; `bytes` for each token. */
function fakeEngine(bytes = 1): { engine: Engine; made: Fake[] } {
  const made: Fake[] = [];
  const createSession = (): Session => {
    const session: Fake = {
      held: [],
      alive: true,
      get position() {
        return this.held.length;
      },
      get bytes() {
        return this.held.length * bytes;
      },
      sync(tokens) {
        this.held = [...tokens];
        return Promise.resolve({ reused: 0, prefilled: 0 });
      },
      generate: () => Promise.reject(new Error('not here')),
      logits: () => Promise.reject(new Error('not here')),
      dispose() {
        this.alive = false;
      },
    };
    made.push(session);
    return session;
  };
  const prefix: PrefixReuse = {
    common: (session, tokens) => commonPrefix((session as Fake).held, tokens),
    copy(from, to, count) {
      (to as Fake).held = (from as Fake).held.slice(0, count);
      return Promise.resolve();
    },
  };
  return { engine: { createSession, capabilities: { prefix } } as unknown as Engine, made };
}

const SYSTEM = Array.from({ length: 60 }, (_, i) => i);
const talk = (start: number, length = 300) => [...SYSTEM, ...Array.from({ length }, (_, i) => start + i)];

test('a conversation goes on where it is held; another gets a session of its own, with what they share', async () => {
  const { engine, made } = fakeEngine();
  const pool = createSessionPool(engine);
  const a = await pool.take(talk(1000));
  await a.sync(talk(1000));
  // Edited near its end: the same session, cut back.
  expect(await pool.take([...talk(1000, 290), 5])).toBe(a);
  const b = await pool.take(talk(2000));
  expect(b).not.toBe(a);
  expect((b as Fake).held).toEqual(SYSTEM);
  expect((a as Fake).held.length).toBe(360);
  await b.sync(talk(2000));
  // Back and forth: nothing is computed again.
  expect(await pool.take([...talk(1000), 1])).toBe(a);
  expect(await pool.take([...talk(2000), 1])).toBe(b);
  expect(made.length).toBe(2);
});

test('keeps three, and takes the one longest unused', async () => {
  const { engine, made } = fakeEngine();
  const pool = createSessionPool(engine);
  for (const start of [1000, 2000, 3000]) await (await pool.take(talk(start))).sync(talk(start));
  expect(made.length).toBe(3);
  const again = await pool.take(talk(4000));
  expect(again).toBe(made[0]);
  expect(engine.capabilities.prefix!.common(again, talk(4000))).toBe(60);
  expect(pool.sessions.length).toBe(3);
});

test('memory bounds them: large caches are given back, and all but one on demand', async () => {
  const { engine, made } = fakeEngine(2 ** 21);
  const pool = createSessionPool(engine);
  for (const start of [1000, 2000, 3000]) await (await pool.take(talk(start))).sync(talk(start));
  expect(pool.sessions.length).toBeLessThan(3);
  const session = await pool.take(talk(3000));
  pool.shrink(session);
  expect(pool.sessions.length).toBe(1);
  expect(pool.shrink(session)).toBe(false);
  expect(made.filter(({ alive }) => alive)).toEqual([session]);
  pool.dispose();
  expect(made.some(({ alive }) => alive)).toBe(false);
});

test('a short beginning of another conversation is not worth a session', async () => {
  const { engine } = fakeEngine();
  const pool = createSessionPool(engine);
  const a = await pool.take(talk(1000, 40));
  await a.sync(talk(1000, 40));
  expect(await pool.take(talk(2000))).toBe(a);
});

test('of a temporary or locked conversation nothing stays when another’s turn comes', async () => {
  const { engine, made } = fakeEngine();
  const pool = createSessionPool(engine);
  await (await pool.take(talk(1000))).sync(talk(1000));
  const hidden = await pool.take(talk(2000), true);
  await hidden.sync(talk(2000));
  expect(await pool.take([...talk(2000), 1], true)).toBe(hidden);
  const other = await pool.take(talk(3000), true);
  expect(other).not.toBe(hidden);
  expect((hidden as Fake).alive).toBe(false);
  const open = await pool.take([...talk(1000), 4]);
  expect(open).toBe(made[0]);
  expect((other as Fake).alive).toBe(false);
  // Where it was the only one, too.
  await pool.take([...talk(1000), 4, 5], true);
  await pool.take([...talk(1000), 4, 5, 6]);
  expect(made[0]!.alive).toBe(false);
  expect(pool.sessions.length).toBe(1);
});
