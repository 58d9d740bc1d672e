// All that is the person's on this browser at once: into one file, out of one, and away.

import { loadPrefixes } from '../features/models/late.ts';
import { loadExport, loadImport } from '../features/settings/late.ts';
import { loadVault } from '../features/vault/late.ts';
import { saveFile, today } from '../kit/save-file.ts';
import { forgetLook } from '../kit/theme.ts';
import type { ConversationStore } from '../../storage/conversations.ts';
import type { SettingsStore } from '../../storage/settings.ts';
import type { DownloadClient } from '../../wire/download-client.ts';
import type { ImportCounts } from '../features/settings/transfer/import.ts';
import type { Chat } from '../features/chat/chat.svelte.ts';
import type { Drafts } from '../features/chat/composer/drafts.svelte.ts';
import type { Journal } from '../features/chat/answer/journal.ts';
import type { Library } from '../features/models/download/library.svelte.ts';
import type { Models } from '../features/models/models.svelte.ts';
import type { Preferences } from '../text/preferences.svelte.ts';
import type { ConversationStores } from '../features/vault/conversation-stores.svelte.ts';

export interface EverythingParts {
  chat: Chat;
  models: Models;
  library: Library;
  prefs: Preferences;
  rooms: ConversationStores;
  drafts: Drafts;
  journal: Journal;
  store: ConversationStore;
  settingsStore: SettingsStore;
  download: DownloadClient;
}

export class DataExport {
  private readonly parts: EverythingParts;

  constructor(parts: EverythingParts) {
    this.parts = parts;
  }

  /**
   * Everything but models as one file in the person's downloads; temporary conversations never.
   * @param withLocked locked ones too, which the file holds in plain
   * @returns its name
   */
  async export(onProgress: (done: number, total: number) => void, withLocked: boolean): Promise<string> {
    const { exportAll, fileName } = await loadExport();
    await this.parts.chat.save();
    const { store, rooms } = this.parts;
    const all = {
      get: store.get,
      list: async () => [...(await store.list()), ...(await rooms.listLocked())],
    };
    const file = await exportAll(withLocked ? all : store, this.parts.prefs.settings, { onProgress });
    const name = fileName(`yupana ${today()}`, 'json');
    saveFile(file, name);
    return name;
  }

  /** Adds what a file holds; a bad file changes nothing. Throws the reasons of `readTransfer` and storage errors. */
  async import(
    file: Blob,
    withSettings: boolean,
    onProgress: (done: number, total: number) => void,
  ): Promise<ImportCounts> {
    const { applyTransfer, readTransfer } = await loadImport();
    const transfer = await readTransfer(file);
    const settings = withSettings ? this.parts.settingsStore : null;
    const counts = await applyTransfer(transfer, this.parts.store, settings, onProgress);
    if (counts.settings) await this.parts.prefs.load();
    await this.parts.chat.list.load();
    return counts;
  }

  /** Everything of the person's on this browser: models, conversations, their index, the vault, settings, the stored shell. */
  async wipe(): Promise<void> {
    await this.parts.chat.forget();
    await this.parts.models.unload();
    for (const entry of this.parts.models.entries) {
      entry.stop();
      await this.parts.download.delete(entry.model.id);
    }
    await (await loadPrefixes()).openPrefixes().clear();
    await this.parts.store.clear();
    await this.parts.settingsStore.clear();
    await this.parts.library.clear();
    await (await loadVault()).destroyVault();
    this.parts.journal.forget();
    this.parts.drafts.forget();
    forgetLook();
    const registrations =
      'serviceWorker' in navigator ? await navigator.serviceWorker.getRegistrations() : [];
    for (const registration of registrations) await registration.unregister();
    if ('caches' in window) for (const name of await caches.keys()) await caches.delete(name);
    location.hash = '';
    location.reload();
  }
}
