// Parts that the first screen does not need. Each is a chunk of its own; all are fetched once the shell stands, because
// nothing may be fetched while chatting.

import { loadDictionaries } from '../text/languages.ts';

export const loadExport = () => import('../features/settings/transfer/export.ts');
export const loadImport = () => import('../features/settings/transfer/import.ts');
export const loadMachine = () => import('../features/machine/MachinePlace.svelte');
export const loadModels = () => import('../features/models/ModelsPlace.svelte');
export const loadSettings = () => import('../features/settings/SettingsPlace.svelte');
export const loadKeep = () => import('../features/chat/thread/KeepDialog.svelte');
export const loadRename = () => import('../features/chat/list/RenameDialog.svelte');
export const loadTags = () => import('../features/chat/list/TagsDialog.svelte');
export const loadPalette = () => import('./Palette.svelte');
export const loadShortcuts = () => import('./Shortcuts.svelte');
export const loadThreads = () => import('../features/machine/engine-threads.ts');
export const loadPrefixes = () => import('../../storage/prefixes.ts');
export const loadVault = () => import('../../storage/vault.ts');
export const loadWebLlmList = () => import('../features/models/web-llm-list.ts');

export const loadPassages = () => import('../features/documents/passages.ts');
export const loadExtract = () => import('../features/documents/extract.ts');
export const loadPdf = () => import('../features/documents/start-pdf-worker.ts');
export const loadDonate = () => import('../features/donate/donate.ts');

export const loadLate = (): Promise<unknown> =>
  Promise.all([
    loadModels(),
    loadSettings(),
    loadMachine(),
    loadKeep(),
    loadRename(),
    loadTags(),
    loadPalette(),
    loadShortcuts(),
    loadExport(),
    loadImport(),
    loadVault(),
    loadPrefixes(),
    loadThreads(),
    loadDictionaries(),
    loadPassages(),
    loadDonate(),
    loadWebLlmList(),
    loadExtract().then(({ prepareExtraction }) => prepareExtraction()),
    loadPdf().then(({ fetchPdfThread }) => fetchPdfThread()),
  ]);
