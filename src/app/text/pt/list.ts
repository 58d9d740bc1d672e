// Portuguese of Brazil ("você").

import type { Dictionary } from '../es/dictionary.ts';

export const list: Dictionary['list'] = {
  pin: 'Fixar no topo',
  unpin: 'Desafixar',
  pinnedOnes: 'Fixadas',
  archive: 'Arquivar',
  unarchive: 'Tirar do arquivo',
  archived: (title) => `“${title}” foi arquivada.`,
  unarchived: (title) => `“${title}” voltou para a lista.`,
  tags: 'Etiquetas',
  editTags: 'Etiquetas…',
  tagsLabel: 'Etiquetas, separadas por vírgulas',
  tagsHint: 'Por exemplo: Ciências, 5º A. Servem para filtrar a lista.',
  tagsKnown: 'As que você já usa',
  filter: 'Filtrar a lista',
  all: 'Todas',
  archivedOnes: 'Arquivadas',
  allArchived: 'Todas as suas conversas estão arquivadas. Escreva uma mensagem para começar outra.',
  archiveEmpty: 'Não há conversas arquivadas.',
  tagEmpty: 'Nenhuma conversa tem esta etiqueta.',
  count: (n, f) => f.plural(n, { one: '# conversa', other: '# conversas' }),
  suggestTitle: 'Pedir ao modelo',
  suggesting: 'Pensando em um título',
  suggestFailed: 'O modelo não propôs um título que sirva.',
};
