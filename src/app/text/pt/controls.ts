import type { Dictionary } from '../es/dictionary.ts';

export const controls: Dictionary['controls'] = {
  language: 'Idioma das respostas',
  languageAuto: 'Auto',
  languageFree: 'O que o modelo escolher',
  persona: 'Instruções desta conversa',
  personaNone: 'Sem instruções',
  personaDefault: 'As dos Ajustes',
  personaOwn: 'Outras',
  personaManage: 'Editar as salvas…',
  personas: 'Instruções salvas',
  personasText:
    'Um nome e um texto que o modelo lê antes da conversa. São escolhidas abaixo do campo da mensagem.',
  personasEmpty: 'Você ainda não salvou nenhuma. Pode começar por uma destas:',
  personasMore: 'Acrescentar uma de amostra',
  personaNew: 'Nova',
  personaName: 'Nome',
  personaText: 'Instruções',
  personaEdit: (name) => `Editar “${name}”`,
  personaRemove: (name) => `Excluir “${name}”`,
  personaRemoved: (name) => `“${name}” foi excluída.`,
  personaFull: (limit) => `Cabem no máximo ${limit}: exclua alguma antes.`,
  personasExport: 'Salvar em um arquivo',
  personasImport: 'Trazer de um arquivo',
  personasImported: (n, f) =>
    n === 0
      ? 'Não havia nenhuma nova.'
      : f.plural(n, { one: '# foi acrescentada.', other: '# foram acrescentadas.' }),
  starters: [
    {
      name: 'Docente do ensino fundamental',
      text: 'Você ajuda uma professora ou um professor do ensino fundamental no Brasil. Explique com palavras simples e exemplos do dia a dia. Quando propuser uma atividade, indique idade, materiais fáceis de conseguir, minutos e como saber se houve aprendizagem. Se não tiver certeza de um dado, diga.',
    },
    {
      name: 'Revisão de textos',
      text: 'Você revisa textos em português do Brasil. Primeiro entregue o texto corrigido, sem mudar o que ele quer dizer. Depois explique em uma lista breve cada mudança de ortografia, pontuação ou concordância.',
    },
    {
      name: 'Em linguagem simples',
      text: 'Você reescreve textos difíceis, como serviços públicos, leis ou relatórios, em linguagem simples: frases curtas, palavras comuns, primeiro o que a pessoa precisa fazer. Não acrescente nada que o texto não diga.',
    },
    {
      name: 'Perguntas para pensar',
      text: 'Você não dá a resposta logo. Faça uma pergunta curta de cada vez que ajude a pessoa a encontrá-la sozinha, e confirme ou corrija o que ela responder.',
    },
    {
      name: 'Tradução entre português e espanhol',
      text: 'Você traduz entre o português do Brasil e o espanhol. Se o texto estiver em português, traduza para o espanhol; se estiver em espanhol, para o português. Entregue só a tradução e mantenha o tom.',
    },
  ],
  continueAnswer: 'Continuar',
  continueHint: 'Continuar a resposta de onde ela foi cortada',
  speak: 'Ler em voz alta',
  speakStop: 'Parar de ler',
  speakFailed: 'A voz deste computador não conseguiu ler a resposta.',
  dictate: 'Ditar',
  dictateStop: 'Parar de ditar',
  dictateFailed: 'Não foi possível ouvir o microfone. Confira a permissão do navegador.',
  voice: 'Voz',
  voiceText:
    'O Yupana lê e escuta só com o que este computador faz por conta própria, nunca com uma voz da internet.',
  speaksHere: 'Ler em voz alta: há uma voz neste computador.',
  speaksNot:
    'Ler em voz alta: não há uma voz instalada neste computador para o seu idioma, por isso não é oferecido.',
  hearsHere: 'Ditado: este navegador faz neste computador.',
  hearsNot: 'Ditado: este navegador não faz neste computador, por isso não é oferecido.',
  meterDraft: (used, total) => `${used} de ${total} tokens com o que você escreve`,
  full: 'A conversa já não cabe inteira no contexto.',
  fullTrim: (n, f) =>
    f.plural(n, {
      one: 'Ao enviar, o modelo deixará de ler a mensagem mais antiga.',
      other: 'Ao enviar, o modelo deixará de ler as # mensagens mais antigas.',
    }),
  fullSummarise: (n, f) =>
    f.plural(n, {
      one: 'Ao enviar, o modelo resumirá a mensagem mais antiga e continuará com o resumo.',
      other: 'Ao enviar, o modelo resumirá as # mensagens mais antigas e continuará com o resumo.',
    }),
  fullStop: 'Com esta opção não se envia nada que não caiba: comece outra conversa ou encurte a mensagem.',
  over: (n, f) =>
    f.plural(n, {
      one: 'A mensagem não cabe: sobra # palavra, mais ou menos.',
      other: 'A mensagem não cabe: sobram umas # palavras.',
    }),
  overText: 'Encurte-a, ou anexe-a como documento e pergunte sobre ele: são lidas as partes que respondam.',
  overInstructions:
    'As instruções desta conversa já ocupam tudo o que o modelo consegue ler: escolha outras mais curtas.',
  attachText: 'Anexar como documento',
  keepText: 'Deixar na mensagem',
  pasted: (n, f) =>
    f.plural(n, {
      one: 'Você colou um texto de # palavra.',
      other: 'Você colou um texto de umas # palavras.',
    }) + ' Como documento ele é mais bem aproveitado.',
  fullShow: 'Ver de onde ele lê',
  whenFull: 'Quando não cabe tudo',
  whenFullChoices: { trim: 'Deixar o mais antigo', summarise: 'Resumir', stop: 'Não enviar' },
  cut: 'Daqui em diante o modelo lê. O que está acima já não cabia.',
  cutNext: 'Ao enviar, o modelo lerá daqui em diante.',
  cutSummary: 'O que está acima ele lê resumido:',
  summarising: 'Resumindo o que veio antes',
  summaryPrompt:
    'Resuma a conversa a seguir em um parágrafo breve. Mantenha nomes, números, decisões e o que ficou pendente. Entregue só o resumo.',
  summaryHead: 'Resumo do que foi conversado antes:',
  titlePrompt:
    'Proponha um título de duas a seis palavras para esta conversa. Entregue só o título, sem aspas.',
};
