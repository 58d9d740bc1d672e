// What ends an answer, as the files beside the weights declare it: configs name ids as one number or a list, under two names,
// in up to three files; the tokenizer names one by its text. What its chat template writes is for `tokenizer/turn-end.ts`.

/** More than any model has. */
const MAX_STOP_TOKENS = 64;
const MAX_STOP_STRINGS = 16;
const MAX_STOP_STRING_LENGTH = 200;

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/**
 * The union of `eos_token_id` and `stop_token_ids` over the given objects, ascending. Ids outside the vocabulary can never
 * be drawn and are left out.
 */
export function stopTokenIds(objects: readonly unknown[], vocabSize: number): number[] {
  const ids = new Set<number>();
  for (const fields of objects.map(fieldsOf)) {
    for (const id of [fields['eos_token_id'], fields['stop_token_ids']].flat()) {
      if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= vocabSize) continue;
      if (ids.size < MAX_STOP_TOKENS) ids.add(id);
    }
  }
  return [...ids].sort((a, b) => a - b);
}

/** Texts that end an answer: `stop_str` of MLC's conv_template and `stop_strings` of generation_config.json. */
export function stopStrings(objects: readonly unknown[]): string[] {
  const named = objects
    .map(fieldsOf)
    .flatMap((fields) => [fields['stop_str'], fields['stop_strings']].flat() as unknown[]);
  const usable = named.filter(
    (text): text is string =>
      typeof text === 'string' && text.trim() !== '' && text.length <= MAX_STOP_STRING_LENGTH,
  );
  return [...new Set(usable)].slice(0, MAX_STOP_STRINGS);
}

/** Files of a tokenizer that name its tokens, parsed; what is not there is undefined. */
export interface TokenNames {
  tokenizerJson: unknown;
  tokenizerConfig: unknown;
  specialTokensMap?: unknown;
}

/** Content of a token that a config names as text or as {content}. */
function tokenContent(value: unknown): string | undefined {
  const content = typeof value === 'string' ? value : fieldsOf(value)['content'];
  return typeof content === 'string' && content !== '' ? content : undefined;
}

/** Id of a token by its text: an added token goes before one of the model's vocabulary. */
function idOf(tokenizerJson: unknown, content: string): unknown {
  const tokenizer = fieldsOf(tokenizerJson);
  const added: unknown = tokenizer['added_tokens'];
  const entry = (Array.isArray(added) ? (added as unknown[]) : [])
    .map(fieldsOf)
    .find((token) => token['content'] === content);
  if (entry) return entry['id'];
  const vocab = fieldsOf(tokenizer['model'])['vocab'];
  // Unigram lists [text, score].
  if (Array.isArray(vocab))
    return (vocab as unknown[]).findIndex((token) => Array.isArray(token) && token[0] === content);
  const vocabulary = fieldsOf(vocab);
  return Object.hasOwn(vocabulary, content) ? vocabulary[content] : undefined;
}

/**
 * Ids of the tokenizer's own `eos_token`, by tokenizer_config.json and special_tokens_map.json, ascending. Fine-tunes often end
 * turns by it while their configs still carry the base model's id.
 */
export function tokenizerEndIds(files: TokenNames, vocabSize: number): number[] {
  const ids = [files.tokenizerConfig, files.specialTokensMap].flatMap((file) => {
    const content = tokenContent(fieldsOf(file)['eos_token']);
    return content === undefined ? [] : [idOf(files.tokenizerJson, content)];
  });
  return stopTokenIds([{ eos_token_id: ids }], vocabSize);
}
