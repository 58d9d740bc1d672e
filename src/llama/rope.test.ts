import { expect, it } from 'vitest';
import { ropeFrequencies } from './rope.ts';

it('are powers of the base without scaling', () => {
  const frequencies = ropeFrequencies({ headDim: 8, ropeTheta: 10000, ropeScaling: null });
  expect(Array.from(frequencies)).toEqual(
    [1, 0.1, 0.01, 0.001].map((value) => expect.closeTo(value, 12) as number),
  );
});

it('keep short wavelengths, stretch long ones and blend between, by llama3 scaling', () => {
  const ropeScaling = {
    ropeType: 'llama3',
    factor: 32,
    lowFreqFactor: 1,
    highFreqFactor: 4,
    originalMaxPositionEmbeddings: 8192,
  } as const;
  const plain = ropeFrequencies({ headDim: 64, ropeTheta: 500000, ropeScaling: null });
  const scaled = ropeFrequencies({ headDim: 64, ropeTheta: 500000, ropeScaling });
  for (const [d, frequency] of plain.entries()) {
    const wavelength = (2 * Math.PI) / frequency;
    // The piecewise form of transformers' _compute_llama3_parameters.
    let expected = frequency;
    if (wavelength > 8192 / 1) expected = frequency / 32;
    else if (wavelength > 8192 / 4) {
      const smooth = (8192 / wavelength - 1) / (4 - 1);
      expected = ((1 - smooth) * frequency) / 32 + smooth * frequency;
    }
    expect(scaled[d]! / expected, `pair ${d}`).toBeCloseTo(1, 12);
  }
  // All three kinds occur.
  expect(scaled[0]).toBe(plain[0]);
  expect(scaled[31]! / plain[31]!).toBeCloseTo(1 / 32, 12);
  expect(new Set(Array.from(scaled, (value, d) => (value / plain[d]!).toFixed(6))).size).toBeGreaterThan(2);
});
