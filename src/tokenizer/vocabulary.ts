// What tokenizer.json says of its tokens: id -> text, and which are special. Checked before the library sees the file.

import { EngineError } from '../failures.ts';

export const TOKENIZER_FILE = 'tokenizer.json';
/** Four times the largest vocabulary in use. */
export const MAX_VOCAB = 1 << 20;
const MAX_TOKEN_LENGTH = 4096;

export interface Vocabulary {
  /** Text of each id as the model's vocabulary spells it; holes are undefined. */
  tokens: readonly (string | undefined)[];
  /** Ids of all added tokens: their text stands for itself, without the vocabulary's spelling. */
  addedIds: ReadonlySet<number>;
  /** Added tokens that mark structure and are never shown. */
  specialIds: ReadonlySet<number>;
}

export function tokenizerFault(message: string, details: Record<string, string | number> = {}): EngineError {
  return new EngineError('tokenizer-invalid', `${TOKENIZER_FILE}: ${message}`, {
    file: TOKENIZER_FILE,
    ...details,
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Entries [token, id] of the model's vocabulary: an object for BPE, a list of [token, score] for Unigram. */
function* modelEntries(model: Record<string, unknown>): Generator<[unknown, unknown]> {
  const vocab = model['vocab'];
  if (Array.isArray(vocab)) {
    for (const [id, entry] of vocab.entries())
      yield [Array.isArray(entry) ? (entry as unknown[])[0] : entry, id];
  } else if (isRecord(vocab)) {
    for (const token in vocab) yield [token, vocab[token]];
  } else {
    throw tokenizerFault('model.vocab is neither an object nor a list', { field: 'model.vocab' });
  }
}

/** Throws "tokenizer-invalid". @param additional contents of tokenizer_config.json's additional_special_tokens */
export function readVocabulary(tokenizerJson: unknown, additional: readonly string[]): Vocabulary {
  if (!isRecord(tokenizerJson) || !isRecord(tokenizerJson['model'])) {
    throw tokenizerFault('is no tokenizer: it has no model', { field: 'model', expected: 'an object' });
  }
  const tokens: (string | undefined)[] = [];
  const addedIds = new Set<number>();
  const specialIds = new Set<number>();
  const put = (token: unknown, id: unknown): number => {
    if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) {
      throw tokenizerFault(`the token of id ${String(id)} is no text`, { actual: typeof token });
    }
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= MAX_VOCAB) {
      throw tokenizerFault(`token ${JSON.stringify(token.slice(0, 40))} has id ${String(id)}`, {
        token: token.slice(0, 40),
        expected: `0 to ${MAX_VOCAB - 1}`,
        actual: String(id).slice(0, 40),
      });
    }
    tokens[id] = token;
    return id;
  };
  for (const [token, id] of modelEntries(tokenizerJson['model'])) put(token, id);
  const added = tokenizerJson['added_tokens'] ?? [];
  if (!Array.isArray(added)) throw tokenizerFault('added_tokens is no list', { field: 'added_tokens' });
  for (const entry of added as unknown[]) {
    if (!isRecord(entry))
      throw tokenizerFault('an entry of added_tokens is no object', { field: 'added_tokens' });
    const id = put(entry['content'], entry['id']);
    addedIds.add(id);
    if (entry['special'] === true || additional.includes(entry['content'] as string)) specialIds.add(id);
  }
  return { tokens, addedIds, specialIds };
}
