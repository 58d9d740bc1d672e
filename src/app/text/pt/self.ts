// What Portuguese says of itself, whichever language is shown: loaded with the page, so kept to these lines.

import type { OwnWords } from '../own-words.ts';

export const self: OwnWords = {
  name: 'Português',
  answerIn: 'Responda em português',
  /** Instead of the page, where no language could be fetched. */
  unreachable: 'Não foi possível carregar os textos. Verifique a conexão e recarregue a página.',
};
