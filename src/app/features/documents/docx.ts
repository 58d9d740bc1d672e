// .docx: a zip (APPNOTE 6.3) of which only the parts with text are unzipped, as a stream that stops at its limit.

import { Unzip, UnzipInflate } from 'fflate';
import { EngineError } from '../../../failures.ts';
import { tidy } from './decode-text.ts';
import { createWordReader, type WordReader } from './docx-xml.ts';
import { damaged, MAX_XML_BYTES, MAX_ZIP_ENTRIES, throwIfAborted, within } from './limits.ts';

const PARTS = ['word/document.xml', 'word/footnotes.xml', 'word/endnotes.xml'];
const READ_BYTES = 256 * 1024;
/** Small, because the compressed piece is what bounds the unzipped one (deflate: 1032 to 1). */
const PIECE_BYTES = 2 * 1024;
/** Unzipped bytes after which the page gets its turn, so that it can draw and stop. */
const TURN_BYTES = 2 ** 20;

/**
 * @param file its name, for errors
 * @param onProgress compressed bytes read, and how many there are
 * Throws "document-damaged", "document-too-large", "document-wrong-type" (a zip that is no Word text), "aborted".
 */
export async function extractDocx(
  blob: Blob,
  file: string,
  options: {
    signal?: AbortSignal | undefined;
    onProgress?: ((done: number, total: number) => void) | undefined;
  },
): Promise<string> {
  const texts = new Map<string, string>();
  let entries = 0;
  let unzipped = 0;
  let failure: unknown;

  const unzip = new Unzip((entry) => {
    entries++;
    within(entries, MAX_ZIP_ENTRIES, 'entries', file);
    if (!PARTS.includes(entry.name)) return; // never started: its bytes are passed over
    if (texts.has(entry.name)) throw damaged(file, `${entry.name} is there twice`);
    texts.set(entry.name, '');
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const reader: WordReader = createWordReader(file);
    entry.ondata = (error, piece, last) => {
      if (failure !== undefined) return;
      try {
        if (error) throw damaged(file, error.message, error);
        unzipped += piece.length;
        within(unzipped, MAX_XML_BYTES, 'bytes', file);
        reader.push(decoder.decode(piece, { stream: !last }));
        if (last) texts.set(entry.name, reader.end());
      } catch (thrown) {
        failure = thrown;
      }
    };
    entry.start();
  });
  unzip.register(UnzipInflate);

  let turn = TURN_BYTES;
  for (let at = 0; at < blob.size && failure === undefined; at += READ_BYTES) {
    const read = new Uint8Array(await blob.slice(at, at + READ_BYTES).arrayBuffer());
    for (let from = 0; from < read.length && failure === undefined; from += PIECE_BYTES) {
      if (unzipped >= turn) {
        turn = unzipped + TURN_BYTES;
        await new Promise((resolve) => setTimeout(resolve));
      }
      throwIfAborted(options.signal);
      try {
        unzip.push(read.subarray(from, from + PIECE_BYTES), at + from + PIECE_BYTES >= blob.size);
      } catch (thrown) {
        failure ??= thrown;
      }
    }
    options.onProgress?.(Math.min(at + READ_BYTES, blob.size), blob.size);
  }
  if (failure !== undefined) {
    throw failure instanceof EngineError
      ? failure
      : damaged(file, `cannot be unzipped: ${String(failure)}`, failure);
  }
  if (!texts.has('word/document.xml')) {
    throw new EngineError('document-wrong-type', `${file}: a zip without a Word text`, {
      file,
      found: 'zip',
    });
  }
  return tidy(PARTS.map((part) => texts.get(part) ?? '').join('\n\n'));
}
