// The whole of the app's state, composed once. Components reach it through `appContext`.

import { createContext } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';
import { openConversations, type ConversationStore } from '../../storage/conversations.ts';
import { requestPersistence, storageEstimate, type StorageEstimate } from '../../storage/quota.ts';
import { openSearchIndex, withSearch } from '../../storage/search-index.ts';
import type { SearchHit } from '../../storage/search-terms.ts';
import { openSettings, type SettingsStore } from '../../storage/settings.ts';
import type { EngineError } from '../../failures.ts';
import type { DownloadClient } from '../../wire/download-client.ts';
import type { EngineClient } from '../../wire/engine-client.ts';
import { CATALOG } from '../features/models/catalog.ts';
import { engineFor } from '../features/models/engine-choice.ts';
import { asEngineError } from '../kit/faults.ts';
import type { PreflightFault } from '../text/texts.ts';
import { canStore, preflight, type WithoutGpu } from '../features/machine/preflight.ts';
import { loadExtract, loadPdf, loadVault } from './late.ts';
import { Advisor } from '../features/models/advisor.svelte.ts';
import { Attachments, MAX_ATTACHMENTS } from '../features/documents/attachments.svelte.ts';
import { sharedFiles } from '../features/models/import/shell-worker.ts';
import { filesOfInput, onLaunchedFiles } from '../features/models/import/choose-files.ts';
import { ModelImport } from '../features/models/import/model-import.svelte.ts';
import { Chat } from '../features/chat/chat.svelte.ts';
import { ConversationActions } from '../features/chat/list/conversation-actions.ts';
import { ContextCount } from '../features/chat/composer/context-count.svelte.ts';
import { Dictation, type RecognitionMaker } from '../features/chat/composer/dictation.svelte.ts';
import { Drafts } from '../features/chat/composer/drafts.svelte.ts';
import { DataExport } from './data-export.ts';
import { FocusWish } from '../kit/focus-wish.svelte.ts';
import { ground } from '../features/chat/answer/grounding.ts';
import { createJournal } from '../features/chat/answer/journal.ts';
import { Library, withRoots } from '../features/models/download/library.svelte.ts';
import { ModelActions } from '../features/models/model-actions.ts';
import { StorageLoss } from './storage-loss.svelte.ts';
import { Models, type ModelEntry } from '../features/models/models.svelte.ts';
import { OfflineProof } from '../features/models/import/offline-proof.svelte.ts';
import { Page } from '../kit/page.svelte.ts';
import { Preferences } from '../text/preferences.svelte.ts';
import { Privacy } from './privacy.svelte.ts';
import { ConversationStores, type Keeper } from '../features/vault/conversation-stores.svelte.ts';
import { Search } from '../features/chat/list/search.svelte.ts';
import { StoredModels } from '../features/models/storage/stored-models.svelte.ts';
import { Speech } from '../features/chat/thread/speech.svelte.ts';
import { Titles } from '../features/chat/answer/titles.svelte.ts';
import { Updates } from './updates.svelte.ts';

export interface Clients {
  engine: EngineClient;
  download: DownloadClient;
}

/** Absent where a browser has none. */
interface BrowserVoice {
  speechSynthesis?: SpeechSynthesis;
  SpeechRecognition?: RecognitionMaker;
  webkitSpeechRecognition?: RecognitionMaker;
}

/** Whichever comes first: a hidden page paints nothing, yet its answer must reach the store. */
function nextFrame(callback: () => void): void {
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    callback();
  };
  requestAnimationFrame(once);
  setTimeout(once, 200);
}

