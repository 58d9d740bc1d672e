// The download's worker: reaches model hosts, writes the store, never sees what people write. Composition only.

import catalog from '../../models/catalog.json';
import webLlm from '../../models/web-llm.json';
import { readAddress } from '../download/address.ts';
import { downloadModel, repairModel } from '../download/download.ts';
import { importLocal } from '../download/local-import.ts';
import { inspectLocal } from '../download/local-inspect.ts';
import { HOST } from '../download/host.ts';
import type { Host } from '../download/host.ts';
import { createLimiter } from '../download/limiter.ts';
import { withModel } from '../download/lock.ts';
import { canonical, Grants, within } from '../download/grants.ts';
import { lookUp } from '../download/look.ts';
import { lookAtMirror } from '../download/mirror.ts';
import { exportPack } from '../download/pack-export.ts';
import { packFiles } from '../download/pack-file.ts';
import { folderOnDisk } from '../download/pack-folder.ts';
import { verifyModel } from '../download/verify.ts';
import { openPrefixes } from '../storage/prefixes.ts';
import { openShards } from '../storage/shards.ts';
import type { ModelSource } from '../format/model-source.ts';
import { serveDownloads } from './download-server.ts';
import { hearConfirmations } from './hear-confirmations.ts';
import { wireError } from '../wire/serve.ts';

const store = openShards();
const prefixes = openPrefixes();
const limiter = createLimiter(HOST.wait);
/** By origin, for as long as this worker lives. */
const tokens = new Map<string, string>();
const host: Host = {
  ...HOST,
  pass: limiter.pass,
  authorization: (origin: string): string | undefined => {
    const token = grants.opens(origin) ? tokens.get(origin) : undefined;
    return token === undefined ? undefined : `Bearer ${token}`;
  },
};

/** The app's own directory: this script lies one below it, or, served by Vite, where it does in the source. */
const app = new URL(location.pathname.includes('/assets/') ? '../' : '/', location.href).href;
const grants = new Grants([
  app,
  ...catalog.models.map(({ base }) => new URL(base, app).href),
  ...catalog.models.flatMap(({ mirrors }) => mirrors.map((mirror) => new URL(mirror, app).href)),
  webLlm.libraries,
  ...webLlm.models.map(({ repository }) => `https://huggingface.co/${repository}/resolve/main/`),
]);
const heard = hearConfirmations(self, (bases) => grants.allow(bases));
/** What a source may ask. Throws "address-unconfirmed". */
const hostOf = (source: ModelSource): Host => within(host, grants.checkSource(source));

serveDownloads(self, {
  heard,
  addressesOf: (address) => Promise.resolve().then(() => readAddress(address).bases.map(canonical)),
  download: async (source, job) => downloadModel(store, source, { ...job, host: hostOf(source) }),
  repair: async (source, job) => repairModel(store, source, { ...job, host: hostOf(source) }),
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
  async look(address, job) {
    const { bases } = readAddress(address);
    for (const base of bases) grants.check(base);
    const found = await lookUp(within(host, bases), address, job);
    // Under the name that it has now, and at its commit.
    grants.allow([found.base]);
    return found;
  },
  async mirror(root, job) {
    grants.check(root);
    return (await lookAtMirror(within(host, [root]), root, job)).length;
  },
  limit: (bytesPerSecond) => Promise.resolve(limiter.set(bytesPerSecond)),
  token: ({ origin, token }) => {
    if (token === null) tokens.delete(origin);
    else tokens.set(origin, token);
    return Promise.resolve();
  },
});
