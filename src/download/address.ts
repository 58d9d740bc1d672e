// What people paste to name a model: "owner/name", the address of a page at the hub in any of its forms, what a command line
// takes, or the address of a folder on any server. Pure: nothing is asked of anybody here.

import { EngineError } from '../failures.ts';

const HUB = 'https://huggingface.co';
/** The hub's own names. */
const HUB_HOSTS: ReadonlySet<string> = new Set([
  'huggingface.co',
  'www.huggingface.co',
  'hf.co',
  'www.hf.co',
]);
const MAX_ADDRESS = 1_000;

export interface Address {
  /** As people read it: "owner/name", or host and path. */
  name: string;
  /** Directories to look at, in order, each with a trailing slash. */
  bases: string[];
  /** File of the directory that the address names. */
  file?: string;
  /** What stands behind a colon ("Q4_K_M"): which of several files is meant. */
  tag?: string;
}

/** Places of the hub that hold something else than a model. */
const OTHER_KINDS = {
  datasets: 'dataset',
  spaces: 'space',
  collections: 'collection',
  papers: 'paper',
  buckets: 'dataset',
  kernels: 'space',
} as const;
export type OtherKind = (typeof OTHER_KINDS)[keyof typeof OTHER_KINDS] | 'account' | 'page';

/** First parts of the hub's own pages: nobody's account. */
const OWN_PAGES: ReadonlySet<string> = new Set(
  'blog chat changelog docs enterprise inference-endpoints join learn login models new organizations posts pricing search settings support tasks'.split(
    ' ',
  ),
);
/** What stands between a repository and a revision in its addresses. */
const AT_REVISION: ReadonlySet<string> = new Set([
  'tree',
  'resolve',
  'blob',
  'raw',
  'blame',
  'edit',
  'commit',
  'commits',
]);
/** Those that lead to a file. */
const OF_FILE: ReadonlySet<string> = new Set(['resolve', 'blob', 'raw', 'blame', 'edit']);

const OWNER = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,95}$/;
const NAME = /^[A-Za-z0-9_][\w.-]{0,95}$/;

