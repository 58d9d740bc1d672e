// The settings.

import type { Dictionary } from '../es/dictionary.ts';

export const settings: Dictionary['settings'] = {
  look: 'Aparência',
  language: 'Idioma',
  languageAuto: 'O do navegador',
  theme: 'Tema',
  themes: { auto: 'O do sistema', light: 'Claro', dark: 'Escuro' },
  size: 'Tamanho do texto',
  sizes: { small: 'Pequeno', normal: 'Normal', large: 'Grande' },
  answers: 'Respostas',
  system: 'Instruções para o modelo',
  systemHint: 'São acrescentadas ao começo de cada conversa. Vazio: nenhuma.',
  systemPlaceholder: 'Você é um assistente para docentes da América Latina.',
  sampling: 'Como escolhe cada palavra',
  samplingHint: 'Muda sem recarregar o modelo, a partir da próxima resposta.',
  presets: { exact: 'Exata', balanced: 'Equilibrada', varied: 'Variada', own: 'Própria' },
  presetHints: {
    exact: 'Sempre a palavra mais provável: a mesma pergunta dá a mesma resposta.',
    balanced: 'Um pouco de acaso entre as palavras prováveis.',
    varied: 'Mais acaso: respostas mais diferentes, com mais erros.',
    own: 'Os valores abaixo.',
  },
  fine: 'Ajustar cada valor',
  fields: {
    temperature: { name: 'Temperatura', hint: 'Quanto acaso: 0 é nenhum.' },
    topK: { name: 'Top-k', hint: 'Escolhe só entre as k palavras mais prováveis; 0 não limita.' },
    topP: {
      name: 'Top-p',
      hint: 'Escolhe entre as mais prováveis até somar esta probabilidade; 1 não limita.',
    },
    minP: { name: 'Min-p', hint: 'Descarta as muito menos prováveis que a primeira; 0 não descarta.' },
    repetitionPenalty: { name: 'Freio à repetição', hint: '1 não freia; valores maiores evitam repetir.' },
    maxTokens: { name: 'Tamanho máximo', hint: 'Tokens por resposta, no máximo.' },
  },
  contextLength: 'Tamanho do contexto',
  contextAuto: 'O do modelo',
  modelTitles: 'Deixar o modelo propor o título de cada conversa, enquanto ninguém lhe pergunta nada',
  contextHint:
    'Quanto da conversa ele lembra. Menos ocupa menos memória. Ao mudá-lo, o modelo é carregado de novo.',
  cacheBits: 'Guardar o contexto em 8 bits',
  cacheBitsHint:
    'Ocupa pouco mais da metade da memória: no mesmo espaço cabe quase o dobro de conversa. Arredonda mais, e as respostas podem variar um pouco. Só quando o modelo roda com o Yupana na placa de vídeo. Ao mudá-lo, o modelo é carregado de novo.',
  keepPrefix: 'Guardar no disco o que já se calculou das instruções',
  keepPrefixHint:
    'Com instruções longas, a primeira resposta depois de abrir o aplicativo começa antes. Ocupa até 128 MB. Nunca se faz com conversas temporárias ou trancadas; apaga-se com o modelo, com “Excluir tudo” e ao desmarcar isto.',
  reset: 'Voltar aos valores iniciais',
  windowTitles: 'Mostrar na janela o título da conversa',
  windowTitlesHint:
    'O navegador guarda esses títulos no histórico, também os de conversas que depois vão para o cofre. As temporárias e as que já estão no cofre nunca são mostradas.',
  privacy: 'Privacidade',
  privacyText:
    'O modelo roda em um processo sem acesso à rede. O que baixa modelos nunca vê o que você escreve.',
  enforced: 'Este servidor faz cumprir esse isolamento.',
  enforcedUnknown: 'Ainda não se verificou se este servidor faz cumprir o isolamento.',
  notEnforced: 'Este servidor não faz cumprir a promessa de privacidade.',
  notEnforcedText:
    'Ele não envia os cabeçalhos que impedem o modelo de usar a rede, então a promessa depende só do código do Yupana. Para servi-lo bem, use “npm start”, ou configure o seu servidor com os cabeçalhos de headers.json, que vem com o aplicativo.',
  requests: (n, f) =>
    n === 0
      ? 'Nenhum pedido de rede enquanto você conversava'
      : f.plural(n, {
          one: '# pedido de rede enquanto você conversava',
          other: '# pedidos de rede enquanto você conversava',
        }),
  requestsText: 'Contados pelo navegador nesta página, desde que você a abriu.',
  data: 'Seus dados',
  dataText: 'Conversas, ajustes e modelos estão só neste navegador.',
  transferText:
    'Todas as conversas e os ajustes cabem em um arquivo, para guardar ou levar a outro computador. Os modelos não vão nele.',
  exportAll: 'Salvar tudo em um arquivo',
  exporting: (percent) => `Salvando, ${percent}`,
  exported: (file) => `${file} foi salvo nos seus downloads.`,
  importFile: 'Trazer de um arquivo',
  importing: (percent) => `Lendo, ${percent}`,
  importSettings: 'Trazer também os ajustes do arquivo',
  imported: (n, f) =>
    n === 0
      ? 'Nenhuma conversa foi acrescentada.'
      : f.plural(n, { one: '# conversa foi acrescentada.', other: '# conversas foram acrescentadas.' }),
  importSkipped: (n, f) =>
    f.plural(n, { one: '# já estava aqui, igual.', other: '# já estavam aqui, iguais.' }),
  importRenamed: (n, f) =>
    f.plural(n, {
      one: '# é outra versão de uma que você já tinha: ficaram as duas.',
      other: '# são outras versões das que você já tinha: ficaram ambas.',
    }),
  importSettingsDone: 'Os ajustes agora são os do arquivo.',
  wipe: 'Excluir tudo',
  wipeTitle: 'Excluir tudo?',
  wipeText:
    'São excluídos deste navegador os modelos, os ajustes e todas as conversas, também as trancadas: não é preciso a senha delas para excluí-las. Não é possível desfazer.',
  wipeConfirm: 'Excluir tudo',
  wiping: 'Excluindo…',
  about: 'Sobre o Yupana',
  aboutText:
    'Uma yupana é o tabuleiro andino para contar: contas à mão, sem fios. O Yupana é software livre, com licença Apache-2.0.',
  aboutModel:
    'O Semilla é um modelo de demonstração de 5,8 milhões de parâmetros treinado para este projeto, com licença Apache-2.0. Não é o Latam-GPT.',
  engine: 'Motor',
  gpu: 'Placa de vídeo',
  gpuMemory: 'Memória de vídeo em uso',
  notLoaded: 'Nenhum modelo carregado.',
  licences: 'Software de terceiros',
  licencesText:
    'Svelte, Workbox, hash-wasm e Jinja da Hugging Face (MIT); idb-keyval e Tokenizers da Hugging Face (Apache-2.0).',
};
