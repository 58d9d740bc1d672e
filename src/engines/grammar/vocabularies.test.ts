// Forms over vocabularies as models have them, byte-level and SentencePiece: tokens of several characters, and tokens that split one.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { casesOf } from '../../../tests/host/form-files.ts';
import { seeded, validator } from '../../../tests/host/form-judges.ts';
import type { Vocabulary } from '../../engine.ts';
import { bytesSpelled } from '../../tokenizer/decoder.ts';
import { createGrammars } from './grammar.ts';
import type { FormConstraint } from './grammar.ts';

/** 1,000 in the soak. */
const WALKS = Number(process.env.YUPANA_FORM_WALKS ?? 2);
const SCHEMAS = [
  ...['es: persona', 'es: sólo letras', 'es: emociones', 'es: lista de palabras', 'es: comillas en nombres'],
  ...['openai: ui tree', 'openai: restricted number', 'api: expression tree', 'api: any object', 'pt: ação'],
];
const ROOT = path.resolve(import.meta.dirname, '../../..');

interface TokenizerJson {
  model: { vocab: Record<string, number> };
  added_tokens: { id: number; content: string }[];
}
function tokensOf(file: string): string[] {
  const { model, added_tokens } = JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as TokenizerJson;
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  for (const { id } of added_tokens) tokens[id] = '';
  return Array.from(tokens, (token) => token ?? '');
}

const byteLevel = (): Vocabulary => {
  const tokens = tokensOf('public/models/semilla-q4f16_1/tokenizer.json');
  return { tokens, spelling: 'byte-level', stopTokens: [tokens.indexOf('')] };
};
/** The small one, with what large ones have: signs of JSON run together, words with accents, whole emoji. */
const pieces = (): Vocabulary => {
  const more = ['{"', '":', '":"', '",', '","', '"}', '"]', '[{"', '▁"', '▁{', '▁ñ', 'ción', 'año', 'é', '😀', '\\"', '\\n', '-1', '.5', 'true', 'null', '},{"']; // prettier-ignore
  const tokens = [...tokensOf('tests/golden/tokenizers/sentencepiece-legacy.json'), ...more];
  return { tokens, spelling: 'pieces', stopTokens: [2] };
};

test.each([
  ['byte-level', byteLevel],
  ['SentencePiece', pieces],
] as const)(
  '%s: no dead end, nothing invalid, and each way of spelling what is valid',
  { timeout: 14_400_000 },
  async (_, make) => {
    const vocabulary = make();
    const size = vocabulary.tokens.length;
    const spelled = bytesSpelled(vocabulary.spelling);
    const bytes = vocabulary.tokens.map((token, id) =>
      vocabulary.stopTokens.includes(id) ? [] : [...spelled(token.replaceAll('▁', ' '))],
    );
    const grammars = await createGrammars(vocabulary, size);
    const bits = new Uint32Array(Math.ceil(size / 32));
    const has = (id: number): boolean => ((bits[id >> 5]! >>> (id & 31)) & 1) === 1;
    const random = seeded(7);
    const stops = vocabulary.stopTokens;
    let split = 0;

    const walk = async (constraint: FormConstraint, most: number): Promise<string> => {
      constraint.reset(most);
      const out: number[] = [];
      for (let drawn = 0; drawn < most && !constraint.finished; drawn++) {
        await constraint.mask(bits);
        const ids = Array.from({ length: size }, (_, id) => id).filter(has);
        if (ids.length === 0)
          throw new Error(`a dead end after ${new TextDecoder().decode(Uint8Array.from(out))}`);
        const ending = ids.filter(
          (id) => stops.includes(id) || bytes[id]!.some((byte) => [0x22, 0x5d, 0x7d].includes(byte)),
        );
        const from = ending.length > 0 && random() < 0.3 ? ending : ids;
        const id = from[Math.floor(random() * from.length)]!;
        if (stops.includes(id)) break;
        constraint.accept(id);
        out.push(...bytes[id]!);
      }
      expect(constraint.finished || (await constraint.whole())).toBe(true);
      return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(out));
    };

    /** Spells a text token by token at random: every token that fits is to be allowed. */
    const spell = async (constraint: FormConstraint, text: string): Promise<void> => {
      constraint.reset();
      const wanted = [...new TextEncoder().encode(text)];
      for (let at = 0; at < wanted.length;) {
        await constraint.mask(bits);
        const fitting = bytes.flatMap((each, id) =>
          each.length > 0 && each.every((byte, i) => byte === wanted[at + i]) ? [id] : [],
        );
        expect(
          fitting.filter((id) => !has(id)).map((id) => vocabulary.tokens[id]),
          text,
        ).toEqual([]);
        const id = fitting[Math.floor(random() * fitting.length)]!;
        constraint.accept(id);
        at += bytes[id]!.length;
        if (((wanted[at] ?? 0) & 0xc0) === 0x80) split++;
      }
      await constraint.mask(bits);
      expect(stops.every(has), text).toBe(true);
    };

    for (const { name, schema, valid } of casesOf('form-schemas.jsonl').filter((each) =>
      SCHEMAS.includes(each.name),
    )) {
      const constraint = await grammars.constraint({ type: 'json_schema', schema });
      const { validates } = validator(schema);
      for (let i = 0; i < WALKS; i++) {
        const text = await walk(constraint, 250);
        expect(validates(JSON.parse(text)), `${name}: ${text}`).toBe(true);
      }
      for (const value of valid) await spell(constraint, JSON.stringify(value));
      constraint.dispose();
    }
    expect(split).toBeGreaterThan(0);
    grammars.dispose();
  },
);
