// Between gate and up, and down.

import { exp4 } from './lanes';

/** gate = gate / (1 + e^-gate) * up, for size f32 (a multiple of four). */
export function swiglu(gate: usize, up: usize, size: u32): void {
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < (<usize>size) << 2; i += 16) {
    const g = v128.load(gate + i);
    const silu = f32x4.div(g, f32x4.add(one, exp4(f32x4.neg(g))));
    v128.store(gate + i, f32x4.mul(silu, v128.load(up + i)));
  }
}
