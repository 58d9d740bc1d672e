// Several conversations on one loaded model: each keeps what was computed of it while memory allows, and a new one begins with
// what it shares with another (the system prompt, a document). The page knows nothing of this: it always sends all messages.

import type { Engine, Session } from '../engine.ts';

export interface SessionPool {
  /**
   * The session to continue with `tokens`, made ready: it holds as much of their beginning as any session does.
   * @param ephemeral a temporary or locked conversation: what is computed of it is given back when another's turn comes
   */
  take(tokens: readonly number[], ephemeral?: boolean): Promise<Session>;
  /** Gives back the memory of all but `kept`. Returns whether there were others. */
  shrink(kept: Session): boolean;
  /** Of the session used last; for reports. */
  readonly position: number;
  /** Used last first; at least one until it is disposed of. */
  readonly sessions: readonly Session[];
  dispose(): void;
}

/** Conversations whose computed tokens are kept. */
const MOST = 3;
/** Bytes that sessions may hold apart from the one in use: the cache of an 8B model for 4,096 tokens. */
const SPARE_BYTES = 512 * 2 ** 20;
/** Tokens of another conversation that may be thrown away: computing them again is quick. */
const CHEAP = 128;

/** @param engine its sessions are the pool's to dispose of */
export function createSessionPool(engine: Engine): SessionPool {
  /** Used last first. */
  let sessions: Session[] = [engine.createSession()];
  const ephemerals = new WeakSet<Session>();

  const { prefix } = engine.capabilities;
  const common = (session: Session, tokens: readonly number[]): number =>
    prefix?.common(session, tokens) ?? 0;

  function drop(session: Session): void {
    sessions = sessions.filter((each) => each !== session);
    session.dispose();
  }

  return {
    async take(tokens, ephemeral = false) {
      if (!ephemeral) sessions.filter((each) => ephemerals.has(each)).forEach(drop);
      if (sessions.length === 0) sessions = [engine.createSession()];
      const best = sessions.reduce((a, b) => (common(b, tokens) > common(a, tokens) ? b : a));
      const shared = common(best, tokens);
      let session = best;
      const lost = best.position - shared;
      if (lost > CHEAP && prefix) {
        // Another conversation goes on in `best`: this one gets a session of its own, the one longest unused at worst.
        const spare = sessions.reduce((sum, each) => sum + each.bytes, 0);
        const spareLeft = sessions.length < MOST && spare <= SPARE_BYTES;
        const oldest = sessions.at(-1)!;
        session = spareLeft ? engine.createSession() : oldest;
        if (session !== best && shared > common(session, tokens)) await prefix.copy(best, session, shared);
      }
      sessions = [session, ...sessions.filter((each) => each !== session)];
      if (ephemeral) {
        sessions.slice(1).forEach((each) => ephemerals.has(each) && drop(each));
        ephemerals.add(session);
      }
      while (
        sessions.length > 1 &&
        sessions.slice(1).reduce((sum, each) => sum + each.bytes, 0) > SPARE_BYTES
      ) {
        drop(sessions.at(-1)!);
      }
      return session;
    },
    shrink(kept) {
      const others = sessions.filter((each) => each !== kept);
      others.forEach(drop);
      return others.length > 0;
    },
    get position() {
      return sessions[0]?.position ?? 0;
    },
    get sessions() {
      return sessions;
    },
    dispose() {
      sessions.forEach((session) => session.dispose());
      sessions = [];
    },
  };
}
