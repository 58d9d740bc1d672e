// What is printed for xgrammar is what was meant, byte for byte, and answers of a model held to a form are of that form.

import path from 'node:path';
import { afterAll, beforeAll, expect, it, test, vi } from 'vitest';
import { BYTES, BYTE_VOCABULARY, seeded, walk, writable } from '../../../tests/host/form-judges.ts';
import { SCHEMAS, soakForms } from '../../../tests/host/form-soak.ts';
import { folderSource } from '../../cli/folder-source.ts';
import type { AnswerFormat, Engine } from '../../engine.ts';
import { createCpuEngine } from '../cpu/engine.ts';
import { createGrammars } from './grammar.ts';
import type { Grammars } from './grammar.ts';

const SEMILLA = path.resolve(import.meta.dirname, '../../../public/models/semilla-q4f16_1');
/** 500 for each schema in the soak; here one for a few. */
const RUNS = process.env.YUPANA_FORMS === undefined ? 3 : Number(process.env.YUPANA_FORMS) * SCHEMAS.length;

let engine: Engine;
let bytes: Grammars;
beforeAll(async () => {
  engine = await createCpuEngine({ source: folderSource(SEMILLA), modelId: 'semilla' });
  bytes = await createGrammars(BYTES, BYTE_VOCABULARY);
}, 60_000);
afterAll(() => {
  engine?.dispose();
  bytes?.dispose();
});

it(
  `${RUNS} seeded answers at temperature 1 validate against their schema`,
  { timeout: 14_400_000 },
  async () => {
    const { wrong, compiled } = await soakForms(engine, RUNS, 1, (done, bad) => {
      if (done % 1000 === 0)
        console.log(`forms: ${done - bad} of ${done} answers so far are by their schema`);
    });
    console.log(`forms: ${RUNS - wrong.length} of ${RUNS} answers to ${SCHEMAS.length} schemas are by them`);
    expect(wrong).toEqual([]);
    expect(compiled).toBe(Math.min(RUNS, SCHEMAS.length));
  },
);

test('classes of letters are held to character by character, and never end in half of one', async () => {
  for (const pattern of [
    '[A-Za-zÁÉÍÓÚáéíóúñÑ ]',
    '[^"\\\\\\x00-\\x1f]',
    '\\p{L}',
    '[à-ÿ\\u{1F600}-\\u{1F64F}]',
    '[^a]',
  ]) {
    const constraint = await bytes.constraint({ type: 'regex', pattern });
    const judge = new RegExp(`^${pattern}$`, 'u');
    const wrong: string[] = [];
    for (let code = 0; code <= 0x10ffff; code += code < 0x600 ? 1 : 331) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const char = String.fromCodePoint(code);
      if ((await writable(constraint, char)) !== judge.test(char)) wrong.push(code.toString(16));
    }
    constraint.dispose();
    expect(wrong, pattern).toEqual([]);
  }
});

test('repetitions of repetitions are held to as they are', async () => {
  for (const [pattern, taken, refused] of [
    ['(?:[ab]{3}){1,2}', ['aba', 'ababab'], ['', 'ab', 'abab', 'abababa']],
    ['(?:a?){2}b', ['b', 'aab'], ['aaab']],
    ['(?:(?:a+)?b*){1,2}', ['', 'aabba', 'bab'], ['babab', 'c']],
  ] as const) {
    const constraint = await bytes.constraint({ type: 'regex', pattern });
    for (const text of taken) expect(await writable(constraint, text), text).toBe(true);
    for (const text of refused) expect(await writable(constraint, text), text).toBe(false);
    constraint.dispose();
  }
});

test('a list of many choices lets each of them be written, and nothing else', async () => {
  const choices = Array.from({ length: 700 }, (_, i) => `${(i * 7_919) % 1_000} ñandú "${i % 13}"`);
  const constraint = await bytes.constraint({ type: 'choice', choices });
  const random = seeded(3);
  for (let i = 0; i < 100; i++) expect(choices).toContain(await walk(constraint, random));
  for (const choice of choices) expect(await writable(constraint, choice), choice).toBe(true);
  expect(await writable(constraint, '1 ñandú "77"')).toBe(false);
  constraint.dispose();
});

