import type { Counted, ErrorDetailsOf, ForeignKind } from '../../../failures.ts';
import type { Formats } from '../format.ts';
import { blank, capacity, number, named, type ErrorTexts, type Stored } from '../texts.ts';

/** What to do about a model's files. */
const FILES: Record<Stored, string> = {
  none: 'Verifique de onde vem o modelo, ou escolha outro em Modelos.',
  whole: 'Em Modelos, escolha “Verificar os arquivos”: se houver algo danificado, dá para reparar.',
  damaged: 'Em Modelos, escolha “Reparar”: só o que está danificado é baixado.',
};
/** What an address of the hub may be of, beside a model. */
const KINDS: Record<ErrorDetailsOf['address-other']['kind'], string> = {
  dataset: 'um conjunto de dados',
  space: 'uma demonstração (um “space”)',
  collection: 'uma coleção',
  paper: 'um artigo',
  account: 'uma conta',
  page: 'uma página do site',
};
const OTHER_MODEL = 'Escolha outro modelo em Modelos.';
const file = (value: string | undefined): string => `“${blank(value, 'sem nome')}”`;

const COUNTED: Record<Exclude<Counted, 'bytes' | 'value'>, { one: string; other: string }> = {
  characters: { one: '# caractere', other: '# caracteres' },
  conversations: { one: '# conversa', other: '# conversas' },
  entries: { one: '# elemento', other: '# elementos' },
  files: { one: '# arquivo', other: '# arquivos' },
  levels: { one: '# nível', other: '# níveis' },
  messages: { one: '# mensagem', other: '# mensagens' },
  pages: { one: '# página', other: '# páginas' },
  tensors: { one: '# parte', other: '# partes' },
};
function counted(what: Counted, count: number, f: Formats): string {
  if (what === 'bytes') return f.bytes(count);
  return what === 'value' ? `um valor de ${f.number(count, 6)}` : f.plural(count, COUNTED[what]);
}
const limit = (d: ErrorDetailsOf['document-too-large' | 'import-too-large'], f: Formats): string =>
  ` (o limite é de ${counted(d.what, d.limit, f)})`;

/** What files that are not read are, and what to do instead. */
const FOREIGN: Record<ForeignKind, string> = {
  adapter: 'é um adaptador, que muda outro modelo e não responde sozinho',
  flax: 'tem os pesos no formato do Flax',
  meta: 'tem os pesos originais da Meta',
  mlx: 'tem os pesos no formato do MLX',
  onnx: 'tem os pesos no formato ONNX',
  pointer: 'só contém a referência do Git LFS: falta o conteúdo',
  pytorch: 'tem os pesos em um formato antigo, que pode executar programas ao ser aberto',
  tensorflow: 'tem os pesos em um formato de outro programa',
  zip: 'é um arquivo compactado',
};
const FOREIGN_ADVICE: Partial<Record<ForeignKind, string>> = {
  pointer: 'Baixe o arquivo na página do modelo, ou use “git lfs pull”.',
  zip: 'Descompacte-o e escolha a pasta.',
};

