import type { Formats } from '../format.ts';
import type { packs as Packs } from '../es/packs.ts';

export const packs: typeof Packs = {
  add: 'Add from a folder',
  addText:
    'A model that came on a USB stick or is already on this computer: a Yupana pack, an MLC folder, a GGUF file, or a Hugging Face model (safetensors), which are converted as they are added.',
  chooseFolder: 'Choose a folder',
  chooseFiles: 'Choose files',
  drop: 'You can also drag the folder here.',
  dropHere: 'Drop it here',
  looking: 'Looking at what is there…',
  kinds: {
    pack: 'Yupana pack',
    mlc: 'Folder in MLC’s format',
    checkpoint: 'Hugging Face model: it will be converted as it is added',
    gguf: 'GGUF: it is converted when added',
  },
  vouched: {
    catalog: 'It is exactly the one in Yupana’s catalog.',
    pack: 'The catalog does not pin its files: whoever gave you the pack vouches for them.',
    nobody: 'Nobody vouches for these files but their origin.',
  },
  licence: (name) => `Licence: ${name}`,
  already: 'It is already stored and checked.',
  incomplete: (n, f: Formats, names) =>
    `${f.plural(n, { one: '# file is missing or incomplete', other: '# files are missing or incomplete' })}: ${names}.`,
  damaged: (n, f: Formats, names) =>
    `${f.plural(n, { one: '# file is damaged', other: '# files are damaged' })}: ${names}.`,
  incompleteTodo:
    'What is right has been kept. Choose the folder again once it has what is missing: nothing is copied twice.',
  more: (n) => `and ${n} more`,
  take: 'Add',
  takeRest: 'Add what is there',
  done: (name) => `${name} is added and checked.`,
  forget: 'Close',
  refused: (folder) => `The folder “${folder}” cannot be added:`,

  carry: 'Take to another computer',
  carryTitle: (name) => `Take ${name} to another computer`,
  carryText: (size) =>
    `It is copied to a folder or USB stick, in files of at most 1 GiB. It needs ${size} free there.`,
  carryApp: 'Copy the application too, for a computer without internet',
  carryAppText: 'With a small server that answers to that computer alone, and instructions.',
  carryBegin: 'Choose the folder',
  carryPrepare: 'Prepare the files',
  carryApplication: 'Copying the application…',
  carryDone: (folder, size) => `Done: ${size} in “${folder}”.`,
  carryKept: (size) => `${size} were there already, and are right.`,
  carryHow: 'On the other computer: Models, “Add from a folder”.',
  carryFiles: 'Save each file and copy them together to the USB stick:',
  carryStop: 'Stop copying',

  prove: 'Test without internet',
  proving: 'Testing…',
  proved: (when) => `Ready without internet: tested on ${when}`,
  proofTitle: 'Test without internet',
  proofIntro:
    'It cuts the network off for the whole app, reads every file again and has the model write one word.',
  steps: {
    shell: 'The application is stored',
    files: 'Every file of the model is the one it must be',
    token: 'The model writes with the network cut off',
  },
  states: { waiting: 'waiting', running: 'under way', good: 'fine', bad: 'missing' },
  shellFiles: (n, f: Formats) => f.plural(n, { one: '# file', other: '# files' }),
  shellNone: 'The application is not stored in this browser yet. Reload the page and test again.',
  shellMissing: (n, f: Formats) =>
    f.plural(n, {
      one: '# file of the application is missing.',
      other: '# files of the application are missing.',
    }),
  requests: (n, f: Formats) =>
    n === 0
      ? 'No request at all.'
      : f.plural(n, {
          one: '# request, answered by what is stored; none went out to the network.',
          other: '# requests, all answered by what is stored; none went out to the network.',
        }),
  refusedRequests: (names) => `The network was asked for: ${names}.`,
  mendShell: 'Store what is missing',
  reload: 'Reload the page',
  busy: 'Wait for the answer being written to end.',
};
