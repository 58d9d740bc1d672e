import type { Dictionary } from '../es/dictionary.ts';

export const controls: Dictionary['controls'] = {
  language: 'Language of the answers',
  languageAuto: 'Auto',
  languageFree: 'Whichever the model chooses',
  persona: 'Instructions of this conversation',
  personaNone: 'No instructions',
  personaDefault: 'Those in Settings',
  personaOwn: 'Others',
  personaManage: 'Edit the saved ones…',
  personas: 'Saved instructions',
  personasText:
    'A name and a text that the model reads before the conversation. Choose one below the message field.',
  personasEmpty: 'You have saved none yet. You can start from one of these:',
  personasMore: 'Add one of the samples',
  personaNew: 'New',
  personaName: 'Name',
  personaText: 'Instructions',
  personaEdit: (name) => `Edit “${name}”`,
  personaRemove: (name) => `Delete “${name}”`,
  personaRemoved: (name) => `“${name}” was deleted.`,
  personaFull: (limit) => `At most ${limit} fit: delete one first.`,
  personasExport: 'Save to a file',
  personasImport: 'Bring from a file',
  personasImported: (n, f) =>
    n === 0 ? 'There was none that is new.' : f.plural(n, { one: '# was added.', other: '# were added.' }),
  starters: [
    {
      name: 'Primary school teacher',
      text: 'You help a primary school teacher. Explain in simple words with examples from daily life. When you propose an activity, give the age, materials that are easy to find, the minutes it takes, and how to know whether it was learned. If you are not sure of a fact, say so.',
    },
    {
      name: 'Proofreading',
      text: 'You correct texts. First give the corrected text without changing what it means. Then explain each change of spelling, punctuation or grammar in a short list.',
    },
    {
      name: 'In plain language',
      text: 'You rewrite difficult texts, such as forms, laws or reports, in plain language: short sentences, common words, what the person has to do first. Add nothing that the text does not say.',
    },
    {
      name: 'Questions to think with',
      text: 'You do not give the answer at once. Ask one short question at a time that helps the person find it, and confirm or correct what they reply.',
    },
    {
      name: 'Translation between Spanish and Portuguese',
      text: 'You translate between Spanish and Brazilian Portuguese. If the text is in Spanish, translate it into Portuguese; if it is in Portuguese, into Spanish. Give only the translation and keep its tone.',
    },
  ],
  continueAnswer: 'Go on',
  continueHint: 'Go on with the answer from where it was cut',
  speak: 'Read aloud',
  speakStop: 'Stop reading',
  speakFailed: 'The voice of this computer could not read the answer.',
  dictate: 'Dictate',
  dictateStop: 'Stop dictating',
  dictateFailed: 'The microphone could not be heard. Check the browser’s permission.',
  voice: 'Voice',
  voiceText:
    'Yupana reads and listens only with what this computer does by itself, never with a voice from the internet.',
  speaksHere: 'Reading aloud: this computer has a voice.',
  speaksNot: 'Reading aloud: no voice for your language is installed on this computer, so it is not offered.',
  hearsHere: 'Dictation: this browser does it on this computer.',
  hearsNot: 'Dictation: this browser does not do it on this computer, so it is not offered.',
  meterDraft: (used, total) => `${used} of ${total} tokens with what you are writing`,
  full: 'The conversation does not fit the context as a whole any more.',
  fullTrim: (n, f) =>
    f.plural(n, {
      one: 'When you send, the model will stop reading the oldest message.',
      other: 'When you send, the model will stop reading the # oldest messages.',
    }),
  fullSummarise: (n, f) =>
    f.plural(n, {
      one: 'When you send, the model will summarise the oldest message and go on with the summary.',
      other: 'When you send, the model will summarise the # oldest messages and go on with the summary.',
    }),
  fullStop:
    'With this choice nothing is sent that does not fit: start another conversation or shorten the message.',
  over: (n, f) =>
    f.plural(n, {
      one: 'The message does not fit: about # word is too many.',
      other: 'The message does not fit: about # words are too many.',
    }),
  overText: 'Shorten it, or attach it as a document and ask about it: the parts that answer are read.',
  overInstructions:
    'The instructions of this conversation already fill all that the model can read: choose shorter ones.',
  attachText: 'Attach it as a document',
  keepText: 'Leave it in the message',
  pasted: (n, f) =>
    f.plural(n, { one: 'You pasted a text of # word.', other: 'You pasted a text of about # words.' }) +
    ' It is of more use as a document.',
  fullShow: 'Show where it reads from',
  whenFull: 'When not all of it fits',
  whenFullChoices: { trim: 'Leave the oldest out', summarise: 'Summarise it', stop: 'Do not send' },
  cut: 'The model reads from here. What is above did not fit.',
  cutNext: 'When you send, the model will read from here.',
  cutSummary: 'What is above it reads as a summary:',
  summarising: 'Summarising what came before',
  summaryPrompt:
    'Summarise the following conversation in a short paragraph. Keep names, numbers, decisions and what is still open. Give only the summary.',
  summaryHead: 'Summary of what was said before:',
  titlePrompt:
    'Propose a title of two to six words for this conversation. Give only the title, without quotation marks.',
};
