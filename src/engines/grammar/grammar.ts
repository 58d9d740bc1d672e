// Answers held to a form: @mlc-ai/web-xgrammar says, token by token, what may come next. 1 MB with its WebAssembly: imported late.

import { GrammarCompiler, GrammarMatcher, TokenizerInfo } from '@mlc-ai/web-xgrammar';
import type { CompiledGrammar } from '@mlc-ai/web-xgrammar';
import { EngineError } from '../../engine.ts';
import type { AnswerFormat, TokenConstraint, Vocabulary } from '../../engine.ts';
import { preparedSchema } from './schema.ts';
import { createUtf8Filter, WHOLE } from './utf8.ts';

/** Compiled grammars kept: a program asks with the same few again and again. */
const KEPT = 16;
/** Characters of a grammar or a schema. */
const MAX_TEXT = 100_000;

export interface FormConstraint extends TokenConstraint {
  /** Whether what was accepted is a whole answer: the end may follow it. */
  whole(): Promise<boolean>;
  dispose(): void;
}

export interface Grammars {
  /**
   * A constraint for one answer at a time. Throws "schema-unsupported", "grammar-invalid", "limit-exceeded".
   */
  constraint(format: AnswerFormat): Promise<FormConstraint>;
  /** How many were compiled so far. */
  readonly compiled: number;
  dispose(): void;
}

function invalid(what: string, cause: unknown): EngineError {
  // The library aborts with its reason on the console; the error itself says nothing.
  return new EngineError('grammar-invalid', `the ${what} cannot be compiled`, { what }, cause);
}

const textOf = (format: AnswerFormat): string => {
  switch (format.type) {
    case 'json_object':
      return '';
    case 'json_schema':
      return JSON.stringify(preparedSchema(format.schema));
    case 'grammar':
      return format.grammar;
  }
};

/** Stop tokens are allowed exactly where the form is whole. @param vocabSize of the model: the size of its logits */
export async function createGrammars(vocabulary: Vocabulary, vocabSize: number): Promise<Grammars> {
  const { tokens, spelling, stopTokens } = vocabulary;
  const info = await TokenizerInfo.createTokenizerInfo(
    // A token without text is never part of an answer.
    Array.from({ length: vocabSize }, (_, id) => tokens[id] ?? ''),
    spelling === 'byte-level' ? 'byte_level' : 'byte_fallback',
    spelling === 'pieces',
    vocabSize,
    [...stopTokens],
  );
  const utf8 = createUtf8Filter(vocabulary, vocabSize);
  const compiler = await GrammarCompiler.createGrammarCompiler(info, false);
  const kept = new Map<string, CompiledGrammar>();
  let compiled = 0;

  const compile = async (format: AnswerFormat): Promise<CompiledGrammar> => {
    const text = textOf(format);
    if (text.length > MAX_TEXT) {
      throw new EngineError('limit-exceeded', `a grammar of ${text.length} characters`, {
        what: 'characters',
        limit: MAX_TEXT,
        actual: text.length,
      });
    }
    const key = `${format.type} ${text}`;
    const known = kept.get(key);
    if (known) {
      kept.delete(key); // and put last: the first one in the map is the one used longest ago
      kept.set(key, known);
      return known;
    }
    let made: CompiledGrammar;
    try {
      // One line, no free spaces: a model that likes to indent would otherwise fill the context with them.
      if (format.type === 'json_object') made = await compiler.compileBuiltinJSONGrammar();
      else if (format.type === 'json_schema') made = await compiler.compileJSONSchema(text, false, -1);
      else made = await compiler.compileGrammar(text);
    } catch (cause) {
      throw invalid(format.type, cause);
    }
    compiled++;
    kept.set(key, made);
    const [oldest] = kept;
    if (kept.size > KEPT && oldest) {
      oldest[1].dispose();
      kept.delete(oldest[0]);
    }
    return made;
  };

  return {
    get compiled() {
      return compiled;
    },
    async constraint(format) {
      const matcher = await GrammarMatcher.createGrammarMatcher(await compile(format), [...stopTokens]);
      let state = WHOLE;
      const ends = (bits: Uint32Array): boolean =>
        stopTokens.some((id) => (((bits[id >> 5] ?? 0) >>> (id & 31)) & 1) === 1);
      const next = async (): Promise<Uint32Array> => {
        const { buffer, byteOffset, length } = await matcher.getNextTokenBitmask();
        return new Uint32Array(buffer, byteOffset, length);
      };
      return {
        reset() {
          matcher.reset();
          state = WHOLE;
        },
        async mask(bits) {
          bits.set((await next()).subarray(0, bits.length));
          utf8.filter(bits, state);
          return true;
        },
        accept(id) {
          state = utf8.step(state, id);
          if (matcher.acceptToken(id)) return;
          throw new EngineError('internal', `token ${id} was drawn and does not follow the grammar`);
        },
        // What may end may often go on too: the stop token decides.
        finished: false,
        whole: async () => ends(await next()),
        dispose: () => matcher.dispose(),
      };
    },
    dispose() {
      for (const grammar of kept.values()) grammar.dispose();
      kept.clear();
      compiler.dispose();
      info.dispose();
    },
  };
}
