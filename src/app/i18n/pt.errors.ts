import type { ErrorDetails } from '../../engine.ts';
import type { Formats } from './format.ts';
import { amount, blank, type ErrorTexts } from './texts.ts';

const REPAIR = 'Em Modelos, escolha “Reparar”: só o que está danificado é baixado.';
const OTHER_MODEL = 'Escolha outro modelo em Modelos.';
const file = (value: string | number | boolean | undefined): string => `“${blank(value, 'sem nome')}”`;

/** Names of what limits count; what is not here says nothing to a person. */
const COUNTED: Record<string, string> = {
  pages: 'páginas',
  characters: 'caracteres',
  messages: 'mensagens',
  conversations: 'conversas',
};
function limit(d: ErrorDetails, f: Formats): string {
  const counted = COUNTED[String(d.what)];
  if (typeof d.limit !== 'number' || (d.what !== 'bytes' && counted === undefined)) return '';
  const most = counted === undefined ? f.bytes(d.limit) : `${f.number(d.limit)} ${counted}`;
  return ` (o limite é de ${most})`;
}

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
    what: `A placa de vídeo oferece menos do que este modelo pede (${blank(d.limit, 'um limite')}: ${amount(d.actual, f, '?')}, é preciso ${amount(d.expected, f, 'mais')}).`,
    todo: 'Escolha um modelo menor ou use outro computador.',
  }),
  'feature-missing': (d) => ({
    what: `A placa de vídeo não oferece ${blank(d.feature, 'um recurso')}, de que a biblioteca WebLLM deste modelo precisa.`,
    todo: 'Escolha o motor Yupana na ficha do modelo, ou outro modelo.',
  }),
  'wasm-simd-missing': () => ({
    what: 'Este navegador é antigo demais para calcular sem placa de vídeo (falta WebAssembly SIMD).',
    todo: 'Atualize-o, ou use uma versão recente do Chrome, Edge ou Firefox.',
  }),
  'model-over-4gb': () => ({
    what: 'Este modelo é grande demais para calcular sem placa de vídeo: sem ela, o navegador não consegue usar mais de 4 GB.',
    todo: 'Escolha um modelo menor em Modelos, ou use um computador com WebGPU.',
  }),
  'device-lost': () => ({
    what: 'A placa de vídeo parou de responder e o modelo saiu da memória dela. A conversa está guardada.',
    todo: 'Carregue o modelo de novo para continuar.',
  }),
  'out-of-memory': () => ({
    what: 'A memória não foi suficiente para este modelo. A conversa está guardada.',
    todo: 'Feche outras abas e programas, ou reduza o tamanho do contexto em Ajustes, e carregue-o de novo.',
  }),
  'context-full': (d, f) => ({
    what:
      typeof d.expected === 'number' && typeof d.actual === 'number'
        ? `A conversa não cabe mais no contexto do modelo (${f.number(d.actual)} tokens de ${f.number(d.expected)}).`
        : 'A conversa não cabe mais no contexto do modelo.',
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
  internal: (d) => ({
    what: `Aconteceu uma falha que não esperávamos${d.why === undefined ? '' : ` (${blank(d.why, '')})`}.`,
    todo: 'Recarregue a página. Se acontecer de novo, anote o que você fazia e nos avise.',
  }),
  'option-invalid': (d) => ({
    what: `Um ajuste tem um valor que não serve: ${blank(d.option ?? d.file, 'sem nome')}.`,
    todo: 'Em Ajustes, escolha “Voltar aos valores iniciais”.',
  }),
  'option-unsupported': (d) => ({
    what: `O motor ${blank(d.engine, 'escolhido')} não consegue fazer isto (${blank(d.option, 'uma opção')}).`,
    todo: 'Escolha o motor Yupana na ficha do modelo.',
  }),
  'schema-unsupported': (d) => ({
    what: `O esquema JSON pede algo que o Yupana não consegue garantir em uma resposta (${blank(d.keyword, 'uma palavra-chave')}).`,
    todo: 'Tire essa condição do esquema, ou confira-a depois.',
  }),
  'grammar-invalid': () => ({
    what: 'A gramática ou o esquema da resposta não pode ser lido.',
    todo: 'Revise a sintaxe.',
  }),
  'answer-unfinished': (d, f) => ({
    what:
      typeof d.expected === 'number'
        ? `O contexto do modelo (${f.number(d.expected)} tokens) acabou antes que a resposta tivesse a forma pedida.`
        : 'O contexto do modelo acabou antes que a resposta tivesse a forma pedida.',
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
    what: `O modelo é de uma arquitetura que o Yupana não executa: ${blank(d.actual, 'desconhecida')}.`,
    todo: OTHER_MODEL,
  }),
  'scheme-unsupported': (d) => ({
    what: `O modelo usa uma quantização que o Yupana não lê: ${blank(d.actual, 'desconhecida')}.`,
    todo: OTHER_MODEL,
  }),
  'rope-unsupported': (d) => ({
    what: `O modelo codifica as posições de um modo que o Yupana não conhece: ${blank(d.actual, 'sem nome')}.`,
    todo: OTHER_MODEL,
  }),
  'config-unsupported': (d) => ({
    what: `A configuração do modelo pede algo que o Yupana não faz: ${blank(d.field ?? d.actual, 'sem nome')}.`,
    todo: OTHER_MODEL,
  }),
  'dtype-unsupported': (d) => ({
    what: `Os pesos estão em um formato numérico que o Yupana não lê: ${blank(d.actual, 'desconhecido')}.`,
    todo: OTHER_MODEL,
  }),
  'config-invalid': (d) => ({
    what: `A configuração do modelo tem um erro em ${file(d.file)}${d.field === undefined ? '' : ` (${blank(d.field, '')})`}.`,
    todo: REPAIR,
  }),
  'not-a-model': (d) => ({
    what: `Não há um modelo reconhecível em ${file(d.file ?? d.name)}.`,
    todo: 'Verifique de onde ele vem ou escolha outro modelo em Modelos.',
  }),
  'json-invalid': (d) => ({ what: `O arquivo ${file(d.file)} está malformado.`, todo: REPAIR }),
  'limit-exceeded': (d) => ({
    what: `O arquivo ${file(d.file)} passa de um limite de segurança (${blank(d.limit ?? d.what, 'tamanho')}) e não foi lido.`,
    todo: 'Pode estar danificado ou não ser confiável. Escolha outro modelo.',
  }),
  'tensor-missing': (d) => ({
    what: `Falta uma parte do modelo: ${blank(d.tensor ?? d.file, 'sem nome')}.`,
    todo: REPAIR,
  }),
  'tensor-shape': (d) => ({
    what: `Uma parte do modelo não tem a forma esperada: ${blank(d.tensor ?? d.file, 'sem nome')}.`,
    todo: REPAIR,
  }),
  'tensor-bounds': (d) => ({
    what: `Uma parte do modelo aponta para fora do arquivo ${file(d.file)}.`,
    todo: REPAIR,
  }),
  'tensor-not-finite': (d) => ({
    what: `Os pesos do modelo contêm valores que não são números (${blank(d.tensor ?? d.file, 'sem nome')}).`,
    todo: REPAIR,
  }),
  'safetensors-invalid': (d) => ({
    what: `O arquivo ${file(d.file)} não é um safetensors válido.`,
    todo: REPAIR,
  }),
  'manifest-invalid': (d) => ({
    what: `A lista de arquivos do modelo tem um erro (${file(d.file)}).`,
    todo: 'Tente baixar de novo. Se acontecer outra vez, avise quem publica o modelo.',
  }),
  'tokenizer-invalid': (d) => ({
    what: `Não foi possível ler o vocabulário do modelo (${file(d.file)}).`,
    todo: REPAIR,
  }),
  'template-invalid': (d) => ({
    what: `Não foi possível usar o formato de conversa deste modelo (${file(d.file)}).`,
    todo: REPAIR,
  }),
  'file-missing': (d) => ({ what: `Falta o arquivo ${file(d.file)}.`, todo: REPAIR }),
  'pack-invalid': (d) => ({
    what: `${file(d.file)} não é parte de um pacote do Yupana que se possa ler, ou está danificado.`,
    todo: 'Copie de novo de onde veio.',
  }),
  'nothing-to-add': () => ({
    what: 'Entre esses arquivos não há nenhum modelo.',
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
    what: `Não há espaço suficiente nessa pasta${typeof d.needed === 'number' ? `: falta gravar ${f.bytes(d.needed)}` : ''}.`,
    todo: 'Libere espaço ali ou escolha outra, e tente de novo: continua de onde parou.',
  }),
  'hash-mismatch': (d) => ({
    what: `O arquivo ${file(d.file)} não corresponde à sua impressão digital: chegou danificado ou mudou, e não foi guardado.`,
    todo: 'Tente de novo: só esse arquivo é baixado outra vez.',
  }),
  'size-mismatch': (d, f) => ({
    what:
      typeof d.expected === 'number' && typeof d.actual === 'number'
        ? `O arquivo ${file(d.file)} tem ${f.exactBytes(d.actual)} bytes e deveria ter ${f.exactBytes(d.expected)}.`
        : `O arquivo ${file(d.file)} não tem o tamanho esperado.`,
    todo: 'Tente de novo: só esse arquivo é baixado outra vez.',
  }),
  'network-failed': () => ({
    what: 'A conexão caiu. O que já foi baixado está guardado.',
    todo: 'Verifique a rede e continue: o download segue de onde parou.',
  }),
  'http-status': (d) => ({
    what: `O servidor respondeu com o erro ${blank(d.status ?? d.actual, 'sem número')}. O que já foi baixado está guardado.`,
    todo: 'Espere um momento e continue.',
  }),
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
  'address-invalid': () => ({
    what: 'Isso não é o nome de um repositório nem um endereço que se possa usar.',
    todo: 'Escreva “conta/modelo”, ou o endereço https da página ou da pasta do modelo.',
  }),
  'captive-portal': () => ({
    what: 'No lugar do arquivo veio uma página web: a rede pede que você entre ou aceite as condições primeiro.',
    todo: 'Abra qualquer página para entrar na rede e depois continue. Nada danificado foi guardado.',
  }),
  'file-changed': (d) => ({
    what: `O arquivo ${file(d.file)} mudou no servidor durante o download.`,
    todo: 'Tente de novo mais tarde.',
  }),
  'quota-exceeded': (d, f) => ({
    what:
      typeof d.expected === 'number'
        ? `O navegador não permite guardar tanto: são necessários ${f.bytes(d.expected)}.`
        : 'O navegador não permite guardar mais dados.',
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
  'model-not-stored': () => ({
    what: 'Este modelo não está guardado no navegador, ou falta uma parte.',
    todo: 'Baixe-o ou repare-o em Modelos.',
  }),
  'document-unsupported': (d) => ({
    what: `O Yupana não lê arquivos deste tipo${d.extension === undefined ? '' : `: ${blank(d.extension, '')}`}.`,
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
  'document-no-text': (d) => ({
    what: `As páginas de ${file(d.file)} são imagens: não há texto para ler.`,
    todo: 'Use uma versão com texto, ou converta-o antes com um programa de reconhecimento de texto.',
  }),
  'document-damaged': (d) => ({
    what: `${file(d.file)} está danificado e não pôde ser lido.`,
    todo: 'Abra-o no programa dele, salve de novo e tente outra vez.',
  }),
  'import-invalid': (d) => ({
    what: `O arquivo não é uma cópia do Yupana que se possa ler${d.where === undefined ? '' : ` (falha em ${blank(d.where, '')})`}.`,
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
  'vault-passphrase-short': (d) => ({
    what: 'A frase é curta demais.',
    todo: d.limit === undefined ? 'Use uma mais longa.' : `Use ${blank(d.limit, '')} caracteres ou mais.`,
  }),
  'vault-damaged': () => ({
    what: 'Uma conversa trancada não é o que foi guardado: está danificada ou alguém a alterou.',
    todo: 'As outras não são afetadas.',
  }),
};
