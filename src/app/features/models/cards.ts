// Provenance cards: one file a model under models/, in all three languages, loaded when one is opened.

import type { LanguageCode } from '../../text/format.ts';

const cards = import.meta.glob<string>(['../../../../models/*.md', '!../../../../models/README.md'], {
  query: '?raw',
  import: 'default',
});
const licences = import.meta.glob<string>('../../../../models/licences/*.txt', {
  query: '?raw',
  import: 'default',
});
const HEADINGS: Record<LanguageCode, string> = { es: '## Español', pt: '## Português', en: '## English' };

/** The part of a model's provenance card in one language, as markdown. "" where there is none. */
export async function readCard(file: string, language: LanguageCode): Promise<string> {
  const text = await cards[`../../../../models/${file}`]?.();
  const section = text?.split(/^(?=## )/m).find((part) => part.startsWith(HEADINGS[language]));
  // Cards are wrapped for reading as files; on screen the lines of a paragraph run on.
  return (section ?? '')
    .slice(HEADINGS[language].length)
    .trim()
    .replace(/(\S)\n(?=\S)/g, '$1 ');
}

/** The text of a licence that asks to go along with the model. "" where it is not one of those. */
export const readLicence = async (license: string): Promise<string> =>
  (await licences[`../../../../models/licences/${license}.txt`]?.()) ?? '';
