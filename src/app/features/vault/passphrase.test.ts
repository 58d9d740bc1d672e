import { expect, it } from 'vitest';
import { MIN_PASSPHRASE } from '../../../storage/vault-crypto.ts';
import { SHORTEST, strengthOf } from './passphrase.ts';

it('asks for the length the vault asks for', () => {
  expect(SHORTEST).toBe(MIN_PASSPHRASE);
});

it.each([
  ['corta', 'short'],
  ['  corta  ', 'short'],
  ['12345678901234', 'weak'],
  ['aaaaaaaaaaaaaaaaaa', 'weak'],
  ['contraseña', 'weak'],
  ['llamas cruzan despacio', 'fair'],
  ['cuatro llamas cruzan despacio', 'good'],
  ['sol sol sol sol', 'weak'],
])('"%s" is %s', (passphrase, strength) => {
  expect(strengthOf(passphrase)).toBe(strength);
});
