// How hard a passphrase is to guess, roughly, for a hint beside the field. A bound from its length and its kinds of
// characters, lowered by what repeats: no list of common passwords is carried for it, so "good" is no promise.

export type Strength = 'short' | 'weak' | 'fair' | 'good';

/** As the vault asks (MIN_PASSPHRASE in storage/vault-crypto.ts; the test compares). */
export const SHORTEST = 8;
/** A word somebody picks themselves is worth about as much as one of 2,000. */
const BITS_A_WORD = 11;
/** A letter of a word somebody picks themselves; digits and signs among them are worth more. */
const BITS_A_LETTER = 2.5;
const BITS_A_SIGN = 4;

export function strengthOf(passphrase: string): Strength {
  const text = passphrase.normalize('NFKC').trim();
  if ([...text].length < SHORTEST) return 'short';
  const words = new Set(text.toLowerCase().split(/\s+/));
  const distinct = new Set(text.toLowerCase()).size;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const signs = [...text].length - letters - (text.match(/\s/g)?.length ?? 0);
  const typed = letters * BITS_A_LETTER + signs * BITS_A_SIGN;
  // Several words are guessed as words, one as letters; "aaaaaaaa" and "12345678" are neither.
  const bits = Math.min(
    words.size > 1 ? Math.min(typed, words.size * BITS_A_WORD + signs * 2) : typed,
    distinct * 5,
  );
  if (/^\d+$/.test(text) || distinct < 5 || bits < 28) return 'weak';
  return bits < 42 ? 'fair' : 'good';
}
