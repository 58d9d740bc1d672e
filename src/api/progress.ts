// One progress of a load, from 0 to 1, out of what downloads, weights and pipelines say: it never falls.

import type { InitProgressReport } from './types.ts';

/** What a download is of a load that has one; the rest is loading. */
const DOWNLOAD_SHARE = 0.8;
/** Pipelines compile while weights load. */
const WEIGHTS_SHARE = 0.8;

export interface LoadProgress {
  downloading(report: Pick<InitProgressReport, 'progress' | 'text'>): void;
  loading(phase: 'weights' | 'pipelines', done: number, total: number): void;
  loaded(id: string): void;
}

export function loadProgress(
  onProgress: (report: InitProgressReport) => void,
  now: () => number = () => performance.now(),
): LoadProgress {
  const started = now();
  let told = 0;
  let base = 0;
  const parts = { weights: 0, pipelines: 0 };
  const report = (progress: number, text: string): void => {
    told = Math.max(told, Math.min(1, progress));
    onProgress({ progress: told, text, timeElapsed: (now() - started) / 1000 });
  };
  return {
    downloading({ progress, text }) {
      base = DOWNLOAD_SHARE;
      report(progress * DOWNLOAD_SHARE, text);
    },
    loading(phase, done, total) {
      parts[phase] = total > 0 ? done / total : 0;
      const share = parts.weights * WEIGHTS_SHARE + parts.pipelines * (1 - WEIGHTS_SHARE);
      // Whole only when everything is: tuning and the session come after.
      report(base + (1 - base) * share * 0.99, `Loading ${phase}: ${done} of ${total}`);
    },
    loaded: (id) => report(1, `Loaded ${id}`),
  };
}
