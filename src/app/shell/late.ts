// Parts that the first screen does not need. Each is a chunk of its own; all are fetched once the shell stands, because
// nothing may be fetched while chatting.

import { loadKeep, loadRename, loadTags } from '../features/chat/late.ts';
import { loadExtract, loadPassages, loadPdf } from '../features/documents/late.ts';
import { loadDonate } from '../features/donate/late.ts';
import { loadThreads } from '../features/machine/late.ts';
import { loadPrefixes, loadWebLlmList } from '../features/models/late.ts';
import { loadExport, loadImport } from '../features/settings/late.ts';
import { loadVault } from '../features/vault/late.ts';
import { loadDictionaries } from '../text/languages.ts';

export const loadMachine = () => import('../features/machine/MachinePlace.svelte');
export const loadModels = () => import('../features/models/ModelsPlace.svelte');
export const loadSettings = () => import('../features/settings/SettingsPlace.svelte');
export const loadPalette = () => import('./Palette.svelte');
export const loadShortcuts = () => import('./Shortcuts.svelte');

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