test('a grammar of one’s own is held to; a fault in it has its place', async () => {
  const grammar = 'root ::= "sí, " (word " ")? word | "no"\n# a word\nword ::= [a-zñáéíóú]{2,8}';
  const constraint = await bytes.constraint({ type: 'grammar', grammar });
  expect(await writable(constraint, 'sí, ñandú azul')).toBe(true);
  expect(await writable(constraint, 'sí')).toBe(false);
  constraint.dispose();
  const fault = async (text: string): Promise<unknown> => {
    const made = bytes.constraint({ type: 'grammar', grammar: text });
    return made.then(
      () => 'taken',
      (error: { reason: string; details: object }) => ({ reason: error.reason, ...error.details }),
    );
  };
  expect(await fault('root ::= (')).toMatchObject({ reason: 'grammar-invalid', line: 1, column: 10 });
  expect(await fault('root ::= a\n')).toMatchObject({ reason: 'grammar-invalid', line: 1, column: 10 });
  expect(await fault('root ::= "a" root')).toMatchObject({ reason: 'grammar-invalid' });
  expect(await fault('root ::= root "a" | "b"')).toMatchObject({ reason: 'grammar-invalid', line: 1 });
  expect(await fault('rot ::= "a"')).toMatchObject({ reason: 'grammar-invalid' });
  expect(await fault('root ::= "a')).toMatchObject({ reason: 'grammar-invalid', column: 10 });
});

test('what cannot be read or compiled prints nothing of a library’s own', async () => {
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(() => undefined),
  );
  try {
    for (const format of [
      { type: 'grammar', grammar: 'root ::= (' },
      { type: 'grammar', grammar: 'root ::= [z-a]' },
      { type: 'regex', pattern: '(' },
      { type: 'choice', choices: [] },
      { type: 'json_schema', schema: { type: 'strin' } },
    ] as const) {
      await expect(bytes.constraint(format as AnswerFormat)).rejects.toThrow();
    }
    // And where the library itself is given what it cannot read.
    vi.resetModules(); // it takes hold of the console as it starts
    const { GrammarCompiler, TokenizerInfo } = await import('@mlc-ai/web-xgrammar');
    const info = await TokenizerInfo.createTokenizerInfo(['a', 'b'], 'raw', false, 2, [1]);
    const compiler = await GrammarCompiler.createGrammarCompiler(info, false);
    await expect(compiler.compileGrammar('root ::= (')).rejects.toThrow();
    expect(spies.flatMap((spy) => spy.mock.calls)).toEqual([]);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
});

test('free JSON has no endless white space', async () => {
  const constraint = await bytes.constraint({ type: 'json_object' });
  for (const text of ['{}', '{"a":[1,-0.5,"x\\n",{"b":null}]}', '{\n  "a": 1,\n  "b": [\n    2\n  ]\n}']) {
    expect(await writable(constraint, text), text).toBe(true);
  }
  expect(await writable(constraint, `{${' '.repeat(40)}}`)).toBe(false);
  expect(await writable(constraint, '{\n\n\n}')).toBe(false);
  constraint.dispose();
});

test('with few tokens left the shortest ending is taken', async () => {
  const schema = SCHEMAS[0];
  const grammars = await createGrammars(engine.vocabulary(), engine.info.vocabSize);
  const constraint = await grammars.constraint({ type: 'json_schema', schema });
  const bits = new Uint32Array(Math.ceil(engine.info.vocabSize / 32));
  const stops = new Set(engine.vocabulary().stopTokens);
  for (let seed = 1; seed <= 20; seed++) {
    const random = seeded(seed);
    const room = 60 + seed;
    constraint.reset(room);
    const ids: number[] = [];
    while (ids.length < room && !constraint.finished) {
      await constraint.mask(bits);
      const allowed = Array.from({ length: engine.info.vocabSize }, (_, id) => id).filter(
        (id) => (bits[id >> 5]! >>> (id & 31)) & 1,
      );
      expect(allowed.length).toBeGreaterThan(0);
      const id = allowed[Math.floor(random() * allowed.length)]!;
      if (stops.has(id)) break;
      ids.push(id);
      constraint.accept(id);
    }
    expect(() => JSON.parse(engine.decode(ids)) as unknown, engine.decode(ids)).not.toThrow();
  }
  constraint.dispose();
  grammars.dispose();
});
