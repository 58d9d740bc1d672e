// The two judges of forms: what random walks through the masks write is valid, and every valid value can be written.

import Ajv7 from 'ajv';
import Ajv from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { AnswerFormat, Vocabulary } from '../../src/engine.ts';
import { EngineError } from '../../src/failures.ts';
import type { FormConstraint, Grammars } from '../../src/engines/grammar/grammar.ts';

/** A token for each byte, and one that ends: the smallest vocabulary that writes every text. */
export const BYTES: Vocabulary = {
  tokens: [
    ...Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
    '',
  ],
  spelling: 'pieces',
  stopTokens: [256],
};
export const BYTE_VOCABULARY = 257;
const STOP = 256;

export type Random = () => number;
export function seeded(seed: number): Random {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const bits = new Uint32Array(Math.ceil(BYTE_VOCABULARY / 32));
const allowed = (id: number): boolean => ((bits[id >> 5]! >>> (id & 31)) & 1) === 1;

/** How likely a byte is, as a model would have it that knows nothing: what ends something somewhat more, so that walks end. */
function weight(id: number, length: number): number {
  switch (KINDS[id]) {
    case 1:
      return 40;
    case 2:
      return 12 + length;
    case 3:
      return 0.5 / (1 + length / 10);
    case 4:
      return 10 / (1 + length);
    case 5:
      return 0.5;
    default:
      return id < 0x80 ? 1 : 0.1;
  }
}
const KINDS = Uint8Array.from({ length: BYTE_VOCABULARY }, (_, id) => {
  const char = String.fromCharCode(id);
  return id === STOP
    ? 1
    : '"}]'.includes(char)
      ? 2
      : '{['.includes(char)
        ? 3
        : char === ','
          ? 4
          : char === '\\'
            ? 5
            : 0;
});

/**
 * A text that the masks allow: where tokens run out, with the ending that the constraint itself takes. undefined where that did not
 * end it. Throws where nothing may follow.
 */
export async function walk(
  constraint: FormConstraint,
  random: Random,
  most = 400,
): Promise<string | undefined> {
  constraint.reset(most);
  const out: number[] = [];
  while (out.length < most && !constraint.finished) {
    await constraint.mask(bits);
    const ids: number[] = [];
    for (let id = 0; id <= STOP; id++) if (allowed(id)) ids.push(id);
    if (ids.length === 0)
      throw new Error(`nothing may follow ${new TextDecoder().decode(Uint8Array.from(out))}`);
    let id = ids[0]!;
    if (ids.length > 1) {
      const weights = ids.map((each) => weight(each, out.length));
      let at = random() * weights.reduce((sum, each) => sum + each, 0);
      id = ids.find((_, i) => (at -= weights[i]!) <= 0) ?? ids.at(-1)!;
    }
    if (id === STOP) return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(out));
    constraint.accept(id);
    out.push(id);
  }
  if (!constraint.finished && !(await constraint.whole())) return undefined;
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(out));
}

/** Whether the masks let a text be written to its end. */
export async function writable(constraint: FormConstraint, text: string): Promise<boolean> {
  constraint.reset();
  for (const byte of new TextEncoder().encode(text)) {
    await constraint.mask(bits);
    if (!allowed(byte)) return false;
    constraint.accept(byte);
  }
  await constraint.mask(bits);
  return allowed(STOP);
}

export interface Case {
  name: string;
  schema: unknown;
  /** Values that are valid, and values that are not, by whoever wrote the case. */
  valid: readonly unknown[];
  invalid: readonly unknown[];
}

export interface Verdicts {
  schemas: number;
  exact: number;
  narrower: number;
  refused: Map<string, number>;
  walks: number;
  endless: number;
  instances: number;
  wrong: string[];
}
export const noVerdicts = (): Verdicts => ({
  ...{
    schemas: 0,
    exact: 0,
    narrower: 0,
    refused: new Map<string, number>(),
    walks: 0,
    endless: 0,
    instances: 0,
    wrong: [],
  },
});

/** What Ajv says of a schema. A list of items is draft 7's, and a dialect that Ajv does not know is read as the one it does. */
export function validator(schema: unknown): { ajv: Ajv; validates: ValidateFunction } {
  const Judge = /"items":\[|"\$schema":"[^"]*draft-0[67]/.test(JSON.stringify(schema)) ? Ajv7 : Ajv;
  const ajv = new Judge({ strict: false, validateFormats: false, logger: false, ownProperties: true });
  if (typeof schema !== 'object' || schema === null)
    return { ajv, validates: ajv.compile(schema as boolean) };
  const { $schema, ...rest } = schema as Record<string, unknown>;
  void $schema;
  return { ajv, validates: ajv.compile(rest) };
}

/** Judges one schema; a refusal is counted, and has to name keyword and place. */
export async function judge(
  grammars: Grammars,
  { name, schema, valid, invalid }: Case,
  walks: number,
  random: Random,
  into: Verdicts,
): Promise<void> {
  into.schemas++;
  const format: AnswerFormat = { type: 'json_schema', schema };
  let constraint: FormConstraint;
  try {
    constraint = await grammars.constraint(format);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { keyword, pointer } = error.details as { keyword?: string; pointer?: string };
    const named = error.reason === 'limit-exceeded' || (keyword !== undefined && pointer !== undefined);
    if (error.reason === 'internal' || !named) into.wrong.push(`${name}: ${error.message}`);
    const key = keyword ?? error.reason;
    into.refused.set(key, (into.refused.get(key) ?? 0) + 1);
    return;
  }
  const exact = constraint.narrower.length === 0;
  if (exact) into.exact++;
  else into.narrower++;
  const { validates, ajv } = validator(schema);
  try {
    for (let i = 0; i < walks; i++) {
      const text = await walk(constraint, random);
      into.walks++;
      if (text === undefined) {
        into.endless++;
        into.wrong.push(`${name}: the shortest ending was not taken`);
        continue;
      }
      let fault = '';
      try {
        if (!validates(JSON.parse(text))) fault = ajv.errorsText(validates.errors);
      } catch (error) {
        fault = String(error);
      }
      if (fault !== '') {
        into.wrong.push(`${name}: wrote ${text}, ${fault}`);
        break;
      }
    }
    for (const value of valid) {
      into.instances++;
      const text = JSON.stringify(value);
      if (exact && !(await writable(constraint, text))) into.wrong.push(`${name}: cannot write ${text}`);
    }
    for (const value of invalid) {
      into.instances++;
      const text = JSON.stringify(value);
      if (await writable(constraint, text)) into.wrong.push(`${name}: could write ${text}, which is invalid`);
    }
  } catch (error) {
    into.wrong.push(`${name}: ${String(error)}`);
  } finally {
    constraint.dispose();
  }
}

export function report(
  label: string,
  { schemas, exact, narrower, refused, walks, endless, instances, wrong }: Verdicts,
): string {
  const refusals = [...refused].sort((a, b) => b[1] - a[1]).map(([keyword, count]) => `${keyword} ${count}`);
  return (
    `forms: ${label}: ${schemas} schemas, ${exact} exact, ${narrower} narrower, ` +
    `${schemas - exact - narrower} refused (${refusals.join(', ')}); ` +
    `${walks} walks (${endless} without an end), ${instances} instances, ${wrong.length} wrong`
  );
}
