// What the browser says about room. Its numbers are bounds it is willing to tell, not free disk space.

export interface StorageEstimate {
  /** Bytes in use by this origin; null where the browser does not tell. */
  usage: number | null;
  /** Bytes this origin may use at most; null where the browser does not tell. */
  quota: number | null;
  /** true: the browser will not evict by itself. null where it does not tell. */
  persisted: boolean | null;
}

/** `navigator.storage` is missing outside secure contexts and in old browsers. */
const manager = (): StorageManager | undefined =>
  (globalThis as { navigator?: { storage?: StorageManager } }).navigator?.storage;

/** Never throws: what a browser refuses to tell is null. */
export async function storageEstimate(): Promise<StorageEstimate> {
  const storage = manager();
  const [estimate, kept] = await Promise.all([
    storage?.estimate?.().catch(() => undefined),
    storage?.persisted?.().catch(() => undefined),
  ]);
  return { usage: estimate?.usage ?? null, quota: estimate?.quota ?? null, persisted: kept ?? null };
}

/**
 * Asks that this origin's data be kept when disk runs short; browsers may ask the person, so call it on a click.
 * Only pages have it. @returns whether data is now kept
 */
export async function requestPersistence(): Promise<boolean> {
  const storage = manager() as { persist?: () => Promise<boolean> } | undefined;
  try {
    return (await storage?.persist?.()) ?? false;
  } catch {
    return false;
  }
}
