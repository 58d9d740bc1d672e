// The text of a PDF, page by page, with pdf.js (loaded when the first PDF is attached). The legacy build: the other needs
// browsers newer than those WebGPU needs. Nothing is drawn, so fonts, character maps and decoders are never asked for.

import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist';
import { EngineError } from '../../../failures.ts';
import { tidy } from './decode-text.ts';
import { damaged, MAX_CHARACTERS, MAX_PAGES, throwIfAborted, within } from './limits.ts';

/** Fewer letters than this on the average page: its text is a picture, with at most a stamp or a page number. */
export const MIN_LETTERS_A_PAGE = 8;

type PageText = Awaited<ReturnType<PDFPageProxy['getTextContent']>>;

/** Lines as the page has them; a word cut at a line's end becomes whole, a wider gap becomes a new paragraph. */
export function pageText(content: Pick<PageText, 'items'>): string {
  let text = '';
  let lastY: number | null = null;
  let height = 0;
  for (const item of content.items) {
    if (!('str' in item)) continue; // a mark of structure
    const y: unknown = item.transform[5];
    if (typeof y === 'number' && item.str.trim() !== '') {
      if (lastY !== null && height > 0 && lastY - y > 1.8 * height && !text.endsWith('\n\n')) text += '\n';
      lastY = y;
      if (item.height > 0) height = item.height;
    }
    text += item.str;
    if (item.hasEOL) text += '\n';
  }
  return tidy(text.replace(/(\p{L})[-\u2010]\n(\p{Ll})/gu, '$1$2').normalize('NFC'));
}

/** What pdf.js throws, by name: its classes are not exported in one place for all builds. */
function pdfError(error: unknown, file: string): EngineError {
  if (error instanceof EngineError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'PasswordException') {
    return new EngineError('document-encrypted', `${file}: asks for a password`, { file }, error);
  }
  return damaged(file, error instanceof Error ? error.message : String(error), error);
}

/** Fetches pdf.js before it is needed: nothing may be fetched while chatting. */
export const preparePdf = (): Promise<unknown> => import('pdfjs-dist/legacy/build/pdf.mjs');

/**
 * @param startWorker the thread of pdf-thread.ts; ended here. null: parse on this thread (Node)
 * @returns the text of each page, in order; pages without text are ''
 * Throws "document-encrypted", "document-no-text", "document-damaged", "document-too-large", "aborted".
 */
export async function extractPdf(
  bytes: Uint8Array,
  file: string,
  options: {
    startWorker: (() => Worker) | null;
    signal?: AbortSignal | undefined;
    onProgress?: ((done: number, total: number) => void) | undefined;
  },
): Promise<string[]> {
  const { signal } = options;
  throwIfAborted(signal);
  const { getDocument, PDFWorker } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const thread = options.startWorker?.();
  // Its declarations know no type for `port` but null.
  const worker = thread ? new PDFWorker({ port: thread as unknown as null, verbosity: 0 }) : undefined;
  const loading = getDocument({
    data: bytes,
    ...(worker ? { worker } : {}),
    verbosity: 0,
    isEvalSupported: false,
    enableXfa: false,
    disableFontFace: true,
    useSystemFonts: false,
    useWasm: false,
    useWorkerFetch: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    stopAtErrors: false,
  });
  // A thread that is busy for ever (a hostile file) answers no message: stopping must not wait for it.
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new EngineError('aborted', 'stopped by the person'));
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
    thread?.addEventListener('error', () => reject(damaged(file, 'the reading thread failed')), {
      once: true,
    });
  });
  stopped.catch(() => undefined);
  try {
    return await Promise.race([readPages(loading.promise, file, options), stopped]);
  } catch (error) {
    throw pdfError(error, file);
  } finally {
    if (thread) thread.terminate();
    else await loading.destroy();
    worker?.destroy();
  }
}

async function readPages(
  opened: Promise<PDFDocumentProxy>,
  file: string,
  { signal, onProgress }: Pick<Parameters<typeof extractPdf>[2], 'signal' | 'onProgress'>,
): Promise<string[]> {
  const pdf = await opened;
  within(pdf.numPages, MAX_PAGES, 'pages', file);
  const pages: string[] = [];
  let characters = 0;
  let letters = 0;
  for (let number = 1; number <= pdf.numPages; number++) {
    throwIfAborted(signal);
    const page = await pdf.getPage(number);
    const text = pageText(await page.getTextContent());
    page.cleanup();
    characters += text.length;
    within(characters, MAX_CHARACTERS, 'characters', file);
    letters += text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
    pages.push(text);
    onProgress?.(number, pdf.numPages);
  }
  if (letters < MIN_LETTERS_A_PAGE * pages.length) {
    throw new EngineError('document-no-text', `${file}: ${pages.length} pages without text`, {
      file,
      pages: pages.length,
    });
  }
  return pages;
}
