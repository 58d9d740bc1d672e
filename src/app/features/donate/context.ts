// What judging answers and donating them need of the other features.

import { createContext } from 'svelte';
import type { Feedback } from '../../../storage/conversations.ts';

export interface DonateContext {
  /** The shown conversation. */
  readonly chat: { rate(nodeId: string, feedback: Feedback | null): Promise<void> };
  readonly models: { entry(id: string): { readonly model: { readonly name: string } } | null };
}

export const [donateContext, setDonateContext] = createContext<DonateContext>();
