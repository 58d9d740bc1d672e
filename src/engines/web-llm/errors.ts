// What web-llm throws, as our reasons. Its errors are classes without codes, and many are plain Error with a sentence.

import { EngineError } from '../../failures.ts';
import { LIBRARY_VERSION } from './library.ts';

const CONTEXT = /number of prompt tokens: (\d+); context window size: (\d+)/;
const FEATURE = /requires feature ([\w-]+)/;

const BY_NAME: Record<string, (message: string, model: string) => EngineError> = {
  ShaderF16SupportError: (message) => new EngineError('feature-missing', message, { feature: 'shader-f16' }),
  FeatureSupportError: (message) =>
    new EngineError('feature-missing', message, { feature: FEATURE.exec(message)?.[1] ?? '' }),
  WebGPUNotAvailableError: (message) => new EngineError('webgpu-missing', message),
  WebGPUNotFoundError: (message) => new EngineError('webgpu-missing', message),
  DeviceLostError: (message) => new EngineError('device-lost', message),
  ContextWindowSizeExceededError: (message) => {
    const [, actual, expected] = CONTEXT.exec(message) ?? [];
    return new EngineError('context-full', message, { expected: Number(expected), actual: Number(actual) });
  },
  // The class is MissingModelWasmError; this is the name that it gives itself.
  MissingModelError: (message, model) => new EngineError('library-missing', message, { model }),
  UnsupportedTokenizerFilesError: (message) =>
    new EngineError('tokenizer-invalid', message, { file: 'tokenizer.json', actual: message.slice(0, 80) }),
  ModelNotLoadedError: (message) => new EngineError('worker-gone', message, { why: 'no model is loaded' }),
};

const LIMIT = /requested (max\w+) exceeds limit.*?requested=(\d+)(MB)?.*?limit=(\d+)(MB)?/s;

/** Sentences of the runtime's plain errors. */
const BY_TEXT: [RegExp, (message: string) => EngineError][] = [
  [
    LIMIT,
    (message) => {
      const [, limit = '', expected, unit, actual] = LIMIT.exec(message) ?? [];
      const times = unit === undefined ? 1 : 2 ** 20;
      return new EngineError('limit-too-low', message, {
        limit,
        expected: Number(expected) * times,
        actual: Number(actual) * times,
      });
    },
  ],
  [/Unable to find a compatible GPU/, (message) => new EngineError('adapter-missing', message)],
  [/out of memory|OutOfMemory|createBuffer.*failed/i, (message) => new EngineError('out-of-memory', message)],
];

const wordsOf = (thrown: unknown): string =>
  thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);

/**
 * Anything thrown while web-llm loads or answers.
 * @param model its id, for the words
 * @param stage while it loads, everything it is given but the library has been checked before: what nobody knows is the library's
 */
export function fromWebLlm(thrown: unknown, model: string, stage: 'load' | 'answer'): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const message = wordsOf(thrown);
  const known = thrown instanceof Error ? BY_NAME[thrown.name] : undefined;
  if (known) return known(message, model);
  for (const [pattern, make] of BY_TEXT) if (pattern.test(message)) return make(message);
  if (stage === 'answer') return new EngineError('internal', `web-llm: ${message}`, {}, thrown);
  return new EngineError(
    'library-mismatch',
    `${model}: its library does not fit web-llm ${LIBRARY_VERSION}: ${message}`,
    { model, version: LIBRARY_VERSION, why: message.slice(0, 200) },
    thrown,
  );
}
