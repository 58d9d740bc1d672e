// Conversations and their answers, put together.

import type { ConversationStore } from '../../../storage/conversations.ts';
import type { SearchIndex } from '../../../storage/search-index.ts';
import type { EngineClient } from '../../../wire/engine-client.ts';
import type { Usage } from '../../../engine.ts';
import { asEngineError } from '../../kit/faults.ts';
import type { Page } from '../../kit/page.svelte.ts';
import type { Preferences } from '../../text/preferences.svelte.ts';
import type { Attachments } from '../documents/attachments.svelte.ts';
import type { Keeper } from '../vault/conversation-stores.svelte.ts';
import { ground } from './answer/grounding.ts';
import { createJournal, type Journal } from './answer/journal.ts';
import { Titles } from './answer/titles.svelte.ts';
import { Chat } from './chat.svelte.ts';
import { ContextCount } from './composer/context-count.svelte.ts';
import { Dictation, type RecognitionMaker } from './composer/dictation.svelte.ts';
import { Drafts } from './composer/drafts.svelte.ts';
import type { ChatContext } from './context.ts';
import { ConversationActions } from './list/conversation-actions.ts';
import { Search } from './list/search.svelte.ts';
import { Speech } from './thread/speech.svelte.ts';
import { ChatView } from './view.svelte.ts';

/** Absent where a browser has none. */
interface BrowserVoice {
  speechSynthesis?: SpeechSynthesis;
  SpeechRecognition?: RecognitionMaker;
  webkitSpeechRecognition?: RecognitionMaker;
}

export interface ChatNeeds extends Pick<
  ChatContext,
  'rooms' | 'models' | 'actions' | 'machine' | 'storageLoss'
> {
  engine: EngineClient;
  store: ConversationStore;
  index: SearchIndex;
  prefs: Preferences;
  page: Page;
  attachments: Attachments;
  advisor: { hearAnswer(figures: Usage): void };
  /** Marks the time of an answer for the counter of requests. @returns ends it */
  privacy: { begin(): () => void };
}

export interface ChatParts extends ChatContext {
  readonly titles: Titles;
  readonly journal: Journal;
  /** The vault closes: nothing that was read with its key stays on the screen, in a notice or in the engine. */
  hideLocked(): void;
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

export function createChat(needs: ChatNeeds): ChatParts {
  const { engine, store, index, prefs, page, attachments, advisor, privacy, ...given } = needs;
  const { rooms, models } = given;
  const { countMany } = engine;
  const complain = (error: unknown): void => page.complain(asEngineError(error));
  const search = new Search(rooms.searchable(index), complain);
  const journal = createJournal(() => localStorage);
  const drafts = new Drafts({
    storage: () => localStorage,
    mayKeep: (id) => id === null || !rooms.isPrivate(id),
  });
  const context = new ContextCount(countMany);
  const { speechSynthesis, SpeechRecognition, webkitSpeechRecognition } = window as BrowserVoice;
  /** Whose conversation the engine read last: its cache holds it until the next. */
  let engineKnows: Keeper = 'open';
  const chat: Chat = new Chat({
    ...{ store, engine, models, nextFrame },
    settings: () => prefs.settings,
    journal: {
      // localStorage is as plain as any store.
      write: (id, entry) => {
        if (!rooms.isPrivate(id)) journal.write(id, entry);
      },
      clear: (id) => journal.clear(id),
    },
    words: () => {
      const { chat, controls } = prefs.t;
      return {
        prompt: controls.summaryPrompt,
        user: chat.you,
        assistant: chat.model,
        summaryHead: controls.summaryHead,
        titlePrompt: controls.titlePrompt,
      };
    },
    onShow: (id) => page.router.replace('chat', id),
    onTakenBack: (id) => (rooms.next = rooms.keeperOf(id)),
    onEvent: (event, figures) => {
      if (figures) advisor.hearAnswer(figures);
      const { writing, finished, stoppedSaid } = prefs.t.chat;
      page.announcement = { started: writing, finished, stopped: stoppedSaid }[event];
    },
    onStoreError: complain,
    onDeleted: (title) => page.toasts.show(prefs.t.chat.removed(title || prefs.t.chat.untitled)),
    watch: () => privacy.begin(),
    newId: () => crypto.randomUUID(),
    newConversationId: () => rooms.newConversationId(),
    isPrivate: (id) => rooms.isPrivate(id),
    ground: (conversation, questionId, signal) => {
      engineKnows = rooms.keeperOf(conversation.id);
      return ground(conversation, questionId, signal, {
        countMany,
        remembered: (id) => attachments.remembered(id),
        source: () => chat.promptSource(),
        maxTokens: () => prefs.settings.maxTokens,
        language: () => prefs.language,
      });
    },
    now: () => Date.now(),
  });
  return {
    ...given,
    ...{ chat, search, drafts, context, journal },
    view: new ChatView({ chat, drafts, context, rooms, prefs, page }),
    speech: new Speech(speechSynthesis, (text) => new SpeechSynthesisUtterance(text)),
    dictation: new Dictation(SpeechRecognition ?? webkitSpeechRecognition),
    conversations: new ConversationActions({ chat, rooms, prefs, page }),
    titles: new Titles({
      moment: () => ({
        wanted: prefs.settings.modelTitles && !models.chosen?.model.demonstration,
        idle: chat.run === null && models.engine.kind === 'ready' && drafts.text === '',
        conversation: chat.conversation,
      }),
      suggest: (id) => chat.suggestTitle(id, true),
    }),
    hideLocked() {
      const isLocked = (id: string): boolean => rooms.keeperOf(id) === 'locked';
      if (chat.conversation && isLocked(chat.conversation.id)) attachments.forget();
      drafts.drop(isLocked);
      chat.leave(isLocked);
      page.toasts.clear();
      search.query = '';
      search.results = null;
      if (engineKnows === 'locked') void models.unload();
      engineKnows = 'open';
    },
  };
}
