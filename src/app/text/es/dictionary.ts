// Spanish: neutral Latin American. The source of the dictionary's type: the other languages must satisfy it.

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

export const es = {
  name: self.name,
  engines,
  tuning,
  ways,

  app: {
    skip: 'Saltar al contenido',
    places: 'Lugares',
    chat: 'Conversar',
    models: 'Modelos',
    settings: 'Ajustes',
    machine: 'Este equipo',
    close: 'Cerrar',
    cancel: 'Cancelar',
    undo: 'Deshacer',
    retry: 'Reintentar',
    details: 'Detalles técnicos',
  },

  chip: {
    before: 'Modelo:',
    after: '. Ver modelos',
    none: 'Sin modelo',
    absent: 'sin descargar',
    partial: 'descarga a medias',
    downloading: (percent: string) => `descargando ${percent}`,
    copying: (percent: string) => `copiando ${percent}`,
    verifying: 'comprobando',
    corrupt: 'dañado',
    loading: (percent: string) => `cargando ${percent}`,
    ready: 'listo',
    readyOffline: 'listo sin internet',
    failed: 'no se pudo cargar',
    stopped: 'se detuvo',
    elsewhere: 'en otra pestaña',
  },

  first: {
    title: 'Una computadora basta para conversar con un modelo de lenguaje',
    what: 'Yupana ejecuta en esta computadora un modelo de lenguaje; el que descargas ahora es Semilla, un modelo de demostración de 5,8 millones de parámetros, que sabe poco, se equivoca y no es Latam-GPT.',
    stored: (size: string) =>
      `Se guardarán ${size} en este navegador, una sola vez; después funciona sin internet.`,
    privacy: 'Lo que escribas no sale de esta computadora.',
    begin: (size: string) => `Descargar y empezar (${size})`,
    resume: (percent: string) => `Continuar la descarga (${percent})`,
  },

  download: {
    label: 'Progreso de la descarga',
    done: (done: string, total: string, percent: string) => `${done} de ${total} (${percent})`,
    exact: (done: string, total: string) => `${done} de ${total} bytes guardados`,
    plan: 'Leyendo la lista de archivos',
    download: 'Descargando',
    convert: 'Descargando y convirtiendo',
    verify: 'Comprobando',
    import: 'Copiando y comprobando',
    importConvert: 'Copiando y convirtiendo',
    export: 'Copiando',
    left: (time: string) => `quedan unos ${time}`,
    cancel: 'Detener la descarga',
    kept: 'Lo descargado queda guardado: al continuar, sigue desde ahí.',
    finished: 'El modelo está descargado y comprobado.',
  },

  preflight: {
    title: 'Este navegador no puede ejecutar el modelo',
    checking: 'Comprobando esta computadora…',
    ways: 'Qué puedes hacer',
    again: 'Volver a comprobar',
    other: 'Instrucciones para otro sistema',
    platforms: {
      windows: 'Windows',
      linux: 'Linux',
      chromeos: 'ChromeOS',
      macos: 'macOS',
      other: 'Otro',
    },
    faults: {
      'insecure-context': 'La página se abrió por una dirección que el navegador no considera segura.',
      'storage-missing': 'El navegador no deja guardar datos en este sitio, y el modelo se guarda aquí.',
      'webgpu-missing': 'Falta WebGPU: es lo que permite calcular con la tarjeta gráfica desde una página.',
      'adapter-missing': 'El navegador tiene WebGPU, pero no encuentra una tarjeta gráfica que pueda usar.',
      'limit-too-low': 'La tarjeta gráfica ofrece menos de lo que cualquier modelo pide.',
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
    copy: 'Copiar el código',
    copied: 'Copiado',
    copyFailed: 'No se pudo copiar',
    code: 'Código',
    image: 'Imagen',
    table: 'Tabla',
    formula: 'Fórmula',
    done: 'Hecho',
    notDone: 'Por hacer',
    linkTitle: '¿Abrir este enlace en otra pestaña?',
    linkGoesTo: 'Este enlace lleva a:',
    openLink: 'Abrir',
    copyAddress: 'Copiar la dirección',
    cancel: 'Cancelar',
  },

  machine,

  models,

  packs,

  storage,

  library,

  settings,

  update: {
    ready: 'Hay una versión nueva de Yupana.',
    apply: 'Actualizar',
    later: 'Más tarde',
  },
};

export type Dictionary = typeof es;
