// Capabilities take sessions as the seam knows them; an engine works on its own kind.

import type { PrefixReuse, Session } from '../engine.ts';
import { EngineError } from '../failures.ts';

/** `session` as one of `sessions`. Throws "internal" where it is another engine's, or disposed of. */
export function ownSession<Own extends Session>(sessions: ReadonlySet<Own>, session: Session): Own {
  for (const own of sessions) if (own === session) return own;
  throw new EngineError('internal', 'A session of another engine');
}

interface Sharing<Own> extends Session {
  common(tokens: readonly number[]): number;
  copyFrom(from: Own, count: number): Promise<void>;
}

/** The capability `prefix` over sessions that share among themselves. */
export function prefixReuse<Own extends Sharing<Own>>(
  sessions: ReadonlySet<Own>,
  bytes?: PrefixReuse['bytes'],
): PrefixReuse {
  return {
    common: (session, tokens) => ownSession(sessions, session).common(tokens),
    copy: async (from, to, count) => {
      await ownSession(sessions, to).copyFrom(ownSession(sessions, from), count);
    },
    ...(bytes && { bytes }),
  };
}
