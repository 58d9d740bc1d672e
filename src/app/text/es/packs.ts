// Models carried by hand, and the test that the app needs no network.

import type { Formats } from '../format.ts';

export const packs = {
  add: 'Agregar desde una carpeta',
  addText:
    'Un modelo que llegó en una memoria USB, o que ya está en esta computadora: un paquete de Yupana, una carpeta de MLC, un archivo GGUF o un modelo de Hugging Face (safetensors), que se convierten al agregarlos.',
  chooseFolder: 'Elegir carpeta',
  chooseFiles: 'Elegir archivos',
  drop: 'También puedes arrastrar la carpeta hasta aquí.',
  dropHere: 'Suéltala aquí',
  looking: 'Mirando qué hay…',
  kinds: {
    pack: 'Paquete de Yupana',
    mlc: 'Carpeta en formato MLC',
    checkpoint: 'Modelo de Hugging Face: se convertirá al agregarlo',
    gguf: 'GGUF: se convertirá al agregarlo',
  },
  vouched: {
    catalog: 'Es exactamente el del catálogo de Yupana.',
    pack: 'El catálogo no fija sus archivos: responde por ellos quien te dio el paquete.',
    nobody: 'Nadie responde por estos archivos más que su origen.',
  },
  licence: (name: string) => `Licencia: ${name}`,
  already: 'Ya está guardado y comprobado.',
  incomplete: (n: number, f: Formats, names: string) =>
    `${f.plural(n, { one: 'Falta # archivo o está incompleto', other: 'Faltan # archivos o están incompletos' })}: ${names}.`,
  damaged: (n: number, f: Formats, names: string) =>
    `${f.plural(n, { one: '# archivo está dañado', other: '# archivos están dañados' })}: ${names}.`,
  incompleteTodo:
    'Lo que está bien quedó guardado. Vuelve a elegir la carpeta cuando tenga lo que falta: no se copia nada dos veces.',
  more: (n: string) => `y ${n} más`,
  take: 'Agregar',
  takeRest: 'Agregar lo que hay',
  done: (name: string) => `${name} está agregado y comprobado.`,
  forget: 'Cerrar',
  refused: (folder: string) => `La carpeta “${folder}” no se puede agregar:`,

  carry: 'Llevar a otra computadora',
  carryTitle: (name: string) => `Llevar ${name} a otra computadora`,
  carryText: (size: string) =>
    `Se copia a una carpeta o memoria USB, en archivos de 1 GiB como mucho. Hacen falta ${size} libres allí.`,
  carryApp: 'Copiar también la aplicación, para una computadora sin internet',
  carryAppText: 'Con un servidor pequeño que atiende solo a esa computadora, e instrucciones.',
  carryBegin: 'Elegir la carpeta',
  carryPrepare: 'Preparar los archivos',
  carryApplication: 'Copiando la aplicación…',
  carryDone: (folder: string, size: string) => `Listo: ${size} en “${folder}”.`,
  carryKept: (size: string) => `${size} ya estaban allí y están bien.`,
  carryHow: 'En la otra computadora: Modelos, “Agregar desde una carpeta”.',
  carryFiles: 'Guarda cada archivo y cópialos juntos a la memoria USB:',
  carryStop: 'Detener la copia',

  prove: 'Probar sin internet',
  proving: 'Probando…',
  proved: (when: string) => `Listo sin internet: comprobado el ${when}`,
  proofTitle: 'Prueba sin internet',
  proofIntro: 'Corta la red a toda la aplicación, relee cada archivo y hace escribir una palabra al modelo.',
  steps: {
    shell: 'La aplicación está guardada',
    files: 'Cada archivo del modelo es el que debe ser',
    token: 'El modelo escribe con la red cortada',
  },
  states: { waiting: 'en espera', running: 'en curso', good: 'bien', bad: 'falta' },
  shellFiles: (n: number, f: Formats) => f.plural(n, { one: '# archivo', other: '# archivos' }),
  shellNone: 'La aplicación todavía no está guardada en este navegador. Recarga la página y vuelve a probar.',
  shellMissing: (n: number, f: Formats) =>
    f.plural(n, { one: 'Falta # archivo de la aplicación.', other: 'Faltan # archivos de la aplicación.' }),
  requests: (n: number, f: Formats) =>
    n === 0
      ? 'Ningún pedido de red.'
      : f.plural(n, {
          one: '# pedido, contestado por lo guardado; ninguno salió a la red.',
          other: '# pedidos, todos contestados por lo guardado; ninguno salió a la red.',
        }),
  refusedRequests: (names: string) => `Se pidió a la red: ${names}.`,
  mendShell: 'Guardar lo que falta',
  reload: 'Recargar la página',
  busy: 'Espera a que termine la respuesta que se está escribiendo.',
};
