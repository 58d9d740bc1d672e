// `node scripts/architecture.mjs`: draws docs/architecture.svg and docs/architecture-app.svg, the rooms of src/ and of the app and
// who imports whom, from the imports themselves.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './install.mjs';
import { roomOf } from './rooms.mjs';

const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^'?]+)(\?[^']*)?'/g;

const STATIC_IMPORT = /(?:\bfrom|^import)\s*'(\.[^'?]+)(\?[^']*)?'/gm;

/** @param {string} folder @returns {string[]} source files below, from the root */
function sources(folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(name);
    return /\.(ts|svelte)$/.test(name) && !/\.(test|d)\.ts$/.test(name) ? [name] : [];
  });
}

/** The room that a person would name: a root of a thread counts as its folder. @param {string} file */
function nameInSrc(file) {
  const room = roomOf(file);
  return room === null || room === 'root' || room === 'scripts' || room === 'models'
    ? null
    : (room.split('/')[0] ?? room);
}

/** Likewise within the app: nothing of what lies outside. @param {string} file */
export function appRoomName(file) {
  const room = roomOf(file);
  if (room === 'app') return 'main';
  return room?.startsWith('app/') ? (room.split('/').at(-1) ?? room) : null;
}

/**
 * @param {(file: string) => string | null} roomName
 * @returns {{ rooms: Map<string, number>, arrows: Map<string, Set<string>> }} lines of each room, and what it imports
 */
export function readHouse(roomName = nameInSrc) {
  /** @type {Map<string, number>} */
  const rooms = new Map();
  /** @type {Map<string, Set<string>>} */
  const arrows = new Map();
  for (const file of sources('src')) {
    const from = roomName(file);
    if (from === null) continue;
    const text = readFileSync(path.join(root, file), 'utf8');
    rooms.set(from, (rooms.get(from) ?? 0) + text.split('\n').length);
    for (const [, target = '', query = ''] of text.matchAll(IMPORT)) {
      // A worker's address is no import of its code.
      if (query.includes('worker') || target.endsWith('.css')) continue;
      const to = roomName(path.posix.join(path.posix.dirname(file), target));
      if (to === null || to === from) continue;
      const known = arrows.get(from) ?? new Set();
      arrows.set(from, known.add(to));
    }
  }
  return { rooms, arrows };
}

/** A room stands one floor above the highest that it imports. @param {ReturnType<typeof readHouse>} house */
export function floorsOf({ rooms, arrows }) {
  /** @type {Map<string, number>} */
  const floors = new Map();
  /** @param {string} room @param {readonly string[]} way @returns {number} */
  const floor = (room, way) => {
    if (way.includes(room)) throw new Error(`rooms import each other: ${[...way, room].join(' -> ')}`);
    const known = floors.get(room);
    if (known !== undefined) return known;
    const below = [...(arrows.get(room) ?? [])].map((to) => floor(to, [...way, room]));
    const found = below.length === 0 ? 0 : Math.max(...below) + 1;
    floors.set(room, found);
    return found;
  };
  for (const room of rooms.keys()) floor(room, []);
  return floors;
}

/** Components that show a tree, and so show each other; nothing else may import in a circle. */
export const RECURSIVE = [
  ['src/app/markdown/Inlines.svelte', 'src/app/markdown/Reference.svelte'],
  ['src/app/markdown/Block.svelte', 'src/app/markdown/Blocks.svelte', 'src/app/markdown/ListBlock.svelte'],
];

/** What each file of src imports when it is loaded, types too; not what it fetches later with `import()`. */
export function readFiles() {
  /** @type {Map<string, string[]>} */
  const files = new Map();
  for (const file of sources('src')) {
    const text = readFileSync(path.join(root, file), 'utf8');
    const found = [...text.matchAll(STATIC_IMPORT)].filter(([, , query = '']) => !query.includes('worker'));
    const targets = found.map(([, target = '']) => path.posix.join(path.posix.dirname(file), target));
    files.set(file, [...new Set(targets)]);
  }
  return files;
}

/**
 * Groups of files that import each other, directly or not (strongly connected components, Tarjan 1972).
 * @param {ReadonlyMap<string, readonly string[]>} files file -> what it imports
 * @returns {string[][]} each group sorted; none where every import points down
 */
export function circlesOf(files) {
  /** @type {Map<string, number>} */
  const index = new Map();
  /** @type {Map<string, number>} */
  const low = new Map();
  /** @type {string[]} */
  const stack = [];
  /** @type {string[][]} */
  const circles = [];
  /** @param {string} file */
  const visit = (file) => {
    index.set(file, index.size);
    let least = index.get(file) ?? 0;
    stack.push(file);
    for (const target of files.get(file) ?? []) {
      if (!files.has(target)) continue;
      if (!index.has(target)) {
        visit(target);
        least = Math.min(least, low.get(target) ?? least);
      } else if (stack.includes(target)) least = Math.min(least, index.get(target) ?? least);
    }
    low.set(file, least);
    if (least !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1 || files.get(file)?.includes(file)) circles.push(group.sort());
  };
  for (const file of files.keys()) if (!index.has(file)) visit(file);
  return circles;
}

const WIDTH = 980;
const BOX = { width: 128, height: 46 };
const STEP = 96;

/** @param {ReturnType<typeof readHouse>} house */
export function drawHouse(house, of = 'src') {
  const floors = floorsOf(house);
  const top = Math.max(...floors.values());
  /** @type {Map<string, { x: number, y: number }>} */
  const at = new Map();
  for (let floor = 0; floor <= top; floor++) {
    const here = [...house.rooms.keys()].filter((room) => floors.get(room) === floor).sort();
    here.forEach((room, i) => {
      const gap = WIDTH / here.length;
      at.set(room, { x: gap * (i + 0.5) - BOX.width / 2, y: 20 + (top - floor) * STEP });
    });
  }
  const lines = [...house.arrows].flatMap(([from, targets]) =>
    [...targets].sort().map((to) => {
      const [a, b] = [at.get(from), at.get(to)];
      if (!a || !b) return '';
      const [x1, y1, x2, y2] = [a.x + BOX.width / 2, a.y + BOX.height, b.x + BOX.width / 2, b.y];
      return `<path d="M${x1.toFixed(0)} ${y1}C${x1.toFixed(0)} ${y1 + 40} ${x2.toFixed(0)} ${y2 - 40} ${x2.toFixed(0)} ${y2}"/>`;
    }),
  );
  const boxes = [...at].map(
    ([room, { x, y }]) =>
      `<g transform="translate(${x.toFixed(0)} ${y})"><rect width="${BOX.width}" height="${BOX.height}" rx="6"/><text x="64" y="20">${room}</text><text class="n" x="64" y="36">${((house.rooms.get(room) ?? 0) / 1000).toFixed(1)}k</text></g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${40 + (top + 1) * STEP - STEP + BOX.height}" role="img" aria-label="The rooms of ${of} and who imports whom: arrows point down">
<style>rect{fill:#f5f1e9;stroke:#9b2335}text{font:600 14px system-ui,sans-serif;text-anchor:middle;fill:#2b2520}.n{font-weight:400;font-size:11px;fill:#6b6259}path{fill:none;stroke:#d99a1c;stroke-opacity:.7}</style>
${lines.join('\n')}
${boxes.join('\n')}
</svg>
`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(path.join(root, 'docs/architecture.svg'), drawHouse(readHouse()));
  writeFileSync(path.join(root, 'docs/architecture-app.svg'), drawHouse(readHouse(appRoomName), 'src/app'));
}
