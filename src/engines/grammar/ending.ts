// Where tokens run out, the shortest ending is taken: an answer held to a form is whole, whatever the model would have gone on to say.

import type { Vocabulary } from '../../engine.ts';
import { bytesSpelled } from '../../tokenizer/decoder.ts';
import { charsOf, difference, has, union } from './charset.ts';
import type { Place, Reader } from './reader.ts';

/** Tokens beyond the shortest ending from which on it is looked after, apart from what one more character may add to it. */
const SPARE = 16;
const MOST_SPARE = 500;
/** Tokens that one character may take. */
const BYTES = 4;
/** Places that texts of plain characters may lead to: as far as it is looked whether all of them leave room for an ending. */
const MOST_PLACES = 64;
/** Tokens with one of these open or close something: what they cost is not known before they are read. */
const OPENING = /["{}[\],:\\]/;
const OPENERS = charsOf('"{}[],:\\');

export interface Ending {
  /** Takes out of `bits` the tokens after which the answer could not become whole any more. */
  filter(bits: Uint32Array): void;
  accept(id: number): void;
  /** Nothing may follow. Only known where there is not room for everything. */
  readonly finished: boolean;
}

export interface Endings {
  /** @param room tokens of the answer, at most */
  answer(room: number): Ending;
}

interface Spellings {
  /** Bytes of each token. */
  bytes: readonly Uint8Array[];
  /** Tokens by the text that they are, where it is whole characters. */
  ids: ReadonlyMap<string, number>;
  /** Tokens of one byte, by the byte: they write what no other token writes. */
  single: readonly (number | undefined)[];
  longest: number;
  /** Tokens of one character, and those that neither open nor close. */
  letters: readonly { id: number; code: number }[];
  plain: Uint32Array;
}

const known = new WeakMap<Vocabulary, Spellings>();
function spellingsOf(vocabulary: Vocabulary, vocabSize: number): Spellings {
  const found = known.get(vocabulary);
  if (found) return found;
  const bytesOf = bytesSpelled(vocabulary.spelling);
  // A piece has its spaces as "\u2581".
  const spaced = (token: string): string =>
    vocabulary.spelling === 'pieces' ? token.replaceAll('\u2581', ' ') : token;
  const strict = new TextDecoder('utf-8', { fatal: true });
  const ids = new Map<string, number>();
  const single: (number | undefined)[] = [];
  const letters: { id: number; code: number }[] = [];
  const plain = new Uint32Array(Math.ceil(vocabSize / 32));
  let longest = 1;
  const bytes = Array.from({ length: vocabSize }, (_, id) =>
    Uint8Array.from(bytesOf(spaced(vocabulary.tokens[id] ?? ''))),
  );
  bytes.forEach((spelled, id) => {
    if (spelled.length === 0 || vocabulary.stopTokens.includes(id)) return;
    if (spelled.length === 1) single[spelled[0]!] ??= id;
    let text: string;
    try {
      text = strict.decode(spelled);
    } catch {
      return;
    }
    if (!ids.has(text)) ids.set(text, id);
    const length = Array.from(text).length;
    longest = Math.max(longest, length);
    if (length === 1) letters.push({ id, code: text.codePointAt(0) ?? 0 });
    else if (!OPENING.test(text)) plain[id >> 5]! |= 1 << (id & 31);
  });
  const made = { bytes, ids, single, longest, letters, plain };
  known.set(vocabulary, made);
  return made;
}

/** The fewest tokens that a greedy reader finds for a text; undefined where the vocabulary cannot write it. */
function tokensOf(text: string, { ids, single, longest }: Spellings): number[] | undefined {
  const chars = Array.from(text);
  const out: number[] = [];
  for (let i = 0; i < chars.length;) {
    let length = Math.min(longest, chars.length - i);
    for (; length > 0; length--) {
      const id = ids.get(chars.slice(i, i + length).join(''));
      if (id === undefined) continue;
      out.push(id);
      break;
    }
    if (length === 0) {
      for (const byte of new TextEncoder().encode(chars[i])) {
        const id = single[byte];
        if (id === undefined) return undefined;
        out.push(id);
      }
      length = 1;
    }
    i += length;
  }
  return out;
}

export function createEndings(reader: Reader, vocabulary: Vocabulary, vocabSize: number): Endings {
  let spellings: Spellings | undefined;
  const spare = SPARE + Math.min(MOST_SPARE, reader.growth);
  const endings = new WeakMap<Place, number[] | null>();
  const longest = new WeakMap<Place, number>();

  /** Tokens of the shortest ending; null where the vocabulary cannot write it. */
  const endingAt = (place: Place): number[] | null => {
    let found = endings.get(place);
    if (found === undefined) {
      spellings ??= spellingsOf(vocabulary, vocabSize);
      endings.set(place, (found = tokensOf(place.ending, spellings) ?? null));
    }
    return found;
  };
  const lengthAt = (place: Place): number => endingAt(place)?.length ?? Infinity;

  /** The longest of the endings wherever plain characters, any number of them, may lead; Infinity where that cannot be told. */
  const plainLongest = (from: Place): number => {
    let most = longest.get(from);
    if (most !== undefined) return most;
    most = 0;
    const places = new Set([from]);
    for (const place of places) {
      most = Math.max(most, lengthAt(place));
      for (const { set, to } of place.steps) if (difference(set, OPENERS).length > 0) places.add(to);
      if (places.size > MOST_PLACES) most = Infinity;
      if (most === Infinity) break;
    }
    longest.set(from, most);
    return most;
  };

  return {
    answer(room) {
      let left = room;
      const accepted: number[] = [];
      let read = 0;
      let place: Place | undefined;
      /** Bytes of a character that is not whole yet. */
      let pending: number[] = [];
      const catchUp = (): void => {
        spellings ??= spellingsOf(vocabulary, vocabSize);
        place ??= reader.start;
        for (; read < accepted.length; read++) {
          for (const byte of spellings.bytes[accepted[read]!] ?? []) {
            pending.push(byte);
            const text = wholeCharacter(pending);
            if (text === undefined) continue;
            pending = [];
            place = place?.after(text.codePointAt(0) ?? 0);
          }
        }
      };

      return {
        filter(bits) {
          if (room === Infinity) return;
          catchUp();
          if (!place || !spellings) return;
          if (left > BYTES * (place.least + spare)) return;
          const ending = endingAt(place);
          if (!ending || left > ending.length + spare) return;
          if (pending.length > 0) {
            // In the middle of a character: its next byte, where it is the ending's own.
            const bytes = new TextEncoder().encode(Array.from(place.ending)[0]);
            const byte = pending.every((each, i) => each === bytes[i]) ? bytes[pending.length] : undefined;
            const id = byte === undefined ? undefined : spellings.single[byte];
            if (id === undefined || !((bits[id >> 5]! >>> (id & 31)) & 1)) return;
            bits.fill(0);
            bits[id >> 5] = 1 << (id & 31);
            return;
          }
          const { letters, plain } = spellings;
          const forced = ending[0];
          const keep = new Uint32Array(bits.length);
          const allow = (id: number): unknown => (keep[id >> 5]! |= 1 << (id & 31));
          if (plainLongest(place) < left) keep.set(plain.subarray(0, bits.length));
          const roomy = union(...place.steps.flatMap(({ set, to }) => (lengthAt(to) < left ? [set] : [])));
          for (const { id, code } of letters) {
            if ((bits[id >> 5]! >>> (id & 31)) & 1 && has(roomy, code)) allow(id);
          }
          for (const id of vocabulary.stopTokens) allow(id);
          if (forced !== undefined) allow(forced);
          const narrowed = bits.map((word, i) => word & keep[i]!);
          // Where even the shortest is too long nothing is gained by leaving anything out.
          if (narrowed.some((word) => word !== 0)) bits.set(narrowed);
        },
        accept(id) {
          left--;
          accepted.push(id);
          if (room < Infinity) catchUp();
        },
        get finished() {
          return place !== undefined && pending.length === 0 && place.steps.length === 0;
        },
      };
    },
  };
}

/** The character that bytes spell, or undefined while it is not whole. */
function wholeCharacter(bytes: readonly number[]): string | undefined {
  const first = bytes[0] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return bytes.length < length ? undefined : new TextDecoder().decode(Uint8Array.from(bytes));
}
