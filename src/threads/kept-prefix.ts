// The system prompt's keys and values across loads: taken from the disk where a conversation begins, put there after its answer.

import { EngineError } from '../failures.ts';
import type { Engine, Message, Session } from '../engine.ts';

/** Where a loaded model's prefixes are. */
export interface PrefixStore {
  load(tokens: readonly number[]): Promise<Uint8Array<ArrayBuffer> | null>;
  save(tokens: readonly number[], bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  drop(tokens: readonly number[]): Promise<void>;
}

/** Fewer are computed sooner than they are read. */
export const LEAST_PREFIX = 32;

export interface KeptPrefixes {
  /** Gives the session the system prompt of `messages`, where it is on disk and not in the cache. */
  restore(session: Session, messages: readonly Message[], tokens: readonly number[]): Promise<void>;
  /** Puts the system prompt on disk, where the session holds it and it is not there. */
  keep(session: Session): Promise<void>;
}

/** What every conversation with these instructions begins with: where two of them part. */
function systemPrefix(engine: Engine, messages: readonly Message[], tokens: readonly number[]): number[] {
  const [system] = messages;
  if (system?.role !== 'system') return [];
  const [one, other] = ['1', '¿'].map((content) => engine.encodeChat([system, { role: 'user', content }]));
  let end = 0;
  while (end < tokens.length && one![end] === tokens[end] && other![end] === tokens[end]) end++;
  return tokens.slice(0, end);
}

export function keptPrefixes(engine: Engine, store: PrefixStore): KeptPrefixes {
  /** Read or written since the load: nothing to do for them again. */
  const known = new Set<string>();
  let wanted: number[] = [];
  const { prefix: reuse } = engine.capabilities;

  return {
    async restore(session, messages, tokens) {
      wanted = [];
      const prefix = systemPrefix(engine, messages, tokens);
      if (!reuse?.bytes || prefix.length < LEAST_PREFIX) return;
      wanted = prefix;
      if (reuse.common(session, prefix) === prefix.length) return;
      const bytes = await store.load(prefix);
      if (!bytes) return;
      try {
        await reuse.bytes.import(session, prefix, bytes);
        known.add(prefix.join());
      } catch (error) {
        if (error instanceof EngineError && error.reason !== 'internal') throw error;
        await store.drop(prefix);
      }
    },
    async keep(session) {
      const prefix = wanted;
      const name = prefix.join();
      if (!reuse?.bytes || prefix.length === 0 || known.has(name)) return;
      if (reuse.common(session, prefix) !== prefix.length) return;
      await store.save(prefix, await reuse.bytes.export(session, prefix.length));
      known.add(name);
    },
  };
}
