// Files attached to a message, and what of them an answer used.

import type { documents as es } from '../es/documents.ts';

export const documents: typeof es = {
  attach: 'Anexar arquivos',
  attachHint: 'São lidos neste computador e não saem dele: .txt, .md, .csv, .pdf, .docx',
  drop: 'Solte aqui os arquivos para lê-los neste computador',
  pastedName: 'texto-colado.txt',
  textAttached: 'O texto foi anexado. Escreva o que você quer saber dele.',
  list: 'Arquivos anexados',
  waiting: 'na fila',
  readingNow: 'lendo',
  reading: (percent) => `lendo, ${percent}`,
  ready: (size, characters) => `${size}, ${characters} letras e sinais`,
  notKept: 'É longo demais para ser guardado com a mensagem: serve até você fechar esta página.',
  remove: (name) => `Tirar ${name}`,
  stop: (name) => `Parar de ler ${name}`,
  tooMany: (limit) => `Uma mensagem leva até ${limit} arquivos. Os demais não foram anexados.`,
  read: (name) => `${name}: lido.`,
  sources: 'Dos arquivos anexados',
  whole: 'A resposta teve diante de si todo o texto anexado.',
  ranked: (percent) =>
    `O texto inteiro não cabia: foram usados os trechos que melhor respondem à pergunta (${percent}).`,
  spread: (percent) =>
    `O texto inteiro não cabia e nenhuma palavra da pergunta está nele: foram usados trechos espalhados do começo ao fim (${percent}).`,
  none: 'Não sobrava lugar no contexto do modelo para o texto anexado: a resposta não o usa.',
};
