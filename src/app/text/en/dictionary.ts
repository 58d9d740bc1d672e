// English: plain, British spelling as in the rest of the project.

import { chat } from './chat.ts';
import { documents } from './documents.ts';
import { donate } from './donate.ts';
import { engines } from './engines.ts';
import { controls } from './controls.ts';
import { machine } from './machine.ts';
import { keys } from './keys.ts';
import { library } from './library.ts';
import { list } from './list.ts';
import { models } from './models.ts';
import { packs } from './packs.ts';
import { self } from './self.ts';
import { settings } from './settings.ts';
import { storage } from './storage.ts';
import { vault } from './vault.ts';
import { tuning } from './tuning.ts';
import { ways } from './ways.ts';
import type { Dictionary } from '../es/dictionary.ts';

export const en: Dictionary = {
  name: self.name,
  engines,
  tuning,
  ways,

  app: {
    skip: 'Skip to content',
    places: 'Places',
    chat: 'Chat',
    models: 'Models',
    settings: 'Settings',
    machine: 'This computer',
    close: 'Close',
    cancel: 'Cancel',
    undo: 'Undo',
    retry: 'Try again',
    details: 'Technical details',
  },

  chip: {
    before: 'Model:',
    after: '. See the models',
    none: 'No model',
    absent: 'not downloaded',
    partial: 'half downloaded',
    downloading: (percent) => `downloading ${percent}`,
    copying: (percent) => `copying ${percent}`,
    verifying: 'checking',
    corrupt: 'damaged',
    loading: (percent) => `loading ${percent}`,
    ready: 'ready',
    readyOffline: 'ready offline',
    failed: 'could not be loaded',
    stopped: 'stopped',
    elsewhere: 'in another tab',
  },

  first: {
    title: 'One computer is enough to talk with a language model',
    what: 'Yupana runs a language model on this computer; the one you download now is Semilla, a demonstration model of 5.8 million parameters, which knows little, makes mistakes, speaks Spanish and Portuguese only, and is not Latam-GPT.',
    stored: (size) => `${size} will be stored in this browser, once; afterwards it works without internet.`,
    privacy: 'What you write does not leave this computer.',
    begin: (size) => `Download and begin (${size})`,
    resume: (percent) => `Continue the download (${percent})`,
  },

  download: {
    label: 'Download progress',
    done: (done, total, percent) => `${done} of ${total} (${percent})`,
    exact: (done, total) => `${done} of ${total} bytes stored`,
    plan: 'Reading the list of files',
    download: 'Downloading',
    convert: 'Downloading and converting',
    verify: 'Checking',
    import: 'Copying and checking',
    importConvert: 'Copying and converting',
    export: 'Copying',
    left: (time) => `about ${time} left`,
    cancel: 'Stop the download',
    kept: 'What was downloaded is kept: it continues from there.',
    finished: 'The model is downloaded and checked.',
  },

  preflight: {
    title: 'This browser cannot run the model',
    checking: 'Checking this computer…',
    ways: 'What you can do',
    again: 'Check again',
    other: 'Instructions for another system',
    platforms: {
      windows: 'Windows',
      linux: 'Linux',
      chromeos: 'ChromeOS',
      macos: 'macOS',
      other: 'Other',
    },
    faults: {
      'insecure-context': 'The page was opened at an address that the browser does not consider secure.',
      'storage-missing': 'The browser does not let this site store data, and the model is stored here.',
      'webgpu-missing': 'WebGPU is missing: it is what lets a page compute with the graphics card.',
      'adapter-missing': 'The browser has WebGPU but finds no graphics card that it can use.',
      'limit-too-low': 'The graphics card offers less than any model asks for.',
    },
  },

  keys,
  chat,
  documents,
  donate,
  vault,

  list,

  controls,

  markdown: {
    copy: 'Copy the code',
    copied: 'Copied',
    copyFailed: 'Could not be copied',
    code: 'Code',
    image: 'Picture',
    table: 'Table',
    formula: 'Formula',
    done: 'Done',
    notDone: 'To do',
    linkTitle: 'Open this link in another tab?',
    linkGoesTo: 'This link goes to:',
    openLink: 'Open',
    copyAddress: 'Copy the address',
    cancel: 'Cancel',
  },

  machine,

  models,

  packs,

  storage,

  library,

  settings,

  update: {
    ready: 'There is a new version of Yupana.',
    apply: 'Update',
    later: 'Later',
  },
};
