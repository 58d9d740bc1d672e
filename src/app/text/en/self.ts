// What English says of itself, whichever language is shown: loaded with the page, so kept to these lines.

import type { OwnWords } from '../own-words.ts';

export const self: OwnWords = {
  name: 'English',
  answerIn: 'Answer in English',
  /** Instead of the page, where no language could be fetched. */
  unreachable: 'The texts could not be loaded. Check the connection and load the page again.',
};
