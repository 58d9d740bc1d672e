// Code in the page that gets hold of the worker, of prototypes and of old events opens nothing.

import { afterEach, expect, test, vi } from 'vitest';
import { pairedWorker } from '../../tests/host/worker-pair.ts';
import { Grants } from '../download/grants.ts';
import { serveDownloads } from '../threads/download-server.ts';
import { hearConfirmations } from '../threads/hear-confirmations.ts';
import { createDownloadClient } from './download-client.ts';
import type { DownloadCalls, ModelSource, ModelStatus } from './download-protocol.ts';

const EVIL = 'https://evil.example/word/';
const SCHOOL = 'https://escuela.example/m/';
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function rig() {
  vi.stubGlobal('location', { href: 'https://yupana.example/' });
  const asked: string[] = [];
  let worker: ReturnType<typeof pairedWorker>;
  const client = createDownloadClient(() => {
    worker = pairedWorker((scope) => {
      const grants = new Grants(['https://yupana.example/']);
      const heard = hearConfirmations(scope, (bases) => grants.allow(bases));
      const get = (source: ModelSource): Promise<ModelStatus> => {
        asked.push(...grants.checkSource(source));
        return Promise.resolve({ modelId: source.id } as ModelStatus);
      };
      const work = { heard, download: async (source: ModelSource) => get(source) };
      serveDownloads(scope, work as unknown as DownloadCalls);
    });
    return worker.worker;
  });
  return { asked, client, stolen: () => worker.worker, kill: () => worker.crash('error', 'killed') };
}
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { reason: string }).reason,
  );

test('what was confirmed is asked, and nothing else', async () => {
  const { asked, client } = rig();
  expect(await outcome(client.download({ id: 'm', base: SCHOOL }))).toBe('address-unconfirmed');
  client.confirm([SCHOOL]);
  expect(await outcome(client.download({ id: 'm', base: SCHOOL }))).toBe('done');
  expect(await outcome(client.download({ id: 'n', base: EVIL }))).toBe('address-unconfirmed');
  expect(asked).toEqual([SCHOOL]);
});

test('a worker born after another died knows what was confirmed', async () => {
  const { client, kill } = rig();
  client.confirm([SCHOOL]);
  await client.download({ id: 'm', base: SCHOOL });
  kill();
  expect(await outcome(client.download({ id: 'm', base: SCHOOL }))).toBe('done');
});

test('who holds the worker has no port to confirm with', async () => {
  const { asked, client, stolen } = rig();
  await outcome(client.download({ id: 'm', base: 'models/m/' }));
  asked.length = 0;
  const { port1, port2 } = new MessageChannel();
  stolen().postMessage({ type: 'confirmations' }, [port2]);
  port1.postMessage({ bases: [EVIL], count: 1 });
  const call = { type: 'call', id: 900, call: 'download', input: { id: 'm', base: EVIL }, reports: [] };
  stolen().postMessage(call);
  expect(await outcome(client.download({ id: 'n', base: EVIL }))).toBe('address-unconfirmed');
  expect(asked).toEqual([]);
  port1.close();
});

test('functions put in the place of the browser’s own see no port', async () => {
  const seen: unknown[] = [];
  const spy = (name: string) =>
    function (this: unknown) {
      seen.push([name, this]);
    };
  vi.spyOn(MessagePort.prototype, 'postMessage').mockImplementation(spy('postMessage'));
  vi.stubGlobal(
    'MessageChannel',
    class {
      constructor() {
        seen.push('channel');
      }
    },
  );
  const { client } = rig();
  client.confirm([SCHOOL]);
  expect(await outcome(client.download({ id: 'm', base: SCHOOL }))).toBe('done');
  expect(seen).toEqual([]);
});