/** Throws "address-invalid", "address-other" where it names something else of the hub's. */
export function readAddress(text: string): Address {
  const given = text.trim().slice(0, 100);
  const refuse = (cause?: unknown): EngineError =>
    new EngineError('address-invalid', 'no repository and no address', { given }, cause);
  if (text.length > MAX_ADDRESS) throw refuse();
  const bare = unwrap(text);
  if (bare === '') throw refuse();
  const hubPath = withoutHub(bare);
  if (hubPath !== undefined) return atHub(hubPath, given);
  const parts = partsOf(bare.replace(/[?#].*$/, ''));
  const [first = '', second] = parts;
  // No account has a dot in its name, every host but this machine has one.
  const host = /^[^/]*[.:]|^localhost(?:\/|$)/i.test(first) && !bare.includes('://');
  if (!bare.includes('://') && !host) {
    if (/^[a-z]+:/i.test(bare) || (second === undefined && !(first in OTHER_KINDS))) throw refuse();
    return atHub(bare, given);
  }
  return elsewhere(bare, refuse);
}

/** Without what mail, chats, markdown and command lines put around an address. */
function unwrap(text: string): string {
  let bare = text
    .replace(/[\u200b-\u200d\u2060\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const link = /^\[[^\]]*\]\(([^)]*)\)$/.exec(bare);
  bare = link?.[1] ?? bare;
  for (let before = ''; before !== bare;) {
    before = bare;
    bare = bare
      .replace(/^[<"'“”‘’«»‹›`([]+/, '')
      .replace(/[>"'“”‘’«»‹›`)\],;.]+$/, '')
      .replace(
        /^(?:git clone|git lfs clone|(?:hf|huggingface-cli) download|ollama (?:run|pull)|llama-(?:cli|server) -hf)\s+/,
        '',
      )
      .trim();
  }
  return bare.replace(/ ?\/ ?/g, '/');
}

/** The path at the hub, in whatever way its host is named; undefined where it is not the hub's. */
function withoutHub(bare: string): string | undefined {
  const scheme = /^hf:\/*/i.exec(bare);
  if (scheme) return bare.slice(scheme[0].length);
  const match = /^(?:(?:https?|git|ssh|git\+https):\/\/)?(?:[\w-]+@)?([\w.-]+)(?::443)?(?:[/:](.*))?$/i.exec(
    bare,
  );
  return match && HUB_HOSTS.has(match[1]?.toLowerCase() ?? '') ? (match[2] ?? '') : undefined;
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');

function decoded(part: string, refuse: () => EngineError): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refuse();
  }
}

function atHub(path: string, given: string): Address {
  const refuse = (): EngineError =>
    new EngineError('address-invalid', 'no repository and no address', { given });
  const other = (kind: OtherKind): EngineError =>
    new EngineError('address-other', `a ${kind}, no model`, { given, kind });
  const parts = partsOf(path.replace(/[?#].*$/, '')).map((part) => decoded(part, refuse));
  if (parts[0] === 'api') parts.shift();
  const kind = parts[0] ?? '';
  if (kind in OTHER_KINDS) throw other(OTHER_KINDS[kind as keyof typeof OTHER_KINDS]);
  if (kind === 'models' && parts.length >= 3) parts.shift();
  const [owner = '', last = '', ...rest] = parts;
  if (OWN_PAGES.has(owner)) throw other('page');
  if (owner !== '' && last === '' && OWNER.test(owner)) throw other('account');
  if (!OWNER.test(owner)) throw refuse();

  // owner/name, owner/name@revision, owner/name:tag, owner/name.git; a revision may itself have slashes (refs/pr/1).
  const [, name = '', at, colon] = /^([^@:]+)(?:@([^:]+))?(?::(.+))?$/.exec(last.replace(/\.git$/, '')) ?? [];
  if (!NAME.test(name)) throw refuse();
  const tag = colon?.trim();
  let revision: string | undefined = at;
  let inside = rest;
  let isFile = rest.length > 0;
  if (revision === undefined && rest[0] !== undefined && AT_REVISION.has(rest[0])) {
    isFile = OF_FILE.has(rest[0]);
    revision = rest[1];
    inside = rest[0].startsWith('commit') ? [] : rest.slice(2);
  } else if (revision === undefined) {
    // discussions, settings and other pages of the repository, or a path in it.
    const pages = ['discussions', 'settings', 'community'];
    inside = pages.includes(rest[0] ?? '') ? [] : rest;
  }
  if (revision === 'refs' && inside.length >= 2) {
    revision = ['refs', ...inside.slice(0, 2)].join('/');
    inside = inside.slice(2);
  }
  if (inside.some((part) => part === '..' || part === '.')) throw refuse();
  return build(HUB, `${owner}/${name}`, revision ?? 'main', inside, isFile, tag);
}

/** A path's last part is a file where the address says so and it has an ending; else it is a folder. */
function build(
  origin: string,
  name: string,
  revision: string,
  inside: readonly string[],
  isFile: boolean,
  tag?: string,
): Address {
  const file = isFile && /\.\w+$/.test(inside.at(-1) ?? '') ? inside.at(-1) : undefined;
  const folder = file === undefined ? inside : inside.slice(0, -1);
  const path = [encodeURIComponent(revision), ...folder.map(encodeURIComponent)].join('/');
  return {
    name: [name, ...folder].join('/'),
    bases: [`${origin}/${name}/resolve/${path}/`],
    ...(file === undefined ? {} : { file }),
    ...(tag === undefined || tag === '' ? {} : { tag }),
  };
}

function elsewhere(bare: string, refuse: (cause?: unknown) => EngineError): Address {
  const local = /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1)(?:[:/]|$)/i.test(bare);
  let url: URL;
  try {
    url = new URL(bare.includes('://') ? bare : `${local ? 'http' : 'https'}://${bare}`);
  } catch (cause) {
    throw refuse(cause);
  }
  // Plain http reaches this very machine only: the browser refuses it elsewhere.
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) throw refuse();
  if (url.username !== '' || url.password !== '') throw refuse();
  const raw = partsOf(url.pathname);
  const parts = raw.map((part) => decoded(part, refuse));
  const file = /\.(?:gguf|json|safetensors|md)$/i.test(parts.at(-1) ?? '') ? parts.at(-1) : undefined;
  const [owner, last, kind, revision] = parts;
  if (owner !== undefined && last !== undefined) {
    const [, name = last, at] = /^([^@]+)@(.+)$/.exec(last) ?? [];
    const bareName = name.replace(/\.git$/, '');
    if (kind !== undefined && AT_REVISION.has(kind)) {
      const inside = kind.startsWith('commit') ? [] : parts.slice(4);
      return build(url.origin, `${owner}/${bareName}`, revision ?? 'main', inside, OF_FILE.has(kind));
    }
    if (parts.length === 2 && file === undefined) {
      const { name: read, bases } = build(url.origin, `${owner}/${bareName}`, at ?? 'main', [], false);
      return {
        name: read,
        bases: [...bases, ...(at === undefined ? [`${url.origin}/${raw.join('/')}/`] : [])],
      };
    }
  }
  const folder = file === undefined ? raw : raw.slice(0, -1);
  return {
    name: [url.host, ...(file === undefined ? parts : parts.slice(0, -1))].join('/'),
    bases: [`${url.origin}/${folder.map((part) => `${part}/`).join('')}`],
    ...(file === undefined ? {} : { file }),
  };
}
