// What an attached file may be at most. Files come from anywhere: each limit is met before the memory is spent.

import { EngineError } from '../../../failures.ts';

/** A textbook of pictures and text is below this; larger files are mostly scans, which have no text to give. */
export const MAX_FILE_BYTES = 64 * 2 ** 20;
/** Pages of a PDF: the largest school books have about 600. */
export const MAX_PAGES = 1_500;
/** Characters of text: about 700 pages of prose, far beyond any context, and indexed in about a second. */
export const MAX_CHARACTERS = 2_000_000;
/** Unzipped bytes of a .docx text part: markup is up to twenty times the text. What unzips to more is a zip bomb. */
export const MAX_XML_BYTES = 32 * 2 ** 20;
/** Entries of a .docx: one for each picture and a dozen more. */
export const MAX_ZIP_ENTRIES = 5_000;
/** A tag with its attributes: Word writes at most some hundred characters. */
export const MAX_TAG_CHARACTERS = 64 * 2 ** 10;
/** Longest file name kept and shown. */
export const MAX_NAME_CHARACTERS = 120;

export type Limited = 'bytes' | 'pages' | 'characters' | 'entries';

/** Throws "document-too-large" where `value` is above `limit`. */
export function within(value: number, limit: number, what: Limited, file: string): void {
  if (value <= limit) return;
  throw new EngineError('document-too-large', `${file}: more than ${limit} ${what}`, { file, what, limit });
}

export const damaged = (file: string, why: string, cause?: unknown): EngineError =>
  new EngineError('document-damaged', `${file}: ${why}`, { file, why }, cause);

/** The person's own stop, as the error every room uses for it. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EngineError('aborted', 'stopped by the person');
}
