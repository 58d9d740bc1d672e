// What the library offers, as the page shows it. The file is part of the build: its shape is the compiler's to check.

import catalog from '../../../../models/catalog.json';
import type { ModelSource } from '../../../wire/download-protocol.ts';
import type { LanguageCode } from '../../text/format.ts';

export interface CatalogModel {
  id: string;
  name: string;
  /** What it honestly is, before anything else. */
  about: Record<LanguageCode, string>;
  /** Bytes to download. */
  bytes: number;
  /** Bytes it takes once it is here: fewer than `bytes` where it is converted on the way in. */
  bytesOnDisk: number;
  /** Nothing pins the files: both sizes are estimates. */
  bytesAbout: boolean;
  /** Bytes it needs while it runs with that many tokens of context, and what each further token adds. */
  memory: { context: number; bytes: number; bytesPerToken: number };
  parameters: number;
  contextWindow: number;
  languages: readonly string[];
  license: string;
  /** File name of its provenance card. */
  card: string;
  /** Published by the project whose name it bears. */
  official: boolean;
  builtWithLlama: boolean;
  demonstration: boolean;
  /** This version can get it. */
  available: boolean;
  /** Only WebLLM runs it, with a library that MLC publishes. */
  webLlmOnly?: boolean;
  /** Of no catalog: a person brought it, or it was left in the store. */
  own?: boolean;
  source: ModelSource;
}

/** An entry as it stands in the file: models/catalog.schema.json. */
type CatalogEntry = Omit<CatalogModel, 'source' | 'webLlmOnly'> & {
  base: string;
  mirrors: readonly string[];
  engine: 'yupana' | 'web-llm';
  /** Repository at Hugging Face, and its revision where one is pinned. */
  repository: string | null;
  revision: string | null;
  format: 'mlc' | 'safetensors';
  scheme: string;
  manifestSha256: string | null;
};

export const CATALOG: readonly CatalogModel[] = (catalog.models as readonly CatalogEntry[]).map(
  ({ base, mirrors, engine, repository, revision, format, scheme, manifestSha256, ...model }) => ({
    ...model,
    ...(engine === 'web-llm' && { webLlmOnly: true }),
    source: {
      id: model.id,
      base,
      format,
      scheme,
      licence: model.license,
      ...(mirrors.length > 0 && { mirrors: [...mirrors] }),
      ...(repository === null ? {} : { source: `${repository} @ ${revision ?? 'main'}` }),
      ...(manifestSha256 === null ? {} : { manifestSha256 }),
    },
  }),
);

/** The model of the first run. */
export const STARTER_ID = 'semilla-q4f16_1';
