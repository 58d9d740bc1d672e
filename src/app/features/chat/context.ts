// Conversations, and what showing them needs of the other features.

import { createContext } from 'svelte';
import type { Probe } from '../../../wire/engine-protocol.ts';
import type { LoadWishes, Models } from '../models/models.svelte.ts';
import type { ConversationStores } from '../vault/conversation-stores.svelte.ts';
import type { Chat } from './chat.svelte.ts';
import type { ContextCount } from './composer/context-count.svelte.ts';
import type { Dictation } from './composer/dictation.svelte.ts';
import type { Drafts } from './composer/drafts.svelte.ts';
import type { ConversationActions } from './list/conversation-actions.ts';
import type { Search } from './list/search.svelte.ts';
import type { Speech } from './thread/speech.svelte.ts';
import type { ChatView } from './view.svelte.ts';

export interface ChatContext {
  readonly chat: Chat;
  readonly view: ChatView;
  readonly search: Search;
  readonly drafts: Drafts;
  /** How full the model's context is. */
  readonly context: ContextCount;
  readonly speech: Speech;
  readonly dictation: Dictation;
  readonly conversations: ConversationActions;
  readonly rooms: ConversationStores;
  readonly models: Models;
  readonly actions: { changeContext(wishes: Partial<LoadWishes>): Promise<void> };
  readonly machine: { readonly probe: Probe | null };
  /** What was stored went away under the page. */
  readonly storageLoss: { noticed: boolean };
}

export const [chatContext, setChatContext] = createContext<ChatContext>();
