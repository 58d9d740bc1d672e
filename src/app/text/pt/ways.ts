import { everywhere, type WaysOut } from '../texts.ts';

export const ways: WaysOut = {
  'insecure-context': everywhere(
    'Abra o Yupana por um endereço https://.',
    'Neste mesmo computador também serve http://localhost.',
    'Um endereço como http://192.168.1.10 não basta: nele o navegador não oferece WebGPU nem funcionamento sem internet.',
  ),
  'storage-missing': everywhere(
    'Se for uma janela anônima, abra o Yupana em uma janela normal.',
    'Nas configurações do navegador, permita que os sites guardem dados.',
  ),
  'webgpu-missing': {
    windows: [
      'Abra o Yupana no Chrome ou no Edge 113 ou mais novo, ou no Firefox 141 ou mais novo.',
      'Se você já usa um deles, atualize-o: menu ⋮ › Ajuda › Sobre.',
      'Depois, reinicie o navegador e verifique de novo.',
    ],
    linux: [
      'Abra o Yupana no Chrome 144 ou mais novo; por enquanto ele traz WebGPU no Linux para vídeo Intel recente e NVIDIA.',
      'Com outro vídeo, digite chrome://flags/#enable-unsafe-webgpu na barra de endereços, escolha “Enabled”, ative também #enable-vulkan e reinicie.',
      'O Firefox no Linux ainda não o traz ativado.',
    ],
    chromeos: [
      'Atualize o ChromeOS: Configurações › Sobre o ChromeOS › Procurar atualizações.',
      'Se a sua escola administra o computador, peça que permitam o WebGPU.',
    ],
    macos: [
      'Abra o Yupana no Chrome ou no Edge 113 ou mais novo, ou no Safari 26.',
      'Se você usa o Safari, atualize o macOS.',
    ],
    other: [
      'Abra o Yupana em um computador, com uma versão recente do Chrome ou do Edge.',
      'Em um celular Android serve o Chrome 121 ou mais novo; em um iPhone, o iOS 26.',
    ],
  },
  'adapter-missing': {
    windows: [
      'No Chrome ou no Edge: Configurações › Sistema › ative “Usar aceleração gráfica quando disponível” e reinicie o navegador.',
      'Atualize o driver de vídeo: Configurações do Windows › Windows Update › Opções avançadas › Atualizações opcionais.',
      'Se continuar igual, abra chrome://gpu e veja o que diz a linha WebGPU.',
    ],
    linux: [
      'Instale os drivers Vulkan (no Debian e no Ubuntu, o pacote mesa-vulkan-drivers) e reinicie o navegador.',
      'Se continuar igual, ative chrome://flags/#enable-unsafe-webgpu e #enable-vulkan, e reinicie.',
      'A página chrome://gpu diz na linha WebGPU o que falta.',
    ],
    chromeos: [
      'Atualize o ChromeOS e reinicie o computador.',
      'Modelos muito antigos não têm vídeo que sirva para o WebGPU.',
    ],
    macos: [
      'No Chrome: Configurações › Sistema › ative “Usar aceleração gráfica quando disponível” e reinicie.',
      'Atualize o macOS.',
    ],
    other: ['Ative a aceleração de hardware no navegador e reinicie-o.', 'Atualize o sistema.'],
  },
  'limit-too-low': everywhere(
    'Atualize o driver de vídeo e o navegador.',
    'Se continuar igual, esta placa de vídeo é pequena demais: use outro computador.',
  ),
};
