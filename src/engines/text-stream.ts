// Generated tokens -> the text that people see: whole characters, nothing of a stop string, nothing after it.

import type { StreamDecoder } from '../tokenizer/tokenizer.ts';

export interface TextStream {
  /** Everything emitted so far. */
  readonly text: string;
  /** The next token. @returns true where a stop string is complete: the answer ends, and what precedes it was emitted */
  push(id: number): boolean;
  /** The answer ended by itself: emits what was held back. @returns true where that completes a stop string */
  end(): boolean;
}

/** Length of the longest end of `text` that may be the beginning of a stop string. */
function possibleStart(text: string, stopStrings: readonly string[]): number {
  const longest = stopStrings.reduce((most, stop) => Math.max(most, stop.length - 1), 0);
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(text.length - length);
    if (stopStrings.some((stop) => stop.length > length && stop.startsWith(end))) return length;
  }
  return 0;
}

/** Where the first stop string begins, -1 without one. */
function firstStop(text: string, stopStrings: readonly string[]): number {
  let first = -1;
  for (const stop of stopStrings) {
    const at = text.indexOf(stop);
    if (at !== -1 && (first === -1 || at < first)) first = at;
  }
  return first;
}

/**
 * @param decoder fresh, from `Tokenizer.streamDecoder`
 * @param stopStrings empty ones are ignored
 * @param emit called with each new piece of text, never empty
 */
export function createTextStream(
  decoder: StreamDecoder,
  stopStrings: readonly string[],
  emit: (text: string) => void,
): TextStream {
  const stops = stopStrings.filter((stop) => stop !== '');
  let text = '';
  // Only what may still become a stop string waits here, so a search need not look further back.
  let held = '';
  let stopped = false;

  const release = (piece: string) => {
    if (piece === '') return;
    text += piece;
    emit(piece);
  };
  const take = (piece: string, last: boolean): boolean => {
    if (stopped) return true;
    held += piece;
    const at = firstStop(held, stops);
    stopped = at !== -1;
    const ready = stopped ? at : held.length - (last ? 0 : possibleStart(held, stops));
    release(held.slice(0, ready));
    held = stopped ? '' : held.slice(ready);
    return stopped;
  };
  return {
    get text() {
      return text;
    },
    push: (id) => take(decoder.push(id), false),
    end: () => take(decoder.end(), true),
  };
}
