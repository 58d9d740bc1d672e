import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { drawHouse, floorsOf, readHouse } from './architecture.mjs';

const house = readHouse();

test('every room that the code has is in the picture, and no two import each other', () => {
  const floors = floorsOf(house);
  expect(Math.max(...floors.values())).toBeGreaterThan(3);
  const picture = readFileSync('docs/architecture.svg', 'utf8');
  for (const room of house.rooms.keys()) expect(picture, room).toContain(`>${room}<`);
  // Lines are drawn anew with each change of the imports: node scripts/architecture.mjs
  const paths = (svg: string) => (svg.match(/<path /g) ?? []).length;
  expect(paths(picture)).toBe(paths(drawHouse(house)));
});

test('a circle is refused with its way', () => {
  const rooms = new Map([
    ['a', 1],
    ['b', 1],
  ]);
  const arrows = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['a'])],
  ]);
  expect(() => floorsOf({ rooms, arrows })).toThrow('a -> b -> a');
});
