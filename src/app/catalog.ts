// What the library offers, as the page shows it. The file is part of the build: its shape is the compiler's to check.

import catalog from '../../models/catalog.json';
import type { ModelSource } from '../workers/download-protocol.ts';
import type { LanguageCode } from './i18n/format.ts';

export interface CatalogModel {
  id: string;
  name: string;
  /** What it honestly is, before anything else. */
  about: Record<LanguageCode, string>;
  /** Bytes to download and keep. */
  bytes: number;
  parameters: number;
  contextWindow: number;
  languages: readonly string[];
  license: string;
  /** File name of its provenance card. */
  card: string;
  builtWithLlama: boolean;
  demonstration: boolean;
  source: ModelSource;
}

export const CATALOG: readonly CatalogModel[] = catalog.models.map(({ base, manifestSha256, ...model }) => ({
  ...model,
  source: { id: model.id, base, manifestSha256 },
}));

/** The model of the first run. */
export const STARTER_ID = 'semilla-q4f16_1';
