// Temporary and locked conversations, and what their controls need of the chat.

import { createContext } from 'svelte';
import type { Keeper, ConversationStores } from './conversation-stores.svelte.ts';

export interface VaultContext {
  readonly rooms: ConversationStores;
  readonly chat: {
    readonly conversation: { readonly id: string } | null;
    /** The shown conversation is being answered. */
    readonly runHere: boolean;
  };
  /** The list of conversations, where it lies over the thread. */
  readonly view: { listOpen: boolean };
  readonly conversations: {
    move(id: string, to: Keeper): Promise<void>;
    remove(id: string): Promise<void>;
  };
}

export const [vaultContext, setVaultContext] = createContext<VaultContext>();
