// Token ids -> text, one at a time. A token may end in the middle of a character: its bytes wait for the rest.

import type { Vocabulary } from './vocabulary.ts';
import { isRecord, tokenizerFault } from './vocabulary.ts';

/**
 * How a vocabulary spells text. The two families of Llama tokenizers:
 * "byte-level" (GPT-2, Llama 3): every character of a token stands for one byte.
 * "pieces" (SentencePiece): text with replacements such as "▁" -> " ", and tokens "<0xE2>" for lone bytes.
 */
interface Spelling {
  kind: 'byte-level' | 'pieces';
  replacements: readonly { from: string; to: string }[];
  byteFallback: boolean;
  /** Dropped from the start of the text: the space that SentencePiece puts before it. */
  strip: { text: string; count: number };
}

export interface StreamDecoder {
  /** The next token; returns what can be shown now: whole characters only, often none. Special tokens give nothing. */
  push(id: number): string;
  /** What still waited: bytes that never became a character come out as U+FFFD. The decoder starts anew. */
  end(): string;
}

export type MakeDecoder = () => StreamDecoder;

const METASPACE = '\u2581';
const NO_STRIP = { text: '', count: 0 };

/** GPT-2's table: printable Latin-1 characters stand for themselves, the other bytes for U+0100 and on. */
function byteLevelTable(): Map<string, number> {
  const table = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    table.set(String.fromCodePoint(printable ? byte : next++), byte);
  }
  return table;
}

function unsupported(what: string): Error {
  return tokenizerFault(`decoder ${what} is not supported`, { field: 'decoder', actual: what });
}

function mergeSteps(steps: readonly unknown[]): Spelling {
  const replacements: { from: string; to: string }[] = [];
  let byteFallback = false;
  let fused = false;
  let strip = NO_STRIP;
  for (const step of steps) {
    const type = isRecord(step) ? step['type'] : undefined;
    if (!isRecord(step)) throw unsupported('of another shape');
    if (type === 'ByteFallback') byteFallback = true;
    else if (type === 'Fuse') fused = true;
    else if (type === 'Replace') {
      const pattern = isRecord(step['pattern']) ? step['pattern']['String'] : undefined;
      const to = step['content'];
      if (typeof pattern !== 'string' || pattern === '' || typeof to !== 'string')
        throw unsupported('Replace by regex');
      replacements.push({ from: pattern, to });
    } else if (type === 'Strip') {
      const { content, start, stop } = step;
      // Only at the start of the whole text can a stream strip without looking ahead.
      if (
        !fused ||
        typeof content !== 'string' ||
        content === '' ||
        typeof start !== 'number' ||
        start > 16 ||
        stop !== 0
      )
        throw unsupported('Strip');
      strip = { text: content, count: start };
    } else throw unsupported(String(type).slice(0, 40));
  }
  return { kind: 'pieces', replacements, byteFallback, strip };
}

function parseSpelling(decoder: unknown): Spelling {
  if (!isRecord(decoder))
    throw unsupported(decoder === null || decoder === undefined ? '(none)' : typeof decoder);
  if (decoder['type'] === 'ByteLevel') {
    return { kind: 'byte-level', replacements: [], byteFallback: false, strip: NO_STRIP };
  }
  if (decoder['type'] === 'Metaspace') {
    const from = typeof decoder['replacement'] === 'string' ? decoder['replacement'] : METASPACE;
    const prepends = decoder['prepend_scheme'] !== 'never' && decoder['add_prefix_space'] !== false;
    const strip = prepends ? { text: ' ', count: 1 } : NO_STRIP;
    return { kind: 'pieces', replacements: [{ from, to: ' ' }], byteFallback: false, strip };
  }
  if (decoder['type'] === 'Sequence' && Array.isArray(decoder['decoders'])) {
    const steps = decoder['decoders'] as unknown[];
    if (steps.length > 16) throw unsupported(`Sequence of ${steps.length}`);
    const only = steps.length === 1 ? steps[0] : undefined;
    return only === undefined ? mergeSteps(steps) : isStep(only) ? mergeSteps(steps) : parseSpelling(only);
  }
  throw unsupported(String(decoder['type']).slice(0, 40));
}

function isStep(step: unknown): boolean {
  return isRecord(step) && ['Replace', 'ByteFallback', 'Fuse', 'Strip'].includes(String(step['type']));
}

/** The bytes that a token of a vocabulary spells. */
export function bytesSpelled(spelling: 'byte-level' | 'pieces'): (token: string) => Uint8Array {
  const table = byteLevelTable();
  if (spelling === 'byte-level') return (token) => bytesOfSpelling(token, table);
  return (token) =>
    /^<0x[0-9A-Fa-f]{2}>$/.test(token)
      ? Uint8Array.of(parseInt(token.slice(3, 5), 16))
      : new TextEncoder().encode(token);
}

/** Throws as `compileDecoder`. */
export const spellingOf = (decoder: unknown): Spelling['kind'] => parseSpelling(decoder).kind;

/** The bytes of a byte-level token; one that is not spelled so stands for itself. */
function bytesOfSpelling(token: string, table: ReadonlyMap<string, number>): Uint8Array {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = table.get(character);
    if (byte === undefined) return new TextEncoder().encode(token);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/**
 * Reads tokenizer.json's decoder; throws "tokenizer-invalid" for one that cannot be streamed.
 * What `push` and `end` return, put together, is what decoding all ids at once gives.
 */
export function compileDecoder(decoder: unknown, vocabulary: Vocabulary): MakeDecoder {
  const spelling = parseSpelling(decoder);
  const table = byteLevelTable();
  const byteOf = (token: string): number | undefined => {
    if (!spelling.byteFallback || !/^<0x[0-9A-Fa-f]{2}>$/.test(token)) return undefined;
    return parseInt(token.slice(3, 5), 16);
  };

  return () => {
    // Streaming keeps the first bytes of a character; ignoreBOM keeps U+FEFF, which is text here.
    const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
    let toStrip = spelling.strip.count;
    const flush = () => utf8.decode();
    const stripped = (text: string): string => {
      while (toStrip > 0 && text !== '') {
        if (!text.startsWith(spelling.strip.text)) toStrip = 0;
        else {
          text = text.slice(spelling.strip.text.length);
          toStrip--;
        }
      }
      return text;
    };
    const push = (id: number): string => {
      const token = vocabulary.tokens[id];
      // Rows past the tokenizer pad the embedding: they have no text.
      if (token === undefined || vocabulary.specialIds.has(id)) return '';
      if (vocabulary.addedIds.has(id)) return flush() + token;
      if (spelling.kind === 'byte-level') return utf8.decode(bytesOfSpelling(token, table), { stream: true });
      const byte = byteOf(token);
      if (byte !== undefined) return utf8.decode(Uint8Array.of(byte), { stream: true });
      return flush() + spelling.replacements.reduce((text, { from, to }) => text.replaceAll(from, to), token);
    };
    return {
      push: (id) => stripped(push(id)),
      end: () => {
        const rest = stripped(flush());
        toStrip = spelling.strip.count;
        return rest;
      },
    };
  };
}
