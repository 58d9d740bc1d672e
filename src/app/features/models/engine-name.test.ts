import { expect, test } from 'vitest';
import { engineFacts } from './engine-name.ts';
import { es } from '../../text/es/dictionary.ts';

test('names the engine, what it runs on and what it uses of it', () => {
  const names = es.machine.engines;
  const bare = { vendor: 'intel', architecture: 'gen-9', description: '', features: [] };
  expect(engineFacts({ engine: 'wgsl', adapter: { ...bare, features: ['shader-f16'] } }, names)).toBe(
    'Yupana, en la tarjeta gráfica (WebGPU): intel gen-9, shader-f16',
  );
  const simd = { ...bare, description: 'WebAssembly SIMD, 2 threads' };
  expect(engineFacts({ engine: 'cpu', adapter: simd }, names)).toContain(
    '(WebAssembly): WebAssembly SIMD, 2',
  );
  const nothing = { ...bare, vendor: '', architecture: '' };
  expect(engineFacts({ engine: 'web-llm', adapter: nothing }, names)).toBe(names['web-llm']);
});
