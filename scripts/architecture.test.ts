import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  appRoomName,
  circlesOf,
  drawHouse,
  floorsOf,
  readFiles,
  readHouse,
  RECURSIVE,
} from './architecture.mjs';

test.each([
  ['docs/architecture.svg', readHouse()],
  ['docs/architecture-app.svg', readHouse(appRoomName)],
])('%s shows every room that the code has, and no two import each other', (file, house) => {
  const floors = floorsOf(house);
  expect(Math.max(...floors.values())).toBeGreaterThan(3);
  const picture = readFileSync(file, 'utf8');
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

test('no files import each other, but for components that show a tree', () => {
  const files = readFiles();
  expect(files.size).toBeGreaterThan(300);
  const circles = circlesOf(files).sort();
  expect(circles).toEqual(RECURSIVE.map((group) => [...group].sort()).sort());
});

test('a circle of files is found, however long, and each only once', () => {
  const files = new Map([
    ['a', ['b', 'outside']],
    ['b', ['c', 'd']],
    ['c', ['a']],
    ['d', ['d2']],
    ['d2', []],
    ['e', ['f', 'a']],
    ['f', ['e']],
    ['alone', ['alone']],
  ]);
  expect(circlesOf(files).sort()).toEqual([['a', 'b', 'c'], ['alone'], ['e', 'f']]);
});
