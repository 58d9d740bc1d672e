// What holding an answer to a form costs: the same prompt, sampler and number of tokens, free and held, in turns.

import { EngineError } from '../../failures.ts';
import type { Engine, GenerateOptions, Vocabulary } from '../../engine.ts';
import { createGrammars } from '../grammar/grammar.ts';
import { computesOnCpu } from '../software-adapter.ts';
import { cpuCost } from './cpu-cost.ts';
import { repeat, spreadOf } from './pace.ts';
import type { RepeatOptions, Spread, Subject } from './pace.ts';

export interface MaskingCost {
  /** Milliseconds of a decoded token. */
  free: Spread;
  held: Spread;
  /** By how much of `free` a held token takes longer, by the medians. */
  added: number;
  /** Where the adapter computes on the CPU: processor milliseconds of a token, which other work does not stretch. */
  processor?: { free: number; held: number; added: number };
}

export interface MaskingOptions extends RepeatOptions {
  /** At least 2. */
  tokens: number;
  cpuSeconds?: () => number;
}

/** Questions with an answer, so many that no answer of this length is whole: texts, numbers and the signs between. */
const schemaFor = (tokens: number): object => ({
  type: 'array',
  minItems: Math.ceil(tokens / 4),
  items: {
    type: 'object',
    properties: { pregunta: { type: 'string', maxLength: 40 }, correcta: { type: 'integer' } },
    required: ['pregunta', 'correcta'],
    additionalProperties: false,
  },
});

/** The grammar's library wants a token that ends an answer, and a model read by `endlessSource` has none: one without text. */
function withAnEnd(vocabulary: Vocabulary): Vocabulary {
  if (vocabulary.stopTokens.length > 0) return vocabulary;
  const silent = vocabulary.tokens.indexOf('');
  if (silent < 0) {
    throw new EngineError(
      'config-unsupported',
      'every token of this model has a text: none could end an answer',
    );
  }
  return { ...vocabulary, stopTokens: [silent] };
}

/**
 * @param engine reads its model through `endlessSource`
 * Throws "internal" where an answer has not as many tokens as asked for, and what grammars throw.
 */
export async function maskingCost(
  engine: Engine,
  prompt: readonly number[],
  options: MaskingOptions,
): Promise<MaskingCost> {
  const { tokens, cpuSeconds } = options;
  const grammars = await createGrammars(withAnEnd(engine.vocabulary()), engine.info.vocabSize);
  const format = { type: 'json_schema', schema: schemaFor(tokens) } as const;
  const session = engine.createSession();
  const run = async (
    prompt: readonly number[],
    tokens: number,
    more: Pick<GenerateOptions, 'constraint'>,
  ) => {
    await session.sync([prompt[0] === 0 ? 1 : 0]); // the whole prompt is read again
    const { usage } = await session.generate(prompt, {
      ...{ maxTokens: tokens, speculation: 'off', sampler: { temperature: 1, seed: 1 } },
      ...more,
    });
    const { completionTokens: actual } = usage;
    if (actual !== tokens)
      throw new EngineError('internal', `The answer ended after ${actual} tokens, not ${tokens}`, {
        ...{ expected: tokens, actual },
      });
    return usage;
  };
  const subjects: Record<'free' | 'held', Subject> = {
    free: { run: (prompt, tokens) => run(prompt, tokens, {}), dispose: () => undefined },
    held: {
      async run(prompt, tokens) {
        const constraint = await grammars.constraint(format);
        try {
          return await run(prompt, tokens, { constraint });
        } finally {
          constraint.dispose();
        }
      },
      dispose: () => undefined,
    },
  };
  try {
    // The first of each compiles what it needs.
    for (const subject of Object.values(subjects)) await subject.run(prompt, tokens);
    const paces = await repeat(subjects, prompt, tokens, options);
    const milliseconds = (name: 'free' | 'held'): Spread => {
      const { median, min, max, count } = paces[name].decodeTokensPerSecond;
      return { ...spreadOf([1000 / max, 1000 / median, 1000 / min]), count };
    };
    const [free, held] = [milliseconds('free'), milliseconds('held')];
    const cost: MaskingCost = { free, held, added: held.median / free.median - 1 };
    if (cpuSeconds && computesOnCpu(engine.info.adapter)) {
      const a = 1000 * (await cpuCost(subjects.free, prompt, tokens, cpuSeconds)).decodePerToken;
      const b = 1000 * (await cpuCost(subjects.held, prompt, tokens, cpuSeconds)).decodePerToken;
      cost.processor = { free: a, held: b, added: b / a - 1 };
    }
    return cost;
  } finally {
    session.dispose();
    grammars.dispose();
  }
}
