// What this computer is: without a GPU, what it has, how fast it is.

export const machine = {
  slower: 'Funciona sin tarjeta gráfica, más lento',
  processor: 'Yupana puede calcular con el procesador de esta computadora.',
  expected: (one: string, three: string) =>
    `Medido recién: un modelo de mil millones de parámetros escribiría aquí unas ${one} palabras por segundo, y uno de tres mil millones, unas ${three}. Los que ocupan más de 4 GB no caben.`,
  waysToGpu: 'Cómo usar la tarjeta gráfica',
  chipWithout: 'sin tarjeta gráfica',
  engines: {
    wgsl: 'Yupana, en la tarjeta gráfica (WebGPU)',
    cpu: 'Yupana, en el procesador, sin tarjeta gráfica (WebAssembly)',
    'web-llm': 'WebLLM, en la tarjeta gráfica (WebGPU)',
  },
  cpu: 'Procesador',
};