export class App {
  readonly everything: DataExport;
  readonly conversations: ConversationActions;
  readonly modelActions: ModelActions;
  readonly page: Page;
  readonly titles: Titles;
  readonly updates = new Updates();
  readonly privacy = new Privacy();
  readonly prefs: Preferences;
  readonly models: Models;
  readonly library: Library;
  readonly advisor: Advisor;
  readonly chat: Chat;
  readonly search: Search;
  /** Files on their way into the next message. */
  readonly attachments: Attachments;
  /** Temporary and locked conversations. */
  readonly rooms: ConversationStores;
  /** What was stored went away under the page. */
  readonly loss: StorageLoss;
  readonly carry: ModelImport;
  readonly shelf: StoredModels;
  readonly offline: OfflineProof;
  readonly drafts: Drafts;
  readonly context: ContextCount;
  readonly speech: Speech;
  readonly dictation: Dictation;
  /** undefined while it is being found out; null: this browser can do it. */
  fault = $state.raw<PreflightFault | null | undefined>(undefined);
  /** Set where no GPU can be used and the processor stands in: slower, and said. */
  withoutGpu = $state.raw<WithoutGpu | null>(null);
  room = $state.raw<StorageEstimate | null>(null);
  /** A message that a search found, until the thread shows it. */
  found = $state.raw<Pick<SearchHit, 'conversationId' | 'messageId'> | null>(null);
  /** The list of conversations, where it lies over the thread. */
  listOpen = $state.raw(false);
  readonly searchWish = new FocusWish();
  /** What lies over everything, one at a time. */
  over = $state.raw<'palette' | 'sheet' | 'keep' | null>(null);
  private readonly narrowQuery = new MediaQuery('max-width: 60rem');
  readonly firstRun = $derived.by(
    () =>
      this.chat.list.known &&
      this.models.known &&
      this.chat.list.summaries.length === 0 &&
      !this.models.entries.some(({ ready }) => ready),
  );
  readonly started = $derived.by(() => this.chat.list.known && this.models.known);
  readonly mayUpdate = $derived.by(() => this.updates.waiting && this.chat.run === null && !this.models.busy);
  private readonly clients: Clients;
  private readonly journal = createJournal(() => localStorage);
  private readonly store: ConversationStore;
  private readonly settingsStore: SettingsStore;
  private readonly channel = new BroadcastChannel('yupana-vault');
  /** Whose conversation the engine read last: its cache holds it until the next. */
  private engineKnows: Keeper = 'open';

  constructor(clients: Clients) {
    this.clients = clients;
    const bare = openConversations(undefined, () => void this.loss.recover());
    const onSearchError = (error: unknown): void => this.page.complain(asEngineError(error));
    const index = openSearchIndex(bare, { onError: onSearchError });
    this.rooms = new ConversationStores({
      open: withSearch(bare, index, onSearchError),
      loadVault,
      tell: (message) => this.channel.postMessage(message),
      onLock: () => this.hideLocked(),
      onOpenChange: () => this.chat.list.load(),
      newId: () => crypto.randomUUID(),
    });
    this.channel.onmessage = ({ data }: MessageEvent<unknown>) => this.hearTab(data);
    this.store = this.rooms.store;
    this.search = new Search(this.rooms.searchable(index), onSearchError);
    this.attachments = new Attachments(
      async (file, options) => {
        const [{ extractText }, { startPdfWorker }] = await Promise.all([loadExtract(), loadPdf()]);
        return extractText(file, { ...options, startPdfWorker });
      },
      () => crypto.randomUUID(),
    );
    this.drafts = new Drafts({
      storage: () => localStorage,
      mayKeep: (id) => id === null || !this.rooms.isPrivate(id),
    });
    this.context = new ContextCount(clients.engine.countMany);
    const { speechSynthesis, SpeechRecognition, webkitSpeechRecognition } = window as BrowserVoice;
    this.speech = new Speech(speechSynthesis, (text) => new SpeechSynthesisUtterance(text));
    this.dictation = new Dictation(SpeechRecognition ?? webkitSpeechRecognition);
    this.settingsStore = openSettings();
    const onStoreError = (error: EngineError): void => this.page.complain(error);
    this.prefs = new Preferences({
      store: this.settingsStore,
      preferred: navigator.languages,
      onError: (error) => onStoreError(asEngineError(error)),
    });
    this.page = new Page(this.prefs);
    this.library = new Library(clients.download, () => this.models);
    this.models = new Models(
      CATALOG,
      { ...clients, download: withRoots(clients.download, () => this.library.record.roots) },
      () => this.prefs.settings,
      () => this.prefs.settings.modelId,
      (model) => engineFor(this.prefs.settings.engines, model),
    );
    this.advisor = new Advisor({
      models: this.models,
      settings: () => this.prefs.settings,
      language: () => this.prefs.language,
      room: () => this.room,
      probe: () => this.privacy.probe,
      withoutGpu: () => this.withoutGpu,
      pace: () => this.library.record.pace ?? null,
      keepPace: (pace) => {
        this.library.change({ pace }).catch((error: unknown) => this.page.complain(asEngineError(error)));
      },
      isAdded: (id) => this.library.isAdded(id),
    });
    this.carry = new ModelImport(clients.download, this.models);
    this.shelf = new StoredModels(this.models, clients.download);
    this.offline = new OfflineProof(clients.engine, this.models, this.shelf.keepProof);
    this.chat = new Chat({
      store: this.store,
      engine: clients.engine,
      models: this.models,
      settings: () => this.prefs.settings,
      journal: {
        // localStorage is as plain as any store.
        write: (id, entry) => {
          if (!this.rooms.isPrivate(id)) this.journal.write(id, entry);
        },
        clear: (id) => this.journal.clear(id),
      },
      words: () => {
        const { chat, controls } = this.prefs.t;
        return {
          prompt: controls.summaryPrompt,
          user: chat.you,
          assistant: chat.model,
          summaryHead: controls.summaryHead,
          titlePrompt: controls.titlePrompt,
        };
      },
      onShow: (id) => this.page.router.replace('chat', id),
      onTakenBack: (id) => (this.rooms.next = this.rooms.keeperOf(id)),
      onEvent: (event, figures) => {
        if (figures) this.advisor.hearAnswer(figures);
        const { writing, finished, stoppedSaid } = this.prefs.t.chat;
        this.page.announcement = { started: writing, finished, stopped: stoppedSaid }[event];
      },
      onStoreError,
      watch: () => this.privacy.begin(),
      nextFrame,
      newId: () => crypto.randomUUID(),
      newConversationId: () => this.rooms.newConversationId(),
      isPrivate: (id) => this.rooms.isPrivate(id),
      ground: (conversation, questionId, signal) => {
        this.engineKnows = this.rooms.keeperOf(conversation.id);
        return ground(conversation, questionId, signal, {
          countMany: clients.engine.countMany,
          remembered: (id) => this.attachments.remembered(id),
          source: () => this.chat.promptSource(),
          maxTokens: () => this.prefs.settings.maxTokens,
          language: () => this.prefs.language,
        });
      },
      now: () => Date.now(),
    });
    const { chat, models, library, prefs, rooms, drafts, journal, store, settingsStore } = this;
    const { toasts } = this.page;
    const { download } = clients;
    const complain = onStoreError;
    this.everything = new DataExport({
      ...{ chat, models, library, prefs, rooms, drafts, journal, store, settingsStore, download },
    });
    this.loss = new StorageLoss({ chat, models, prefs, toasts });
    this.conversations = new ConversationActions({ chat, rooms, prefs, toasts, complain });
    this.titles = new Titles({
      moment: () => ({
        wanted: prefs.settings.modelTitles && !this.demonstrates,
        idle: chat.run === null && models.engine.kind === 'ready' && drafts.text === '',
        conversation: chat.conversation,
      }),
      suggest: (id) => chat.suggestTitle(id, true),
    });
    const measure = (): Promise<void> => this.measure();
    this.modelActions = new ModelActions({ models, library, chat, prefs, toasts, measure });
  }

