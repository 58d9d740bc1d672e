// What planning decides and downloading does.

import type { ModelManifest } from '../format/manifest.ts';
import type { PlannedFile, StoredPlan } from '../storage/ledger.ts';

/** Address of a file at one of the places that have it; undefined where the file has no name there. */
export type Place = (file: PlannedFile) => string | undefined;

export interface DownloadPlan {
  stored: StoredPlan;
  /** Where the files are, in the order to ask. What has no sum to be judged by is asked for at the first place only. */
  places: readonly Place[];
  /** The directory at its commit, where its host tells one. */
  pinned?: string;
  /** For the manifest made here once everything is there; undefined where the directory has its own. */
  claims?: Pick<ModelManifest, 'scheme' | 'source' | 'licence'>;
}
