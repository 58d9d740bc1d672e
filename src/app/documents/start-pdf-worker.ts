// Starts the thread that parses PDFs, as the page's policy demands. Apart from extract.ts, which runs without a page too.

import { scriptURL } from '../trusted.ts';
import url from './pdf-thread.ts?worker&url';

export const startPdfWorker = (): Worker => new Worker(scriptURL(url), { type: 'module', name: 'pdf' });
