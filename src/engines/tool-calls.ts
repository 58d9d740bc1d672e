// Calls of tools read back out of an answer, while it comes: text before them goes on at once, each call as soon as it is whole.

import type { ToolFormat } from '../engine.ts';
import { objectEnd } from '../tokenizer/tool-format.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface ReadCall {
  name: string;
  /** JSON as text. */
  arguments: string;
}

export interface CallReader {
  /** The next piece of the answer: what of it is text, and which calls are whole now. */
  push(piece: string): { content: string; calls: ReadCall[] };
  /** What waited and is no call is text. */
  end(): { content: string; calls: ReadCall[] };
}

function callOf(source: string, format: ToolFormat, names: ReadonlySet<string>): ReadCall | undefined {
  let object: unknown;
  try {
    object = JSON.parse(source);
  } catch {
    return undefined;
  }
  if (isRecord(object) && isRecord(object['function'])) object = object['function'];
  if (!isRecord(object)) return undefined;
  const name = object[format.nameKey];
  // Small models mix the two names that training data has for it.
  let given = object[format.argumentsKey] ?? object['arguments'] ?? object['parameters'] ?? {};
  if (typeof given === 'string') {
    try {
      given = JSON.parse(given);
    } catch {
      return undefined;
    }
  }
  if (typeof name !== 'string' || !names.has(name) || !isRecord(given)) return undefined;
  return { name, arguments: JSON.stringify(given) };
}

/** @param names tools that may be called: what calls another one is text */
export function readCalls(format: ToolFormat, names: readonly string[]): CallReader {
  const known = new Set(names);
  const { open } = format;
  let waiting = '';
  /** Inside of what began with `open`. */
  let inside = false;
  let called = false;

  /** How much of `waiting` is certainly text, before calls may begin. */
  const textEnd = (atEnd: boolean): number => {
    if (open === '') {
      const first = waiting.search(/\S/);
      if (first < 0) return atEnd ? waiting.length : 0;
      return /[{[]/.test(waiting[first] ?? '') ? 0 : waiting.length;
    }
    const found = waiting.indexOf(open);
    if (found >= 0) return found;
    if (atEnd) return waiting.length;
    for (let held = Math.min(open.length - 1, waiting.length); held > 0; held--) {
      if (waiting.endsWith(open.slice(0, held))) return waiting.length - held;
    }
    return waiting.length;
  };
  /** An answer that did not begin as JSON has no call any more, where JSON is a call. */
  let plain = false;

  const take = (atEnd: boolean): { content: string; calls: ReadCall[] } => {
    const calls: ReadCall[] = [];
    let content = '';
    for (;;) {
      if (!inside) {
        const end = plain ? waiting.length : textEnd(atEnd);
        content += called ? '' : waiting.slice(0, end);
        if (open === '' && /\S/.test(waiting.slice(0, end))) plain = true;
        waiting = waiting.slice(end);
        if (
          plain ||
          waiting === '' ||
          !waiting.startsWith(open) ||
          (open === '' && !/^\s*[{[]/.test(waiting))
        )
          break;
        inside = true;
      }
      const start = waiting.indexOf('{', open !== '' && waiting.startsWith(open) ? open.length : 0);
      const end = start < 0 ? -1 : objectEnd(waiting, start);
      if (end < 0) break;
      const call = callOf(waiting.slice(start, end), format, known);
      if (call) {
        calls.push(call);
        called = true;
        waiting = waiting.slice(end);
      } else {
        content += waiting.slice(0, end);
        waiting = waiting.slice(end);
        inside = false;
      }
    }
    // What stands between and after calls is how the template closes them.
    if (atEnd && !called) content += waiting;
    if (atEnd) waiting = '';
    return { content, calls };
  };
  return {
    push(piece) {
      waiting += piece;
      return take(false);
    },
    end: () => take(true),
  };
}
