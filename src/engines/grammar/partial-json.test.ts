import { expect, test } from 'vitest';
import { partialJson } from './partial-json.ts';

test('every beginning of a text gives what is known so far', () => {
  const text = '{"a": "x\\n\\u00e9\\"", "b": [1, -2.5, true, {"c": null}], "d": {}, "e": 12}';
  let last: unknown;
  for (let end = 1; end <= text.length; end++) {
    const now = partialJson(text.slice(0, end));
    expect(now, text.slice(0, end)).toBeDefined();
    last = now;
  }
  expect(last).toEqual(JSON.parse(text));
  expect(partialJson('{"a": "x\\u00')).toEqual({ a: 'x' });
  expect(partialJson('{"a": "x\\\\')).toEqual({ a: 'x\\' });
  expect(partialJson('{"a": 1, "b')).toEqual({ a: 1 });
  expect(partialJson('{"a": 1')).toEqual({});
  expect(partialJson('[tru')).toEqual([]);
  expect(partialJson('[["a", "b')).toEqual([['a', 'b']]);
  expect(partialJson('')).toBeUndefined();
});
