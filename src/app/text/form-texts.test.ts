// What is refused of a form is named by keyword and place in each language; so is what is left out.

import { describe, expect, it } from 'vitest';
import { compileForm } from '../../engines/grammar/format.ts';
import { REFUSED } from '../../../tests/host/form-cases.ts';
import type { AnswerFormat } from '../../engine.ts';
import { EngineError } from '../../failures.ts';
import type { GrammarFault, SchemaFault } from '../../form-faults.ts';
import { LANGUAGES } from './format.ts';
import { grammarText, loadFormTexts, narrowingText, schemaText } from './form-texts.ts';

/** One grammar for each fault. */
const GRAMMARS: Record<Exclude<GrammarFault['why'], 'pattern' | 'no-choice'>, string> = {
  'escape-unknown': 'root ::= "\\u{110000}"',
  'text-open': 'root ::= "a',
  'class-open': 'root ::= [a',
  'class-empty': 'root ::= []',
  'range-backwards': 'root ::= [z-a]',
  'look-ahead': 'root ::= (=a)',
  'too-deep': `root ::= ${'('.repeat(300)}`,
  'bracket-open': 'root ::= ("a"',
  unexpected: 'root ::= ?',
  'count-unreadable': 'root ::= "a"{x}',
  'count-too-large': 'root ::= "a"{9999}',
  'count-backwards': 'root ::= "a"{3,2}',
  'rule-expected': 'root "a"',
  'rule-twice': 'root ::= "a"\nroot ::= "b"',
  'rule-missing': 'root ::= other',
  'left-recursive': 'root ::= root "a" | "b"',
  endless: 'root ::= "a" root',
};
const PATTERNS = [
  '(',
  '(a)\\1',
  '(?<=a)b',
  '(?:(?=a)a)+',
  'a{9000}',
  '(?i:a)',
  '(?:a{1000}){1000}',
  '[^\\s\\S]',
];
const NARROWER: readonly unknown[] = [
  { not: { type: 'integer' } },
  { not: { const: [1] } },
  { type: 'array', maxItems: 5_000 },
  { type: 'object', minProperties: 2, properties: { a: true } },
  {
    type: 'object',
    properties: Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, true])),
  },
  { format: 'date' },
  { type: 'integer', format: 'int32' },
  { type: 'integer', multipleOf: 3 },
  { $schema: 'https://example.org/of-my-own', type: 'null' },
];
const MORE: readonly unknown[] = [
  { const: '\ud800' },
  { enum: [JSON.parse('1e999')] },
  { properties: { a: { $id: 'x' } } },
  { nullable: true },
  { oneOf: [{ format: 'date' }, { format: 'email' }] },
  { $ref: '#' },
  { $ref: '#', const: 1 },
  { type: 'object', minProperties: 9 },
  { type: 'string', minLength: 9_000 },
  { type: 'string', pattern: '^(a|b)*c(a|b){900}$', minLength: 901, maxLength: 1_900 },
  { type: 'array', contains: { const: 1 }, minItems: 900, maxItems: 900 },
];

function faultOf(format: AnswerFormat): EngineError | undefined {
  try {
    compileForm(format);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  return undefined;
}

const plain = (text: string): void => {
  expect(text.trim()).not.toBe('');
  expect(text).not.toMatch(/[!¡]|undefined|null\b.*null\b|NaN|\[object/);
};

describe.each(LANGUAGES)('%s', (code) => {
  it('says why a schema is refused, where, and what to write instead', async () => {
    const texts = await loadFormTexts(code);
    const met = new Set<string>();
    for (const schema of [...REFUSED.map(([, each]) => each), ...MORE]) {
      const error = faultOf({ type: 'json_schema', schema });
      if (error?.reason !== 'schema-unsupported') continue;
      const fault = error.details as SchemaFault & { keyword: string; pointer: string };
      met.add(fault.why);
      const { what, todo } = schemaText(texts, fault);
      expect(what).toContain(fault.keyword);
      if (fault.pointer !== '') expect(what).toContain(fault.pointer);
      expect(what).toMatch(/\.$/);
      expect(todo).toMatch(/\.$/);
      plain(what + todo);
    }
    const all: (keyof typeof texts.schema)[] = Object.keys(texts.schema) as (keyof typeof texts.schema)[];
    expect(all.filter((why) => !met.has(why))).toEqual([]);
  });

  it('says what is wrong with a grammar, a pattern or choices, and where', async () => {
    const texts = await loadFormTexts(code);
    const nested = 'root ::= ("a"{2000}){2000}';
    const forms: [string, AnswerFormat][] = [
      ...Object.entries(GRAMMARS).map(([why, grammar]): [string, AnswerFormat] => [
        why,
        { type: 'grammar', grammar },
      ]),
      ...PATTERNS.map((pattern): [string, AnswerFormat] => ['pattern', { type: 'regex', pattern }]),
      ['count-too-large', { type: 'grammar', grammar: nested }],
      ['no-choice', { type: 'choice', choices: [] }],
    ];
    for (const [why, format] of forms) {
      const error = faultOf(format);
      expect(error?.reason, JSON.stringify(format)).toBe('grammar-invalid');
      const fault = error?.details as GrammarFault & { line: number; column: number };
      expect(fault.why, JSON.stringify(format)).toBe(why);
      const { what, todo } = grammarText(texts, fault);
      expect(what).toMatch(/1.*: .*\.$|2.*: .*\.$/);
      plain(what + todo);
    }
  });

  it('says what is left out, by keyword and place', async () => {
    const texts = await loadFormTexts(code);
    const met = new Set<string>();
    for (const schema of NARROWER) {
      for (const narrowing of compileForm({ type: 'json_schema', schema }).narrower) {
        met.add(narrowing.why);
        const text = narrowingText(texts, narrowing);
        expect(text).toContain(narrowing.keyword);
        plain(text);
      }
    }
    const all = Object.keys(texts.left);
    expect(all.filter((why) => !met.has(why))).toEqual([]);
  });
});
