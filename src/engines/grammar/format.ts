// Each form an answer may have, as one kind of grammar.

import { EngineError } from '../../failures.ts';
import type { AnswerFormat } from '../../engine.ts';
import type { GrammarFault, Narrowing } from '../../form-faults.ts';
import { parseEbnf } from './ebnf.ts';
import { grammarWords } from './grammar-words.ts';
import { PatternError, patternTerm } from './pattern.ts';
import { createBuilder, pruned } from './rules.ts';
import type { Rules } from './rules.ts';
import { compileSchema } from './schema/compile.ts';
import { forgetTerms, literal, or } from './term.ts';

/** Characters of a grammar, a schema, a pattern or all choices. */
const MAX_TEXT = 100_000;
const MAX_DEPTH = 100;

export interface Form {
  rules: Rules;
  /** What is left out of what the form allows. */
  narrower: Narrowing[];
}

/** Any JSON object. White space is what JSON.stringify writes without and with an indent, and never endless. */
const JSON_OBJECT = String.raw`
root ::= object
object ::= "{" (line member ("," (" " | line) member)* line)? "}"
member ::= string ":" " "? value
array ::= "[" (line value ("," (" " | line) value)* line)? "]"
value ::= object | array | string | number | "true" | "false" | "null"
string ::= "\"" ([^"\\\x00-\x1f] | "\\" (["\\/bfnrt] | "u00" [01] [0-9a-fA-F]))* "\""
number ::= "-"? ("0" | [1-9] [0-9]{0,20}) ("." [0-9]{1,24})? | "-"? [1-9] ("." [0-9]{1,17})? "e" [+-] ([0-9] | [1-9] [0-9] | "1" [0-9]{2} | "2" [0-9]{2})
line ::= ("\n" [ ]{0,24})?
`;

/**
 * Throws EngineError "schema-unsupported" {keyword, pointer}, "grammar-invalid" {why, line, column}, "limit-exceeded".
 */
export function compileForm(format: AnswerFormat): Form {
  checkSize(format);
  switch (format.type) {
    case 'json_schema':
      return compileSchema(format.schema, format.order === undefined ? {} : { order: format.order });
    case 'json_object':
      forgetTerms();
      return { rules: parseEbnf(JSON_OBJECT), narrower: [] };
    case 'grammar':
      forgetTerms();
      return { rules: parseEbnf(format.grammar), narrower: [] };
    case 'regex':
      return { rules: fromPattern(format.pattern), narrower: [] };
    case 'choice': {
      forgetTerms();
      const choices = or(...format.choices.map(literal));
      const rules = pruned({ root: 'root', rules: new Map([['root', choices]]) });
      if (!rules) throw invalid({ why: 'no-choice' });
      return { rules, narrower: [] };
    }
  }
}

function invalid(fault: GrammarFault, line = 1, column = 1): EngineError {
  return new EngineError('grammar-invalid', `The form: ${grammarWords(fault)}`, { ...fault, line, column });
}

/** The whole answer matches. */
function fromPattern(pattern: string): Rules {
  forgetTerms();
  const builder = createBuilder();
  try {
    const term = builder.text(patternTerm(pattern, true));
    const rules = term && builder.finish(term);
    if (rules) return rules;
    throw new PatternError(term ? 'no-text' : 'too-large', '');
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw invalid({ why: 'pattern', feature: error.feature, text: error.text });
  }
}

function checkSize(format: AnswerFormat): void {
  const tooLarge = (what: 'characters' | 'levels', limit: number, actual: number): EngineError =>
    new EngineError('limit-exceeded', `A form (${format.type}) of ${actual} ${what}: at most ${limit}`, {
      ...{ what, limit, actual },
    });
  if (format.type === 'json_schema') {
    const depth = depthOf(format.schema);
    if (depth > MAX_DEPTH) throw tooLarge('levels', MAX_DEPTH, depth);
  }
  const { length } = textOf(format);
  if (length > MAX_TEXT) throw tooLarge('characters', MAX_TEXT, length);
}

/** Of objects and lists within each other, as far as it matters: what refers to itself in memory is too deep. */
function depthOf(value: unknown): number {
  let level = [value];
  let depth = 0;
  for (; level.length > 0 && depth <= MAX_DEPTH; depth++) {
    const inner = level.flatMap((each) =>
      typeof each === 'object' && each !== null ? Object.values(each) : [],
    );
    level = inner.filter((each) => typeof each === 'object' && each !== null);
    if (level.length > MAX_TEXT) return MAX_DEPTH + 1;
  }
  return depth;
}

/** The same text, the same form. */
export function textOf(format: AnswerFormat): string {
  switch (format.type) {
    case 'json_object':
      return '';
    case 'json_schema':
      return `${format.order ?? 'any'} ${JSON.stringify(format.schema)}`;
    case 'grammar':
      return format.grammar;
    case 'regex':
      return format.pattern;
    case 'choice':
      return JSON.stringify(format.choices);
  }
}
