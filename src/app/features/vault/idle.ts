// Closes the vault of a computer that somebody walked away from.

const CHECK_MS = 5_000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

export interface IdleOptions {
  /** null: time alone never locks. */
  minutes: number | null;
  onHide: boolean;
  /** @param tell the other tabs too: one that is in use must not be closed by one that is not */
  lock: (tell: boolean) => void;
}

/** @returns stops watching */
export function watchIdle({ minutes, onHide, lock }: IdleOptions): () => void {
  let last = Date.now();
  const sign = (): void => {
    last = Date.now();
  };
  // By the clock, not by one long timer: a laptop that slept has been idle for as long.
  const timer = setInterval(() => {
    if (minutes !== null && Date.now() - last >= minutes * 60_000) lock(false);
  }, CHECK_MS);
  const hidden = (): void => {
    if (onHide && document.visibilityState === 'hidden') lock(false);
  };
  // A page that the browser keeps for "back" keeps its memory.
  const leaves = (): void => lock(false);
  for (const name of SIGNS) window.addEventListener(name, sign, { passive: true });
  document.addEventListener('visibilitychange', hidden);
  window.addEventListener('pagehide', leaves);
  return () => {
    clearInterval(timer);
    for (const name of SIGNS) window.removeEventListener(name, sign);
    document.removeEventListener('visibilitychange', hidden);
    window.removeEventListener('pagehide', leaves);
  };
}
