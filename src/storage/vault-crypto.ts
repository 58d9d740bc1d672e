// The vault's cryptography, all of it WebCrypto's own: PBKDF2-SHA-256 (RFC 8018) makes a key of the passphrase, that key
// wraps a random AES-256-GCM key (NIST SP 800-38D), and that one seals the records. Keys are never extractable, except for
// the moment in which one is wrapped.

import { EngineError } from '../failures.ts';

/** OWASP's floor for PBKDF2-HMAC-SHA-256 (Password Storage Cheat Sheet, 2023). Stored, so that it can rise. */
export const MIN_ITERATIONS = 600_000;
/** A header that asks for more is not ours: it would only hold the computer up. */
export const MAX_ITERATIONS = 20_000_000;
export const SALT_BYTES = 16;
/** 96 bits, the size GCM is made for; drawn anew for every record. */
export const IV_BYTES = 12;
/** Characters: what can be guessed offline at a few thousand tries a second must not be a word. */
export const MIN_PASSPHRASE = 8;

export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  /** Ciphertext and 128-bit tag. */
  data: Uint8Array<ArrayBuffer>;
}

export interface VaultHeader {
  version: 1;
  kdf: 'PBKDF2-SHA-256';
  iterations: number;
  salt: Uint8Array<ArrayBuffer>;
  /** The data key, wrapped by the passphrase's key. */
  key: Sealed;
}

const utf8 = new TextEncoder();
const random = (bytes: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(bytes));

/** One text, one passphrase, whatever keyboard composed its accents (NIST SP 800-63B asks for NFKC or NFKD). */
export const passphraseBytes = (passphrase: string): Uint8Array<ArrayBuffer> =>
  utf8.encode(passphrase.normalize('NFKC'));

export function checkPassphrase(passphrase: string): void {
  if ([...passphrase.normalize('NFKC').trim()].length >= MIN_PASSPHRASE) return;
  throw new EngineError('vault-passphrase-short', `fewer than ${MIN_PASSPHRASE} characters`, {
    limit: MIN_PASSPHRASE,
  });
}

/** A key that can only wrap and unwrap. */
export async function deriveKey(
  passphrase: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', passphraseBytes(passphrase), 'PBKDF2', false, [
    'deriveKey',
  ]);
  return crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['wrapKey', 'unwrapKey'],
  );
}

/** What the wrapping vouches for apart from the key: nobody can lower the rounds unseen. */
const headerData = (
  header: Pick<VaultHeader, 'version' | 'kdf' | 'iterations' | 'salt'>,
): Uint8Array<ArrayBuffer> =>
  utf8.encode(`yupana-vault ${header.version} ${header.kdf} ${header.iterations} ${header.salt.join(',')}`);

async function wrap(dataKey: CryptoKey, passphrase: string, iterations: number): Promise<VaultHeader> {
  const fields = { version: 1, kdf: 'PBKDF2-SHA-256', iterations, salt: random(SALT_BYTES) } as const;
  const wrapping = await deriveKey(passphrase, fields.salt, iterations);
  const iv = random(IV_BYTES);
  const wrapped = await crypto.subtle.wrapKey('raw', dataKey, wrapping, {
    name: 'AES-GCM',
    iv,
    additionalData: headerData(fields),
  });
  return { ...fields, key: { iv, data: new Uint8Array(wrapped) } };
}

async function unwrap(header: VaultHeader, passphrase: string, extractable: boolean): Promise<CryptoKey> {
  const wrapping = await deriveKey(passphrase, header.salt, header.iterations);
  try {
    return await crypto.subtle.unwrapKey(
      'raw',
      header.key.data,
      wrapping,
      { name: 'AES-GCM', iv: header.key.iv, additionalData: headerData(header) },
      { name: 'AES-GCM', length: 256 },
      extractable,
      ['encrypt', 'decrypt'],
    );
  } catch (error) {
    throw new EngineError('vault-passphrase', 'the passphrase does not open the vault', {}, error);
  }
}

const checkIterations = (iterations: number): void => {
  if (Number.isInteger(iterations) && iterations >= MIN_ITERATIONS && iterations <= MAX_ITERATIONS) return;
  throw new EngineError('option-invalid', `rounds: ${iterations}`, {
    option: 'iterations',
    expected: `${MIN_ITERATIONS} to ${MAX_ITERATIONS}`,
    actual: String(iterations),
  });
};

/** A new data key and the header that wraps it. Throws "vault-passphrase-short". */
export async function createHeader(passphrase: string, iterations: number): Promise<VaultHeader> {
  checkPassphrase(passphrase);
  checkIterations(iterations);
  // Extractable because wrapping demands it; dropped when this returns. The vault then unwraps one that is not.
  const dataKey = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, [
    'encrypt',
    'decrypt',
  ]);
  return wrap(dataKey, passphrase, iterations);
}

/** The data key, not extractable. Throws "vault-passphrase" (also where the header was changed: nobody can tell). */
export const openHeader = (header: VaultHeader, passphrase: string): Promise<CryptoKey> =>
  unwrap(header, passphrase, false);

/** The same data key under another passphrase, salt and rounds: no record is touched. */
export async function rewrapHeader(
  header: VaultHeader,
  passphrase: string,
  next: string,
  iterations: number,
): Promise<VaultHeader> {
  checkPassphrase(next);
  checkIterations(iterations);
  return wrap(await unwrap(header, passphrase, true), next, iterations);
}

const isBytes = (value: unknown, length: number | null): value is Uint8Array<ArrayBuffer> =>
  value instanceof Uint8Array && (length === null || value.length === length);

export function isSealed(value: unknown): value is Sealed {
  if (typeof value !== 'object' || value === null) return false;
  const { iv, data } = value as Partial<Record<keyof Sealed, unknown>>;
  return isBytes(iv, IV_BYTES) && isBytes(data, null);
}

/** Throws "vault-damaged" for anything that is no header this code wrote. */
export function checkHeader(value: unknown): VaultHeader {
  const header = (value ?? {}) as Partial<Record<keyof VaultHeader, unknown>>;
  const { version, kdf, iterations, salt, key } = header;
  const valid =
    version === 1 &&
    kdf === 'PBKDF2-SHA-256' &&
    typeof iterations === 'number' &&
    iterations >= MIN_ITERATIONS &&
    iterations <= MAX_ITERATIONS &&
    isBytes(salt, SALT_BYTES) &&
    isSealed(key);
  if (!valid) throw new EngineError('vault-damaged', 'the vault has no valid header', { record: 'header' });
  return value as VaultHeader;
}

/** @param name of the record: bound to the ciphertext, so that no record can stand in another's place */
export async function seal(key: CryptoKey, name: string, value: unknown): Promise<Sealed> {
  const iv = random(IV_BYTES);
  const data = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: utf8.encode(name) },
    key,
    utf8.encode(JSON.stringify(value)),
  );
  return { iv, data: new Uint8Array(data) };
}

/** Throws "vault-damaged" where the record is not what was sealed under this name. */
export async function unseal(key: CryptoKey, name: string, sealed: unknown): Promise<unknown> {
  try {
    if (!isSealed(sealed)) throw new TypeError('not a sealed record');
    const bytes = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: sealed.iv, additionalData: utf8.encode(name) },
      key,
      sealed.data,
    );
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (error) {
    throw new EngineError('vault-damaged', 'a record is not what was written', { record: name }, error);
  }
}
