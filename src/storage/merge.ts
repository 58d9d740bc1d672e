// What somebody changed of a record since they read it, done to what is stored now: another tab may have changed the rest.

export const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** `stored` with the fields in which `mine` differs from `base`. @param base null: all of `mine` */
export function mergeFields<T extends object>(
  base: T | null,
  mine: T,
  stored: T,
  skip: ReadonlySet<string> = new Set(),
): T {
  const next = { ...stored } as Record<string, unknown>;
  const [from, to] = [base, mine] as [Record<string, unknown> | null, Record<string, unknown>];
  for (const key of new Set([...Object.keys(from ?? {}), ...Object.keys(to)])) {
    if (skip.has(key) || (from && same(from[key], to[key]))) continue;
    if (to[key] === undefined) delete next[key];
    else next[key] = to[key];
  }
  return next as T;
}

/** `stored` without what `mine` took from the list, and with what it added. */
export function mergeList<T>(base: readonly T[], mine: readonly T[], stored: readonly T[]): T[] {
  const kept = stored.filter((each) => mine.includes(each) || !base.includes(each));
  return [...kept, ...mine.filter((each) => !base.includes(each) && !kept.includes(each))];
}

/** The same of entries with an id. One that another tab deleted stays away, unless `mine` changed it: those words are new. */
export function mergeById<T extends { readonly id: string }>(
  base: readonly T[],
  mine: readonly T[],
  stored: readonly T[],
): T[] {
  const byId = (list: readonly T[]): Map<string, T> => new Map(list.map((each) => [each.id, each]));
  const [before, now, there] = [byId(base), byId(mine), byId(stored)];
  const kept = stored.flatMap((each) => {
    const own = now.get(each.id);
    const old = before.get(each.id);
    if (own) return [mergeFields(old ?? null, own, each)];
    return old ? [] : [each];
  });
  const added = mine.filter(({ id }) => !there.has(id) && !same(before.get(id), now.get(id)));
  return [...kept, ...added];
}
