// The board of the mark, as Guaman Poma drew it around 1615: five rows of four cells that hold 5, 3, 2 and 1 seeds.
// One geometry for the mark, the icons (scripts/icons.mjs) and the progress of a download.

export const ROWS = 5;
/** Seeds a cell holds, by column. */
export const COLUMNS = [5, 3, 2, 1] as const;
/** Side of a cell, in units of the drawing. */
export const CELL = 24;
export const WIDTH = COLUMNS.length * CELL;
export const HEIGHT = ROWS * CELL;
export const SEED_RADIUS = 3;

/** Where seeds lie in a cell. Staggered as drawn by hand, so that no cell reads as the face of a die. */
const PLACES: Record<(typeof COLUMNS)[number], readonly (readonly [number, number])[]> = {
  5: [
    [7.6, 5],
    [7.9, 12.2],
    [7.5, 19.2],
    [16.2, 8.4],
    [16.5, 15.9],
  ],
  3: [
    [8.4, 7],
    [8.2, 17],
    [15.9, 12.1],
  ],
  2: [
    [12.2, 7.4],
    [11.8, 16.6],
  ],
  1: [[12, 12]],
};

export interface Seed {
  x: number;
  y: number;
}

/** All 55 seeds in the order they are laid: from the bottom row up, and from the cell of one to the cell of five. */
export const SEEDS: readonly Seed[] = Array.from(
  { length: ROWS },
  (_, fromBottom) => ROWS - 1 - fromBottom,
).flatMap((row) =>
  COLUMNS.map((count, column) => ({ count, column }))
    .reverse()
    .flatMap(({ count, column }) =>
      PLACES[count].map(([x, y]) => ({ x: column * CELL + x, y: row * CELL + y })),
    ),
);

/** Ruled lines as one path; each runs a little past the board, as a pen does. */
export const RULES: string = [
  ...Array.from({ length: ROWS + 1 }, (_, i) => {
    const over = [2.2, 1.2, 1.9][i % 3] ?? 1.5;
    return `M${-over} ${i * CELL}H${WIDTH + 3.2 - over}`;
  }),
  ...Array.from({ length: COLUMNS.length + 1 }, (_, i) => {
    const over = [1.4, 2.3, 1.1][i % 3] ?? 1.5;
    return `M${i * CELL} ${-over}V${HEIGHT + 3.2 - over}`;
  }),
].join('');

/**
 * How many seeds lie on the board when `fraction` (0..1) is done. The last one is laid only when all is done, and the
 * first only once something is: 99.9 % must not look finished.
 */
export function seedsFor(fraction: number): number {
  if (!(fraction > 0)) return 0;
  if (fraction >= 1) return SEEDS.length;
  return Math.min(SEEDS.length - 1, Math.max(1, Math.floor(fraction * SEEDS.length)));
}
