import { expect, test } from 'vitest';
import { readCard, readLicence } from './cards.ts';
import { CATALOG } from './catalog.ts';

test('every card of the catalog is found in each language, and the licences that go along with a model', async () => {
  for (const { card, builtWithLlama, license } of CATALOG) {
    for (const language of ['es', 'pt', 'en'] as const)
      if (card !== '') expect(await readCard(card, language), `${card} in ${language}`).not.toBe('');
    if (builtWithLlama) expect(await readLicence(license), license).not.toBe('');
  }
});
