import { describe, expect, it } from 'vitest';
import { specialize } from './specialize.ts';

describe('specialize', () => {
  it('gives each override its value, or its default, and moves no line', () => {
    const code =
      'override A: u32;\noverride B: bool = false;  // why\noverride C: f32 = 1e-5;\noverride D: u32 = A + 1u;\n';
    expect(specialize(code, { A: 4, B: 1 })).toBe(
      'const A: u32 = 4u;\nconst B: bool = true;  // why\nconst C: f32 = 1e-5;\nconst D: u32 = A + 1u;\n',
    );
    expect(specialize(code, { A: 4, C: 2048, D: 9 })).toContain('C: f32 = f32(2048);\nconst D: u32 = 9u;');
  });

  it('refuses what WebGPU refuses: no value, an unknown name, a value of another kind', () => {
    expect(() => specialize('override A: u32;', {})).toThrow('A has no value');
    expect(() => specialize('override A: u32;', { A: 1, B: 2 })).toThrow('No such constant in the kernel: B');
    expect(() => specialize('override A: u32;', { A: 1.5 })).toThrow('not a u32');
  });
});
