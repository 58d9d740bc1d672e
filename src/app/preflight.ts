// Whether this browser can hold models and run the engine, before anything is downloaded.

import type { Probe } from '../workers/engine-protocol.ts';
import type { Platform, PreflightFault } from './i18n/texts.ts';

interface Surroundings {
  isSecureContext: boolean;
  hasGPU: boolean;
  /** Opens a database and closes it; false where the browser refuses. */
  canStore: () => Promise<boolean>;
  probe: () => Promise<Probe>;
}

/** The first reason that holds, in the order in which one hides the next; null: it can. */
export async function preflight(
  around: Surroundings,
): Promise<{ fault: PreflightFault | null; probe: Probe | null }> {
  if (!around.isSecureContext) return { fault: 'insecure-context', probe: null };
  if (!(await around.canStore())) return { fault: 'storage-missing', probe: null };
  if (!around.hasGPU) return { fault: 'webgpu-missing', probe: null };
  const probe = await around.probe();
  return { fault: probe.adapter ? null : (probe.reason ?? 'adapter-missing'), probe };
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
