// The library: fit, checks, downloads in words, models added by their address.

import type { library as es } from '../es/library.ts';

export const library: typeof es = {
  fit: {
    label: 'Neste computador',
    fits: { good: 'cabe bem', tight: 'cabe justo', no: 'não cabe' },
    numbers: 'As contas',
    weights: 'Pesos',
    cache: (tokens: string) => `Memória da conversa (${tokens} tokens)`,
    work: 'Espaço de trabalho',
    needed: 'No total, enquanto funciona',
    told: (bytes: string) => `O navegador diz que há ${bytes} de memória.`,
    toldCapped: (bytes: string) => `O navegador diz ${bytes} ou mais: nunca conta mais do que isso.`,
    untold: 'Este navegador não diz quanta memória há: não dá para prometer.',
    disk: (needed: string, free: string) =>
      `É preciso guardar ${needed}, e o navegador deixa no máximo ${free}.`,
    buffer: 'A placa de vídeo não aceita pedaços de memória tão grandes.',
    context: 'Contexto',
    estimate: 'São estimativas: outros programas e abas também usam memória.',
  },
  checks: {
    sha256: 'Verificado com SHA-256, arquivo por arquivo.',
    md5: 'Verificado com MD5: detecta danos, não prova a origem.',
    size: 'Verificado só pelo tamanho: quem o publica não dá somas.',
  },
  pause: 'Pausar',
  cancel: 'Cancelar e apagar o que foi baixado',
  cancelTitle: (name: string) => `Apagar o que foi baixado de ${name}?`,
  cancelText: (size: string) => `Já há ${size} guardados. Se você só pausar, amanhã continua dali.`,
  speed: (speed: string) => `${speed} por segundo`,
  waits: {
    line: 'O servidor não responde.',
    status: (status: string) => `O servidor respondeu com o erro ${status}.`,
    short: 'O download chegou cortado.',
    again: (time: string) => `Tenta de novo em ${time}; você pode deixar assim.`,
  },
  interrupted: (name: string) => `O download de ${name} ficou pela metade.`,
  ended: (name: string) => `${name} está baixado e verificado.`,
  licenceText: 'Ler a licença (em inglês)',
  licenceLink: 'O texto desta licença não vem com o Yupana; está na página do modelo.',
  added: {
    about: (name: string) => `${name}: adicionado por você; ninguém revisou esta ficha.`,
    facts: (where: string, revision: string, licence: string) =>
      `Está em ${where}, revisão ${revision}. Quem o publica declara a licença: ${licence}. O Yupana só verificou que a forma dele pode ser executada. Não se sabe com que foi treinado, nem se responde bem.`,
    noRevision: 'não fixada',
    noLicence: 'nenhuma',
    forget: 'Tirar da lista',
  },
  add: {
    open: 'Adicionar um modelo pelo nome ou endereço',
    title: 'Adicionar um modelo',
    text: 'Escreva “conta/modelo” do Hugging Face, ou o endereço https da pasta de um modelo. Antes de baixar qualquer coisa grande, vê-se se pode funcionar aqui.',
    label: 'Nome ou endereço',
    look: 'Olhar',
    looking: 'Olhando os arquivos pequenos…',
    found: (parameters: string, scheme: string) => `${parameters} milhões de parâmetros, em ${scheme}.`,
    costs: (download: string, kept: string) => `Baixam-se ${download} e guardam-se ${kept}.`,
    licence: (licence: string) => `Licença que declara quem o publica: ${licence}.`,
    noLicence: 'Quem o publica não declara nenhuma licença: pode não permitir o uso.',
    gated: 'Pede que se aceitem condições na página dele antes de baixar.',
    there: 'Já está na sua lista.',
    confirm: 'Adicionar à minha lista',
    done: (name: string) => `${name} está na sua lista.`,
  },
  token: {
    title: 'Token de acesso',
    text: (host: string) =>
      `Só é enviado a ${host}, só vive enquanto esta aba está aberta e não é guardado em lugar nenhum.`,
    label: 'Token',
    use: 'Usar este token',
    forget: 'Esquecer o token',
    kept: (host: string) => `Há um token para ${host} até você fechar esta aba.`,
  },
  settings: {
    title: 'Como se baixa',
    limit: 'Velocidade máxima',
    limits: { none: 'Sem limite', value: (speed: string) => `${speed} por segundo` },
    mirror: 'Espelho da escola ou do país',
    mirrorText:
      'Endereço https de um espelho feito com o Yupana. Pergunta-se lá primeiro; o que ele não tiver vem do lugar de sempre.',
    mirrorBad: 'Precisa ser um endereço https, ou um deste mesmo site.',
    save: 'Guardar',
    saved: 'Guardado.',
    notify: 'Avisar com uma notificação do sistema quando terminar',
    notifyRefused: 'O navegador não permite notificações deste site. O aviso vem aqui mesmo.',
  },
};
