// The form of an answer, as options of a command: --schema FILE, --grammar FILE, --regex TEXT.

import { readFileSync } from 'node:fs';
import type { AnswerFormat, Engine } from '../engine.ts';
import { EngineError } from '../failures.ts';
import { compileForm } from '../engines/grammar/format.ts';
import { createGrammars, type FormConstraint } from '../engines/grammar/grammar.ts';
import { WrongUse } from './command.ts';

export interface FormOptions {
  schema?: string | undefined;
  grammar?: string | undefined;
  regex?: string | undefined;
}

function read(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new WrongUse(
      `--${option} ${file}: ${code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`}`,
    );
  }
}

/** Throws WrongUse for files that cannot be read, schemas that are no JSON, and forms that are not held to: before a model is loaded. */
export function answerFormat({ schema, grammar, regex }: FormOptions): AnswerFormat | undefined {
  if ([schema, grammar, regex].filter((each) => each !== undefined).length > 1) {
    throw new WrongUse('only one of --schema, --grammar and --regex can be held to');
  }
  let format: AnswerFormat | undefined;
  if (regex !== undefined) format = { type: 'regex', pattern: regex };
  else if (grammar !== undefined) format = { type: 'grammar', grammar: read('grammar', grammar) };
  else if (schema !== undefined) {
    const text = read('schema', schema);
    try {
      format = { type: 'json_schema', schema: JSON.parse(text) as unknown };
    } catch (error) {
      throw new WrongUse(
        `--schema ${schema}: is no JSON (${(error as Error).message.replaceAll('\n', ' ')})`,
      );
    }
  }
  if (!format) return undefined;
  try {
    for (const { keyword, pointer, how } of compileForm(format).narrower) {
      process.stderr.write(`${keyword} at ${pointer === '' ? 'the root' : pointer}: ${how}\n`);
    }
  } catch (error) {
    if (error instanceof EngineError && error.code !== 'InternalError') throw new WrongUse(error.message);
    throw error;
  }
  return format;
}

export interface HeldForm {
  constraint: FormConstraint;
  dispose(): void;
}
export async function holdTo(engine: Engine, format: AnswerFormat): Promise<HeldForm> {
  const grammars = await createGrammars(engine.vocabulary(), engine.info.vocabSize);
  const constraint = await grammars.constraint(format);
  return {
    constraint,
    dispose() {
      constraint.dispose();
      grammars.dispose();
    },
  };
}

/** The value of an answer, or null where it was cut before it was whole. */
export function parsedAnswer(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
