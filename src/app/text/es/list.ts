// The list of conversations: pins, tags, archive.

import type { Formats } from '../format.ts';

export const list = {
  pin: 'Fijar arriba',
  unpin: 'Dejar de fijar',
  pinnedOnes: 'Fijadas',
  archive: 'Archivar',
  unarchive: 'Sacar del archivo',
  archived: (title: string) => `Se archivó “${title}”.`,
  unarchived: (title: string) => `“${title}” volvió a la lista.`,
  tags: 'Etiquetas',
  editTags: 'Etiquetas…',
  tagsLabel: 'Etiquetas, separadas por comas',
  tagsHint: 'Por ejemplo: Ciencias, 5.º A. Sirven para filtrar la lista.',
  tagsKnown: 'Las que ya usas',
  filter: 'Filtrar la lista',
  all: 'Todas',
  archivedOnes: 'Archivadas',
  allArchived: 'Todas tus conversaciones están archivadas. Escribe un mensaje para empezar otra.',
  archiveEmpty: 'No hay conversaciones archivadas.',
  tagEmpty: 'Ninguna conversación lleva esta etiqueta.',
  count: (n: number, f: Formats) => f.plural(n, { one: '# conversación', other: '# conversaciones' }),
  suggestTitle: 'Que lo proponga el modelo',
  suggesting: 'Pensando un título',
  suggestFailed: 'El modelo no propuso un título que sirva.',
};
