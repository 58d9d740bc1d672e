// The page's line to an engine in a service worker: a port that looks like a worker of the page's own.

import { EngineError } from '../failures.ts';

const HELLO = 'yupana-engine';
const BYE = 'yupana-bye';
const AWAKE = 'yupana-awake';

/** A service worker that hears nothing for half a minute is ended, and its model with it. */
const AWAKE_MS = 10_000;

const typeOf = (data: unknown): unknown =>
  typeof data === 'object' && data !== null ? (data as { type?: unknown }).type : undefined;
export const isHello = (data: unknown): boolean => typeOf(data) === HELLO;
export const isBye = (data: unknown): boolean => typeOf(data) === BYE;

/** What of ServiceWorkerContainer is used. */
export type ServiceWorkers = Pick<ServiceWorkerContainer, 'ready' | 'controller'>;

/** The worker that has this page. Throws "worker-gone" where there are none, as in a private window of some browsers. */
export async function activeWorker(workers: ServiceWorkers | undefined): Promise<ServiceWorker> {
  const why = 'this page has no service worker';
  if (!workers) throw new EngineError('worker-gone', why, { why });
  const active = workers.controller ?? (await workers.ready).active;
  if (!active) throw new EngineError('worker-gone', why, { why });
  return active;
}

/** `target` as the Worker that a link takes; `terminate` says goodbye, and the service worker lives on. */
export function lineTo(target: Pick<ServiceWorker, 'postMessage'>): Worker {
  const { port1, port2 } = new MessageChannel();
  target.postMessage({ type: HELLO }, [port2]);
  const awake = setInterval(() => target.postMessage({ type: AWAKE }), AWAKE_MS);
  const line: Pick<Worker, 'postMessage' | 'terminate' | 'addEventListener'> = {
    postMessage: (message: unknown) => port1.postMessage(message),
    addEventListener(type: string, listener: unknown) {
      port1.addEventListener(type, listener as EventListener);
      if (type === 'message') port1.start();
    },
    terminate() {
      clearInterval(awake);
      port1.postMessage({ type: BYE });
      port1.close();
    },
  };
  return line as Worker;
}
