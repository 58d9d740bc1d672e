// The model library and its storage.

import type { Dictionary } from '../es/dictionary.ts';

export const models: Dictionary['models'] = {
  intro: 'Cada modelo é baixado uma vez e fica neste navegador.',
  size: 'Tamanho',
  roughly: (size) => `cerca de ${size}`,
  converted: (size, kept) => `${size} de download; este computador os converte e guarda ${kept}`,
  languages: 'Idiomas',
  context: 'Contexto',
  contextValue: (tokens) => `${tokens} tokens`,
  licence: 'Licença',
  card: 'Ficha: de onde vem e o que não se sabe',
  states: {
    absent: 'Não baixado',
    partial: (done, total) => `Download pela metade: ${done} de ${total}`,
    ready: 'Baixado e verificado',
    readyOffline: 'Baixado e verificado: funciona sem internet',
    corrupt: 'Há arquivos danificados',
    inUse: 'Em uso agora',
  },
  get: (size) => `Baixar (${size})`,
  getAnyway: 'Baixar mesmo assim…',
  resume: 'Continuar o download',
  stop: 'Parar',
  repair: 'Reparar',
  talk: 'Conversar',
  verify: 'Verificar os arquivos',
  verified: (name) => `${name}: todos os arquivos estão bem.`,
  damaged: (name) => `${name}: há arquivos danificados. Escolha “Reparar” para baixar só esses.`,
  remove: 'Excluir',
  removeTitle: (name) => `Excluir ${name}?`,
  removeText: (size) =>
    `São liberados ${size}. As suas conversas não são tocadas. Para usá-lo de novo será preciso baixá-lo outra vez.`,
  removed: (name) => `${name} foi excluído.`,
  removing: 'Excluindo…',
  storage: 'Espaço neste navegador',
  used: (used) => `O Yupana ocupa ${used}.`,
  room: (free) => `O navegador diz que poderia guardar até ${free} a mais; o disco pode ter menos.`,
  unknown: 'Este navegador não diz quanto espaço resta.',
  persisted: 'O navegador prometeu não apagar estes dados por conta própria.',
  notPersisted: 'Se faltar espaço no disco, o navegador poderia apagar o modelo e as conversas.',
  persist: 'Pedir que não os apague',
  persistRefused:
    'O navegador não prometeu. Costuma prometer se você instala o Yupana ou o usa com frequência.',
};
