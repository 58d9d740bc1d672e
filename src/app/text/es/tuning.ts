// Tuning the engine to this machine, in settings.

export const tuning = {
  title: 'El motor en este equipo',
  text: 'La primera vez que carga un modelo, Yupana prueba varias formas de calcular y se queda con la más rápida. El resultado se guarda en este navegador.',
  run: 'Probar de nuevo',
  running: 'Midiendo',
  notLoaded: 'Carga un modelo para medir.',
  onlyGpu: 'Esta prueba es para el motor propio de Yupana en la GPU.',
  tuned: (seconds: string) => `Ajustado en ${seconds}.`,
  default: (seconds: string) =>
    `Nada fue claramente más rápido que la forma habitual. La prueba duró ${seconds}.`,
  useless: 'En este equipo la GPU la imita el procesador: medir no dice nada, y se usa la forma habitual.',
  refused: 'Se descartó una forma más rápida porque no era lo bastante exacta con este modelo.',
  products: {
    qkv: 'Consulta, clave y valor',
    o: 'Salida de la atención',
    gateUp: 'Entrada de la red',
    down: 'Salida de la red',
    logits: 'Palabras posibles',
  } as Record<string, string>,
  product: 'Cálculo',
  variant: 'Forma',
  gain: 'Veces más rápido',
  failed: 'La prueba no terminó.',
};
