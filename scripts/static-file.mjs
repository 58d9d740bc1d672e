// What a request names and which bytes of it: decided before anything is served.

/** A spelling of its own for each file: percent-encoded, doubled or hidden names are none. The same as src's `isCanonical`. */
const CANONICAL = /^(\/(?!\.)[\w.~!$&'()*+,;=:@-]+)*\/?$/;

/** @param {string} target as the request line has it @returns {string | null} its path, or null where no file is spelt so */
export function canonicalPath(target) {
  const pathname = target.split(/[?#]/, 1)[0] ?? '';
  return pathname.startsWith('/') && CANONICAL.test(pathname) ? pathname : null;
}

/**
 * One range of bytes. Several, or another unit, are refused: ignoring them would send what was not asked for.
 * @param {string} header `Range` @param {number} size of the file
 * @returns {{ start: number, end: number } | null} first and last byte; null where it cannot be served
 */
export function byteRange(header, size) {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (!found || (found[1] === '' && found[2] === '')) return null;
  if (found[1] === '') {
    const last = Math.min(size, Number(found[2]));
    return last === 0 ? null : { start: size - last, end: size - 1 };
  }
  const start = Number(found[1]);
  const end = found[2] === '' ? size - 1 : Math.min(size - 1, Number(found[2]));
  return start < size && start <= end ? { start, end } : null;
}

/**
 * Whether a request was meant for this server. Another site's name that leads here (DNS rebinding) is not.
 * @param {string | undefined} host `Host` @param {readonly string[]} names without a port @param {number} port
 */
export function isOurs(host, names, port) {
  return names.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
}
