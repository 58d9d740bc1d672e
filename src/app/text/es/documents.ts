// Files attached to a message, and what of them an answer used.

export const documents = {
  attach: 'Adjuntar archivos',
  attachHint: 'Se leen en esta computadora y no salen de ella: .txt, .md, .csv, .pdf, .docx',
  drop: 'Suelta aquí los archivos para leerlos en esta computadora',
  pastedName: 'texto-pegado.txt',
  textAttached: 'El texto quedó adjunto. Escribe qué quieres saber de él.',
  list: 'Archivos adjuntos',
  waiting: 'en espera',
  readingNow: 'leyendo',
  reading: (percent: string) => `leyendo, ${percent}`,
  ready: (size: string, characters: string) => `${size}, ${characters} caracteres`,
  notKept: 'Es demasiado largo para guardarlo con el mensaje: sirve hasta que cierres esta página.',
  remove: (name: string) => `Quitar ${name}`,
  stop: (name: string) => `Dejar de leer ${name}`,
  tooMany: (limit: string) => `Un mensaje lleva hasta ${limit} archivos. Los demás no se agregaron.`,
  read: (name: string) => `${name}: leído.`,
  sources: 'De los archivos adjuntos',
  whole: 'La respuesta tuvo a la vista todo el texto adjunto.',
  ranked: (percent: string) =>
    `No cabía todo el texto: se usaron los pasajes que mejor responden a la pregunta (${percent}).`,
  spread: (percent: string) =>
    `No cabía todo el texto y ninguna palabra de la pregunta está en él: se usaron pasajes repartidos de principio a fin (${percent}).`,
  none: 'No quedaba lugar en el contexto del modelo para el texto adjunto: la respuesta no lo usa.',
};
