// The canary's attempts in this worker. Each goes to `data:` or to the own origin and carries nothing.

import { CANARY } from '../wire/thread-protocol.ts';
import { DOORS } from '../wire/doors.ts';
import type { Door, Doors } from '../wire/doors.ts';
import { tryDoors } from './canary.ts';
import type { Attempt } from './canary.ts';

/** A name of the own origin that nothing answers to: a violation names it. */
const NOWHERE = new URL('canary-', location.href).href;
/** How the address of an attempt tells its door. */
const address = (door: Door, scheme?: string): string => {
  const url = new URL(`${NOWHERE}${door}`);
  return scheme === undefined ? url.href : url.href.replace(/^http/, scheme);
};
const DATA = 'data:text/javascript,postMessage(0)';
/** Longer than any browser takes to report what its policy refused; only where it reports nothing is it waited for. */
const REPORT_MS = 500;

interface Eventful {
  addEventListener(type: string, listener: () => void): void;
}

const comes = <T extends Eventful>(thing: T, good: string, end: (thing: T) => void): Promise<void> =>
  new Promise<void>((resolve, reject) => {
    thing.addEventListener(good, resolve);
    thing.addEventListener('error', () => reject(new Error('refused')));
  }).finally(() => end(thing));

/** What may be missing, however it is typed. */
const here = globalThis as unknown as Record<string, unknown>;
const where = (name: string, attempt: () => Promise<unknown>): Attempt =>
  typeof here[name] === 'function' ? attempt : undefined;

const xhr = (url: string): Promise<void> => {
  const request = new XMLHttpRequest();
  const done = comes(request, 'load', () => undefined);
  request.open('GET', url);
  request.send();
  return done;
};
const talk = (worker: Worker): Promise<void> => comes(worker, 'message', () => worker.terminate());

/** It says nothing of what became of it: only a report tells. */
const { sendBeacon } = navigator as { sendBeacon?: (url: string) => boolean };
const beacon = sendBeacon?.bind(navigator);

const attempts: Record<Door, readonly Attempt[]> = {
  fetch: [
    () => fetch('data:text/plain,0'),
    () => fetch(location.href, { method: 'HEAD', cache: 'no-store' }),
  ],
  XMLHttpRequest: [where('XMLHttpRequest', () => xhr('data:text/plain,0'))],
  WebSocket: [
    where('WebSocket', async () => {
      await comes(new WebSocket(address('WebSocket', 'ws')), 'open', (socket) => socket.close());
    }),
  ],
  EventSource: [
    where('EventSource', async () => {
      await comes(new EventSource(address('EventSource')), 'open', (source) => source.close());
    }),
  ],
  WebTransport: [
    where('WebTransport', async () => {
      // The scheme must be https; nothing but the policy is asked of the address.
      const session = new WebTransport(address('WebTransport').replace(/^http:/, 'https:'));
      session.closed.catch(() => undefined);
      await session.ready;
    }),
  ],
  Worker: [
    where('Worker', () => talk(new Worker(DATA))),
    // Answers this word, and does nothing else.
    where('Worker', async () => {
      const worker = new Worker(new URL('./engine-thread.ts', import.meta.url), { type: 'module' });
      const answered = talk(worker);
      worker.postMessage(CANARY);
      await answered;
    }),
  ],
  SharedWorker: [
    where('SharedWorker', async () => {
      const shared = new (here.SharedWorker as new (url: string) => EventTarget)(DATA);
      await comes(shared, 'connect', () => undefined);
    }),
  ],
  import: [() => import(/* @vite-ignore */ DATA.replace('postMessage(0)', '0'))],
  importScripts: [
    where('importScripts', () =>
      Promise.resolve((here.importScripts as (url: string) => void)('data:text/javascript,0')),
    ),
  ],
  RTCPeerConnection: [where('RTCPeerConnection', () => Promise.resolve())],
  sendBeacon: [beacon && (() => Promise.reject(new Error(String(beacon(address('sendBeacon'))))))],
};

/** Once, at the start, and never while somebody writes. */
export async function ownDoors(): Promise<Doors> {
  const refused = new Set<Door>();
  let told: (() => void) | undefined;
  const hear = (event: Event): void => {
    const { blockedURI, effectiveDirective } = event as SecurityPolicyViolationEvent;
    for (const door of DOORS) if (blockedURI.endsWith(`canary-${door}`)) refused.add(door);
    if (effectiveDirective.startsWith('script-src')) refused.add('import');
    if (blockedURI.endsWith('canary-last')) told?.();
  };
  self.addEventListener('securitypolicyviolation', hear);
  try {
    return await tryDoors(attempts, async () => {
      // Reports come in order, each after its attempt: once this one's is there, all are.
      const reported = new Promise<void>((resolve) => {
        told = resolve;
        setTimeout(resolve, REPORT_MS);
      });
      const open = await fetch(`${NOWHERE}last`, { method: 'HEAD' }).then(
        () => true,
        () => false,
      );
      if (!open) await reported;
      return refused;
    });
  } finally {
    self.removeEventListener('securitypolicyviolation', hear);
  }
}
