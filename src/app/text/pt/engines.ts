// Whose engine runs a model, and what that changes.

import type { Dictionary } from '../es/dictionary.ts';

export const engines: Dictionary['engines'] = {
  label: 'Motor',
  names: { yupana: 'Yupana', 'web-llm': 'WebLLM' },
  auto: (name) => `Automático (${name})`,
  summary: (name) => `Motor: ${name}`,
  hints: {
    yupana: 'O motor próprio do Yupana lê os pesos do modelo como estão; não precisa de mais nada.',
    'web-llm':
      'O WebLLM, do MLC, calcula com uma biblioteca compilada para cada modelo. É baixado uma vez (6 MB) e depois funciona sem internet.',
  },
  lacks: {
    'top-k': 'não usa top-k',
    'min-p': 'não usa min-p',
    'prefix-reuse': 'se você edita uma mensagem, relê a conversa inteira',
  },
  lacksText: (list) => `Com o WebLLM: ${list}.`,
  onlyWebLlm: 'O Yupana ainda não calcula esta arquitetura: só o WebLLM consegue.',
  library: {
    stored:
      'A biblioteca compilada está guardada com o modelo. Sua soma SHA-256 foi anotada ao baixá-la e “Verificar os arquivos” a confere.',
    missing: 'Falta a biblioteca compilada deste modelo.',
    none: 'O MLC não publica uma biblioteca compilada para este modelo. Se você tem uma, coloque-a na pasta do modelo antes de adicioná-lo.',
    get: 'Baixar a biblioteca',
    trust:
      'É um programa que o MLC publica no GitHub. Ninguém publica sua soma: ela fica fixada no primeiro download. É executado sem acesso à rede.',
  },
  more: {
    title: 'Mais modelos, com o WebLLM',
    text: 'Modelos de outras arquiteturas (Qwen, Gemma, Phi e outros) publicados pelo MLC. O Yupana não os testou, não são o Latam-GPT e cada um tem sua licença: leia-a na página dele.',
    search: 'Buscar pelo nome',
    count: (count, all) => `${count} de ${all} modelos`,
    nothing: 'Nenhum modelo tem esse nome.',
    memory: (size) => `precisa de cerca de ${size} de memória gráfica`,
    add: 'Adicionar',
    addNamed: (name) => `Adicionar ${name}`,
    there: 'já está na lista',
    added: (name) => `${name} está na lista: agora você pode baixá-lo.`,
    about: (name) =>
      `${name}, publicado pelo MLC. Não é o Latam-GPT. O Yupana não o testou; quem o calcula é o WebLLM, com uma biblioteca que o MLC publica.`,
  },
};
