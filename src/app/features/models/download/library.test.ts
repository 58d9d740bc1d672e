import { expect, test, vi } from 'vitest';
import { pairedWorker } from '../../../../../tests/host/worker-pair.ts';
import { serveDownloads } from '../../../../threads/download-server.ts';
import type { DownloadCalls, ModelSource, ModelStatus } from '../../../../wire/download-protocol.ts';
import { createDownloadClient } from '../../../../wire/download-client.ts';
import { withNews, withRoots } from './library.svelte.ts';

test("a client that asks the person's mirrors first answers every other call as before", async () => {
  vi.stubGlobal('location', { href: 'https://yupana.example/' });
  const seen: ModelSource[] = [];
  const status = (modelId: string) => Promise.resolve({ modelId, state: 'ready' } as ModelStatus);
  const work = {
    status,
    download: (source: ModelSource) => {
      seen.push(source);
      return status(source.id);
    },
  } as unknown as DownloadCalls;
  const plain = createDownloadClient(() => pairedWorker((scope) => serveDownloads(scope, work)).worker);
  const tell = vi.fn();
  const client = withRoots(withNews(plain, tell), () => ['https://escuela.example/']);
  await client.download({ id: 'm', base: 'https://host.example/m/' });
  expect(seen.map(({ roots }) => roots)).toEqual([['https://escuela.example/']]);
  expect(await client.status('m')).toMatchObject({ modelId: 'm' });
  // Other tabs hear of what came, and of nothing else.
  expect(tell).toHaveBeenCalledTimes(1);
  vi.unstubAllGlobals();
});
