// Starts the threads that a worker of ours asks for, as the page's policy demands.

import { hostThread } from '../../../wire/thread-host.ts';
import threadUrl from '../../../threads/engine-thread.ts?worker&url';
import { scriptURL } from '../../kit/trusted.ts';

export const startThread = (worker: Worker, port: MessagePort): void =>
  hostThread(worker, port, () => new Worker(scriptURL(threadUrl), { type: 'module', name: 'engine-thread' }));
