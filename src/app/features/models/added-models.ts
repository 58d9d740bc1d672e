// A model that somebody added by its address, as the library shows it: with nobody's word but its own files'.

import type { FoundModel } from '../../../wire/download-protocol.ts';
import { WORK_SPACE } from './advice.ts';
import type { CatalogModel } from './catalog.ts';
import { library as en } from '../../text/en/library.ts';
import { library as es } from '../../text/es/library.ts';
import { library as pt } from '../../text/pt/library.ts';

const CONTEXT = 4096;

export function catalogModelOf(added: FoundModel): CatalogModel {
  const { id, name, bytes, bytesOnDisk, bytesPerToken, licence, contextWindow } = added;
  const context = Math.min(CONTEXT, contextWindow);
  return {
    id,
    name,
    about: { es: es.added.about(name), pt: pt.added.about(name), en: en.added.about(name) },
    bytes,
    bytesOnDisk,
    bytesAbout: false,
    memory: { context, bytes: bytesOnDisk + bytesPerToken * context + WORK_SPACE, bytesPerToken },
    parameters: added.parameters,
    contextWindow,
    languages: added.languages,
    license: licence ?? '?',
    card: '',
    official: false,
    builtWithLlama: /^llama3/.test(licence ?? ''),
    demonstration: false,
    available: true,
    own: true,
    source: {
      id,
      base: added.base,
      format: added.format,
      ...(added.file === undefined ? {} : { file: added.file }),
      scheme: added.scheme,
      source: `${name} @ ${added.revision ?? 'main'}`,
      ...(licence === null ? {} : { licence }),
    },
  };
}
