// How llama.cpp's named pre-tokenizers split text, as tokenizer.json says it. A name that is not here is refused: another split
// gives other ids, and nobody would see why the model answers badly. Source: llama.cpp's llama-vocab.cpp, by name.

/** Also the writer's (`convert/gguf-tokenizer.ts`). */
export const LLAMA3_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const QWEN2_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
const REST = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const cased = (tail: string, digits: string): string =>
  `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+${tail}|[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*${tail}|${digits}|${REST}`;
const TEKKEN_PATTERN = cased('', '\\p{N}');
const GPT4O_PATTERN = cased("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", '\\p{N}{1,3}');

export interface PreTokenizer {
  /** Patterns that split before the bytes are spelled, in order; GPT-2's own is the bytes' step's. */
  patterns: readonly string[];
  gpt2: boolean;
  /** Whole words that are tokens are taken without merging. */
  ignoreMerges: boolean;
  /** Whether the text begins with bos where no key says so. */
  addsBos: boolean;
  nfc: boolean;
}

const split = (pattern: string, more: Partial<PreTokenizer> = {}): PreTokenizer => ({
  patterns: [pattern],
  gpt2: false,
  ignoreMerges: false,
  addsBos: false,
  nfc: false,
  ...more,
});
const GPT2: PreTokenizer = { patterns: [], gpt2: true, ignoreMerges: false, addsBos: false, nfc: false };
const LLAMA3 = split(LLAMA3_PATTERN, { ignoreMerges: true, addsBos: true });
/** Digits one by one, then GPT-2's. */
const DIGITS: PreTokenizer = { ...GPT2, patterns: ['\\p{N}'] };

const PRE_TOKENIZERS: Readonly<Record<string, PreTokenizer>> = {
  'llama-bpe': LLAMA3,
  llama3: LLAMA3,
  'llama-v3': LLAMA3,
  falcon3: LLAMA3,
  'smaug-bpe': split(LLAMA3_PATTERN),
  dbrx: split(LLAMA3_PATTERN),
  // Qwen's own normaliser, which GGUF does not record.
  qwen2: split(QWEN2_PATTERN, { nfc: true }),
  'gpt-4o': split(GPT4O_PATTERN),
  tekken: split(TEKKEN_PATTERN, { ignoreMerges: true, addsBos: true }),
  'gpt-2': GPT2,
  olmo: GPT2,
  refact: DIGITS,
  smollm: DIGITS,
  starcoder: DIGITS,
};

export const PRE_TOKENIZER_NAMES = Object.keys(PRE_TOKENIZERS);

export function preTokenizerNamed(name: string): PreTokenizer | undefined {
  return Object.hasOwn(PRE_TOKENIZERS, name) ? PRE_TOKENIZERS[name] : undefined;
}
