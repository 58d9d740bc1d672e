// The tools of a request, checked and as templates take them.

import type { Tool } from '../engine.ts';
import { bool, checkFields, isRecord, isText, refuse, text, unsupported, type Check } from './check.ts';
import type { ChatCompletionTool } from './types.ts';

export const MAX_TOOLS = 128;

export const checkTools: Check = (value, name) => {
  if (!Array.isArray(value) || value.length > MAX_TOOLS) {
    throw refuse(name, `a list of at most ${MAX_TOOLS} tools`, value);
  }
  const names = new Set<string>();
  for (const tool of value as unknown[]) {
    if (!isRecord(tool)) throw refuse(name, 'a list of tools', tool);
    if (tool['type'] !== 'function') throw refuse(`${name}.type`, '"function"', tool['type']);
    checkFields(tool, { type: text, function: () => undefined }, {}, `${name}.`);
    const made = tool['function'];
    if (!isRecord(made)) throw refuse(`${name}.function`, 'a function with a name', made);
    const record: Check = (each, at) => {
      if (!isRecord(each)) throw refuse(at, 'a JSON schema', each);
    };
    const description: Check = (each, at) => {
      if (!isText(each)) throw refuse(at, 'a text', each);
    };
    checkFields(made, { name: text, description, parameters: record, strict: bool }, {}, `${name}.function.`);
    const called = made['name'];
    if (!isText(called) || !/^[\w.-]{1,64}$/.test(called)) {
      throw refuse(`${name}.function.name`, 'a name of up to 64 letters, digits, "_", "-", "."', called);
    }
    if (names.has(called)) throw refuse(`${name}.function.name`, 'a name of its own', called);
    // A promise that arguments follow the schema to the letter is none that free text can keep.
    if (made['strict'] === true) throw unsupported(`${name}.function.strict`);
    names.add(called);
  }
};

/** Of a request that was checked. */
export const toolsOf = (tools: readonly ChatCompletionTool[] | null | undefined): Tool[] =>
  (tools ?? []).map(({ function: { name, description, parameters } }) => ({
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
  }));
