import type { Formats } from '../format.ts';
import type { packs as Packs } from '../es/packs.ts';

export const packs: typeof Packs = {
  add: 'Adicionar de uma pasta',
  addText:
    'Um modelo que chegou em um pendrive, ou que já está neste computador: um pacote do Yupana, uma pasta do MLC um arquivo GGUF ou um modelo do Hugging Face (safetensors), que são convertidos ao ser adicionados.',
  chooseFolder: 'Escolher pasta',
  chooseFiles: 'Escolher arquivos',
  drop: 'Você também pode arrastar a pasta até aqui.',
  dropHere: 'Solte aqui',
  looking: 'Vendo o que há…',
  kinds: {
    pack: 'Pacote do Yupana',
    mlc: 'Pasta no formato do MLC',
    checkpoint: 'Modelo do Hugging Face: será convertido ao ser adicionado',
    gguf: 'GGUF: será convertido ao ser adicionado',
  },
  vouched: {
    catalog: 'É exatamente o do catálogo do Yupana.',
    pack: 'O catálogo não fixa seus arquivos: responde por eles quem lhe deu o pacote.',
    nobody: 'Ninguém responde por estes arquivos além da sua origem.',
  },
  licence: (name) => `Licença: ${name}`,
  already: 'Já está guardado e verificado.',
  incomplete: (n, f: Formats, names) =>
    `${f.plural(n, { one: 'Falta # arquivo ou está incompleto', other: 'Faltam # arquivos ou estão incompletos' })}: ${names}.`,
  damaged: (n, f: Formats, names) =>
    `${f.plural(n, { one: '# arquivo está danificado', other: '# arquivos estão danificados' })}: ${names}.`,
  incompleteTodo:
    'O que está certo ficou guardado. Escolha a pasta de novo quando ela tiver o que falta: nada é copiado duas vezes.',
  more: (n) => `e mais ${n}`,
  take: 'Adicionar',
  takeRest: 'Adicionar o que há',
  done: (name) => `${name} está adicionado e verificado.`,
  forget: 'Fechar',
  refused: (folder) => `A pasta “${folder}” não pode ser adicionada:`,

  carry: 'Levar para outro computador',
  carryTitle: (name) => `Levar ${name} para outro computador`,
  carryText: (size) =>
    `É copiado para uma pasta ou pendrive, em arquivos de no máximo 1 GiB. São necessários ${size} livres lá.`,
  carryApp: 'Copiar também o aplicativo, para um computador sem internet',
  carryAppText: 'Com um pequeno servidor que atende só aquele computador, e instruções.',
  carryBegin: 'Escolher a pasta',
  carryPrepare: 'Preparar os arquivos',
  carryApplication: 'Copiando o aplicativo…',
  carryDone: (folder, size) => `Pronto: ${size} em “${folder}”.`,
  carryKept: (size) => `${size} já estavam lá e estão certos.`,
  carryHow: 'No outro computador: Modelos, “Adicionar de uma pasta”.',
  carryFiles: 'Salve cada arquivo e copie todos juntos para o pendrive:',
  carryStop: 'Parar a cópia',

  prove: 'Testar sem internet',
  proving: 'Testando…',
  proved: (when) => `Pronto sem internet: testado em ${when}`,
  proofTitle: 'Teste sem internet',
  proofIntro: 'Corta a rede de todo o aplicativo, relê cada arquivo e faz o modelo escrever uma palavra.',
  steps: {
    shell: 'O aplicativo está guardado',
    files: 'Cada arquivo do modelo é o que deve ser',
    token: 'O modelo escreve com a rede cortada',
  },
  states: { waiting: 'em espera', running: 'em curso', good: 'certo', bad: 'falta' },
  shellFiles: (n, f: Formats) => f.plural(n, { one: '# arquivo', other: '# arquivos' }),
  shellNone: 'O aplicativo ainda não está guardado neste navegador. Recarregue a página e teste de novo.',
  shellMissing: (n, f: Formats) =>
    f.plural(n, { one: 'Falta # arquivo do aplicativo.', other: 'Faltam # arquivos do aplicativo.' }),
  requests: (n, f: Formats) =>
    n === 0
      ? 'Nenhum pedido de rede.'
      : f.plural(n, {
          one: '# pedido, respondido pelo que está guardado; nenhum saiu para a rede.',
          other: '# pedidos, todos respondidos pelo que está guardado; nenhum saiu para a rede.',
        }),
  refusedRequests: (names) => `Foi pedido à rede: ${names}.`,
  mendShell: 'Guardar o que falta',
  reload: 'Recarregar a página',
  busy: 'Espere terminar a resposta que está sendo escrita.',
};
