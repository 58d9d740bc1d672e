import type { Formats } from '../format.ts';
import type { storage as Storage } from '../es/storage.ts';

export const storage: typeof Storage = {
  models: 'Stored models',
  noModels: 'No model is stored yet.',
  states: {
    absent: 'no files',
    partial: (percent) => `partly there, ${percent}`,
    ready: 'complete and checked',
    corrupt: 'damaged',
  },
  lastUsed: (date) => `Last used: ${date}`,
  neverUsed: 'Not used yet',
  damagedFiles: (n, f: Formats) => f.plural(n, { one: '# damaged file', other: '# damaged files' }),
  noSource: 'It is not in the catalog: to repair it, choose its folder again under “Add from a folder”.',
  actions: (name) => `Actions for ${name}`,
  other: 'Everything else',
  measuring: 'Counting…',
  chats: 'Conversations and their search index',
  vault: 'Locked conversations',
  settings: 'Settings',
  app: 'The application',
  rest: 'Other data of the application',
  total: 'In total, by the browser’s count',
  wipe: 'Delete everything',
  wipeLocked: 'Locked conversations too: without the passphrase there is no way to get them back.',
};
