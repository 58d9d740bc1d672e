// An attached file -> its text, on this device. What the name promises and what the bytes are must agree.

import { EngineError } from '../../../failures.ts';
import { decodeText } from './decode-text.ts';
import { extractDocx } from './docx.ts';
import {
  damaged,
  MAX_CHARACTERS,
  MAX_FILE_BYTES,
  MAX_NAME_CHARACTERS,
  throwIfAborted,
  within,
} from './limits.ts';
import { extractPdf, preparePdf } from './pdf.ts';

export { preparePdf as prepareExtraction };

export type DocumentKind = 'text' | 'markdown' | 'csv' | 'pdf' | 'docx';

export interface DocumentText {
  name: string;
  kind: DocumentKind;
  /** Where the kind has pages; `label` is the page's number. Pages without text are left out. */
  pages?: { label: string; text: string }[];
  /** All of it; pages are separated by a blank line. */
  text: string;
  /** UTF-16 code units of `text`. */
  chars: number;
}

const KINDS: Record<string, DocumentKind> = {
  txt: 'text',
  md: 'markdown',
  markdown: 'markdown',
  csv: 'csv',
  tsv: 'csv',
  pdf: 'pdf',
  docx: 'docx',
};

type Content = 'pdf' | 'zip' | 'ole' | 'ole-encrypted' | 'other';

const startsWith = (bytes: Uint8Array, ...magic: number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);

const ascii = (bytes: Uint8Array): string => new TextDecoder('windows-1252').decode(bytes);

/** What a file is by its first bytes. A PDF may begin after up to 1 KiB of something else (its own specification). */
async function sniff(blob: Blob): Promise<Content> {
  const bytes = new Uint8Array(await blob.slice(0, 1024).arrayBuffer());
  if (ascii(bytes).includes('%PDF-')) return 'pdf';
  if (startsWith(bytes, 0x50, 0x4b, 3, 4) || startsWith(bytes, 0x50, 0x4b, 5, 6)) return 'zip';
  if (startsWith(bytes, 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)) {
    // Office wraps a document with a password in an OLE file with this stream (MS-OFFCRYPTO 2.3.4.4); .doc is one too.
    const all = ascii(new Uint8Array(await blob.arrayBuffer()));
    return all.includes([...'EncryptedPackage'].join('\0')) ? 'ole-encrypted' : 'ole';
  }
  return 'other';
}

const EXPECTED: Record<DocumentKind, Content> = {
  text: 'other',
  markdown: 'other',
  csv: 'other',
  pdf: 'pdf',
  docx: 'zip',
};

/** The name as it is shown and put into prompts: one line, no path, no control or reordering characters. */
export function shownName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? '';
  const clean = base.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"\u201c\u201d]/gu, '').trim() || 'archivo';
  const characters = [...clean];
  if (characters.length <= MAX_NAME_CHARACTERS) return clean;
  return `${characters.slice(0, MAX_NAME_CHARACTERS - 9).join('')}…${characters.slice(-8).join('')}`;
}

/**
 * @param options.startPdfWorker starts the thread of pdf-thread.ts; null parses on the calling thread
 * @param options.onProgress parts done and parts in all: pages of a PDF, bytes of a .docx
 * Throws EngineError with the "document-..." reasons, "aborted".
 */
export async function extractText(
  source: File,
  options: {
    startPdfWorker: (() => Worker) | null;
    signal?: AbortSignal;
    onProgress?: (done: number, total: number) => void;
  },
): Promise<DocumentText> {
  const name = shownName(source.name);
  const { signal, onProgress } = options;
  throwIfAborted(signal);
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const kind = Object.hasOwn(KINDS, extension) ? KINDS[extension] : undefined;
  if (!kind) {
    throw new EngineError('document-unsupported', `${name}: not a kind of file that is read`, {
      file: name,
      extension,
    });
  }
  if (source.size === 0) throw new EngineError('document-empty', `${name} is empty`, { file: name });
  within(source.size, MAX_FILE_BYTES, 'bytes', name);

  const content = await sniff(source).catch((error: unknown) => {
    throw damaged(name, 'cannot be read', error); // moved or deleted since it was chosen
  });
  if (content === 'ole-encrypted') {
    throw new EngineError('document-encrypted', `${name}: asks for a password`, { file: name });
  }
  const wrongType = (found: string): EngineError =>
    new EngineError('document-wrong-type', `${name}: found ${found}`, { file: name, found, extension });
  if (content !== EXPECTED[kind]) throw wrongType(content);
  throwIfAborted(signal);

  let text: string;
  let pages: DocumentText['pages'];
  switch (kind) {
    case 'pdf': {
      const bytes = new Uint8Array(await source.arrayBuffer());
      const found = await extractPdf(bytes, name, {
        startWorker: options.startPdfWorker,
        signal,
        onProgress,
      });
      pages = found
        .map((page, i) => ({ label: String(i + 1), text: page }))
        .filter((page) => page.text !== '');
      text = pages.map((page) => page.text).join('\n\n');
      break;
    }
    case 'docx':
      text = await extractDocx(source, name, { signal, onProgress });
      break;
    case 'text':
    case 'markdown':
    case 'csv': {
      const decoded = decodeText(new Uint8Array(await source.arrayBuffer()));
      if (!decoded) throw wrongType('binary');
      text = decoded.text;
      break;
    }
  }
  throwIfAborted(signal);
  if (text === '') throw new EngineError('document-empty', `${name} has no text`, { file: name });
  within(text.length, MAX_CHARACTERS, 'characters', name);
  return { name, kind, ...(pages ? { pages } : {}), text, chars: text.length };
}
