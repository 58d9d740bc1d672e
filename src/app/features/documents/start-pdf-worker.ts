// Starts the thread that parses PDFs, as the page's policy demands. Apart from extract.ts, which runs without a page too.

import { scriptURL } from '../../kit/trusted.ts';
import url from './pdf-thread.ts?worker&url';

export const startPdfWorker = (): Worker => new Worker(scriptURL(url), { type: 'module', name: 'pdf' });

/**
 * Brings the thread's script into the browser's cache: a PDF attached later, in the first session without a service worker
 * too, asks nobody for it. No thread waits meanwhile: it would hold memory that a model may need.
 */
export async function fetchPdfThread(): Promise<void> {
  await (await fetch(url)).blob();
}
