// Which keywords are known, and what each is about.

/** What says nothing about which values are valid, in JSON Schema or where its generators write it. */
const TELLING = new Set([
  ...['title', 'description', 'default', 'example', 'examples', '$schema', '$comment', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$defs', 'definitions', '$anchor', '$vocabulary', 'discriminator', 'externalDocs', 'xml', 'enumNames', 'markdownDescription'],
  // Without their other half they say nothing (JSON Schema 2020-12, core 10.2.2.2 and 10.3.1.3).
  ...['contentEncoding', 'contentMediaType', 'contentSchema'],
]); // prettier-ignore

/** What alternatives and other schemas are made of. */
export const APPLICATORS = new Set([
  ...['$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentRequired', 'dependentSchemas', 'dependencies'],
]); // prettier-ignore

/** The opposite of "pattern": ours, so no name that anybody would write. */
export const NOT_PATTERN = '\u0000notPattern';

/** Assertions, by the type of value that they speak of. */
export const ASSERTIONS = {
  any: ['type', 'enum', 'const', 'nullable'],
  string: ['minLength', 'maxLength', 'pattern', 'format', NOT_PATTERN],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  array: ['items', 'prefixItems', 'additionalItems', 'unevaluatedItems', 'minItems', 'maxItems', 'uniqueItems', 'contains', 'minContains', 'maxContains'],
  object: ['properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties', 'propertyNames', 'required', 'minProperties', 'maxProperties'],
} as const; // prettier-ignore

const HELD: ReadonlySet<string> = new Set(Object.values(ASSERTIONS).flat());

export const isTelling = (keyword: string): boolean => TELLING.has(keyword) || keyword.startsWith('x-');

export const isKnown = (keyword: string): boolean =>
  isTelling(keyword) || APPLICATORS.has(keyword) || HELD.has(keyword) || keyword === '$id';

export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';
export const TYPES: readonly JsonType[] = ['null', 'boolean', 'number', 'string', 'array', 'object'];

export const typeOf = (value: unknown): JsonType =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : (typeof value as JsonType);
