// Entry of the thread that parses PDFs: pdf.js's own worker, which listens as soon as it is loaded. A file of ours so that
// the build names its chunk, and the server can give it a policy by that name (it sees what people attach: no network).

import 'pdfjs-dist/legacy/build/pdf.worker.mjs';
