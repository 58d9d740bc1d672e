import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { answerFormat } from './answer-form.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'yupana-forms-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};

test('wrong use is one line that says where', () => {
  const missing = path.join(folder, 'none.json');
  expect(() => answerFormat({ schema: missing })).toThrow(/no such file/);
  expect(() => answerFormat({ schema: file('a.json', '{') })).toThrow(/is no JSON/);
  const refused = file('b.json', '{"properties":{"p":{"multipleOf":0.01}}}');
  expect(() => answerFormat({ schema: refused })).toThrow(
    /^JSON schema, multipleOf at \/properties\/p: [^\n]+$/,
  );
  expect(() => answerFormat({ grammar: file('c.ebnf', 'root ::= (') })).toThrow(/line 1, column 10/);
  expect(() => answerFormat({ regex: '(' })).toThrow(/Unterminated group/i);
  expect(() => answerFormat({ regex: 'a', schema: refused })).toThrow(/only one/);
  expect(answerFormat({})).toBeUndefined();
  expect(answerFormat({ regex: '[ab]' })).toEqual({ type: 'regex', pattern: '[ab]' });
});
