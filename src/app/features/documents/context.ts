// Files on their way into the next message.

import { createContext } from 'svelte';
import type { Attachments } from './attachments.svelte.ts';

export interface DocumentsContext {
  readonly attachments: Attachments;
  /** Reads files for the next message. */
  attach(files: readonly File[]): void;
  /** Written text as a document of the next message. @returns false where a message takes no more */
  attachText(text: string): boolean;
}

export const [documentsContext, setDocumentsContext] = createContext<DocumentsContext>();
