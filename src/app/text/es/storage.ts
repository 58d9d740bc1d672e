// What this browser keeps, and what can be done with it.

import type { Formats } from '../format.ts';

export const storage = {
  models: 'Modelos guardados',
  noModels: 'Todavía no hay ningún modelo guardado.',
  states: {
    absent: 'sin archivos',
    partial: (percent: string) => `a medias, ${percent}`,
    ready: 'completo y comprobado',
    corrupt: 'dañado',
  },
  lastUsed: (date: string) => `Usado por última vez: ${date}`,
  neverUsed: 'Sin usar todavía',
  damagedFiles: (n: number, f: Formats) =>
    f.plural(n, { one: '# archivo dañado', other: '# archivos dañados' }),
  noSource: 'No es del catálogo: para repararlo, vuelve a elegir su carpeta en “Agregar desde una carpeta”.',
  actions: (name: string) => `Acciones para ${name}`,
  other: 'Lo demás',
  measuring: 'Contando…',
  chats: 'Conversaciones y su índice de búsqueda',
  vault: 'Conversaciones bajo llave',
  settings: 'Ajustes',
  app: 'La aplicación',
  rest: 'Otros datos de la aplicación',
  total: 'En total, según el navegador',
  wipe: 'Eliminar todo',
  wipeLocked: 'También las conversaciones bajo llave: sin la clave no se pueden recuperar de ningún modo.',
};
