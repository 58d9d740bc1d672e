import type { Dictionary } from './es.ts';

export const machine: Dictionary['machine'] = {
  slower: 'Funciona sem placa de vídeo, mais devagar',
  processor: 'O Yupana pode calcular com o processador deste computador.',
  expected: (one, three) =>
    `Medido agora: um modelo de um bilhão de parâmetros escreveria aqui umas ${one} palavras por segundo, e um de três bilhões, umas ${three}. Os que ocupam mais de 4 GB não cabem.`,
  waysToGpu: 'Como usar a placa de vídeo',
  chipWithout: 'sem placa de vídeo',
  engines: {
    wgsl: 'Yupana, na placa de vídeo (WebGPU)',
    cpu: 'Yupana, no processador, sem placa de vídeo (WebAssembly)',
    'web-llm': 'WebLLM, na placa de vídeo (WebGPU)',
  },
  cpu: 'Processador',
};
