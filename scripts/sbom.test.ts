import { expect, it } from 'vitest';
import { bomOf, notPermissive, tidy } from './sbom.mjs';

it('what runs in the app may be passed on, and each part is named with its version', () => {
  const { components, ...bom } = bomOf();
  expect(notPermissive(components)).toEqual([]);
  expect(components.map(({ name }) => name)).toContain('marked');
  expect(components.every(({ version }) => /^\d+\.\d+\.\d+/.test(version))).toBe(true);
  expect(JSON.stringify(bom)).not.toMatch(/timestamp|serialNumber/);
}, 30_000);

it.each([
  [[{ license: { id: 'MIT' } }], true],
  [[{ expression: '(MIT OR GPL-3.0-only)' }], true],
  [[{ expression: 'MIT AND GPL-3.0-only' }], false],
  [[{ license: { id: 'GPL-3.0-only' } }], false],
  [[{ license: { name: 'see the file' } }], false],
  [[], false],
])('%j may be passed on: %s', (licenses, may) => {
  expect(notPermissive([{ name: 'x', version: '1.0.0', licenses }]).length).toBe(may ? 0 : 1);
});

it('the same tree gives the same text, wherever it lies', () => {
  const bom = (timestamp: string, name: string) => ({
    serialNumber: `urn:uuid:${timestamp}`,
    metadata: { timestamp, component: { name } },
    components: [],
  });
  expect(tidy(bom('1', 'a'), 'yupana')).toEqual(tidy(bom('2', 'b'), 'yupana'));
});
