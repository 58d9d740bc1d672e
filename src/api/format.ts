// The form an answer is to have, as requests ask for it.

import type { AnswerFormat } from '../engine.ts';
import { checkFields, isRecord, isText, refuse, text, type Check, bool } from './check.ts';
import type { ResponseFormat } from './types.ts';

const anything: Check = () => undefined;
const FIELDS: Record<string, Record<string, Check>> = {
  text: {},
  json_object: { schema: anything },
  json_schema: { json_schema: anything },
  grammar: { grammar: text },
  regex: { pattern: text },
  choice: { choices: anything },
};

function parsed(schema: string): unknown {
  try {
    return JSON.parse(schema) as unknown;
  } catch {
    throw refuse('response_format.schema', 'JSON', schema);
  }
}

const schemaIs = (schema: unknown): boolean => isRecord(schema) || typeof schema === 'boolean';

/** Throws "option-invalid", "option-unsupported"; what a schema or a grammar says is judged where it is compiled. */
export const checkFormat: Check = (value, name) => {
  if (!isRecord(value)) throw refuse(name, 'an object', value);
  const { type } = value;
  const fields = isText(type) && Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined;
  if (!fields) throw refuse(name, `one of ${Object.keys(FIELDS).join(', ')}`, type);
  checkFields(value, { type: text, ...fields }, {}, `${name}.`);
  if (type === 'grammar') text(value['grammar'], `${name}.grammar`);
  if (type === 'regex') text(value['pattern'], `${name}.pattern`);
  if (type === 'choice') {
    const { choices } = value;
    const right =
      Array.isArray(choices) && choices.length > 0 && choices.every((one) => isText(one) && one !== '');
    if (!right) throw refuse(`${name}.choices`, 'a list of texts, none empty', choices);
  }
  if (type === 'json_object' && value['schema'] !== undefined && value['schema'] !== null) {
    if (!isText(value['schema'])) throw refuse(`${name}.schema`, 'a JSON schema as text', value['schema']);
    if (!schemaIs(parsed(value['schema']))) throw refuse(`${name}.schema`, 'a JSON schema', value['schema']);
  }
  if (type === 'json_schema') {
    const asked = value['json_schema'];
    if (!isRecord(asked)) throw refuse(`${name}.json_schema`, 'an object with a schema', asked);
    const known = { schema: anything, name: text, description: text, strict: bool };
    checkFields(asked, known, {}, `${name}.json_schema.`);
    if (!schemaIs(asked['schema']))
      throw refuse(`${name}.json_schema.schema`, 'a JSON schema', asked['schema']);
  }
};

/** Of a request that was checked; undefined: free text. */
export function formatOf(format: ResponseFormat | null | undefined): AnswerFormat | undefined {
  switch (format?.type) {
    case undefined:
    case 'text':
      return undefined;
    case 'json_object':
      return format.schema === undefined || format.schema === null
        ? { type: 'json_object' }
        : { type: 'json_schema', schema: parsed(format.schema) };
    case 'json_schema':
      // OpenAI promises the order of the schema's names where it is strict.
      return format.json_schema.strict
        ? { type: 'json_schema', schema: format.json_schema.schema, order: 'declared' }
        : { type: 'json_schema', schema: format.json_schema.schema };
    case 'grammar':
      return { type: 'grammar', grammar: format.grammar };
    case 'regex':
      return { type: 'regex', pattern: format.pattern };
    case 'choice':
      return { type: 'choice', choices: format.choices };
  }
}
