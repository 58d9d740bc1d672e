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

  link: 'Qué tiene este equipo y qué tan rápido es',
  has: 'Qué tiene',
  unnamed: 'Sin nombre',
  noCard: 'Ninguna que el navegador pueda usar',
  optional: 'Funciones opcionales',
  features: { 'shader-f16': 'cálculo en 16 bits', subgroups: 'subgrupos' },
  noFeatures: 'Ninguna; no hacen falta',
  limits: 'Límites',
  limitsText: (buffer: string, binding: string) => `memorias de hasta ${buffer}, y ${binding} por enlace`,
  cores: (n: string) => `${n} núcleos`,
  memory: 'Memoria',
  memoryUnknown: 'Este navegador no lo dice.',
  memoryMore: (n: string) => `${n} GB o más`,
  memoryAbout: (n: string) => `unos ${n} GB`,
  disk: 'Espacio en este navegador',
  diskText: (used: string, free: string) => `${used} en uso; quizá quepan ${free} más`,

  bench: 'Medir este equipo',
  benchText:
    'Lee y escribe texto al azar con el modelo elegido, varias veces, y mide cuánto tarda. Nada sale de esta computadora. Mientras tanto no se puede conversar, y conviene no usar otros programas; al salir de esta página, se detiene.',
  needsModel: 'Para medir hace falta un modelo descargado.',
  long: 'También con 2.048 tokens de contexto: tarda más',
  measure: (name: string) => `Medir con ${name}`,
  measureAgain: 'Medir otra vez',
  answering: 'Espera a que termine la respuesta que se está escribiendo.',
  started: 'Empezó la medición',
  finished: 'La medición terminó',
  stop: 'Detener la medición',
  save: 'Guardar como JSON',
  steps: {
    loading: 'Cargando el modelo',
    bandwidth: 'Midiendo la memoria',
    'warm-up': 'Preparando',
    counting: 'Contando',
    yardstick: 'Comparando',
    repetition: 'Midiendo',
    processor: 'Midiendo el procesador',
    kernels: 'Midiendo cada parte',
  },
  headline: (name: string, writes: string, reads: string) =>
    `${name} escribe aquí unas ${writes} palabras por segundo y lee unas ${reads}.`,
  table: 'Resultados por largo del texto',
  columns: {
    context: 'Tokens leídos',
    reads: 'Lee, tokens/s',
    first: 'Primera palabra',
    writes: 'Escribe, tokens/s',
    share: 'De la memoria',
  },
  loaded: (s: string) => `El modelo tardó ${s} s en cargar.`,
  gpuBytes: (used: string, budget: string) =>
    `Memoria de gráficos: ${used}, de ${budget} previstos para este modelo.`,
  heap: (b: string) => `Memoria de JavaScript con el modelo cargado: ${b}.`,
  heapUnknown: 'El navegador no dijo cuánta memoria usa JavaScript.',
  bandwidth: (b: string) =>
    `La memoria de gráficos copia ${b} por segundo; la última columna dice qué parte de eso alcanza al escribir.`,
  median: (n: string) =>
    `Medianas; repeticiones de cada fila: ${n} o más. Entre paréntesis, la menor y la mayor.`,
};
