// Parts that the first screen does not need. Each is a chunk of its own; all are fetched once the shell stands, because
// nothing may be fetched while chatting.

export const loadExport = () => import('./transfer/export.ts');
export const loadImport = () => import('./transfer/import.ts');
export const loadMachine = () => import('./components/machine/MachinePlace.svelte');
export const loadModels = () => import('./components/models/ModelsPlace.svelte');
export const loadSettings = () => import('./components/settings/SettingsPlace.svelte');
export const loadKeep = () => import('./components/chat/KeepDialog.svelte');
export const loadPalette = () => import('./components/shell/Palette.svelte');
export const loadShortcuts = () => import('./components/shell/Shortcuts.svelte');
export const loadPrefixes = () => import('../storage/prefixes.ts');
export const loadVault = () => import('../storage/vault.ts');
export const loadWebLlmList = () => import('./web-llm-list.ts');

export const loadPassages = () => import('./documents/passages.ts');
export const loadExtract = () => import('./documents/extract.ts');
export const loadPdf = () => import('./documents/start-pdf-worker.ts');
export const loadDonate = () => import('./donate/donate.ts');

export const loadLate = (): Promise<unknown> =>
  Promise.all([
    loadModels(),
    loadSettings(),
    loadMachine(),
    loadKeep(),
    loadPalette(),
    loadShortcuts(),
    loadExport(),
    loadImport(),
    loadVault(),
    loadPrefixes(),
    loadPassages(),
    loadDonate(),
    loadWebLlmList(),
    loadExtract().then(({ prepareExtraction }) => prepareExtraction()),
    loadPdf().then(({ fetchPdfThread }) => fetchPdfThread()),
  ]);
