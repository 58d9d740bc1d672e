// Our own engines in the race: weights by the app's downloader into its store, an engine in a worker that reads them there.

import { createDownloadClient } from '../wire/download-client.ts';
import downloadUrl from '../threads/download.ts?worker&url';
import { hostThread } from '../wire/thread-host.ts';
import threadUrl from '../threads/engine-thread.ts?worker&url';
import raceUrl from '../threads/race-engine.ts?worker&url';
import type { RaceOrder, RaceReply, RaceRequest, Runner } from './protocol.ts';

const MODEL_ID = 'race-q4f16_1';

export async function downloadForYupana({ modelBase }: RaceOrder): Promise<void> {
  const client = createDownloadClient(() => new Worker(downloadUrl, { type: 'module' }));
  try {
    await client.download({ id: MODEL_ID, base: modelBase });
  } finally {
    client.dispose();
  }
}

export async function loadYupana({ column, threads, contextLength }: RaceOrder): Promise<Runner> {
  const worker = new Worker(raceUrl, { type: 'module' });
  worker.addEventListener('message', ({ ports: [port] }) => {
    if (port) hostThread(worker, port, () => new Worker(threadUrl, { type: 'module' }));
  });
  const ask = (request: RaceRequest, onPiece?: () => void): Promise<RaceReply> =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data, ports }: MessageEvent<RaceReply>) => {
        if (ports.length > 0) return; // a wish for a thread
        if (data.type === 'piece') onPiece?.();
        else if (data.type === 'failed') reject(new Error(data.message));
        else resolve(data);
      };
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(request);
    });
  const engine = column === 'yupana-wgsl' ? 'wgsl' : 'cpu';
  const loaded = await ask({
    type: 'load',
    load: {
      modelId: MODEL_ID,
      engine,
      threads: column === 'yupana-cpu' ? threads : 1,
      contextLength,
    },
  });
  return {
    how: loaded.type === 'loaded' ? loaded.how : '',
    async answer({ ids }, tokens) {
      const started = performance.now();
      let first = 0;
      let last = 0;
      const reply = await ask({ type: 'answer', ids, tokens }, () => {
        last = performance.now();
        first ||= last;
      });
      if (reply.type !== 'answered') throw new Error(`the worker said ${reply.type}`);
      return {
        promptTokens: ids.length,
        tokens: reply.tokens,
        text: reply.text,
        firstToken: (first - started) / 1000,
        decode: (last - first) / 1000,
      };
    },
  };
}
