// The download's worker: reaches model hosts, writes the store, never sees what people write. Composition only.

import { downloadModel, repairModel } from '../download/download.ts';
import { importLocal } from '../download/local-import.ts';
import { inspectLocal } from '../download/local-inspect.ts';
import { HOST } from '../download/host.ts';
import { createLimiter } from '../download/limiter.ts';
import { withModel } from '../download/lock.ts';
import { lookUp } from '../download/look.ts';
import { exportPack } from '../download/pack-export.ts';
import { packFiles } from '../download/pack-file.ts';
import { folderOnDisk } from '../download/pack-folder.ts';
import { verifyModel } from '../download/verify.ts';
import { openPrefixes } from '../storage/prefixes.ts';
import { openShards } from '../storage/shards.ts';
import { serveDownloads } from './download-server.ts';
import { wireError } from '../wire/serve.ts';

const store = openShards();
const prefixes = openPrefixes();
const limiter = createLimiter(HOST.wait);
/** By origin, for as long as this worker lives. */
const tokens = new Map<string, string>();
const host = {
  ...HOST,
  pass: limiter.pass,
  authorization: (origin: string): string | undefined => {
    const token = tokens.get(origin);
    return token === undefined ? undefined : `Bearer ${token}`;
  },
};

serveDownloads(self, {
  download: (source, job) => downloadModel(store, source, { ...job, host }),
  repair: (source, job) => repairModel(store, source, { ...job, host }),
  verify: (modelId, job) => withModel(modelId, () => verifyModel(store, modelId, job)),
  status: (modelId) => store.status(modelId),
  delete: (modelId) =>
    withModel(modelId, async () => {
      await prefixes.removeModel(modelId);
      await store.remove(modelId);
      return store.status(modelId);
    }),
  inspectLocal: async ({ files, pins }) => {
    const { models, faults } = await inspectLocal(store, files, pins);
    return { models, faults: faults.map(({ folder, error }) => ({ folder, error: wireError(error) })) };
  },
  importLocal: ({ model, files }, job) => importLocal(store, model, files, job),
  exportPack: ({ note, folder }, job) => exportPack(store, note, folderOnDisk(folder), job),
  exportFiles: (note, job) => packFiles(store, note, job),
  look: (address, job) => lookUp(host, address, job),
  limit: (bytesPerSecond) => Promise.resolve(limiter.set(bytesPerSecond)),
  token: ({ origin, token }) => {
    if (token === null) tokens.delete(origin);
    else tokens.set(origin, token);
    return Promise.resolve();
  },
});
