// Which addresses an answer may offer. Everything else is text.

import { decodeEntities } from './entities.ts';
import { MAX_URL_CHARS } from './limits.ts';

const ALLOWED: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

/**
 * The full address behind a link as the browser would open it (host in punycode, path percent-encoded, so that nothing
 * looks like what it is not), or null where it is no http, https or mailto URL, or names a user before its host.
 */
export function safeHref(written: string): string | null {
  const url = decodeEntities(written).trim();
  if (url.length > MAX_URL_CHARS || !/^(?:https?:\/\/|mailto:)/i.test(url)) return null;
  // URL drops tabs and line breaks silently; a link that holds them was made to hide something.
  if (hasControls(url)) return null;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return null; // not an address: the link is shown as its text
  }
  // "https://banco.cl@malo.example": a user before the host only serves to look like another host.
  if (parsed.username !== '' || parsed.password !== '') return null;
  return ALLOWED.has(parsed.protocol) ? parsed.href : null;
}

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++)
    if (text.charCodeAt(i) < 0x20 || text.charCodeAt(i) === 0x7f) return true;
  return false;
}

/** How labels of reference links are compared: case and runs of white space do not count. */
export function normalizeLabel(label: string): string {
  return label.trim().replace(/\s+/g, ' ').toLowerCase();
}

/** An address in three parts, so that the host, which decides who is asked, can stand out. */
export function addressParts(href: string): { before: string; host: string; after: string } {
  const url = new URL(href);
  const at = url.host === '' ? -1 : href.indexOf(url.host, url.protocol.length + 2);
  // In "https://bank.example@evil.example/" the host comes after the last @ of the authority.
  const authority = href.indexOf('@') > 0 && url.username !== '' ? href.indexOf(`@${url.host}`) + 1 : at;
  if (at < 0) return { before: href, host: '', after: '' };
  return {
    before: href.slice(0, authority),
    host: url.host,
    after: href.slice(authority + url.host.length),
  };
}