  /** What is written would not be sent: it does not fit, or not all does and the person wants nothing left out. */
  readonly keepsBack = $derived.by(() => {
    const { fit } = this.context;
    if (!fit || this.chat.run || this.drafts.text.trim() === '') return false;
    return fit.over !== null || (fit.dropped > 0 && this.prefs.settings.whenFull === 'stop');
  });

  get narrow(): boolean {
    return this.narrowQuery.current;
  }

  /** The model that only shows that the app works: said wherever it answers. */
  get demonstrates(): boolean {
    return this.models.chosen?.model.demonstration ?? false;
  }

  /** Shows what a search found. */
  goTo(hit: Pick<SearchHit, 'conversationId' | 'messageId'>): void {
    this.listOpen = false;
    this.found = hit.messageId === null ? null : hit;
    this.page.router.go('chat', hit.conversationId);
  }

  /** Reads files for the next message. */
  attach(files: readonly File[]): void {
    if (files.length === 0) return;
    const left = this.attachments.add(files);
    if (left > 0) this.page.toasts.show(this.prefs.t.documents.tooMany(this.prefs.f.number(MAX_ATTACHMENTS)));
    this.page.focusComposer();
  }

  /** Written text as a document of the next message. @returns false where a message takes no more */
  attachText(text: string): boolean {
    const { documents } = this.prefs.t;
    if (this.attachments.items.length >= MAX_ATTACHMENTS) {
      this.page.toasts.show(documents.tooMany(this.prefs.f.number(MAX_ATTACHMENTS)));
      return false;
    }
    this.attach([new File([text], documents.pastedName, { type: 'text/plain' })]);
    this.page.announcement = documents.textAttached;
    return true;
  }

  /** Another conversation, which begins with this draft. */
  startOver(draft: string): void {
    this.page.router.go('chat');
    void this.chat.open(null);
    this.drafts.put(null, draft);
    this.page.focusComposer();
  }

  /** Shows the message from which on the model would read. */
  showCut(): void {
    const { conversation } = this.chat;
    const messageId = this.context.fit?.readFrom;
    if (conversation && messageId) this.found = { conversationId: conversation.id, messageId };
  }

