// What the person thinks of an answer, and giving a conversation to Latam-GPT's makers.

import type { donate as es } from '../es/donate.ts';

export const donate: typeof es = {
  up: 'Resposta boa',
  down: 'Resposta ruim',
  why: 'Por quê?',
  reasons: {
    correct: 'Está correta',
    clear: 'Está clara',
    useful: 'Me serviu',
    'good-language': 'Fala como a gente fala',
    false: 'Diz algo falso',
    unclear: 'Não dá para entender',
    incomplete: 'Está incompleta',
    'wrong-language': 'Em outro idioma',
    unsafe: 'Pode fazer mal',
    repetitive: 'Ela se repete',
  },
  note: 'Nas suas palavras (opcional)',
  local: 'Fica neste computador.',
  done: 'Pronto',
  entry: 'Doar ao Latam-GPT',
  entryHint: 'Prepara um arquivo com o que você decidir, para você mesmo entregar. O Yupana não envia nada.',
  title: 'Doar esta conversa',
  intro:
    'O Latam-GPT melhora com conversas reais. Isto é exatamente o que iria no arquivo: revise e risque o que não quiser dar. Nada é enviado: o arquivo fica no seu computador e você o entrega, se quiser.',
  suggested:
    'O riscado é uma sugestão automática: ela não acha todos os nomes e às vezes risca demais. Revise você.',
  strike: 'Riscar o selecionado',
  strikeHint: 'Selecione um pedaço do texto e aperte.',
  word: 'Riscar um nome ou palavra em toda parte',
  wordButton: 'Riscar',
  struck: (text) => `Riscado: ${text}. Tirar o risco`,
  unstruck: (text) => `${text}: será dado. Riscar`,
  include: 'Incluir esta mensagem',
  given: 'Assim fica no arquivo',
  roles: { system: 'Instruções', user: 'Pessoa', assistant: 'Modelo' },
  rated: { up: 'Você achou boa', down: 'Você achou ruim' },
  empty: 'Não sobra nada para dar.',
  save: 'Guardar o arquivo para doar',
  saved: (file) => `${file} foi guardado. Nada foi enviado.`,
};
