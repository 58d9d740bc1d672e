// Answers held to a form: @mlc-ai/web-xgrammar says, token by token, what may come next. 1 MB with its WebAssembly: imported late.

import { GrammarCompiler, GrammarMatcher, TokenizerInfo } from '@mlc-ai/web-xgrammar';
import type { CompiledGrammar } from '@mlc-ai/web-xgrammar';
import { EngineError } from '../../failures.ts';
import type { AnswerFormat, TokenConstraint, Vocabulary } from '../../engine.ts';
import type { Narrowing } from '../../form-faults.ts';
import { createEndings } from './ending.ts';
import type { Endings } from './ending.ts';
import { compileForm, textOf } from './format.ts';
import type { Form } from './format.ts';
import { createReader } from './reader.ts';
import { printRules } from './rules.ts';

/** Compiled grammars kept: a program asks with the same few again and again. */
const KEPT = 32;
/** Characters of a grammar as it is printed. */
const MAX_PRINTED = 1_000_000;

export interface FormConstraint extends TokenConstraint {
  /** What is left out of what the form allows; none: everything can be written. */
  readonly narrower: readonly Narrowing[];
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

interface Compiled {
  form: Form;
  grammar: CompiledGrammar;
  endings: Endings;
}

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
  const compiler = await GrammarCompiler.createGrammarCompiler(info, false);
  const kept = new Map<string, Compiled>();
  let compiled = 0;

  const compile = async (format: AnswerFormat): Promise<Compiled> => {
    const key = `${format.type} ${textOf(format)}`;
    const known = kept.get(key);
    if (known) {
      kept.delete(key); // and put last: the first one in the map is the one used longest ago
      kept.set(key, known);
      return known;
    }
    const form = compileForm(format);
    const text = printRules(form.rules);
    if (text.length > MAX_PRINTED) {
      throw new EngineError(
        'limit-exceeded',
        `a grammar of ${text.length} characters once it is written out`,
        { what: 'characters', limit: MAX_PRINTED, actual: text.length },
      );
    }
    let grammar: CompiledGrammar;
    try {
      grammar = await compiler.compileGrammar(text);
    } catch (cause) {
      // What we print it can read: a fault of ours.
      throw new EngineError('internal', 'A grammar that was printed cannot be compiled', {}, cause);
    }
    const made = { form, grammar, endings: createEndings(createReader(form.rules), vocabulary, vocabSize) };
    compiled++;
    kept.set(key, made);
    const [oldest] = kept;
    if (kept.size > KEPT && oldest) {
      oldest[1].grammar.dispose();
      kept.delete(oldest[0]);
    }
    return made;
  };

  return {
    get compiled() {
      return compiled;
    },
    async constraint(format) {
      const { form, grammar, endings } = await compile(format);
      const matcher = await GrammarMatcher.createGrammarMatcher(grammar, [...stopTokens]);
      let ending = endings.answer(Infinity);
      const ends = (bits: Uint32Array): boolean =>
        stopTokens.some((id) => (((bits[id >> 5] ?? 0) >>> (id & 31)) & 1) === 1);
      const next = async (): Promise<Uint32Array> => {
        const { buffer, byteOffset, length } = await matcher.getNextTokenBitmask();
        return new Uint32Array(buffer, byteOffset, length);
      };
      return {
        narrower: form.narrower,
        reset(room = Infinity) {
          matcher.reset();
          ending = endings.answer(room);
        },
        async mask(bits) {
          bits.set((await next()).subarray(0, bits.length));
          ending.filter(bits);
          return true;
        },
        accept(id) {
          if (!matcher.acceptToken(id)) {
            throw new EngineError('internal', `token ${id} was drawn and does not follow the grammar`);
          }
          ending.accept(id);
        },
        // What may end may often go on too: then the stop token decides.
        get finished() {
          return ending.finished;
        },
        whole: async () => ends(await next()),
        dispose: () => matcher.dispose(),
      };
    },
    dispose() {
      for (const { grammar } of kept.values()) grammar.dispose();
      kept.clear();
      compiler.dispose();
      info.dispose();
    },
  };
}
