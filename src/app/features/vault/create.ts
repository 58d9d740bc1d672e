// The keepers of conversations, put together.

import type { ConversationStore } from '../../../storage/conversations.ts';
import { ConversationStores, type PrivateDependencies } from './conversation-stores.svelte.ts';
import { loadVault } from './late.ts';

export interface VaultNeeds extends Pick<PrivateDependencies, 'onLock' | 'onOpenChange' | 'tell'> {
  /** This browser's own store. */
  open: ConversationStore;
}

export function createVault(needs: VaultNeeds): ConversationStores {
  return new ConversationStores({ ...needs, loadVault, newId: () => crypto.randomUUID() });
}
