import type { Formats } from '../format.ts';
import type { storage as Storage } from '../es/storage.ts';

export const storage: typeof Storage = {
  models: 'Modelos guardados',
  noModels: 'Ainda não há nenhum modelo guardado.',
  states: {
    absent: 'sem arquivos',
    partial: (percent) => `pela metade, ${percent}`,
    ready: 'completo e verificado',
    corrupt: 'danificado',
  },
  lastUsed: (date) => `Usado pela última vez: ${date}`,
  neverUsed: 'Ainda não usado',
  damagedFiles: (n, f: Formats) =>
    f.plural(n, { one: '# arquivo danificado', other: '# arquivos danificados' }),
  noSource: 'Não é do catálogo: para repará-lo, escolha a pasta dele de novo em “Adicionar de uma pasta”.',
  actions: (name) => `Ações para ${name}`,
  other: 'O resto',
  measuring: 'Contando…',
  chats: 'Conversas e seu índice de busca',
  vault: 'Conversas trancadas',
  settings: 'Ajustes',
  app: 'O aplicativo',
  rest: 'Outros dados do aplicativo',
  total: 'No total, segundo o navegador',
  wipe: 'Excluir tudo',
  wipeLocked: 'Também as conversas trancadas: sem a senha não há como recuperá-las.',
};
