import type { Span } from './split.ts';

/** A part of an attached document, as it may stand in the prompt. */
export interface Passage extends Span {
  /** Index in the documents given. */
  document: number;
  name: string;
  /** The page's number, null where the kind has none. */
  page: string | null;
  /** Of the section it stands in, where the document has any. */
  heading: string | null;
  text: string;
  /** 0 for what was not ranked. */
  score: number;
}
