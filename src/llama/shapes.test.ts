import { describe, expect, test } from 'vitest';
import { SHAPES } from './shapes.ts';
import { llamaTensors } from './tensors.ts';

// As the publishers state them, on the model cards or in the safetensors' metadata.
const PARAMETERS = {
  'llama-3.2-1b': 1_235_814_400,
  'llama-3.2-3b': 3_212_749_824,
  'llama-3.1-8b': 8_030_261_248,
  'llama-3.1-70b': 70_553_706_496,
  'tinyllama-1.1b': 1_100_048_384,
  'tucano-2b4': 2_444_618_240,
  'salamandra-2b': 2_253_490_176,
};

describe('shapes', () => {
  test.each(Object.entries(PARAMETERS))('%s has %i parameters', (name, parameters) => {
    const tensors = llamaTensors(SHAPES[name as keyof typeof SHAPES]);
    expect(tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(parameters);
  });

  test('each is in the table of counts', () => {
    expect(Object.keys(PARAMETERS).sort()).toEqual(Object.keys(SHAPES).sort());
  });
});
