// The settings.

import type { Dictionary } from '../es/dictionary.ts';

export const settings: Dictionary['settings'] = {
  look: 'Appearance',
  language: 'Language',
  languageAuto: "The browser's",
  theme: 'Theme',
  themes: { auto: "The system's", light: 'Light', dark: 'Dark' },
  size: 'Text size',
  sizes: { small: 'Small', normal: 'Normal', large: 'Large' },
  answers: 'Answers',
  system: 'Instructions for the model',
  systemHint: 'Added to the beginning of every conversation. Empty: none.',
  systemPlaceholder: 'Eres un asistente para docentes de América Latina.',
  sampling: 'How it chooses each word',
  samplingHint: 'Changes without loading the model again, from the next answer on.',
  presets: { exact: 'Exact', balanced: 'Balanced', varied: 'Varied', own: 'Your own' },
  presetHints: {
    exact: 'Always the most likely word: the same question gives the same answer.',
    balanced: 'A little chance among the likely words.',
    varied: 'More chance: more varied answers, with more mistakes.',
    own: 'The values below.',
  },
  fine: 'Set each value',
  fields: {
    temperature: { name: 'Temperature', hint: 'How much chance: 0 is none.' },
    topK: { name: 'Top-k', hint: 'Chooses among the k most likely words only; 0 does not limit.' },
    topP: {
      name: 'Top-p',
      hint: 'Chooses among the most likely up to this total probability; 1 does not limit.',
    },
    minP: { name: 'Min-p', hint: 'Drops those much less likely than the first; 0 drops none.' },
    repetitionPenalty: { name: 'Repetition brake', hint: '1 does nothing; larger values avoid repeating.' },
    maxTokens: { name: 'Maximum length', hint: 'Tokens an answer, at most.' },
  },
  contextLength: 'Context size',
  contextAuto: "The model's",
  modelTitles: 'Let the model propose each conversation’s title while nobody asks it anything',
  contextHint:
    'How much of the conversation it remembers. Less takes less memory. Changing it loads the model again.',
  cacheBits: 'Keep the context in 8 bits',
  cacheBitsHint:
    'Takes little more than half the memory: almost twice the conversation fits in the same place. It rounds more, and answers may differ a little. Only where the model runs with Yupana on the graphics card. Changing it loads the model again.',
  keepPrefix: 'Keep on disk what was computed of the instructions',
  keepPrefixHint:
    'With long instructions, the first answer after opening the app begins sooner. Takes up to 128 MB. Never done with temporary or locked conversations; erased with the model, with “Delete everything” and when this is unticked.',
  reset: 'Back to the initial values',
  windowTitles: 'Show the conversation’s title in the window',
  windowTitlesHint:
    'The browser keeps these titles in its history, also those of conversations that are locked later. Temporary and locked ones are never shown.',
  privacy: 'Privacy',
  privacyText:
    'The model runs in a process without access to the network. What downloads models never sees what you write.',
  enforced: 'This server enforces that isolation.',
  enforcedUnknown: 'Whether this server enforces the isolation has not been checked yet.',
  notEnforced: 'This server does not enforce the promise of privacy.',
  notEnforcedText:
    "It does not send the headers that keep the model off the network, so the promise rests on Yupana's code alone. To serve it properly use “npm start”, or configure your server with the headers in headers.json, which comes with the app.",
  requests: (n, f) =>
    n === 0
      ? 'No network request while you chatted'
      : f.plural(n, {
          one: '# network request while you chatted',
          other: '# network requests while you chatted',
        }),
  requestsText: 'Counted by the browser on this page, since you opened it.',
  data: 'Your data',
  dataText: 'Conversations, settings and models are in this browser only.',
  transferText:
    'All conversations and the settings fit in one file, to keep or to take to another computer. Models are not in it.',
  exportAll: 'Save everything to a file',
  exporting: (percent) => `Saving, ${percent}`,
  exported: (file) => `${file} was saved to your downloads.`,
  importFile: 'Bring in a file',
  importing: (percent) => `Reading, ${percent}`,
  importSettings: "Bring in the file's settings too",
  imported: (n, f) =>
    n === 0
      ? 'No conversation was added.'
      : f.plural(n, { one: '# conversation was added.', other: '# conversations were added.' }),
  importSkipped: (n, f) =>
    f.plural(n, { one: '# was here already, the same.', other: '# were here already, the same.' }),
  importRenamed: (n, f) =>
    f.plural(n, {
      one: '# is another version of one you had: both are kept.',
      other: '# are other versions of ones you had: both are kept.',
    }),
  importSettingsDone: "The settings are now the file's.",
  wipe: 'Delete everything',
  wipeTitle: 'Delete everything?',
  wipeText:
    'The models, the settings and all conversations are deleted from this browser, locked ones too: deleting them takes no passphrase. This cannot be undone.',
  wipeConfirm: 'Delete everything',
  wiping: 'Deleting…',
  about: 'About Yupana',
  aboutText:
    'A yupana is the Andean counting board: computing at hand, without wires. Yupana is free software under the Apache-2.0 licence.',
  aboutModel:
    'Semilla is a demonstration model of 5.8 million parameters trained for this project, under the Apache-2.0 licence. It is not Latam-GPT.',
  engine: 'Engine',
  gpu: 'Graphics card',
  gpuMemory: 'Graphics memory in use',
  notLoaded: 'No model is loaded.',
  licences: 'Third-party software',
  licencesText:
    "Svelte, Workbox, hash-wasm and Hugging Face's Jinja (MIT); idb-keyval and Hugging Face's Tokenizers (Apache-2.0).",
};
