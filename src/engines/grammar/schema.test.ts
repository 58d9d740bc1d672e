import { expect, test } from 'vitest';
import { preparedSchema } from './schema.ts';

const refused = (schema: unknown): unknown => {
  try {
    return preparedSchema(schema);
  } catch (error) {
    const { reason, details } = error as { reason: string; details: { keyword?: string } };
    return `${reason} ${details.keyword ?? ''}`.trim();
  }
};

test('bounded strings become a pattern without characters that need an escape', () => {
  expect(preparedSchema({ type: 'string', minLength: 1, maxLength: 5 })).toEqual({
    type: 'string',
    pattern: '^[^"\\\\\\x00-\\x1f]{1,5}$',
  });
  expect(preparedSchema({ type: 'string' })).toEqual({ type: 'string' });
});

test('numbers get an end where they have none', () => {
  expect(preparedSchema({ type: 'integer' })).toEqual({
    type: 'integer',
    minimum: -Number.MAX_SAFE_INTEGER,
    maximum: Number.MAX_SAFE_INTEGER,
  });
  expect(preparedSchema({ type: 'number', exclusiveMinimum: 0 })).toEqual({
    type: 'number',
    exclusiveMinimum: 0,
    maximum: 1e15,
  });
  expect(preparedSchema({ type: ['integer', 'null'] })).toMatchObject({
    anyOf: [{ type: 'integer' }, { type: 'null' }],
  });
});

test('what only tells is left out, deep inside too', () => {
  const schema = {
    title: 'a',
    type: 'object',
    properties: { title: { type: 'boolean', description: 'b' } },
    required: ['title'],
  };
  expect(preparedSchema(schema)).toEqual({
    type: 'object',
    properties: { title: { type: 'boolean' } },
    required: ['title'],
  });
});

test('what cannot be held to is refused by name', () => {
  expect(refused({ type: 'array', uniqueItems: true })).toBe('schema-unsupported uniqueItems');
  expect(refused({ properties: { a: { type: 'integer', multipleOf: 3 } } })).toBe(
    'schema-unsupported multipleOf',
  );
  expect(refused({ oneOf: [{ type: 'null' }] })).toBe('schema-unsupported oneOf');
  expect(refused({ type: 'string', pattern: 'a', maxLength: 3 })).toBe('schema-unsupported maxLength');
  expect(refused({ type: 'string', maxLength: 1e6 })).toBe('schema-unsupported maxLength');
  expect(refused({ type: 'string', minLength: 3, maxLength: 2 })).toBe('schema-unsupported maxLength');
  expect(refused({ maxLength: 2 })).toBe('schema-unsupported type');
  expect(refused(7)).toBe('schema-unsupported schema');
  let deep: object = { type: 'null' };
  for (let i = 0; i < 100; i++) deep = { type: 'array', items: deep };
  expect(refused(deep)).toBe('limit-exceeded');
});
