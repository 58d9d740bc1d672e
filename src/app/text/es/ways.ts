import { everywhere, type WaysOut } from '../texts.ts';

export const ways: WaysOut = {
  'insecure-context': everywhere(
    'Abre Yupana por una dirección https://.',
    'En esta misma computadora también sirve http://localhost.',
    'Una dirección como http://192.168.1.10 no alcanza: el navegador no da WebGPU ni funcionamiento sin internet en ella.',
  ),
  'storage-missing': everywhere(
    'Si es una ventana privada, abre Yupana en una ventana normal.',
    'En la configuración del navegador, permite que los sitios guarden datos.',
  ),
  'webgpu-missing': {
    windows: [
      'Abre Yupana en Chrome o Edge 113 o más nuevo, o en Firefox 141 o más nuevo.',
      'Si ya lo usas, actualízalo: menú ⋮ › Ayuda › Información.',
      'Después, reinicia el navegador y vuelve a comprobar.',
    ],
    linux: [
      'Abre Yupana en Chrome 144 o más nuevo; por ahora trae WebGPU en Linux para gráficos Intel recientes y NVIDIA.',
      'Con otros gráficos, escribe chrome://flags/#enable-unsafe-webgpu en la barra de direcciones, elige “Enabled”, activa también #enable-vulkan y reinicia.',
      'Firefox en Linux todavía no lo trae activado.',
    ],
    chromeos: [
      'Actualiza ChromeOS: Configuración › Acerca de ChromeOS › Buscar actualizaciones.',
      'Si la computadora la administra tu escuela, pide que permitan WebGPU.',
    ],
    macos: [
      'Abre Yupana en Chrome o Edge 113 o más nuevo, o en Safari 26.',
      'Si usas Safari, actualiza macOS.',
    ],
    other: [
      'Abre Yupana en una computadora, con una versión reciente de Chrome o Edge.',
      'En un teléfono Android sirve Chrome 121 o más nuevo; en un iPhone, iOS 26.',
    ],
  },
  'adapter-missing': {
    windows: [
      'En Chrome o Edge: Configuración › Sistema › activa “Usar aceleración gráfica cuando esté disponible” y reinicia el navegador.',
      'Actualiza el controlador de gráficos: Configuración de Windows › Windows Update › Opciones avanzadas › Actualizaciones opcionales.',
      'Si sigue igual, abre chrome://gpu y mira qué dice en la línea WebGPU.',
    ],
    linux: [
      'Instala los controladores Vulkan (en Debian y Ubuntu, el paquete mesa-vulkan-drivers) y reinicia el navegador.',
      'Si sigue igual, activa chrome://flags/#enable-unsafe-webgpu y #enable-vulkan, y reinicia.',
      'La página chrome://gpu dice en la línea WebGPU qué falta.',
    ],
    chromeos: [
      'Actualiza ChromeOS y reinicia la computadora.',
      'Los modelos muy antiguos no tienen gráficos que sirvan para WebGPU.',
    ],
    macos: [
      'En Chrome: Configuración › Sistema › activa “Usar aceleración gráfica cuando esté disponible” y reinicia.',
      'Actualiza macOS.',
    ],
    other: ['Activa la aceleración por hardware en el navegador y reinícialo.', 'Actualiza el sistema.'],
  },
  'limit-too-low': everywhere(
    'Actualiza el controlador de gráficos y el navegador.',
    'Si sigue igual, esta tarjeta gráfica es demasiado pequeña: usa otra computadora.',
  ),
};
