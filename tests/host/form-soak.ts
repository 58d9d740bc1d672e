// Seeded answers held to a form at temperature 1, each judged by an independent validator.

import type { Engine } from '../../src/engine.ts';
import { createGrammars } from '../../src/engines/grammar/grammar.ts';
import { casesOf } from './form-files.ts';
import { validator } from './form-judges.ts';

/** What programs ask for, among the schemas as people write them: short enough that a small model ends them. */
const NAMES = [
  ...[
    'openai: sentiment',
    'es: cuestionario',
    'es: persona',
    'es: factura',
    'es: clima',
    'es: horario',
    'es: verdadero o falso',
  ],
  ...['es: definiciones con acento', 'pt: avaliação', 'pt: lista de compras', 'pt: ação'],
  ...['openai: restricted number', 'openai: schedule', 'openai: bounding boxes', 'pydantic: model with enum'],
  ...[
    'pydantic: discriminated',
    'pydantic: set of literals',
    'zod: tuple with rest',
    'api: expression tree',
    'api: geojson point',
  ],
];
export const SCHEMAS: readonly object[] = NAMES.map((wanted) => {
  const found = casesOf('form-schemas.jsonl').find(({ name }) => name === wanted);
  if (!found) throw new Error(`there is no schema called ${wanted}`);
  return found.schema as object;
});

/** Room for every schema's shortest answer several times over: what goes on longer takes its shortest ending. */
const MOST_TOKENS = 300;

export interface FormReport {
  runs: number;
  /** One line for each answer that is not what it should be. */
  wrong: string[];
  /** Grammars compiled: one a schema, whatever the runs. */
  compiled: number;
}

/** @param onRun after each answer, with how many there are and how many of them are wrong */
export async function soakForms(
  engine: Engine,
  runs: number,
  firstSeed: number,
  onRun?: (done: number, wrong: number) => void,
): Promise<FormReport> {
  const judges = SCHEMAS.map((schema) => validator(schema).validates);
  const grammars = await createGrammars(engine.vocabulary(), engine.info.vocabSize);
  const session = engine.createSession();
  const prompt = engine.encodeChat([{ role: 'user', content: 'Responde en JSON sobre América Latina.' }]);
  const wrong: string[] = [];
  for (let run = 0; run < runs; run++) {
    const schema = SCHEMAS[run % SCHEMAS.length];
    const constraint = await grammars.constraint({ type: 'json_schema', schema });
    const seed = firstSeed + run;
    const { text, finishReason } = await session.generate(prompt, {
      maxTokens: MOST_TOKENS,
      sampler: { temperature: 1, seed },
      constraint,
    });
    constraint.dispose();
    const fault = faultOf(text, judges[run % SCHEMAS.length]);
    if (finishReason !== 'stop' || fault) wrong.push(`seed ${seed}, ${finishReason}, ${fault}: ${text}`);
    onRun?.(run + 1, wrong.length);
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
