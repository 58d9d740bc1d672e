// Whose engine runs a model, and what that changes.

export const engines = {
  label: 'Motor',
  names: { yupana: 'Yupana', 'web-llm': 'WebLLM' },
  auto: (name: string) => `Automático (${name})`,
  summary: (name: string) => `Motor: ${name}`,
  hints: {
    yupana: 'El motor propio de Yupana lee los pesos del modelo tal como están; no necesita nada más.',
    'web-llm':
      'WebLLM, de MLC, calcula con una biblioteca compilada para cada modelo. Se descarga una vez (6 MB) y después funciona sin internet.',
  },
  lacks: {
    'top-k': 'no usa top-k',
    'min-p': 'no usa min-p',
    'prefix-reuse': 'si editas un mensaje, vuelve a leer la conversación entera',
  },
  lacksText: (list: string) => `Con WebLLM: ${list}.`,
  onlyWebLlm: 'Yupana todavía no calcula esta arquitectura: solo puede hacerlo WebLLM.',
  library: {
    stored:
      'La biblioteca compilada está guardada con el modelo. Su suma SHA-256 se anotó al descargarla y la comprueba “Comprobar los archivos”.',
    missing: 'Falta la biblioteca compilada de este modelo.',
    none: 'MLC no publica una biblioteca compilada para este modelo. Si tienes una, ponla en la carpeta del modelo antes de agregarlo.',
    get: 'Descargar la biblioteca',
    trust:
      'Es un programa que publica MLC en GitHub. Nadie publica su suma: queda fijada con la primera descarga. Se ejecuta sin acceso a la red.',
  },
  more: {
    title: 'Más modelos, con WebLLM',
    text: 'Modelos de otras arquitecturas (Qwen, Gemma, Phi y más) que publica MLC. Yupana no los ha probado, no son Latam-GPT y cada uno tiene su licencia: léela en su página.',
    search: 'Buscar por nombre',
    count: (count: string, all: string) => `${count} de ${all} modelos`,
    nothing: 'Ningún modelo se llama así.',
    memory: (size: string) => `necesita cerca de ${size} de memoria gráfica`,
    add: 'Agregar',
    addNamed: (name: string) => `Agregar ${name}`,
    there: 'ya está en la lista',
    added: (name: string) => `${name} está en la lista: ahora puedes descargarlo.`,
    about: (name: string) =>
      `${name}, publicado por MLC. No es Latam-GPT. Yupana no lo ha probado; lo calcula WebLLM con una biblioteca que publica MLC.`,
  },
};
