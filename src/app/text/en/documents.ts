// Files attached to a message, and what of them an answer used.

import type { documents as es } from '../es/documents.ts';

export const documents: typeof es = {
  attach: 'Attach files',
  attachHint: 'They are read on this computer and never leave it: .txt, .md, .csv, .pdf, .docx',
  drop: 'Drop the files here to read them on this computer',
  pastedName: 'pasted-text.txt',
  textAttached: 'The text is attached. Write what you want to know about it.',
  list: 'Attached files',
  waiting: 'waiting',
  readingNow: 'reading',
  reading: (percent) => `reading, ${percent}`,
  ready: (size, characters) => `${size}, ${characters} characters`,
  notKept: 'It is too long to be kept with the message: it serves until you close this page.',
  remove: (name) => `Remove ${name}`,
  stop: (name) => `Stop reading ${name}`,
  tooMany: (limit) => `A message takes up to ${limit} files. The others were not added.`,
  read: (name) => `${name}: read.`,
  sources: 'From the attached files',
  whole: 'The answer had all of the attached text before it.',
  ranked: (percent) =>
    `The whole text did not fit: the passages that best answer the question were used (${percent}).`,
  spread: (percent) =>
    `The whole text did not fit and no word of the question is in it: passages from beginning to end were used (${percent}).`,
  none: 'There was no room in the model’s context for the attached text: the answer does not use it.',
};