export const errors: ErrorTexts = {
  'webgpu-missing': () => ({
    what: 'Este navegador não tem WebGPU, que é o que permite calcular com a placa de vídeo.',
    todo: 'Use uma versão recente do Chrome ou do Edge.',
  }),
  'adapter-missing': () => ({
    what: 'O navegador tem WebGPU, mas não encontra uma placa de vídeo que possa usar.',
    todo: 'Ative a aceleração de hardware, atualize o driver de vídeo e reinicie o navegador.',
  }),
  'limit-too-low': (d, f) => ({
    what: `A placa de vídeo oferece menos do que este modelo pede: ${capacity(d.limit, d.actual, f)}, e são necessários ${capacity(d.limit, d.expected, f)}.`,
    todo: 'Escolha um modelo menor ou use outro computador.',
  }),
  'feature-missing': (d) => ({
    what: `A placa de vídeo não oferece ${d.feature === 'shader-f16' ? 'o cálculo em 16 bits' : 'uma função'} de que a biblioteca WebLLM deste modelo precisa.`,
    todo: 'Escolha o motor Yupana na ficha do modelo, ou outro modelo.',
  }),
  'wasm-simd-missing': () => ({
    what: 'Este navegador é antigo demais para calcular sem placa de vídeo (falta WebAssembly SIMD).',
    todo: 'Atualize-o, ou use uma versão recente do Chrome, Edge ou Firefox.',
  }),
  'model-over-4gb': (d, f) => ({
    what: `Este modelo precisa de ${f.bytes(d.actual)}, demais para calcular sem placa de vídeo: sem ela, o navegador não pode usar mais de 4 GB.`,
    todo: 'Escolha um modelo menor em Modelos, ou use um computador com WebGPU.',
  }),
  'device-lost': () => ({
    what: 'A placa de vídeo parou de responder e o modelo saiu da memória dela. A conversa está guardada.',
    todo: 'Carregue o modelo de novo para continuar.',
  }),
  'out-of-memory': (d, f) => ({
    what: `A memória não foi suficiente para este modelo${d.bytes === undefined ? '' : ` (foram pedidos ${f.bytes(d.bytes)})`}. A conversa está salva.`,
    todo: 'Feche outras abas e programas, ou reduza o tamanho do contexto em Ajustes, e carregue-o de novo.',
  }),
  'context-full': (d, f) => ({
    what: `A conversa já não cabe no contexto do modelo (${f.number(d.actual)} tokens de ${f.number(d.expected)}).`,
    todo: 'Comece uma conversa nova ou encurte a mensagem. Esta fica guardada.',
  }),
  'engine-busy': () => ({
    what: 'O modelo está em uso em outra aba deste navegador.',
    todo: 'Continue naquela aba, ou use-o aqui: a outra vai parar de responder.',
  }),
  'engine-taken': () => ({
    what: 'Outra aba passou a usar o modelo. A conversa está guardada.',
    todo: 'Continue naquela aba, ou carregue-o de novo aqui.',
  }),
  'download-busy': () => ({
    what: 'Outra aba está trabalhando com os arquivos deste modelo.',
    todo: 'Espere terminar, ou cancele lá e tente de novo aqui.',
  }),
  'worker-gone': () => ({
    what: 'O processo que calcula foi encerrado; costuma acontecer quando falta memória. A conversa está guardada.',
    todo: 'Carregue o modelo de novo para continuar. Se acontecer outra vez, feche outras abas e programas.',
  }),
  aborted: () => ({ what: 'Foi cancelado.', todo: 'Você pode recomeçar quando quiser.' }),
  internal: () => ({
    what: 'Falhou algo que não esperávamos.',
    todo: 'Recarregue a página. Se acontecer de novo, anote o que você fazia e nos avise.',
  }),
  'option-invalid': (d) => ({
    what: `Um ajuste tem um valor que não serve${number(d.actual)}.`,
    todo: 'Em Ajustes, escolha “Voltar aos valores iniciais”.',
  }),
  'option-unsupported': (d) => ({
    what: `O motor ${blank(d.engine, 'escolhido')} não pode fazer o que se pede.`,
    todo: 'Escolha o motor Yupana na ficha do modelo.',
  }),
  'schema-unsupported': (d) => ({
    what: `O esquema JSON pede algo que o Yupana não consegue garantir em uma resposta (“${blank(d.keyword, 'uma palavra-chave')}”${d.pointer === undefined ? '' : `, em ${d.pointer === '' ? 'raiz' : `“${d.pointer}”`}`}).`,
    todo: 'Tire essa condição do esquema, ou confira-a depois.',
  }),
  'grammar-invalid': (d) => ({
    what: `Não é possível ler a gramática da resposta${d.line === undefined ? '' : ` (linha ${d.line}, coluna ${d.column})`}.`,
    todo: 'Revise a sintaxe.',
  }),
  'answer-unfinished': (d, f) => ({
    what: `O contexto do modelo (${f.number(d.expected)} tokens) acabou antes que a resposta tivesse a forma pedida.`,
    todo: 'Encurte a conversa ou peça uma forma mais breve.',
  }),
  'library-missing': () => ({
    what: 'O WebLLM precisa de uma biblioteca compilada para este modelo, e ela não está guardada.',
    todo: 'Em Modelos, escolha o motor Yupana, ou baixe o modelo de novo com o motor WebLLM.',
  }),
  'library-mismatch': (d) => ({
    what: `A biblioteca compilada deste modelo não corresponde à versão do WebLLM que o Yupana usa (${blank(d.version, 'outra')}), ou é de outro modelo.`,
    todo: 'Em Modelos, escolha o motor Yupana, ou apague o modelo e baixe-o de novo.',
  }),
  'architecture-unsupported': (d) => ({
    what: `O modelo tem uma arquitetura que o Yupana não executa${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'scheme-unsupported': (d) => ({
    what: `O modelo usa uma quantização que o Yupana não lê${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'rope-unsupported': (d) => ({
    what: `O modelo codifica as posições de um modo que o Yupana não conhece${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'config-unsupported': () => ({
    what: 'A configuração do modelo pede algo que o Yupana não faz.',
    todo: OTHER_MODEL,
  }),
  'dtype-unsupported': (d) => ({
    what: `Os pesos estão em um formato numérico que o Yupana não lê${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'weights-foreign': (d) => ({
    what: `O modelo (${file(d.file)}) ${FOREIGN[d.kind]}.`,
    todo:
      d.kind === 'adapter'
        ? `Adicione o modelo completo${d.base === undefined ? '' : ` (foi feito para “${d.base}”)`}, ou um que já tenha o adaptador unido.`
        : (FOREIGN_ADVICE[d.kind] ?? 'Procure o mesmo modelo em formato safetensors ou GGUF.'),
  }),
  'config-invalid': (d, _, stored) => ({
    what: `A configuração do modelo tem um erro em ${file(d.file)}.`,
    todo: FILES[stored],
  }),
  'not-a-model': (d) => ({
    what: `Em ${file(d.file)} não se reconhece nenhum modelo.`,
    todo: 'Verifique de onde ele vem ou escolha outro modelo em Modelos.',
  }),
  'json-invalid': (d, _, stored) => ({
    what: `O arquivo ${file(d.file)} está malformado.`,
    todo: FILES[stored],
  }),
  'limit-exceeded': (d, f) => ({
    what: `${d.file === undefined ? 'O que foi pedido' : `O arquivo ${file(d.file)}`} fica fora de um limite de segurança e não foi lido (${d.actual === undefined ? '' : `tem ${counted(d.what, d.actual, f)}; `}o limite é de ${counted(d.what, d.limit, f)}).`,
    todo: 'Pode estar danificado ou não ser confiável. Escolha outro modelo.',
  }),
  'tensor-missing': (_d, _f, stored) => ({
    what: 'Falta ao modelo uma parte de seus pesos.',
    todo: FILES[stored],
  }),
  'tensor-shape': (d, _, stored) => ({
    what: `Uma parte do modelo não tem a forma esperada (${file(d.file)}).`,
    todo: FILES[stored],
  }),
  'tensor-bounds': (d, _, stored) => ({
    what: `Uma parte do modelo aponta para fora do arquivo ${file(d.file)}.`,
    todo: FILES[stored],
  }),
  'tensor-not-finite': (_d, _f, stored) => ({
    what: 'Os pesos do modelo contêm valores que não são números.',
    todo: FILES[stored],
  }),
  'safetensors-invalid': (d, _, stored) => ({
    what: `O arquivo ${file(d.file)} não é um safetensors válido.`,
    todo: FILES[stored],
  }),
  'gguf-invalid': (d) => ({
    what: `O arquivo ${file(d.file)} não é um GGUF válido ou está incompleto.`,
    todo: 'Copie-o ou baixe-o de novo de onde veio.',
  }),
  'manifest-invalid': (d) => ({
    what: `A lista de arquivos do modelo tem um erro (${file(d.file)}).`,
    todo: 'Tente baixar de novo. Se acontecer outra vez, avise quem publica o modelo.',
  }),
  'tokenizer-invalid': (d, _, stored) => ({
    what: `Não foi possível ler o vocabulário do modelo (${file(d.file)}).`,
    todo: FILES[stored],
  }),
  'template-invalid': (d, _, stored) => ({
    what: `Não foi possível usar o formato de conversa deste modelo (${file(d.file)}).`,
    todo: FILES[stored],
  }),
  'file-missing': (d, _, stored) => ({ what: `Falta o arquivo ${file(d.file)}.`, todo: FILES[stored] }),
  'pack-invalid': (d) => ({
    what: `${file(d.file)} não é parte de um pacote do Yupana que se possa ler, ou está danificado.`,
    todo: 'Copie de novo de onde veio.',
  }),
  'nothing-to-add': (d, f) => ({
    what:
      d.files === 0
        ? 'Nenhum arquivo foi escolhido.'
        : f.plural(d.files, {
            one: 'Nesse arquivo não há nenhum modelo.',
            other: 'Entre esses # arquivos não há nenhum modelo.',
          }),
    todo: 'Escolha a pasta que contém os arquivos do modelo (por exemplo “yupana” no pendrive).',
  }),
  'file-unreadable': (d) => ({
    what: `Não é mais possível ler ${file(d.file)}: talvez o pendrive tenha sido retirado, ou o arquivo mudou.`,
    todo: 'Conecte-o e escolha a pasta de novo: o que já foi copiado não é lido outra vez.',
  }),
  'target-failed': (d) => ({
    what: `Não foi possível gravar nessa pasta${d.file === undefined ? '' : ` (${file(d.file)})`}: talvez o pendrive tenha sido retirado, ou esteja protegido.`,
    todo: 'Verifique e escolha a pasta de novo: o que já está bem copiado não é gravado outra vez.',
  }),
  'target-full': (d, f) => ({
    what: `Não há espaço suficiente nessa pasta${d.needed === undefined ? '' : `: falta gravar ${f.bytes(d.needed)}`}.`,
    todo: 'Libere espaço ali ou escolha outra, e tente de novo: continua de onde parou.',
  }),
  'hash-mismatch': (d) => ({
    what: `O arquivo ${file(d.file)} não corresponde à sua impressão digital: chegou danificado ou mudou, e não foi guardado.`,
    todo: 'Tente de novo: só esse arquivo é baixado outra vez.',
  }),
  'size-mismatch': (d, f) => ({
    what: `O arquivo ${file(d.file)} tem ${f.exactBytes(d.actual)} bytes e deveria ter ${f.exactBytes(d.expected)}.`,
    todo: 'Tente de novo: só esse arquivo é baixado outra vez.',
  }),
  'network-failed': () => ({
    what: 'A conexão caiu. O que já foi baixado está guardado.',
    todo: 'Verifique a rede e continue: o download segue de onde parou.',
  }),
  offline: () => ({
    what: 'Não há internet.',
    todo: 'Um modelo também pode vir de uma pasta ou de um pen drive.',
  }),
  'host-silent': (d, f) => ({
    what: `${blank(d.host, 'O servidor')} não respondeu, ou não deixa que uma página leia seus arquivos: houve ${f.number(d.tries)} tentativas.`,
    todo: 'Confira o nome e se há internet. Um modelo também pode vir de uma pasta ou de um pen drive.',
  }),
  'host-unreadable': (d) => ({
    what: `${blank(d.host, 'O servidor')} responde, mas não deixa que uma página leia os arquivos.`,
    todo: 'Baixe de lá a pasta do modelo com o navegador e adicione-a como pasta.',
  }),
  'http-status': (d) =>
    d.status === 451
      ? {
          what: 'O servidor não pode entregar este arquivo por uma razão legal (erro 451).',
          todo: 'Escolha outro modelo: esperar não muda nada.',
        }
      : {
          what: `O servidor respondeu com o erro ${d.status}. O que já foi baixado está salvo.`,
          todo: 'Espere um momento e continue.',
        },
  'access-needed': (d) => ({
    what: `${blank(d.host, 'O servidor')} pede para saber quem você é antes de entregar este modelo (ou não o tem: nos dois casos responde igual).`,
    todo: 'Confira o nome. Se o repositório pede que se aceitem condições, aceite-as na página dele e escreva aqui um token de leitura.',
  }),
  'access-refused': (d) => ({
    what:
      d.identified === true
        ? `${blank(d.host, 'O servidor')} não aceita esse token para este modelo.`
        : `${blank(d.host, 'O servidor')} não permite baixar este modelo.`,
    todo: 'Entre na página do modelo, aceite as condições, espere a permissão se for preciso e use um token de leitura dessa mesma conta.',
  }),
  'repository-missing': (d) => ({
    what: `${d.host} não mostra nenhum modelo com esse nome: está mal escrito, foi apagado ou é privado.`,
    todo: 'Confira o nome letra por letra, com maiúsculas. Se for privado, escreva um token de leitura de uma conta que possa vê-lo.',
  }),
  'repository-disabled': (d) => ({
    what: `${d.host} retirou este modelo: não o entrega a ninguém.`,
    todo: 'Escolha outro modelo, ou veja se o autor o publica em outro lugar.',
  }),
  'revision-missing': (d) => ({
    what: `${d.host} tem o modelo, mas não essa versão.`,
    todo: 'Tire o que vem depois de “@” ou de “tree/” no endereço, ou escreva uma versão que exista.',
  }),
  'delivery-refused': (d) => ({
    what: `O servidor ${d.host}, que entrega os arquivos grandes, respondeu com o erro ${d.status}. Foi pedido várias vezes com um endereço novo. O que já foi baixado está guardado.`,
    todo: 'Confira se o relógio deste computador está certo e se a rede da escola não bloqueia esse servidor. Depois continue; nenhum token é preciso.',
  }),
  'address-other': (d) => ({
    what: `Esse endereço é de ${KINDS[d.kind]}, não de um modelo.`,
    todo: 'Abra a página do modelo e copie o endereço, ou escreva “conta/modelo”.',
  }),
  'address-unconfirmed': (d) => ({
    what: `Ninguém confirmou nesta sessão que se pergunte a ${d.host}, então nada foi pedido a ele.`,
    todo: 'Vá a Modelos e aperte o botão do modelo, ou escreva o endereço de novo: antes de perguntar você verá a quem.',
  }),
  'address-invalid': () => ({
    what: 'Isso não é o nome de um repositório nem um endereço que se possa usar.',
    todo: 'Escreva “conta/modelo”, ou o endereço https da página ou da pasta do modelo.',
  }),
  'captive-portal': () => ({
    what: 'No lugar do arquivo veio uma página web: a rede pede que você entre ou aceite as condições primeiro.',
    todo: 'Abra qualquer página para entrar na rede e depois continue. Nada danificado foi guardado.',
  }),
  'download-larger': (d, f) => ({
    what: `O download é maior do que foi dito: ${f.bytes(d.actual)} em vez de ${f.bytes(d.told)}. Nada foi guardado.`,
    todo: 'Se estiver bem para você, baixe com o tamanho verdadeiro.',
  }),
  'file-changed': (d) => ({
    what: `O arquivo ${file(d.file)} mudou no servidor durante o download.`,
    todo: 'Tente de novo mais tarde.',
  }),
  'quota-exceeded': (d, f) => ({
    what:
      d.needed === undefined
        ? 'O navegador não deixa guardar mais dados.'
        : `O navegador não deixa guardar tanto: são necessários ${f.bytes(d.needed)}${d.available === undefined ? '' : ` e restam ${f.bytes(d.available)}`}.`,
    todo: 'Libere espaço no disco ou exclua outro modelo. Janelas anônimas guardam muito pouco: use uma normal.',
  }),
  'storage-failed': () => ({
    what: 'O navegador não conseguiu ler ou guardar os dados.',
    todo: 'Verifique se há espaço no disco e recarregue a página.',
  }),
  'storage-blocked': () => ({
    what: 'Outra aba, com uma versão anterior do Yupana, impede abrir os dados.',
    todo: 'Feche as outras abas do Yupana e recarregue esta.',
  }),
  'storage-newer': () => ({
    what: 'Os dados guardados são de uma versão mais nova do Yupana.',
    todo: 'Recarregue a página para atualizar. Nada foi apagado.',
  }),
  'model-not-stored': (_d, _f, stored) => ({
    what: 'Este modelo não está guardado no navegador, ou falta uma parte dele.',
    todo: stored === 'damaged' ? FILES.damaged : 'Baixe-o em Modelos.',
  }),
  'model-not-loaded': () => ({ what: 'Nenhum modelo está carregado.', todo: 'Escolha um em Modelos.' }),
  'document-unsupported': (d) => ({
    what: `O Yupana não lê arquivos deste tipo${d.extension === '' ? '' : `: .${blank(d.extension, '')}`}.`,
    todo: 'Servem .txt, .md, .csv, .pdf e .docx.',
  }),
  'document-wrong-type': (d) => ({
    what: `O conteúdo de ${file(d.file)} não é o que o nome diz.`,
    todo: 'Abra-o no programa dele e salve de novo no formato certo.',
  }),
  'document-empty': (d) => ({ what: `${file(d.file)} está vazio.`, todo: 'Escolha outro arquivo.' }),
  'document-too-large': (d, f) => ({
    what: `${file(d.file)} é grande demais${limit(d, f)}.`,
    todo: 'Divida-o e anexe só a parte de que você precisa.',
  }),
  'document-encrypted': (d) => ({
    what: `${file(d.file)} está protegido por senha.`,
    todo: 'Salve uma cópia sem senha e anexe-a.',
  }),
  'document-no-text': (d, f) => ({
    what: f.plural(d.pages, {
      one: `A única página de ${file(d.file)} é uma imagem: não há texto para ler.`,
      other: `As # páginas de ${file(d.file)} são imagens: não há texto para ler.`,
    }),
    todo: 'Use uma versão com texto, ou converta-o antes com um programa de reconhecimento de texto.',
  }),
  'document-damaged': (d) => ({
    what: `${file(d.file)} está danificado e não pôde ser lido.`,
    todo: 'Abra-o no programa dele, salve de novo e tente outra vez.',
  }),
  'import-invalid': () => ({
    what: 'O arquivo não é uma cópia do Yupana que se possa ler.',
    todo: 'Nada foi alterado. Escolha o arquivo que o Yupana salvou.',
  }),
  'import-too-large': (d, f) => ({
    what: `O arquivo é grande demais${limit(d, f)}.`,
    todo: 'Nada foi alterado. Escolha um arquivo menor.',
  }),
  'import-newer': () => ({
    what: 'O arquivo foi salvo por uma versão mais nova do Yupana.',
    todo: 'Atualize o Yupana e tente de novo. Nada foi alterado.',
  }),
  'constraint-empty': () => ({
    what: 'O formato pedido não admite nenhuma continuação para esta resposta.',
    todo: 'Mude o formato ou o pedido e tente de novo.',
  }),
  'vault-missing': () => ({
    what: 'Não há conversas trancadas neste navegador.',
    todo: 'Você pode criar a chave em Ajustes.',
  }),
  'vault-exists': () => ({
    what: 'Já há uma chave neste navegador.',
    todo: 'Escreva a frase dela, ou exclua-a antes de criar outra.',
  }),
  'vault-locked': () => ({
    what: 'As conversas trancadas estão fechadas.',
    todo: 'Escreva a frase para abri-las.',
  }),
  'vault-passphrase': () => ({
    what: 'A frase não é a das conversas trancadas.',
    todo: 'Confira maiúsculas e espaços. Sem a frase não há como recuperar o que foi guardado.',
  }),
  'vault-passphrase-short': (d, f) => ({
    what: 'A frase é muito curta.',
    todo: `Use ${f.number(d.limit)} caracteres ou mais.`,
  }),
  'vault-damaged': () => ({
    what: 'Uma conversa trancada não é o que foi guardado: está danificada ou alguém a alterou.',
    todo: 'As outras não são afetadas.',
  }),
};
