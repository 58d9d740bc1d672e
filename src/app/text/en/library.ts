// The library: fit, checks, downloads in words, models added by their address.

import type { library as es } from '../es/library.ts';

export const library: typeof es = {
  fit: {
    label: 'On this computer',
    fits: { good: 'fits well', tight: 'fits tightly', no: 'does not fit' },
    numbers: 'The numbers',
    weights: 'Weights',
    cache: (tokens: string) => `Memory of the conversation (${tokens} tokens)`,
    work: 'Work space',
    needed: 'In all, while it runs',
    told: (bytes: string) => `The browser says there are ${bytes} of memory.`,
    toldCapped: (bytes: string) => `The browser says ${bytes} or more: it never tells more than that.`,
    untold: 'This browser does not say how much memory there is: nothing can be promised.',
    disk: (needed: string, free: string) =>
      `${needed} must be stored, and the browser allows ${free} at most.`,
    buffer: 'The graphics card does not take pieces of memory that large.',
    context: 'Context',
    estimate: 'These are estimates: other programs and tabs use memory too.',
  },
  checks: {
    sha256: 'Checked by SHA-256, file by file.',
    md5: 'Checked by MD5: it finds damage, it does not prove the origin.',
    size: 'Checked by its size alone: whoever publishes it gives no sums.',
  },
  pause: 'Pause',
  cancel: 'Cancel and delete what came',
  cancelTitle: (name: string) => `Delete what came of ${name}?`,
  cancelText: (size: string) =>
    `${size} are stored already. If you only pause, it goes on from there tomorrow.`,
  speed: (speed: string) => `${speed} a second`,
  waits: {
    line: 'The server does not answer.',
    status: (status: string) => `The server answered with error ${status}.`,
    short: 'The download was cut short.',
    again: (time: string) => `It tries again in ${time}; you can leave it like this.`,
  },
  interrupted: (name: string) => `The download of ${name} stopped half way.`,
  ended: (name: string) => `${name} is downloaded and checked.`,
  licenceText: 'Read the licence',
  licenceLink: 'This licence’s text does not come with Yupana; it is on the model’s page.',
  added: {
    about: (name: string) => `${name}: added by you; nobody reviewed this card.`,
    facts: (where: string, revision: string, licence: string) =>
      `It lies at ${where}, revision ${revision}. Whoever publishes it declares the licence: ${licence}. Yupana only checked that its shape can run. What it was trained on, and how well it answers, is not known.`,
    noRevision: 'not pinned',
    noLicence: 'none',
    forget: 'Take off the list',
  },
  add: {
    open: 'Add a model by its name or address',
    title: 'Add a model',
    text: 'Write “account/model” of Hugging Face, or the https address of a model’s folder. Before anything large is fetched, it is looked at whether it can run here.',
    label: 'Name or address',
    look: 'Look',
    looking: 'Looking at the small files…',
    found: (parameters: string, scheme: string) => `${parameters} million parameters, in ${scheme}.`,
    costs: (download: string, kept: string) => `${download} are downloaded, ${kept} are kept.`,
    licence: (licence: string) => `Licence declared by whoever publishes it: ${licence}.`,
    noLicence: 'Whoever publishes it declares no licence: using it may not be allowed.',
    gated: 'It asks for conditions to be accepted on its page before it is downloaded.',
    there: 'It is on your list already.',
    confirm: 'Add to my list',
    done: (name: string) => `${name} is on your list.`,
  },
  token: {
    title: 'Access token',
    text: (host: string) =>
      `It is sent to ${host} only, lives only while this tab is open, and is stored nowhere.`,
    label: 'Token',
    use: 'Use this token',
    forget: 'Forget the token',
    kept: (host: string) => `There is a token for ${host} until you close this tab.`,
  },
  settings: {
    title: 'How to download',
    limit: 'Highest speed',
    limits: { none: 'No limit', value: (speed: string) => `${speed} a second` },
    mirror: 'Mirror of the school or the country',
    mirrorText:
      'The https address of a mirror made with Yupana. It is asked first; what it lacks comes from its usual place.',
    mirrorBad: 'It must be an https address, or one of this same site.',
    save: 'Save',
    saved: 'Saved.',
    notify: 'Tell me with a notice of the system when it ends',
    notifyRefused: 'The browser does not allow notices of this site. You are told right here.',
  },
};
