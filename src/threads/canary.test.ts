import { expect, test } from 'vitest';
import { DOORS } from '../wire/doors.ts';
import type { Door } from '../wire/doors.ts';
import { enforced, tryDoors } from './canary.ts';
import type { Attempt } from './canary.ts';

const refuse: Attempt = () => Promise.reject(new TypeError('Failed to fetch'));
const pass: Attempt = () => Promise.resolve();
const all = (attempt: Attempt): Record<Door, Attempt[]> =>
  Object.fromEntries(DOORS.map((door) => [door, [attempt]])) as Record<Door, Attempt[]>;
const reported = (...doors: Door[]) => Promise.resolve(new Set(doors));
const none = () => reported();

test('each door is told by itself', async () => {
  const attempts = { ...all(refuse), import: [undefined], EventSource: [pass], SharedWorker: [] };
  expect(await tryDoors(attempts, () => reported('WebSocket'))).toEqual({
    fetch: 'closed',
    XMLHttpRequest: 'closed',
    WebSocket: 'closed',
    EventSource: 'open',
    WebTransport: 'untold',
    Worker: 'closed',
    SharedWorker: 'absent',
    import: 'absent',
    importScripts: 'untold',
    RTCPeerConnection: 'untold',
    sendBeacon: 'untold',
  });
});

test.each<[string, Partial<Record<Door, Attempt[]>>, boolean]>([
  ['everything is refused', {}, true],
  ['one way stands open', { WebSocket: [pass] }, false],
  ['a thread can be started', { Worker: [refuse, pass] }, false],
  ['offline without a policy', { fetch: [pass, refuse] }, false],
  ['the own origin is open', { fetch: [refuse, pass] }, false],
  ['what would tell is missing', { fetch: [undefined] }, false],
])('%s', async (_, some, held) => {
  expect(enforced(await tryDoors({ ...all(refuse), ...some }, none))).toBe(held);
});

test('a name that cannot be asked for does not end the others', async () => {
  const attempts = {
    ...all(refuse),
    WebTransport: [() => Promise.reject(new DOMException('no', 'SyntaxError'))],
  };
  expect((await tryDoors(attempts, none)).fetch).toBe('closed');
});
