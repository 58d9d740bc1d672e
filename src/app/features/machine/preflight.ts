// Whether this browser can hold models and run the engine, before anything is downloaded.

import type { Probe } from '../../../wire/engine-protocol.ts';
import type { GpuFault, Platform, PreflightFault } from '../../text/texts.ts';

interface Surroundings {
  isSecureContext: boolean;
  /** Opens a database and closes it; false where the browser refuses. */
  canStore: () => Promise<boolean>;
  probe: () => Promise<Probe>;
}

/** No GPU can be used, and the processor stands in. */
export interface WithoutGpu {
  why: GpuFault;
  /** Of weights, measured here on one thread. */
  bytesPerSecond: number;
}

export interface Findings {
  /** The first reason that holds, in the order in which one hides the next; null: it can. */
  fault: PreflightFault | null;
  withoutGpu: WithoutGpu | null;
  probe: Probe | null;
}

export async function preflight(around: Surroundings): Promise<Findings> {
  const refused = (fault: PreflightFault): Findings => ({ fault, withoutGpu: null, probe: null });
  if (!around.isSecureContext) return refused('insecure-context');
  if (!(await around.canStore())) return refused('storage-missing');
  const probe = await around.probe();
  const why = probe.adapter ? probe.reason : (probe.reason ?? 'adapter-missing');
  if (why === null) return { fault: null, withoutGpu: null, probe };
  const { cpuBytesPerSecond: bytesPerSecond } = probe;
  if (bytesPerSecond === null) return { fault: why, withoutGpu: null, probe };
  return { fault: null, withoutGpu: { why, bytesPerSecond }, probe };
}

/** A token of Spanish or Portuguese is about three quarters of a word. */
export const WORDS_PER_TOKEN = 0.75;

/** Bytes of models in 4 bits, by their parameters: the sizes that people choose between here. */
export const TYPICAL_BYTES = { oneBillion: 0.7e9, threeBillion: 1.8e9 };

/** Words a second that a model of so many bytes may write; every token reads them all. */
export function wordsPerSecond(
  { bytesPerSecond }: Pick<WithoutGpu, 'bytesPerSecond'>,
  modelBytes: number,
): number {
  return (WORDS_PER_TOKEN * bytesPerSecond) / modelBytes;
}

export function canStore(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open('yupana-check');
      request.onsuccess = () => {
        request.result.close();
        indexedDB.deleteDatabase('yupana-check');
        resolve(true);
      };
      request.onerror = () => resolve(false);
    } catch {
      resolve(false); // some private windows throw at once
    }
  });
}

/** The system whose instructions come first; the person may ask for another. */
export function platformOf(userAgent: string): Platform {
  if (/CrOS/.test(userAgent)) return 'chromeos';
  if (/Android|iPhone|iPad/.test(userAgent)) return 'other';
  if (/Windows/.test(userAgent)) return 'windows';
  if (/Macintosh|Mac OS X/.test(userAgent)) return 'macos';
  if (/Linux|X11/.test(userAgent)) return 'linux';
  return 'other';
}
