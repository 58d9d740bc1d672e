// Questions to the service worker: what it has stored, and to cut the network while the app proves that it needs none.

export interface ShellState {
  /** Files the shell is made of. */
  files: number;
  missing: readonly string[];
}

/** It answers at once; one that does not is gone. */
const PATIENCE_MS = 10_000;
/** Well within the time after which a cut ends by itself. */
const KEEP_CUT_MS = 10_000;

/** undefined where there is no service worker, or it does not answer. */
async function ask<T>(type: string): Promise<T | undefined> {
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  const worker = registration?.active;
  if (!worker) return undefined;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
    port1.onmessage = ({ data }) => {
      clearTimeout(timer);
      port1.close();
      resolve(data as T); // both ends are built together
    };
    worker.postMessage({ type }, [port2]);
  });
}

export const shellState = (): Promise<ShellState | undefined> => ask<ShellState>('SHELL');

/** Fetches what is missing of the shell. @returns whether it is whole now */
export const mendShell = async (): Promise<boolean> =>
  (await ask<{ mended: boolean }>('MEND'))?.mended ?? false;

/** Files that another app shared with this one. */
export const sharedFiles = async (): Promise<readonly File[]> =>
  (await ask<{ files: readonly File[] }>('SHARED'))?.files ?? [];

/** Requests that arrived while the network was cut, and those that the stored shell could not answer. */
export interface CutCount {
  asked: number;
  refused: readonly string[];
}

/** Runs `work` while nothing of this app, workers included, reaches a network. undefined where nobody can cut it. */
export async function withoutNetwork<T>(
  work: () => Promise<T>,
): Promise<{ result: T; count: CutCount } | undefined> {
  if (!navigator.serviceWorker?.controller || !(await ask('CUT'))) return undefined;
  const keep = setInterval(() => void ask('CUT'), KEEP_CUT_MS);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await ask('MEET');
    throw error;
  } finally {
    clearInterval(keep);
  }
  const count = await ask<CutCount>('MEET');
  return count && { result, count };
}
