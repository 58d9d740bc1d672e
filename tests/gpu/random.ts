// Seeded random inputs; each test prints its seed, YUPANA_SEED=<n> repeats it.

export interface Random {
  seed: number;
  /** Uniform in [0, 1). */
  next(): number;
  /** Integer in [from, to]. */
  integer(from: number, to: number): number;
  /** Normal with mean 0. */
  normals(count: number, deviation?: number): Float32Array<ArrayBuffer>;
  words(count: number): Uint32Array<ArrayBuffer>;
}

/** A generator with a fresh seed, printed under `name`. */
export function freshRandom(name: string): Random {
  const seed = Number(process.env['YUPANA_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${name}: YUPANA_SEED=${seed}`);
  return seededRandom(seed);
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  // Mulberry32.
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  const next = () => word() / 2 ** 32;
  return {
    seed,
    next,
    integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
    normals: (count, deviation = 1) =>
      Float32Array.from(
        { length: count },
        () => deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
      ),
    words: (count) => Uint32Array.from({ length: count }, word),
  };
}
