/// <reference types="vite/client" />
// The CPU engine in a browser without the app around it: hands a model and prompts to a worker and gives back its answers.

import { hostThread } from '../../../src/wire/thread-host.ts';
import threadUrl from '../../../src/threads/engine-thread.ts?worker&url';
import workerUrl from './engine-golden.ts?worker&url';
import type { GoldenAnswer, GoldenRequest } from './engine-golden.ts';

declare const trustedTypes: {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL: (url: string) => string;
  };
};
declare global {
  var answerOnCpu: (request: Omit<GoldenRequest, 'files'>) => Promise<GoldenAnswer>;
}

const policy = trustedTypes.createPolicy('yupana', { createScriptURL: (url) => url });

globalThis.answerOnCpu = async (request) => {
  const files: GoldenRequest['files'] = {};
  for (const name of (await (await fetch('./model/files.json')).json()) as string[]) {
    files[name] = new Uint8Array(await (await fetch(`./model/${name}`)).arrayBuffer());
  }
  const worker = new Worker(policy.createScriptURL(workerUrl), { type: 'module' });
  try {
    return await new Promise<GoldenAnswer>((resolve, reject) => {
      worker.onmessage = ({ data, ports: [port] }: MessageEvent<GoldenAnswer>) => {
        if (!port) resolve(data);
        else
          hostThread(worker, port, () => new Worker(policy.createScriptURL(threadUrl), { type: 'module' }));
      };
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage({ ...request, files });
    });
  } finally {
    worker.terminate();
  }
};
