import { expect, test } from 'vitest';
import { EngineError } from '../failures.ts';
import type { Engine, Message, PrefixReuse, Session } from '../engine.ts';
import { keptPrefixes, LEAST_PREFIX } from './kept-prefix.ts';

/** One token a character, roles and messages' ends by numbers that no character has. */
const encodeChat = (messages: readonly Message[]): number[] => [
  ...messages.flatMap(({ role, content }) => [
    role === 'system' ? -1 : -2,
    ...Array.from(content, (each) => each.codePointAt(0)!),
    -3,
  ]),
  -4,
];
const SYSTEM = 'Responde siempre con paciencia y con ejemplos.';
const chat = (user: string, system = SYSTEM): Message[] => [
  ...(system ? [{ role: 'system' as const, content: system }] : []),
  { role: 'user', content: user },
];

function fakes(stored: Uint8Array<ArrayBuffer> | null = null) {
  let held: readonly number[] = [];
  let refusal: EngineError | null = null;
  const did: string[] = [];
  const common = (tokens: readonly number[]): number => {
    const end = tokens.findIndex((token, i) => held[i] !== token);
    return end === -1 ? tokens.length : end;
  };
  const session = {} as Session;
  const prefix: PrefixReuse = {
    common: (_, tokens) => common(tokens),
    copy: () => Promise.resolve(),
    bytes: {
      layout: 'test',
      export: (_, count) => Promise.resolve(new Uint8Array(count)),
      import: (_, tokens) => {
        if (refusal) return Promise.reject(refusal);
        held = tokens;
        did.push(`import ${tokens.length}`);
        return Promise.resolve();
      },
    },
  };
  const engine = { encodeChat, capabilities: { prefix } } as unknown as Engine;
  const store = {
    load: (tokens: readonly number[]) => {
      did.push(`load ${tokens.length}`);
      return Promise.resolve(stored);
    },
    save: (tokens: readonly number[], bytes: Uint8Array) => {
      did.push(`save ${tokens.length} ${bytes.length}`);
      return Promise.resolve();
    },
    drop: (tokens: readonly number[]) => {
      did.push(`drop ${tokens.length}`);
      return Promise.resolve();
    },
  };
  return {
    did,
    engine,
    store,
    session,
    hold: (tokens: readonly number[]) => (held = tokens),
    refuse: (error: EngineError) => (refusal = error),
  };
}
/** The system message with its marks, and the mark of the user's. */
const LENGTH = SYSTEM.length + 3;

test('computed once, kept once', async () => {
  const { did, engine, store, session, hold } = fakes();
  const kept = keptPrefixes(engine, store);
  for (const user of ['hola', 'chau']) {
    const tokens = encodeChat(chat(user));
    await kept.restore(session, chat(user), tokens);
    hold(tokens);
    await kept.keep(session);
  }
  expect(did).toEqual([`load ${LENGTH}`, `save ${LENGTH} ${LENGTH}`]);
});

test('taken from the disk where it is there, and not written again', async () => {
  const { did, engine, store, session, hold } = fakes(new Uint8Array(1));
  const kept = keptPrefixes(engine, store);
  const tokens = encodeChat(chat('hola'));
  await kept.restore(session, chat('hola'), tokens);
  hold(tokens);
  await kept.keep(session);
  expect(did).toEqual([`load ${LENGTH}`, `import ${LENGTH}`]);
});

test('bytes that the engine refuses are deleted; want of memory is not their fault', async () => {
  const { did, engine, store, session, refuse } = fakes(new Uint8Array(1));
  const kept = keptPrefixes(engine, store);
  const tokens = encodeChat(chat('hola'));
  refuse(new EngineError('internal', 'too few bytes'));
  await kept.restore(session, chat('hola'), tokens);
  expect(did.splice(0)).toEqual([`load ${LENGTH}`, `drop ${LENGTH}`]);
  refuse(new EngineError('out-of-memory', 'no'));
  await expect(kept.restore(session, chat('hola'), tokens)).rejects.toMatchObject({
    reason: 'out-of-memory',
  });
  expect(did).toEqual([`load ${LENGTH}`]);
});

test('nothing of the user, nothing short, nothing without instructions', async () => {
  const { did, engine, store, session, hold } = fakes();
  const kept = keptPrefixes(engine, store);
  const short = 'x'.repeat(LEAST_PREFIX - 4);
  // What the user says is never part of it, not even where it begins as the probes do.
  for (const messages of [chat('hola', ''), chat('hola', short), chat('1 y 1')]) {
    const tokens = encodeChat(messages);
    await kept.restore(session, messages, tokens);
    hold(tokens);
    await kept.keep(session);
  }
  expect(did).toEqual([`load ${LENGTH}`, `save ${LENGTH} ${LENGTH}`]);
});
