// What people paste to name a model: "owner/name", the address of its page at the hub, or of a folder on any server.

import { EngineError } from '../engine.ts';

const HUB = 'https://huggingface.co';
const MAX_ADDRESS = 1_000;

export interface Address {
  /** As people read it: "owner/name", or host and path. */
  name: string;
  /** Directories to look at, in order, each with a trailing slash. */
  bases: string[];
}

/** Throws "address-invalid". */
export function readAddress(text: string): Address {
  const given = text.trim();
  const refuse = (cause?: unknown): EngineError =>
    new EngineError('address-invalid', 'no repository and no address', { given: given.slice(0, 100) }, cause);
  if (given === '' || given.length > MAX_ADDRESS) throw refuse();
  const short = /^([\w.-]+)\/([\w.-]+)$/.exec(given);
  if (short) return { name: given, bases: [`${HUB}/${given}/resolve/main/`] };

  let url: URL;
  try {
    url = new URL(given);
  } catch (cause) {
    throw refuse(cause);
  }
  const local = url.hostname === 'localhost' || url.hostname === '127.0.0.1';
  // Plain http reaches this very machine only: the browser refuses it elsewhere.
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) throw refuse();
  if (url.username !== '' || url.password !== '') throw refuse();
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const [owner, name, kind, revision] = parts;
  const folder = `${url.origin}/${parts.map((part) => `${part}/`).join('')}`;
  if (owner !== undefined && name !== undefined) {
    const repository = `${url.origin}/${owner}/${name}`;
    if (kind === 'tree' || kind === 'resolve' || kind === 'blob') {
      return { name: `${owner}/${name}`, bases: [`${repository}/resolve/${revision ?? 'main'}/`] };
    }
    if (url.origin === HUB) return { name: `${owner}/${name}`, bases: [`${repository}/resolve/main/`] };
    if (parts.length === 2) {
      return { name: `${owner}/${name}`, bases: [`${repository}/resolve/main/`, folder] };
    }
  }
  if (url.origin === HUB) throw refuse();
  return { name: `${url.host}/${parts.join('/')}`, bases: [folder] };
}
