// Which ways out of this worker its policy closes, found out by trying each. A host that sends no headers would otherwise break
// the promise in silence.

import { DOORS } from '../wire/doors.ts';
import type { Door, Doors } from '../wire/doors.ts';

/** Resolves where something came through, rejects where it was refused; undefined: there is no such way here. */
export type Attempt = (() => Promise<unknown>) | undefined;

/**
 * Those that work on any host that lets them: refused, they are closed. They go to `data:` as well as to the own origin, for a
 * `data:` needs no connection (being offline is not taken for a policy) and a policy that is too wide opens the own origin alone.
 */
const TELLING: ReadonlySet<Door> = new Set(['fetch', 'XMLHttpRequest', 'Worker']);

/**
 * @param attempts all that are tried for a door: it is open where one of them is
 * @param violated what the policy refused, by the directive that a violation names; asked once all attempts have ended
 */
export async function tryDoors(
  attempts: Record<Door, readonly Attempt[]>,
  violated: () => Promise<ReadonlySet<Door>>,
): Promise<Doors> {
  const came = await Promise.all(DOORS.map((door) => through(attempts[door])));
  const refused = await violated();
  return Object.fromEntries(
    DOORS.map((door, i): [Door, Doors[Door]] => {
      const reached = came[i];
      if (reached === undefined) return [door, 'absent'];
      if (reached) return [door, 'open'];
      return [door, TELLING.has(door) || refused.has(door) ? 'closed' : 'untold'];
    }),
  ) as Doors;
}

async function through(attempts: readonly Attempt[]): Promise<boolean | undefined> {
  const there = attempts.filter((attempt) => attempt !== undefined);
  if (there.length === 0) return undefined;
  for (const attempt of there) {
    try {
      await attempt();
      return true;
    } catch {
      // refused: what the next one says counts
    }
  }
  return false;
}

/** Whether the policy holds: no way is open, and those that tell were tried. */
export const enforced = (doors: Doors): boolean =>
  !Object.values(doors).includes('open') && [...TELLING].every((door) => doors[door] === 'closed');
