// The two judges of forms over the public test suite of JSON Schema, and over schemas as people write them.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { casesOf, mutated } from '../../../../tests/host/form-files.ts';
import {
  BYTES,
  BYTE_VOCABULARY,
  judge,
  noVerdicts,
  report,
  seeded,
  validator,
} from '../../../../tests/host/form-judges.ts';
import { createGrammars } from '../grammar.ts';
import type { Grammars } from '../grammar.ts';

/** 1,000 in the soak. */
const WALKS = Number(process.env.YUPANA_FORM_WALKS ?? 10);
/** One schema of so many; each in the soak. */
const EVERY = Number(process.env.YUPANA_FORM_EVERY ?? 10);

let grammars: Grammars;
beforeAll(async () => {
  grammars = await createGrammars(BYTES, BYTE_VOCABULARY);
});
afterAll(() => grammars.dispose());

test('the public test suite: nothing invalid is written, nothing valid left out of what is exact', async () => {
  const verdicts = noVerdicts();
  const cases = casesOf('json-schema-suite.jsonl').filter((_, i) => i % EVERY === 0);
  for (const [i, each] of cases.entries()) await judge(grammars, each, WALKS, seeded(i), verdicts);
  console.log(report('public suite', verdicts));
  expect(verdicts.wrong).toEqual([]);
  expect(verdicts.exact).toBeGreaterThan(cases.length / 2);
});

/** Changes of each valid value, of which the independent validator says whether they are valid too. */
const CHANGES = 12;

test('schemas as people write them: nothing invalid is written, nothing valid left out of what is exact', async () => {
  const verdicts = noVerdicts();
  const cases = casesOf('form-schemas.jsonl').filter((_, i) => i % EVERY === 0);
  for (const [i, each] of cases.entries()) {
    const random = seeded(i);
    const { validates } = validator(each.schema);
    expect(
      each.valid.filter((value) => !validates(value)),
      each.name,
    ).toEqual([]);
    const changed = each.valid.flatMap((value) =>
      Array.from({ length: CHANGES }, () => mutated(value, random)),
    );
    const valid = [...each.valid, ...changed.filter((value) => validates(value))];
    const invalid = changed.filter((value) => !validates(value));
    await judge(grammars, { ...each, valid, invalid }, WALKS, random, verdicts);
  }
  console.log(report('as people write', verdicts));
  expect(verdicts.wrong).toEqual([]);
  expect([...verdicts.refused.keys()]).toEqual([]);
});
