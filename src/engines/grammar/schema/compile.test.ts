// The two judges of forms, over each kind of keyword, over schemas as people write them, and over random ones.

import Ajv from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KINDS, REFUSED, randomSchema, randomValue } from '../../../../tests/host/form-cases.ts';
import {
  BYTES,
  BYTE_VOCABULARY,
  judge,
  noVerdicts,
  report,
  seeded,
} from '../../../../tests/host/form-judges.ts';
import type { Case } from '../../../../tests/host/form-judges.ts';
import { createGrammars } from '../grammar.ts';
import type { Grammars } from '../grammar.ts';
import { compileSchema } from './compile.ts';

/** 2,000 and 1,000 in the soak. */
const SCHEMAS = Number(process.env.YUPANA_FORM_SCHEMAS ?? 40);
const WALKS = Number(process.env.YUPANA_FORM_WALKS ?? 3);

let grammars: Grammars;
beforeAll(async () => {
  grammars = await createGrammars(BYTES, BYTE_VOCABULARY);
});
afterAll(() => grammars.dispose());

test(
  'each kind: what is written is valid, what is valid can be written, what is not cannot',
  { timeout: 14_400_000 },
  async () => {
    const verdicts = noVerdicts();
    for (const each of KINDS) await judge(grammars, each, WALKS * 4, seeded(1), verdicts);
    console.log(report('kinds', verdicts));
    expect(verdicts.wrong).toEqual([]);
    expect([...verdicts.refused]).toEqual([]);
  },
);

test(`${SCHEMAS} random schemas of what people write: 0 wrong`, { timeout: 14_400_000 }, async () => {
  const verdicts = noVerdicts();
  const random = seeded(20_261_128);
  for (let i = 0; i < SCHEMAS; i++) {
    const schema = randomSchema(random);
    const validates = new Ajv({
      strict: false,
      validateFormats: false,
      logger: false,
      ownProperties: true,
    }).compile(schema);
    const values = Array.from({ length: 12 }, () => randomValue(random, schema));
    const each: Case = {
      ...{ name: JSON.stringify(schema), schema },
      valid: values.filter((value) => validates(value)),
      invalid: values.filter((value) => !validates(value)),
    };
    await judge(grammars, each, WALKS, random, verdicts);
  }
  console.log(report('random', verdicts));
  expect(verdicts.wrong).toEqual([]);
  expect(verdicts.exact + verdicts.narrower).toBeGreaterThan(SCHEMAS * 0.9);
});

test.each(REFUSED)('%s is refused by keyword and place', (_, schema, keyword, pointer) => {
  let error: { reason?: string; details?: Record<string, unknown> } = {};
  try {
    compileSchema(schema);
  } catch (thrown) {
    error = thrown as typeof error;
  }
  expect({ reason: error.reason, ...error.details }).toMatchObject({
    reason: 'schema-unsupported',
    keyword,
    pointer,
  });
  expect(String(error.details?.['instead']).length).toBeGreaterThan(5);
});

test('what is left out is told by keyword and place', () => {
  const told = (schema: unknown, order?: 'declared'): string[] =>
    compileSchema(schema, order && { order }).narrower.map(({ keyword, pointer }) => `${keyword} ${pointer}`);
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, { type: 'null' }]));
  expect(
    told({
      type: 'object',
      properties: { o: { type: 'object', properties: many } },
      additionalProperties: false,
    }),
  ).toEqual(['properties /properties/o']);
  const two = { type: 'object', properties: { a: true, b: true } };
  expect(told(two)).toEqual([]);
  expect(told(two, 'declared')).toEqual(['properties ']);
  expect(told({ type: 'string', maxLength: 50_000 })).toEqual(['maxLength ']);
  expect(told({ items: { format: 'date' } })).toEqual(['format /items']);
});
