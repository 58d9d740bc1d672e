// Fetched once the shell stands.

export const loadExport = () => import('./transfer/export.ts');
export const loadImport = () => import('./transfer/import.ts');
