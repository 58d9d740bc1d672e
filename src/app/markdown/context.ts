// What every part of one answer shares. Read through getters, so that a part follows changes without being made anew.

import { createContext } from 'svelte';
import type { MarkdownLabels } from './labels.ts';

export interface MarkdownContext {
  readonly labels: MarkdownLabels;
  /** Normalised label -> address, for links by label. */
  readonly definitions: ReadonlyMap<string, string>;
  /** Asks before an address is opened. */
  ask(href: string): void;
}

export const [markdownContext, provideMarkdownContext] = createContext<MarkdownContext>();
