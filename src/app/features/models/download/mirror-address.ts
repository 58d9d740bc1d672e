// Where a mirror is, as people type it.

/** An address of a mirror with a slash at its end; null where it is none. Relative ones are of this site. */
export function mirrorAddress(text: string, page: string): string | null {
  try {
    const url = new URL(text.trim(), page);
    const local = url.hostname === 'localhost' || url.hostname === '127.0.0.1';
    if (url.protocol !== 'https:' && !local) return null;
    if (url.username !== '' || url.password !== '' || !/^https?:$/.test(url.protocol)) return null;
    url.search = '';
    url.hash = '';
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url.href;
  } catch {
    return null;
  }
}
