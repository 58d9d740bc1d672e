// The settings.

import type { Formats } from '../format.ts';

export const settings = {
  look: 'Apariencia',
  language: 'Idioma',
  languageAuto: 'El del navegador',
  theme: 'Tema',
  themes: { auto: 'El del sistema', light: 'Claro', dark: 'Oscuro' },
  size: 'Tamaño del texto',
  sizes: { small: 'Pequeño', normal: 'Normal', large: 'Grande' },
  answers: 'Respuestas',
  system: 'Instrucciones para el modelo',
  systemHint: 'Se agregan al comienzo de cada conversación. Vacío: ninguna.',
  systemPlaceholder: 'Eres un asistente para docentes de América Latina.',
  sampling: 'Cómo elige cada palabra',
  samplingHint: 'Cambia sin volver a cargar el modelo, desde la próxima respuesta.',
  presets: {
    exact: 'Exacta',
    balanced: 'Equilibrada',
    varied: 'Variada',
    own: 'Propia',
  },
  presetHints: {
    exact: 'Siempre la palabra más probable: la misma pregunta da la misma respuesta.',
    balanced: 'Un poco de azar entre las palabras probables.',
    varied: 'Más azar: respuestas más distintas, con más errores.',
    own: 'Los valores de abajo.',
  },
  fine: 'Ajustar cada valor',
  fields: {
    temperature: { name: 'Temperatura', hint: 'Cuánto azar: 0 es ninguno.' },
    topK: { name: 'Top-k', hint: 'Elige solo entre las k palabras más probables; 0 no limita.' },
    topP: {
      name: 'Top-p',
      hint: 'Elige entre las más probables hasta sumar esta probabilidad; 1 no limita.',
    },
    minP: { name: 'Min-p', hint: 'Descarta las mucho menos probables que la primera; 0 no descarta.' },
    repetitionPenalty: {
      name: 'Freno a la repetición',
      hint: '1 no frena; valores mayores evitan repetir.',
    },
    maxTokens: { name: 'Largo máximo', hint: 'Tokens por respuesta, como mucho.' },
  },
  contextLength: 'Tamaño del contexto',
  contextAuto: 'El del modelo',
  modelTitles: 'Que el modelo proponga el título de cada conversación, mientras nadie le pregunta nada',
  contextHint:
    'Cuánto de la conversación recuerda. Menos ocupa menos memoria. Al cambiarlo, el modelo se vuelve a cargar.',
  cacheBits: 'Guardar el contexto en 8 bits',
  cacheBitsHint:
    'Ocupa poco más de la mitad de memoria: en el mismo lugar cabe casi el doble de conversación. Redondea más, y las respuestas pueden variar un poco. Solo cuando el modelo corre con Yupana en la tarjeta gráfica. Al cambiarlo, el modelo se vuelve a cargar.',
  keepPrefix: 'Guardar en el disco lo ya calculado de las instrucciones',
  keepPrefixHint:
    'Con instrucciones largas, la primera respuesta después de abrir la aplicación empieza antes. Ocupa hasta 128 MB. Nunca se hace con conversaciones temporales o bajo llave; se borra con el modelo, con “Eliminar todo” y al desmarcar esto.',
  reset: 'Volver a los valores iniciales',
  windowTitles: 'Mostrar en la ventana el título de la conversación',
  windowTitlesHint:
    'El navegador guarda esos títulos en su historial, también los de conversaciones que después se ponen bajo llave. Las temporales y las que ya están bajo llave no se muestran nunca.',
  privacy: 'Privacidad',
  privacyText:
    'El modelo corre en un proceso sin acceso a la red. Lo que descarga modelos nunca ve lo que escribes.',
  enforced: 'Este servidor hace cumplir ese aislamiento.',
  enforcedUnknown: 'Todavía no se comprobó si este servidor hace cumplir el aislamiento.',
  notEnforced: 'Este servidor no hace cumplir la promesa de privacidad.',
  notEnforcedText:
    'No envía las cabeceras que impiden al modelo usar la red, así que la promesa depende solo del código de Yupana. Para servirla bien, usa “npm start”, o configura tu servidor con las cabeceras de headers.json, que viene con la aplicación.',
  requests: (n: number, f: Formats) =>
    n === 0
      ? 'Ningún pedido de red mientras conversabas'
      : f.plural(n, {
          one: '# pedido de red mientras conversabas',
          other: '# pedidos de red mientras conversabas',
        }),
  requestsText: 'Contados por el navegador en esta página, desde que la abriste.',
  data: 'Tus datos',
  dataText: 'Conversaciones, ajustes y modelos están solo en este navegador.',
  transferText:
    'Todas las conversaciones y los ajustes caben en un archivo, para guardarlo o llevarlo a otra computadora. Los modelos no van en él.',
  exportAll: 'Guardar todo en un archivo',
  exporting: (percent: string) => `Guardando, ${percent}`,
  exported: (file: string) => `Se guardó ${file} en tus descargas.`,
  importFile: 'Traer de un archivo',
  importing: (percent: string) => `Leyendo, ${percent}`,
  importSettings: 'Traer también los ajustes del archivo',
  imported: (n: number, f: Formats) =>
    n === 0
      ? 'No se agregó ninguna conversación.'
      : f.plural(n, { one: 'Se agregó # conversación.', other: 'Se agregaron # conversaciones.' }),
  importSkipped: (n: number, f: Formats) =>
    f.plural(n, { one: '# ya estaba aquí, igual.', other: '# ya estaban aquí, iguales.' }),
  importRenamed: (n: number, f: Formats) =>
    f.plural(n, {
      one: '# es otra versión de una que ya tenías: están las dos.',
      other: '# son otras versiones de las que ya tenías: están ambas.',
    }),
  importSettingsDone: 'Los ajustes son ahora los del archivo.',
  wipe: 'Eliminar todo',
  wipeTitle: '¿Eliminar todo?',
  wipeText:
    'Se eliminan de este navegador los modelos, los ajustes y todas las conversaciones, también las que están bajo llave: no hace falta su contraseña para eliminarlas. No se puede deshacer.',
  wipeConfirm: 'Eliminar todo',
  wiping: 'Eliminando…',
  about: 'Acerca de Yupana',
  aboutText:
    'Una yupana es el tablero andino para contar: cuentas a mano, sin cables. Yupana es software libre, con licencia Apache-2.0.',
  aboutModel:
    'Semilla es un modelo de demostración de 5,8 millones de parámetros entrenado para este proyecto, con licencia Apache-2.0. No es Latam-GPT.',
  engine: 'Motor',
  gpu: 'Tarjeta gráfica',
  gpuMemory: 'Memoria de gráficos en uso',
  notLoaded: 'Ningún modelo cargado.',
  licences: 'Software de terceros',
  licencesText:
    'Svelte, Workbox, hash-wasm y Jinja de Hugging Face (MIT); idb-keyval y Tokenizers de Hugging Face (Apache-2.0).',
};
