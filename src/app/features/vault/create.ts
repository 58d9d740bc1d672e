// The keepers of conversations, which hear of each other across the tabs of this browser.

import type { ConversationStore } from '../../../storage/conversations.ts';
import { ConversationStores, type PrivateDependencies } from './conversation-stores.svelte.ts';
import { loadVault } from './late.ts';

export interface VaultNeeds extends Pick<PrivateDependencies, 'onLock' | 'onOpenChange'> {
  /** This browser's own store. */
  open: ConversationStore;
  onError: (error: unknown) => void;
}

export function createVault({ onError, ...needs }: VaultNeeds): ConversationStores {
  const channel = new BroadcastChannel('yupana-vault');
  const rooms = new ConversationStores({
    ...needs,
    loadVault,
    tell: (message) => channel.postMessage(message),
    newId: () => crypto.randomUUID(),
  });
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === 'lock') rooms.lock(false);
    else if (data === 'changed') rooms.look().catch(onError);
  };
  return rooms;
}
