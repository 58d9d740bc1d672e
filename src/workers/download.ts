// The download's worker: reaches model hosts, writes the store, never sees what people write. Composition only.

import { downloadModel, repairModel } from '../download/download.ts';
import { withModel } from '../download/lock.ts';
import { verifyModel } from '../download/verify.ts';
import { openShards } from '../storage/shards.ts';
import { serveDownloads } from './download-server.ts';

const store = openShards();

serveDownloads(self, {
  download: (source, job) => downloadModel(store, source, job),
  repair: (source, job) => repairModel(store, source, job),
  verify: (modelId, job) => withModel(modelId, () => verifyModel(store, modelId, job)),
  status: (modelId) => store.status(modelId),
  remove: (modelId) =>
    withModel(modelId, async () => {
      await store.remove(modelId);
      return store.status(modelId);
    }),
});
