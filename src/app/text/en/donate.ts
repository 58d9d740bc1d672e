// What the person thinks of an answer, and giving a conversation to Latam-GPT's makers.

import type { donate as es } from '../es/donate.ts';

export const donate: typeof es = {
  up: 'Good answer',
  down: 'Bad answer',
  why: 'Why?',
  reasons: {
    correct: 'It is correct',
    clear: 'It is clear',
    useful: 'It helped me',
    'good-language': 'It speaks as we do',
    false: 'It says something false',
    unclear: 'It is hard to understand',
    incomplete: 'It is incomplete',
    'wrong-language': 'In another language',
    unsafe: 'It may do harm',
    repetitive: 'It repeats itself',
  },
  note: 'In your words (optional)',
  local: 'It stays on this computer.',
  done: 'Done',
  entry: 'Donate to Latam-GPT',
  entryHint: 'Prepares a file with what you decide, for you to hand over. Yupana sends nothing.',
  title: 'Donate this conversation',
  intro:
    'Latam-GPT improves with real conversations. This is exactly what the file would hold: review it and strike what you do not want to give. Nothing is sent: the file stays on your computer, and you hand it over if you wish.',
  suggested:
    'What is struck is an automatic suggestion: it does not find every name and sometimes strikes too much. Review it yourself.',
  strike: 'Strike the selection',
  strikeHint: 'Select a piece of text and press it.',
  word: 'Strike a name or word everywhere',
  wordButton: 'Strike',
  struck: (text) => `Struck: ${text}. Undo`,
  unstruck: (text) => `${text}: will be given. Strike`,
  include: 'Include this message',
  given: 'As it stands in the file',
  roles: { system: 'Instructions', user: 'Person', assistant: 'Model' },
  rated: { up: 'You found it good', down: 'You found it bad' },
  empty: 'Nothing is left to give.',
  save: 'Save the file to donate',
  saved: (file) => `${file} was saved. Nothing was sent.`,
};
