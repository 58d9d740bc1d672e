// What every part of one answer shares. Read through getters, so that a part follows changes without being made anew.

import { createContext } from 'svelte';
import type { MarkdownLabels } from './labels.ts';
import type { Block } from './nodes.ts';

export interface MarkdownContext {
  readonly labels: MarkdownLabels;
  /** Normalised label -> address, for links by label. */
  readonly definitions: ReadonlyMap<string, string>;
  /** HTML level of a heading, below the page's own. */
  levelOf(heading: Block): number;
  /** Asks before an address is opened. */
  ask(href: string): void;
}

export const [markdownContext, provideMarkdownContext] = createContext<MarkdownContext>();
