// Bytes of a text file -> text. Nothing in such a file says its encoding: a byte order mark decides, else whether the
// bytes are valid UTF-8 (text in another encoding almost never is), else Windows' western page, what older programs write.

export interface DecodedText {
  text: string;
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
}

/** Windows-1252 0x80-0x9F (WHATWG Encoding). Node before 22 decodes that page as Latin-1; browsers need no help. */
const WINDOWS_80 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const decode = (bytes: Uint8Array, encoding: string, fatal = false): string =>
  new TextDecoder(encoding, { fatal }).decode(bytes); // drops the mark

/** UTF-16 without a mark: western text has a zero in every second byte. */
function utf16Without(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const length = Math.min(bytes.length, 4096) & ~1;
  if (length < 4) return null;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) even++;
    if (bytes[i + 1] === 0) odd++;
  }
  const pairs = length / 2;
  if (odd > 0.7 * pairs && even < 0.1 * pairs) return 'utf-16le';
  if (even > 0.7 * pairs && odd < 0.1 * pairs) return 'utf-16be';
  return null;
}

/** null: these bytes are no text (control characters that no text has). */
export function decodeText(bytes: Uint8Array): DecodedText | null {
  const [a, b, c] = bytes;
  let encoding: DecodedText['encoding'] | null;
  if (a === 0xef && b === 0xbb && c === 0xbf) encoding = 'utf-8';
  else if (a === 0xff && b === 0xfe) encoding = 'utf-16le';
  else if (a === 0xfe && b === 0xff) encoding = 'utf-16be';
  else encoding = utf16Without(bytes);

  let text: string;
  if (encoding) text = decode(bytes, encoding);
  else {
    try {
      text = decode(bytes, 'utf-8', true);
      encoding = 'utf-8';
    } catch {
      text = decode(bytes, 'windows-1252').replace(
        /[\u0080-\u009f]/g,
        (c) => WINDOWS_80[c.charCodeAt(0) - 0x80] ?? c,
      );
      encoding = 'windows-1252';
    }
  }
  // U+0000-U+0008 and U+000E-U+001A: in no text, in every picture, program and archive.
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  const controls = text.slice(0, 65_536).match(/[\u0000-\u0008\u000e-\u001a]/g)?.length ?? 0;
  if (controls > 2 + Math.min(text.length, 65_536) / 1_000) return null;
  return { text: tidy(text), encoding };
}

/** One kind of line end, no characters that only control terminals, and no invisible ones that reorder text. */
export function tidy(text: string): string {
  return (
    text
      .replace(/\r\n?|\u2028|\u2029/g, '\n')
      // eslint-disable-next-line no-control-regex -- these are what is taken out
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f\u00ad\u200b\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
      .replace(/(?<![\t\u00a0 ])[\t\u00a0 ]+$/gm, '') // looked for once a run: a line of spaces costs its length
      .replace(/\n{3,}/g, '\n\n')
      .trim()
  );
}
