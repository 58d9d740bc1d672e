// Where the download's worker may go: what is open, and what looks like it and is not.

import { expect, test, vi } from 'vitest';
import type { EngineError } from '../failures.ts';
import { canonical, Grants, within } from './grants.ts';
import { HOST } from './host.ts';

const reasonOf = (work: () => unknown): string => {
  try {
    work();
    return 'open';
  } catch (error) {
    return (error as EngineError).reason;
  }
};
const HUB = 'https://huggingface.co/acme/model/resolve/main/';
const grants = (): Grants => new Grants(['https://yupana.example/app/', HUB]);

test.each([
  ['https://yupana.example/app/models/m/', 'open'],
  [HUB, 'open'],
  ['https://huggingface.co/acme/model/resolve/0123/', 'open'],
  ['https://huggingface.co/api/models/acme/model/tree/main', 'open'],
  ['https://huggingface.co/acme/model-of-another/resolve/main/', 'address-unconfirmed'],
  ['https://huggingface.co/somebody/a-word-of-mine/resolve/main/', 'address-unconfirmed'],
  ['https://huggingface.co/acme/model/../../somebody/word/', 'address-unconfirmed'],
  ['https://huggingface.co.evil.example/acme/model/resolve/main/', 'address-unconfirmed'],
  ['https://huggingface.co@evil.example/acme/model/', 'address-invalid'],
  ['https://yupana.example:444/app/', 'address-unconfirmed'],
  ['http://yupana.example/app/', 'address-invalid'],
  ['https://yupana.example/app/?word', 'address-invalid'],
  ['https://yupana.example/app/#word', 'address-invalid'],
  [`https://yupana.example/app/${'a'.repeat(2000)}`, 'address-invalid'],
  ['javascript:alert(1)', 'address-invalid'],
  ['data:text/plain,word', 'address-invalid'],
  ['//evil.example/', 'address-invalid'],
  ['', 'address-invalid'],
])('%s is %s', (address, state) => {
  expect(reasonOf(() => grants().check(address))).toBe(state);
});

test('what a person confirmed is open, and a token goes only where something is', () => {
  const own = grants();
  expect(own.opens('https://escuela.example')).toBe(false);
  own.allow(['https://escuela.example/modelos/']);
  expect(own.opens('https://escuela.example')).toBe(true);
  expect(reasonOf(() => own.check('https://escuela.example/modelos/x/'))).toBe('open');
  expect(reasonOf(() => own.check('https://escuela.example/otra/'))).toBe('address-unconfirmed');
  expect(reasonOf(() => own.allow(['http://evil.example/']))).toBe('address-invalid');
});

test('every place of a source is asked for, not the first alone', () => {
  const evil = 'https://evil.example/word/';
  for (const part of [{ mirrors: [evil] }, { roots: [evil] }, { library: evil }, { base: evil }]) {
    expect(reasonOf(() => grants().checkSource({ id: 'm', base: HUB, ...part }))).toBe('address-unconfirmed');
  }
});

test('a list without end is refused', () => {
  const many = Array.from({ length: 1001 }, (_, i) => `https://h${i}.example/`);
  expect(reasonOf(() => grants().allow(many))).toBe('limit-exceeded');
});

test('work that was confirmed for one host asks no other, whatever a file of it says', async () => {
  const fetch = vi.fn(() => Promise.resolve(new Response()));
  const host = within({ ...HOST, fetch }, [HUB]);
  await host.fetch(`${HUB}config.json`, {});
  await expect(host.fetch('https://evil.example/config.json', {})).rejects.toMatchObject({
    reason: 'address-unconfirmed',
  });
  expect(fetch).toHaveBeenCalledTimes(1);
});

test('one spelling of an address', () => {
  expect(canonical('HTTPS://Huggingface.CO:443/a/./b/')).toBe('https://huggingface.co/a/b/');
  expect(canonical('http://localhost:8000/m/')).toBe('http://localhost:8000/m/');
});
