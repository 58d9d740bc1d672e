// Tuning the engine to this machine, in settings.

import type { Dictionary } from '../es/dictionary.ts';

export const tuning: Dictionary['tuning'] = {
  title: 'O motor neste computador',
  text: 'Na primeira vez que carrega um modelo, o Yupana testa várias formas de calcular e fica com a mais rápida. O resultado fica guardado neste navegador.',
  run: 'Testar de novo',
  running: 'Medindo',
  notLoaded: 'Carregue um modelo para medir.',
  onlyGpu: 'Este teste é para o motor próprio do Yupana na GPU.',
  tuned: (seconds) => `Ajustado em ${seconds}.`,
  default: (seconds) => `Nada foi claramente mais rápido que a forma habitual. O teste durou ${seconds}.`,
  useless:
    'Neste computador a GPU é imitada pelo processador: medir não diz nada, e se usa a forma habitual.',
  refused: 'Uma forma mais rápida foi descartada porque não era exata o bastante com este modelo.',
  products: {
    qkv: 'Consulta, chave e valor',
    o: 'Saída da atenção',
    gateUp: 'Entrada da rede',
    down: 'Saída da rede',
    logits: 'Palavras possíveis',
  },
  product: 'Cálculo',
  variant: 'Forma',
  gain: 'Vezes mais rápido',
  failed: 'O teste não terminou.',
};
