// The last guard of the page against a text that the limits did not foresee: what once takes too long to read as markdown, or
// throws, is shown as it was written from then on.

import type { Answer, AnswerView } from './stream.ts';

/** Of one update. A whole answer of 130,000 characters takes a twentieth of it on a slow laptop. */
export const MAX_UPDATE_MS = 2_000;

const NO_DEFINITIONS: AnswerView['definitions'] = new Map();

const asWritten = (text: string): AnswerView => ({
  pages: [[{ key: 0, type: 'plain', text }]],
  definitions: NO_DEFINITIONS,
});

/** @param now milliseconds; for tests */
export function watched(answer: Answer, now: () => number = () => performance.now()): Answer {
  /** The text that was too much: what goes on from it stays plain, any other text is tried. */
  let refused: string | undefined;
  return {
    counters: answer.counters,
    update(text, streaming) {
      if (refused !== undefined && text.startsWith(refused)) return asWritten(text);
      refused = undefined;
      const began = now();
      try {
        const view = answer.update(text, streaming);
        if (now() - began <= MAX_UPDATE_MS) return view;
        console.warn(
          `shown as it was written: ${text.length} characters took ${Math.round(now() - began)} ms`,
        );
      } catch (error) {
        console.warn('shown as it was written:', error);
      }
      refused = text;
      return asWritten(text);
    },
  };
}
