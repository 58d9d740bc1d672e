// Fetched once the shell stands: nothing is fetched while a file is read.

export const loadPassages = () => import('./passages.ts');
export const loadExtract = () => import('./extract.ts');
export const loadPdf = () => import('./start-pdf-worker.ts');
