// The whole of the app's state, composed once. Each feature is put together by its own `create.ts`; what one needs of another
// is given to it here. Only the shell's components see all of it.

import { createContext } from 'svelte';
import { openConversations } from '../../storage/conversations.ts';
import { openSearchIndex, withSearch } from '../../storage/search-index.ts';
import { openSettings } from '../../storage/settings.ts';
import type { DownloadClient } from '../../wire/download-client.ts';
import type { EngineClient } from '../../wire/engine-client.ts';
import { createChat, type ChatParts } from '../features/chat/create.ts';
import type { DocumentsContext } from '../features/documents/context.ts';
import { createDocuments } from '../features/documents/create.ts';
import { ThisMachine } from '../features/machine/machine.svelte.ts';
import type { ModelsContext } from '../features/models/context.ts';
import { createModels } from '../features/models/create.ts';
import { filesOfInput, onLaunchedFiles } from '../features/models/import/choose-files.ts';
import { sharedFiles } from '../features/models/import/shell-worker.ts';
import { createVault } from '../features/vault/create.ts';
import type { ConversationStores } from '../features/vault/conversation-stores.svelte.ts';
import { asEngineError } from '../kit/faults.ts';
import { Page } from '../kit/page.svelte.ts';
import { Preferences } from '../text/preferences.svelte.ts';
import { DataExport } from './data-export.ts';
import { Privacy } from './privacy.svelte.ts';
import { StorageLoss } from './storage-loss.svelte.ts';
import { openTabs, type TabNews } from './tabs.ts';
import { Updates } from './updates.svelte.ts';

export interface Clients {
  engine: EngineClient;
  download: DownloadClient;
}

export class App {
  readonly updates = new Updates();
  readonly privacy = new Privacy();
  readonly prefs: Preferences;
  readonly page: Page;
  readonly machine: ThisMachine;
  readonly documents: DocumentsContext;
  /** Temporary and locked conversations. */
  readonly rooms: ConversationStores;
  readonly library: ModelsContext;
  readonly talk: ChatParts;
  readonly dataExport: DataExport;
  /** What was stored went away under the page. */
  readonly storageLoss: StorageLoss;
  /** What lies over everything, one at a time. */
  over = $state.raw<'palette' | 'sheet' | 'keep' | null>(null);
  readonly started = $derived.by(() => this.talk.chat.list.known && this.library.models.known);
  readonly firstRun = $derived.by(
    () =>
      this.started &&
      this.talk.chat.list.summaries.length === 0 &&
      !this.library.models.entries.some(({ ready }) => ready),
  );
  readonly mayUpdate = $derived.by(
    () => this.updates.waiting && this.talk.chat.run === null && !this.library.models.busy,
  );

  constructor({ engine, download }: Clients) {
    const { updates, privacy } = this;
    const complain = (error: unknown): void => this.page.complain(asEngineError(error));
    const { tell } = openTabs((news) => this.hearTab(news), complain);
    const settingsStore = openSettings();
    const prefs = new Preferences({
      store: settingsStore,
      preferred: navigator.languages,
      onError: complain,
      onChange: () => tell({ kind: 'settings' }),
    });
    const page = new Page(prefs);
    const machine = new ThisMachine(() => engine.probe(), complain);
    const documents = createDocuments(prefs, page);
    const open = openConversations(undefined, () => void this.storageLoss.recover(), tell);
    const index = openSearchIndex(open, { onError: complain });
    const rooms = createVault({
      open: withSearch(open, index, complain),
      onLock: () => this.talk.hideLocked(),
      onOpenChange: () => this.talk.chat.list.load(),
      tell,
    });
    const { store } = rooms;
    const library = createModels({
      ...{ engine, download, prefs, page, machine, updates, tell },
      chat: () => this.talk.chat,
    });
    const { models, actions, advisor } = library;
    const storageLoss = new StorageLoss({ chat: () => this.talk.chat, models, prefs, page });
    const { attachments } = documents;
    const talk = createChat({
      ...{ engine, store, index, prefs, page, rooms, models, actions, advisor, machine },
      ...{ attachments, privacy, storageLoss },
    });
    this.prefs = prefs;
    this.page = page;
    this.machine = machine;
    this.documents = documents;
    this.rooms = rooms;
    this.library = library;
    this.storageLoss = storageLoss;
    this.talk = talk;
    this.dataExport = new DataExport({
      ...{ prefs, rooms, store, settingsStore, models, download },
      ...{ library: library.library, chat: talk.chat, drafts: talk.drafts, journal: talk.journal },
    });
  }

  private hearTab(news: TabNews): unknown {
    const { chat } = this.talk;
    switch (news.kind) {
      case 'lock':
        return this.rooms.lock(false);
      case 'vault':
        return this.rooms.look();
      case 'locked':
        return Promise.all([this.rooms.hear(), chat.hear(news.id)]);
      case 'settings':
        return this.prefs.hear();
      case 'library':
        return this.library.library.hear();
      case 'models':
        return this.library.models.refresh();
      case 'stored':
        chat.list.put(news.summary);
        return chat.hear(news.summary.id);
      case 'deleted':
        chat.list.drop(news.id);
        return chat.hear(news.id);
      case 'cleared':
        return chat.list.load();
    }
  }

  async start(): Promise<void> {
    const { page, machine, talk } = this;
    const { library, actions, models, storedModels, offline } = this.library;
    const complain = (error: unknown): void => page.complain(asEngineError(error));
    // What the page showed when it was last closed in mid-answer.
    await talk.journal.replay(this.rooms.store).catch(complain);
    await library.load().catch(complain);
    await actions.restoreWebLlm().catch(complain);
    await Promise.all([machine.check(), talk.chat.list.load(), models.refresh()]);
    await storedModels.load((id, proved) => offline.recall(id, proved)).catch(complain);
    this.offerToResume();
    void machine.measure();
    this.takeSentFiles();
  }

  /** Files that another app shared, or that the system opened with this one. */
  private takeSentFiles(): void {
    const take: Parameters<typeof onLaunchedFiles>[0] = (choose) => {
      this.page.router.go('models');
      void this.library.modelImport.look(choose);
    };
    onLaunchedFiles(take);
    void sharedFiles().then((files) => {
      if (files.length > 0) take(() => Promise.resolve(filesOfInput(files)));
    });
  }

  /** After a crash or a reboot: nothing is fetched without being asked, for somebody pays for that line. */
  private offerToResume(): void {
    const { entries } = this.library.models;
    const entry = entries.find(({ status, task }) => status?.state === 'partial' && !task);
    if (!entry || this.firstRun) return;
    const { library, models } = this.prefs.t;
    this.page.toasts.show(library.interrupted(entry.model.name), {
      label: models.resume,
      // What is not in the catalog is asked for on its card, which shows where it comes from.
      run: () =>
        void (entry.model.own || this.library.library.record.roots.length > 0
          ? this.page.router.go('models')
          : entry.start('download')),
    });
  }
}

export const [appContext, setAppContext] = createContext<App>();
