// A model that the library does not name, as an entry of it: what a person brought, or what an earlier version left behind.

import type { StoredFacts } from '../../../storage/stored-facts.ts';
import type { CatalogModel } from './catalog.ts';

const ABOUT = {
  es: 'Un modelo que se agregó en esta computadora. No es del catálogo de Yupana: responde por él quien lo dio.',
  pt: 'Um modelo adicionado neste computador. Não é do catálogo do Yupana: responde por ele quem o deu.',
  en: 'A model that was added on this computer. It is not in Yupana’s catalog: whoever gave it vouches for it.',
};

/** @param facts what is known of it: an inspected folder's, or what is stored */
export function ownModel({
  id,
  name,
  bytes,
  licence,
}: Pick<StoredFacts, 'id' | 'name' | 'bytes' | 'licence'>): CatalogModel {
  return {
    id,
    name,
    about: ABOUT,
    bytes,
    bytesOnDisk: bytes,
    bytesAbout: false,
    memory: { context: 0, bytes, bytesPerToken: 0 },
    parameters: 0,
    contextWindow: 0,
    languages: [],
    license: licence,
    card: '',
    official: false,
    builtWithLlama: false,
    demonstration: false,
    available: false,
    own: true,
    source: { id, base: '' },
  };
}
