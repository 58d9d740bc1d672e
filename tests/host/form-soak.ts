// Seeded answers held to a form at temperature 1, each judged by an independent validator.

import Ajv from 'ajv/dist/2020.js';
import type { Engine } from '../../src/engine.ts';
import { createGrammars } from '../../src/engines/grammar/grammar.ts';

/** What programs ask for: a quiz, a few bounded fields, choices, numbers, nested lists. */
export const SCHEMAS: readonly object[] = [
  {
    type: 'object',
    properties: {
      pregunta: { type: 'string', minLength: 1, maxLength: 40 },
      opciones: { type: 'array', items: { type: 'string', maxLength: 12 }, minItems: 2, maxItems: 4 },
      correcta: { type: 'integer', minimum: 0, maximum: 3 },
    },
    required: ['pregunta', 'opciones', 'correcta'],
    additionalProperties: false,
  },
  {
    type: 'object',
    properties: {
      pais: { enum: ['Bolivia', 'Perú', 'Brasil', 'México'] },
      poblacion: { type: 'integer' },
      superficie: { type: 'number' },
      andino: { type: 'boolean' },
      nota: { anyOf: [{ type: 'null' }, { type: 'string', pattern: '^[a-z ]{1,20}$' }] },
    },
    required: ['pais', 'poblacion', 'superficie', 'andino', 'nota'],
    additionalProperties: false,
  },
  {
    type: 'array',
    items: { $ref: '#/$defs/punto' },
    minItems: 1,
    maxItems: 3,
    $defs: {
      punto: {
        type: 'object',
        properties: { x: { type: 'integer', minimum: -9, maximum: 9 }, y: { type: ['integer', 'null'] } },
        required: ['x', 'y'],
        additionalProperties: false,
      },
    },
  },
];

export interface FormReport {
  runs: number;
  /** One line for each answer that is not what it should be. */
  wrong: string[];
  /** Grammars compiled: one a schema, whatever the runs. */
  compiled: number;
}

export async function soakForms(engine: Engine, runs: number, firstSeed: number): Promise<FormReport> {
  const ajv = new Ajv({ strict: false });
  const judges = SCHEMAS.map((schema) => ajv.compile(schema));
  const grammars = await createGrammars(engine.vocabulary(), engine.info.vocabSize);
  const session = engine.createSession();
  const prompt = engine.encodeChat([{ role: 'user', content: 'Responde en JSON sobre América Latina.' }]);
  const wrong: string[] = [];
  for (let run = 0; run < runs; run++) {
    const schema = SCHEMAS[run % SCHEMAS.length];
    const constraint = await grammars.constraint({ type: 'json_schema', schema });
    const seed = firstSeed + run;
    const { text, finishReason } = await session.generate(prompt, {
      maxTokens: 1024,
      sampler: { temperature: 1, seed },
      constraint,
    });
    constraint.dispose();
    const fault = faultOf(text, judges[run % SCHEMAS.length]);
    if (finishReason !== 'stop' || fault) wrong.push(`seed ${seed}, ${finishReason}, ${fault}: ${text}`);
  }
  session.dispose();
  const { compiled } = grammars;
  grammars.dispose();
  return { runs, wrong, compiled };
}

function faultOf(text: string, judge: ((value: unknown) => boolean) | undefined): string {
  try {
    return judge?.(JSON.parse(text)) ? '' : 'not by its schema';
  } catch (error) {
    return String(error);
  }
}
