// What a worker's canary tells of its ways to the network.

export const DOORS = [
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'EventSource',
  'WebTransport',
  'Worker',
  'SharedWorker',
  'import',
  'importScripts',
  'RTCPeerConnection',
  'sendBeacon',
] as const;
export type Door = (typeof DOORS)[number];

/**
 * `closed`: refused, and known to be for the policy; `untold`: refused, but this browser does not say whether by the policy;
 * `absent`: this browser's workers have no such way.
 */
export type DoorState = 'closed' | 'open' | 'untold' | 'absent';
export type Doors = Record<Door, DoorState>;
