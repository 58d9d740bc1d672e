// How answers are asked for: personas, language, what to do when the context is full, voice.

import type { Formats } from '../format.ts';

/** Instructions that come with the app; a copy of one can be changed. */
export interface StarterPersona {
  name: string;
  text: string;
}

export const controls = {
  language: 'Idioma de las respuestas',
  languageAuto: 'Auto',
  languageFree: 'El que elija el modelo',
  /** Said in the language itself, whatever the interface speaks. */
  persona: 'Instrucciones de esta conversación',
  personaNone: 'Sin instrucciones',
  personaDefault: 'Las de Ajustes',
  personaOwn: 'Otras',
  personaManage: 'Editar las guardadas…',
  personas: 'Instrucciones guardadas',
  personasText:
    'Un nombre y un texto que el modelo lee antes de la conversación. Se eligen bajo el campo del mensaje.',
  personasEmpty: 'Todavía no guardaste ninguna. Puedes partir de una de estas:',
  personasMore: 'Agregar una de muestra',
  personaNew: 'Nueva',
  personaName: 'Nombre',
  personaText: 'Instrucciones',
  personaEdit: (name: string) => `Editar “${name}”`,
  personaRemove: (name: string) => `Eliminar “${name}”`,
  personaRemoved: (name: string) => `Se eliminó “${name}”.`,
  personaFull: (limit: string) => `Caben ${limit} como mucho: elimina alguna antes.`,
  personasExport: 'Guardar en un archivo',
  personasImport: 'Traer de un archivo',
  personasImported: (n: number, f: Formats) =>
    n === 0 ? 'No había ninguna nueva.' : f.plural(n, { one: 'Se agregó #.', other: 'Se agregaron #.' }),
  starters: [
    {
      name: 'Docente de primaria',
      text: 'Ayudas a una maestra o un maestro de primaria en América Latina. Explica con palabras sencillas y ejemplos de la vida diaria. Cuando propongas una actividad, indica edad, materiales fáciles de conseguir, minutos y cómo saber si se aprendió. Si no estás seguro de un dato, dilo.',
    },
    {
      name: 'Corrección de textos',
      text: 'Corriges textos en español. Primero entrega el texto corregido, sin cambiar lo que quiere decir. Después explica en una lista breve cada cambio de ortografía, puntuación o concordancia.',
    },
    {
      name: 'En lenguaje claro',
      text: 'Reescribes textos difíciles, como trámites, leyes o informes, en lenguaje claro: frases cortas, palabras comunes, primero lo que la persona tiene que hacer. No agregues nada que el texto no diga.',
    },
    {
      name: 'Preguntas para pensar',
      text: 'No das la respuesta enseguida. Haz una pregunta corta a la vez que ayude a la persona a encontrarla sola, y confirma o corrige lo que conteste.',
    },
    {
      name: 'Traducción entre español y portugués',
      text: 'Traduces entre el español y el portugués de Brasil. Si el texto está en español, tradúcelo al portugués; si está en portugués, al español. Entrega solo la traducción y conserva el tono.',
    },
  ] as readonly StarterPersona[],
  continueAnswer: 'Seguir',
  continueHint: 'Seguir la respuesta desde donde se cortó',
  speak: 'Leer en voz alta',
  speakStop: 'Dejar de leer',
  speakFailed: 'La voz de este equipo no pudo leer la respuesta.',
  dictate: 'Dictar',
  dictateStop: 'Dejar de dictar',
  dictateFailed: 'No se pudo escuchar el micrófono. Revisa el permiso del navegador.',
  voice: 'Voz',
  voiceText:
    'Yupana lee y escucha solo con lo que este equipo hace por sí mismo, nunca con una voz de internet.',
  speaksHere: 'Leer en voz alta: hay una voz en este equipo.',
  speaksNot:
    'Leer en voz alta: no hay una voz instalada en este equipo para tu idioma, así que no se ofrece.',
  hearsHere: 'Dictado: este navegador lo hace en este equipo.',
  hearsNot: 'Dictado: este navegador no lo hace en este equipo, así que no se ofrece.',
  meterDraft: (used: string, total: string) => `${used} de ${total} tokens con lo que escribes`,
  full: 'La conversación ya no cabe entera en el contexto.',
  fullTrim: (n: number, f: Formats) =>
    f.plural(n, {
      one: 'Al enviar, el modelo dejará de leer el mensaje más antiguo.',
      other: 'Al enviar, el modelo dejará de leer los # mensajes más antiguos.',
    }),
  fullSummarise: (n: number, f: Formats) =>
    f.plural(n, {
      one: 'Al enviar, el modelo resumirá el mensaje más antiguo y seguirá con el resumen.',
      other: 'Al enviar, el modelo resumirá los # mensajes más antiguos y seguirá con el resumen.',
    }),
  fullStop: 'Con esta opción no se envía nada que no quepa: empieza otra conversación o acorta el mensaje.',
  over: (n: number, f: Formats) =>
    f.plural(n, {
      one: 'El mensaje no cabe: sobra # palabra, más o menos.',
      other: 'El mensaje no cabe: sobran unas # palabras.',
    }),
  overText: 'Acórtalo, o adjúntalo como documento y pregunta por él: se leen las partes que respondan.',
  overInstructions:
    'Las instrucciones de esta conversación ya ocupan todo lo que el modelo puede leer: elige otras más cortas.',
  attachText: 'Adjuntarlo como documento',
  keepText: 'Dejarlo en el mensaje',
  pasted: (n: number, f: Formats) =>
    f.plural(n, { one: 'Pegaste un texto de # palabra.', other: 'Pegaste un texto de unas # palabras.' }) +
    ' Como documento se aprovecha mejor.',
  fullShow: 'Ver desde dónde lee',
  whenFull: 'Cuando no cabe todo',
  whenFullChoices: { trim: 'Dejar lo más antiguo', summarise: 'Resumirlo', stop: 'No enviar' },
  cut: 'Desde aquí lee el modelo. Lo de arriba ya no cabía.',
  cutNext: 'Al enviar, el modelo leerá desde aquí.',
  cutSummary: 'Lo de arriba lo lee resumido:',
  summarising: 'Resumiendo lo anterior',
  summaryPrompt:
    'Resume la siguiente conversación en un párrafo breve. Conserva nombres, números, decisiones y lo que quedó pendiente. Entrega solo el resumen.',
  summaryHead: 'Resumen de lo conversado antes:',
  titlePrompt:
    'Propón un título de dos a seis palabras para esta conversación. Entrega solo el título, sin comillas.',
};
