// Which records a vault has and which copy of each is the newest, sealed like them: an older copy that somebody with access to the
// disk put back, or a record taken away, is told. Not told: an older copy of the whole vault, this list included.

import { EngineError } from '../failures.ts';
import { isSealed, seal, unseal, type Sealed } from './vault-crypto.ts';

/** Record -> the IVs of its parts, which are new at every save. '' where it was not known when the list began. */
export type VaultIndex = Record<string, { summary: string; body: string }>;

export const ivOf = (sealed: unknown): string => (isSealed(sealed) ? sealed.iv.join(',') : '');

export const sealIndex = (key: CryptoKey, index: VaultIndex): Promise<Sealed> => seal(key, 'index', index);

/** null: there is none, or it is not what was written. */
export async function openIndex(key: CryptoKey, sealed: unknown): Promise<VaultIndex | null> {
  if (sealed === undefined) return null;
  try {
    return (await unseal(key, 'index', sealed)) as VaultIndex;
  } catch (error) {
    if (error instanceof EngineError && error.reason === 'vault-damaged') return null;
    throw error;
  }
}

/** Records whose summary is not the newest, or that are gone. */
export function notAsWritten(index: VaultIndex, found: ReadonlyMap<string, string>): string[] {
  return Object.entries(index).flatMap(([record, { summary }]) =>
    found.get(record) === summary || summary === '' ? [] : [record],
  );
}
