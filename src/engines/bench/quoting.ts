// What guessing gains where an answer quotes its prompt: the same tokens with and without guesses, in turns.

import type { Engine, SpeculationCounts } from '../../engine.ts';
import { EngineError } from '../../failures.ts';
import { repeat, spreadOf } from './pace.ts';
import type { RepeatOptions, Spread, Subject } from './pace.ts';

export interface QuotingGain extends SpeculationCounts {
  /** Milliseconds of a token. */
  plain: Spread;
  guessed: Spread;
  /** How many times as fast with guesses, by the medians. */
  ratio: number;
  /** Tokens of the answer for each time the weights were read. */
  tokensPerPass: number;
}

/**
 * The prompt is followed by the model's own answer to it and comes again: a model that goes on as before quotes itself. Guesses
 * are forced, also where the engine would leave them off.
 * @param engine ours for the GPU, with its model read through `endlessSource`; room for two prompts and two answers
 * Throws "internal" where guesses change a token.
 */
export async function quotingGain(
  engine: Engine,
  prompt: readonly number[],
  options: RepeatOptions & { tokens: number },
): Promise<QuotingGain> {
  const { tokens } = options;
  const session = engine.createSession();
  try {
    const { tokenIds } = await session.generate(prompt, { maxTokens: tokens, speculation: 'off' });
    const quoting = [...prompt, ...tokenIds, ...prompt];
    let counts: SpeculationCounts = { drafted: 0, accepted: 0 };
    const answers = new Set<string>();
    const subject = (speculation: 'always' | 'off'): Subject => ({
      async run(prompt, tokens) {
        await session.sync([prompt[0] === 0 ? 1 : 0]); // the whole prompt is read again
        const {
          usage,
          tokenIds,
          speculation: guesses,
        } = await session.generate(prompt, {
          maxTokens: tokens,
          speculation,
        });
        if (guesses) counts = guesses;
        answers.add(tokenIds.join());
        return usage;
      },
      dispose: () => undefined,
    });
    const subjects = { plain: subject('off'), guessed: subject('always') };
    for (const each of Object.values(subjects)) await each.run(quoting, tokens);
    const paces = await repeat(subjects, quoting, tokens, options);
    if (answers.size !== 1) throw new EngineError('internal', 'guesses changed the tokens of an answer', {});
    const milliseconds = (name: keyof typeof subjects): Spread => {
      const { median, min, max, count } = paces[name].decodeTokensPerSecond;
      return { ...spreadOf([1000 / max, 1000 / median, 1000 / min]), count };
    };
    const [plain, guessed] = [milliseconds('plain'), milliseconds('guessed')];
    return {
      ...{ plain, guessed, ...counts, ratio: plain.median / guessed.median },
      tokensPerPass: tokens / (tokens - counts.accepted),
    };
  } finally {
    session.dispose();
  }
}
