// Token ids of an answer -> the text to show: whole characters only, and never the beginning of a stop string.

import type { StreamDecoder } from '../tokenizer/tokenizer.ts';

export interface AnswerText {
  /** The next token; returns what may be shown now. */
  push(id: number): string;
  /** What still waited, at the answer's end. Empty where a stop string ended it. */
  end(): string;
  /** A stop string was met: the answer ends before it. */
  readonly stopped: boolean;
  /** Everything returned so far. */
  readonly text: string;
  /** Characters of all tokens so far, shown or not. */
  readonly received: number;
}

/** Length of the longest end of `text` that is the beginning, but not the whole, of a stop string. */
function heldBack(text: string, stopStrings: readonly string[]): number {
  let longest = 0;
  for (const stop of stopStrings) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) {
        longest = length;
        break;
      }
    }
  }
  return longest;
}

/** @param stopStrings empty ones are ignored; where several match, the one that begins first counts */
export function answerText(decoder: StreamDecoder, stopStrings: readonly string[] = []): AnswerText {
  const stops = stopStrings.filter((stop) => stop !== '');
  let waiting = '';
  let text = '';
  let stopped = false;
  let received = 0;

  function take(piece: string, atEnd: boolean): string {
    waiting += piece;
    received += piece.length;
    const found = stops.map((stop) => waiting.indexOf(stop)).filter((index) => index >= 0);
    stopped = found.length > 0;
    const shown = stopped
      ? waiting.slice(0, Math.min(...found))
      : waiting.slice(0, waiting.length - (atEnd ? 0 : heldBack(waiting, stops)));
    waiting = stopped ? '' : waiting.slice(shown.length);
    text += shown;
    return shown;
  }

  return {
    push: (id) => (stopped ? '' : take(decoder.push(id), false)),
    end: () => (stopped ? '' : take(decoder.end(), true)),
    get stopped() {
      return stopped;
    },
    get text() {
      return text;
    },
    get received() {
      return received;
    },
  };
}