  /** To the message field, from any place. */
  compose(): void {
    this.page.router.go('chat', this.chat.conversation?.id ?? null);
    this.page.focusComposer();
  }

  /** An empty conversation, kept where `keeper` says. */
  begin(keeper: Keeper): void {
    this.listOpen = false;
    this.rooms.next = keeper;
    this.page.router.go('chat');
    this.page.focusComposer();
  }

  searchConversations(): void {
    this.page.router.go('chat', this.chat.conversation?.id ?? null);
    if (this.narrow) this.listOpen = true;
    this.searchWish.make();
  }

  /** What the model said last in the shown conversation; null: nothing yet. */
  get lastAnswer(): string | null {
    return (
      this.chat.turns.findLast(({ role, content }) => role === 'assistant' && content !== '')?.content ?? null
    );
  }

  async copyLastAnswer(): Promise<void> {
    if (this.lastAnswer !== null) await this.page.copy(this.lastAnswer);
  }

  async start(): Promise<void> {
    await this.recover();
    await this.library.load().catch((error: unknown) => this.page.complain(asEngineError(error)));
    await this.modelActions
      .restoreWebLlm()
      .catch((error: unknown) => this.page.complain(asEngineError(error)));
    await Promise.all([this.check(), this.chat.list.load(), this.models.refresh()]);
    await this.shelf
      .load((id, proved) => this.offline.recall(id, proved))
      .catch((error: unknown) => this.page.complain(asEngineError(error)));
    this.offerToResume();
    void this.measure();
    this.takeSentFiles();
  }

  /** Files that another app shared, or that the system opened with this one. */
  private takeSentFiles(): void {
    const take: Parameters<typeof onLaunchedFiles>[0] = (choose) => {
      this.page.router.go('models');
      void this.carry.look(choose);
    };
    onLaunchedFiles(take);
    void sharedFiles().then((files) => {
      if (files.length > 0) take(() => Promise.resolve(filesOfInput(files)));
    });
  }

  /** After a crash or a reboot: nothing is fetched without being asked, for somebody pays for that line. */
  private offerToResume(): void {
    const entry = this.models.entries.find(({ status, task }) => status?.state === 'partial' && !task);
    if (!entry || this.firstRun) return;
    const { library, models } = this.prefs.t;
    this.page.toasts.show(library.interrupted(entry.model.name), {
      label: models.resume,
      // What is not in the catalog is asked for on its card, which shows where it comes from.
      run: () =>
        void (entry.model.own || this.library.record.roots.length > 0
          ? this.page.router.go('models')
          : entry.start('download')),
    });
  }

  /** The vault closes: nothing that was read with its key stays on the screen, in a notice or in the engine. */
  private hideLocked(): void {
    const isLocked = (id: string): boolean => this.rooms.keeperOf(id) === 'locked';
    if (this.chat.conversation && isLocked(this.chat.conversation.id)) {
      this.attachments.forget();
    }
    this.drafts.drop(isLocked);
    this.chat.leave(isLocked);
    this.page.toasts.clear();
    this.search.query = '';
    this.search.results = null;
    if (this.engineKnows === 'locked') void this.models.unload();
    this.engineKnows = 'open';
  }

  private hearTab(message: unknown): void {
    if (message === 'lock') this.rooms.lock(false);
    else if (message === 'changed')
      this.rooms.look().catch((error: unknown) => this.page.complain(asEngineError(error)));
  }

  /** What the page showed when it was last closed in mid-answer. */
  private async recover(): Promise<void> {
    try {
      await this.journal.replay(this.store);
    } catch (error) {
      this.page.complain(asEngineError(error));
    }
  }

  /** Finds out whether this browser can run the engine. */
  async check(): Promise<void> {
    this.fault = undefined;
    try {
      const { fault, withoutGpu, probe } = await preflight({
        isSecureContext: window.isSecureContext,
        canStore,
        probe: () => this.clients.engine.probe(),
      });
      this.privacy.probe = probe;
      this.withoutGpu = withoutGpu;
      this.fault = fault;
    } catch (error) {
      this.fault = null; // loading will say what is wrong
      this.page.complain(asEngineError(error));
    }
  }

  /** Proves that a model answers without a network; an answer being written goes first. */
  async proveOffline(entry: ModelEntry): Promise<void> {
    if (this.chat.run) this.page.toasts.show(this.prefs.t.packs.busy);
    else await this.offline.prove(entry);
  }

  async measure(): Promise<void> {
    this.room = await storageEstimate();
  }

  async persist(): Promise<boolean> {
    const kept = await requestPersistence();
    await this.measure();
    return kept;
  }
}

export const [appContext, setAppContext] = createContext<App>();
