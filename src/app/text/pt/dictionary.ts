// Portuguese: Brazilian, "você".

import type { Dictionary } from '../es/dictionary.ts';
import { chat } from './chat.ts';
import { documents } from './documents.ts';
import { donate } from './donate.ts';
import { engines } from './engines.ts';
import { controls } from './controls.ts';
import { machine } from './machine.ts';
import { keys } from './keys.ts';
import { library } from './library.ts';
import { list } from './list.ts';
import { models } from './models.ts';
import { packs } from './packs.ts';
import { self } from './self.ts';
import { settings } from './settings.ts';
import { storage } from './storage.ts';
import { vault } from './vault.ts';
import { tuning } from './tuning.ts';
import { ways } from './ways.ts';

export const pt: Dictionary = {
  name: self.name,
  engines,
  tuning,
  ways,

  app: {
    skip: 'Ir para o conteúdo',
    places: 'Lugares',
    chat: 'Conversar',
    models: 'Modelos',
    settings: 'Ajustes',
    machine: 'Este computador',
    close: 'Fechar',
    cancel: 'Cancelar',
    undo: 'Desfazer',
    retry: 'Tentar de novo',
    details: 'Detalhes técnicos',
  },

  chip: {
    before: 'Modelo:',
    after: '. Ver modelos',
    none: 'Sem modelo',
    absent: 'não baixado',
    partial: 'download pela metade',
    downloading: (percent) => `baixando ${percent}`,
    copying: (percent) => `copiando ${percent}`,
    verifying: 'verificando',
    corrupt: 'danificado',
    loading: (percent) => `carregando ${percent}`,
    ready: 'pronto',
    readyOffline: 'pronto sem internet',
    failed: 'não foi possível carregar',
    stopped: 'parou',
    elsewhere: 'em outra aba',
  },

  first: {
    title: 'Um computador basta para conversar com um modelo de linguagem',
    what: 'O Yupana executa neste computador um modelo de linguagem; o que você baixa agora é o Semilla, um modelo de demonstração de 5,8 milhões de parâmetros, que sabe pouco, erra e não é o Latam-GPT.',
    stored: (size) => `Serão guardados ${size} neste navegador, uma única vez; depois funciona sem internet.`,
    privacy: 'O que você escrever não sai deste computador.',
    begin: (size) => `Baixar e começar (${size})`,
    resume: (percent) => `Continuar o download (${percent})`,
  },

  download: {
    label: 'Progresso do download',
    done: (done, total, percent) => `${done} de ${total} (${percent})`,
    exact: (done, total) => `${done} de ${total} bytes guardados`,
    plan: 'Lendo a lista de arquivos',
    download: 'Baixando',
    convert: 'Baixando e convertendo',
    verify: 'Verificando',
    import: 'Copiando e verificando',
    importConvert: 'Copiando e convertendo',
    export: 'Copiando',
    left: (time) => `faltam uns ${time}`,
    cancel: 'Parar o download',
    kept: 'O que foi baixado fica guardado: ao continuar, segue dali.',
    finished: 'O modelo foi baixado e verificado.',
  },

  preflight: {
    title: 'Este navegador não consegue executar o modelo',
    checking: 'Verificando este computador…',
    ways: 'O que você pode fazer',
    again: 'Verificar de novo',
    other: 'Instruções para outro sistema',
    platforms: {
      windows: 'Windows',
      linux: 'Linux',
      chromeos: 'ChromeOS',
      macos: 'macOS',
      other: 'Outro',
    },
    faults: {
      'insecure-context': 'A página foi aberta por um endereço que o navegador não considera seguro.',
      'storage-missing': 'O navegador não permite guardar dados neste site, e o modelo é guardado aqui.',
      'webgpu-missing':
        'Falta o WebGPU: é ele que permite calcular com a placa de vídeo a partir de uma página.',
      'adapter-missing': 'O navegador tem WebGPU, mas não encontra uma placa de vídeo que possa usar.',
      'limit-too-low': 'A placa de vídeo oferece menos do que qualquer modelo pede.',
    },
  },

  keys,
  chat,
  documents,
  donate,
  vault,

  list,

  controls,

  markdown: {
    copy: 'Copiar o código',
    copied: 'Copiado',
    copyFailed: 'Não foi possível copiar',
    code: 'Código',
    image: 'Imagem',
    table: 'Tabela',
    formula: 'Fórmula',
    done: 'Feito',
    notDone: 'A fazer',
    linkTitle: 'Abrir este link em outra aba?',
    linkGoesTo: 'Este link leva a:',
    openLink: 'Abrir',
    copyAddress: 'Copiar o endereço',
    cancel: 'Cancelar',
  },

  machine,

  models,

  packs,

  storage,

  library,

  settings,

  update: {
    ready: 'Há uma versão nova do Yupana.',
    apply: 'Atualizar',
    later: 'Mais tarde',
  },
};
