// What Spanish says of itself, whichever language is shown: loaded with the page, so kept to these lines.

import type { OwnWords } from '../own-words.ts';

export const self: OwnWords = {
  name: 'Español',
  answerIn: 'Responde en español',
  /** Instead of the page, where no language could be fetched. */
  unreachable: 'No se pudieron cargar los textos. Revisa la conexión y vuelve a cargar la página.',
};
