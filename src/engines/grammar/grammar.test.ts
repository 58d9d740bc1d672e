// Answers held to a form, on the CPU engine: the same draws as the GPU's, and fast enough for the full count.

import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SCHEMAS, soakForms } from '../../../tests/host/form-soak.ts';
import { folderSource } from '../../cli/folder-source.ts';
import type { Engine } from '../../engine.ts';
import { createCpuEngine } from '../cpu/engine.ts';

const SEMILLA = path.resolve(import.meta.dirname, '../../../public/models/semilla-q4f16_1');
/** 500 in the soak. */
const RUNS = Number(process.env.YUPANA_FORMS ?? 20);

let engine: Engine;
beforeAll(async () => {
  engine = await createCpuEngine({ source: folderSource(SEMILLA), modelId: 'semilla' });
}, 60_000);
afterAll(() => engine?.dispose());

it(
  `${RUNS} seeded answers at temperature 1 validate against their schema`,
  { timeout: 1_800_000 },
  async () => {
    const { wrong, compiled } = await soakForms(engine, RUNS, 1);
    console.log(`forms: ${RUNS - wrong.length} of ${RUNS} answers are by their schema`);
    expect(wrong).toEqual([]);
    expect(compiled).toBe(SCHEMAS.length);
  },
);
