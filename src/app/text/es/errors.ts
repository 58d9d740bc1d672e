import type { Counted, ErrorDetailsOf, ForeignKind } from '../../../failures.ts';
import type { Formats } from '../format.ts';
import { blank, capacity, number, named, type ErrorTexts, type Stored } from '../texts.ts';

/** What to do about a model's files. */
const FILES: Record<Stored, string> = {
  none: 'Revisa de dónde viene el modelo, o elige otro en Modelos.',
  whole: 'En Modelos, elige “Comprobar los archivos”: si hay algo dañado, se puede reparar.',
  damaged: 'En Modelos, elige “Reparar”: se descarga solo lo dañado.',
};
/** What an address of the hub may be of, beside a model. */
const KINDS: Record<ErrorDetailsOf['address-other']['kind'], string> = {
  dataset: 'un conjunto de datos',
  space: 'una demostración (un “space”)',
  collection: 'una colección',
  paper: 'un artículo',
  account: 'una cuenta',
  page: 'una página del sitio',
};
const OTHER_MODEL = 'Elige otro modelo en Modelos.';
const file = (value: string | undefined): string => `“${blank(value, 'sin nombre')}”`;

const COUNTED: Record<Exclude<Counted, 'bytes' | 'value'>, { one: string; other: string }> = {
  characters: { one: '# carácter', other: '# caracteres' },
  conversations: { one: '# conversación', other: '# conversaciones' },
  entries: { one: '# elemento', other: '# elementos' },
  files: { one: '# archivo', other: '# archivos' },
  levels: { one: '# nivel', other: '# niveles' },
  messages: { one: '# mensaje', other: '# mensajes' },
  pages: { one: '# página', other: '# páginas' },
  tensors: { one: '# parte', other: '# partes' },
};
function counted(what: Counted, count: number, f: Formats): string {
  if (what === 'bytes') return f.bytes(count);
  return what === 'value' ? `un valor de ${f.number(count, 6)}` : f.plural(count, COUNTED[what]);
}
const limit = (d: ErrorDetailsOf['document-too-large' | 'import-too-large'], f: Formats): string =>
  ` (el límite es de ${counted(d.what, d.limit, f)})`;

/** What files that are not read are, and what to do instead. */
const FOREIGN: Record<ForeignKind, string> = {
  adapter: 'es un adaptador, que cambia a otro modelo y no contesta solo',
  flax: 'tiene los pesos en el formato de Flax',
  meta: 'tiene los pesos originales de Meta',
  mlx: 'tiene los pesos en el formato de MLX',
  onnx: 'tiene los pesos en el formato ONNX',
  pointer: 'solo contiene la referencia de Git LFS: falta el contenido',
  pytorch: 'tiene los pesos en un formato antiguo, que puede ejecutar programas al abrirse',
  tensorflow: 'tiene los pesos en un formato de otro programa',
  zip: 'es un archivo comprimido',
};
const FOREIGN_ADVICE: Partial<Record<ForeignKind, string>> = {
  pointer: 'Descarga el archivo desde la página del modelo, o usa “git lfs pull”.',
  zip: 'Descomprímelo y elige la carpeta.',
};

export const errors: ErrorTexts = {
  'webgpu-missing': () => ({
    what: 'Este navegador no tiene WebGPU, que es lo que permite calcular con la tarjeta gráfica.',
    todo: 'Usa una versión reciente de Chrome o Edge.',
  }),
  'adapter-missing': () => ({
    what: 'El navegador tiene WebGPU, pero no encuentra una tarjeta gráfica que pueda usar.',
    todo: 'Activa la aceleración por hardware, actualiza el controlador de gráficos y reinicia el navegador.',
  }),
  'limit-too-low': (d, f) => ({
    what: `La tarjeta gráfica ofrece menos de lo que este modelo pide: ${capacity(d.limit, d.actual, f)}, y se necesitan ${capacity(d.limit, d.expected, f)}.`,
    todo: 'Elige un modelo más pequeño o usa otra computadora.',
  }),
  'feature-missing': (d) => ({
    what: `La tarjeta gráfica no ofrece ${d.feature === 'shader-f16' ? 'el cálculo en 16 bits' : 'una función'} que la biblioteca WebLLM de este modelo necesita.`,
    todo: 'Elige el motor Yupana en la ficha del modelo, u otro modelo.',
  }),
  'wasm-simd-missing': () => ({
    what: 'Este navegador es demasiado antiguo para calcular sin tarjeta gráfica (le falta WebAssembly SIMD).',
    todo: 'Actualízalo, o usa una versión reciente de Chrome, Edge o Firefox.',
  }),
  'model-over-4gb': (d, f) => ({
    what: `Este modelo necesita ${f.bytes(d.actual)}, demasiado para calcular sin tarjeta gráfica: sin ella, el navegador no puede usar más de 4 GB.`,
    todo: 'Elige un modelo más pequeño en Modelos, o usa una computadora con WebGPU.',
  }),
  'device-lost': () => ({
    what: 'La tarjeta gráfica dejó de responder y el modelo salió de su memoria. La conversación está guardada.',
    todo: 'Vuelve a cargar el modelo para seguir.',
  }),
  'out-of-memory': (d, f) => ({
    what: `No alcanzó la memoria para este modelo${d.bytes === undefined ? '' : ` (se pidieron ${f.bytes(d.bytes)})`}. La conversación está guardada.`,
    todo: 'Cierra otras pestañas y programas, o baja el tamaño del contexto en Ajustes, y vuelve a cargarlo.',
  }),
  'context-full': (d, f) => ({
    what: `La conversación ya no cabe en el contexto del modelo (${f.number(d.actual)} tokens de ${f.number(d.expected)}).`,
    todo: 'Empieza una conversación nueva o acorta tu mensaje. Esta queda guardada.',
  }),
  'engine-busy': () => ({
    what: 'El modelo está en uso en otra pestaña de este navegador.',
    todo: 'Sigue en aquella pestaña, o úsalo aquí: la otra dejará de responder.',
  }),
  'engine-taken': () => ({
    what: 'Otra pestaña pasó a usar el modelo. La conversación está guardada.',
    todo: 'Sigue en aquella pestaña, o vuelve a cargarlo aquí.',
  }),
  'download-busy': () => ({
    what: 'Otra pestaña está trabajando con los archivos de este modelo.',
    todo: 'Espera a que termine, o cancela allí y vuelve a intentarlo aquí.',
  }),
  'worker-gone': () => ({
    what: 'El proceso que calcula se cerró; suele pasar cuando falta memoria. La conversación está guardada.',
    todo: 'Vuelve a cargar el modelo para seguir. Si se repite, cierra otras pestañas y programas.',
  }),
  aborted: () => ({ what: 'Se canceló.', todo: 'Puedes volver a empezar cuando quieras.' }),
  internal: () => ({
    what: 'Falló algo que no esperábamos.',
    todo: 'Recarga la página. Si se repite, anota lo que hacías y avísanos.',
  }),
  'option-invalid': (d) => ({
    what: `Un ajuste tiene un valor que no sirve${number(d.actual)}.`,
    todo: 'En Ajustes, elige “Volver a los valores iniciales”.',
  }),
  'option-unsupported': (d) => ({
    what: `El motor ${blank(d.engine, 'elegido')} no puede hacer lo que se le pide.`,
    todo: 'Elige el motor Yupana en la ficha del modelo.',
  }),
  'schema-unsupported': (d) => ({
    what: `El esquema JSON pide algo que Yupana no puede garantizar en una respuesta (“${blank(d.keyword, 'una palabra clave')}”${d.pointer === undefined ? '' : `, en ${d.pointer === '' ? 'la raíz' : `“${d.pointer}”`}`}).`,
    todo: 'Quita esa condición del esquema, o compruébala después.',
  }),
  'grammar-invalid': (d) => ({
    what: `La gramática de la respuesta no se puede leer${d.line === undefined ? '' : ` (línea ${d.line}, columna ${d.column})`}.`,
    todo: 'Revisa su sintaxis.',
  }),
  'answer-unfinished': (d, f) => ({
    what: `El contexto del modelo (${f.number(d.expected)} tokens) se acabó antes de que la respuesta tuviera la forma pedida.`,
    todo: 'Acorta la conversación o pide una forma más breve.',
  }),
  'library-missing': () => ({
    what: 'WebLLM necesita una biblioteca compilada para este modelo, y no está guardada.',
    todo: 'En Modelos, elige el motor Yupana, o descarga el modelo otra vez con el motor WebLLM.',
  }),
  'library-mismatch': (d) => ({
    what: `La biblioteca compilada de este modelo no corresponde a la versión de WebLLM que usa Yupana (${blank(d.version, 'otra')}), o es de otro modelo.`,
    todo: 'En Modelos, elige el motor Yupana, o borra el modelo y descárgalo otra vez.',
  }),
  'architecture-unsupported': (d) => ({
    what: `El modelo es de una arquitectura que Yupana no ejecuta${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'scheme-unsupported': (d) => ({
    what: `El modelo usa una cuantización que Yupana no lee${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'rope-unsupported': (d) => ({
    what: `El modelo codifica las posiciones de un modo que Yupana no conoce${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'config-unsupported': () => ({
    what: 'La configuración del modelo pide algo que Yupana no hace.',
    todo: OTHER_MODEL,
  }),
  'dtype-unsupported': (d) => ({
    what: `Los pesos están en un formato numérico que Yupana no lee${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'weights-foreign': (d) => ({
    what: `El modelo (${file(d.file)}) ${FOREIGN[d.kind]}.`,
    todo:
      d.kind === 'adapter'
        ? `Agrega el modelo completo${d.base === undefined ? '' : ` (se hizo para “${d.base}”)`}, o uno que ya tenga el adaptador unido.`
        : (FOREIGN_ADVICE[d.kind] ?? 'Busca el mismo modelo en formato safetensors o GGUF.'),
  }),
  'config-invalid': (d, _, stored) => ({
    what: `La configuración del modelo tiene un error en ${file(d.file)}.`,
    todo: FILES[stored],
  }),
  'not-a-model': (d) => ({
    what: `En ${file(d.file)} no se reconoce ningún modelo.`,
    todo: 'Revisa de dónde viene o elige otro modelo en Modelos.',
  }),
  'json-invalid': (d, _, stored) => ({
    what: `El archivo ${file(d.file)} está mal formado.`,
    todo: FILES[stored],
  }),
  'limit-exceeded': (d, f) => ({
    what: `${d.file === undefined ? 'Lo que se pidió' : `El archivo ${file(d.file)}`} queda fuera de un límite de seguridad y no se leyó (${d.actual === undefined ? '' : `tiene ${counted(d.what, d.actual, f)}; `}el límite es de ${counted(d.what, d.limit, f)}).`,
    todo: 'Puede estar dañado o no ser de confianza. Elige otro modelo.',
  }),
  'tensor-missing': (_d, _f, stored) => ({
    what: 'Al modelo le falta una parte de sus pesos.',
    todo: FILES[stored],
  }),
  'tensor-shape': (d, _, stored) => ({
    what: `Una parte del modelo no tiene la forma esperada (${file(d.file)}).`,
    todo: FILES[stored],
  }),
  'tensor-bounds': (d, _, stored) => ({
    what: `Una parte del modelo apunta fuera de su archivo ${file(d.file)}.`,
    todo: FILES[stored],
  }),
  'tensor-not-finite': (_d, _f, stored) => ({
    what: 'Los pesos del modelo contienen valores que no son números.',
    todo: FILES[stored],
  }),
  'safetensors-invalid': (d, _, stored) => ({
    what: `El archivo ${file(d.file)} no es safetensors válido.`,
    todo: FILES[stored],
  }),
  'gguf-invalid': (d) => ({
    what: `El archivo ${file(d.file)} no es un GGUF válido, o está incompleto.`,
    todo: 'Vuelve a copiarlo o a descargarlo de donde vino.',
  }),
  'manifest-invalid': (d) => ({
    what: `La lista de archivos del modelo tiene un error (${file(d.file)}).`,
    todo: 'Vuelve a intentar la descarga. Si se repite, avisa a quien publica el modelo.',
  }),
  'tokenizer-invalid': (d, _, stored) => ({
    what: `El vocabulario del modelo no se pudo leer (${file(d.file)}).`,
    todo: FILES[stored],
  }),
  'template-invalid': (d, _, stored) => ({
    what: `La plantilla de conversación del modelo no se pudo usar (${file(d.file)}).`,
    todo: FILES[stored],
  }),
  'file-missing': (d, _, stored) => ({ what: `Falta el archivo ${file(d.file)}.`, todo: FILES[stored] }),
  'pack-invalid': (d) => ({
    what: `${file(d.file)} no es parte de un paquete de Yupana que se pueda leer, o está dañado.`,
    todo: 'Vuelve a copiarlo de donde vino.',
  }),
  'nothing-to-add': (d, f) => ({
    what:
      d.files === 0
        ? 'No se eligió ningún archivo.'
        : f.plural(d.files, {
            one: 'En ese archivo no hay ningún modelo.',
            other: 'Entre esos # archivos no hay ningún modelo.',
          }),
    todo: 'Elige la carpeta que contiene los archivos del modelo (por ejemplo “yupana” en la memoria USB).',
  }),
  'file-unreadable': (d) => ({
    what: `Ya no se puede leer ${file(d.file)}: quizás se quitó la memoria USB, o el archivo cambió.`,
    todo: 'Conéctala y vuelve a elegir la carpeta: lo que ya se copió no se vuelve a leer.',
  }),
  'target-failed': (d) => ({
    what: `No se pudo escribir en esa carpeta${d.file === undefined ? '' : ` (${file(d.file)})`}: quizás se quitó la memoria USB, o está protegida.`,
    todo: 'Revísala y vuelve a elegirla: lo que ya está bien copiado no se vuelve a escribir.',
  }),
  'target-full': (d, f) => ({
    what: `No hay espacio suficiente en esa carpeta${d.needed === undefined ? '' : `: faltan por escribir ${f.bytes(d.needed)}`}.`,
    todo: 'Libera espacio allí o elige otra, y vuelve a intentarlo: sigue desde donde quedó.',
  }),
  'hash-mismatch': (d) => ({
    what: `El archivo ${file(d.file)} no coincide con su huella digital: llegó dañado o cambió, y no se guardó.`,
    todo: 'Vuelve a intentarlo: solo se descarga de nuevo ese archivo.',
  }),
  'size-mismatch': (d, f) => ({
    what: `El archivo ${file(d.file)} mide ${f.exactBytes(d.actual)} bytes y debía medir ${f.exactBytes(d.expected)}.`,
    todo: 'Vuelve a intentarlo: solo se descarga de nuevo ese archivo.',
  }),
  'network-failed': () => ({
    what: 'Se cortó la conexión. Lo que ya se descargó está guardado.',
    todo: 'Revisa la red y continúa: sigue desde donde quedó.',
  }),
  offline: () => ({
    what: 'No hay internet.',
    todo: 'Un modelo también puede venir de una carpeta o de una memoria USB.',
  }),
  'host-silent': (d, f) => ({
    what: `${blank(d.host, 'El servidor')} no contestó, o no deja que una página lea sus archivos: se intentó ${f.number(d.tries)} veces.`,
    todo: 'Revisa el nombre y que haya internet. Un modelo también puede venir de una carpeta o de una memoria USB.',
  }),
  'host-unreadable': (d) => ({
    what: `${blank(d.host, 'El servidor')} contesta, pero no deja que una página lea sus archivos.`,
    todo: 'Descarga de ahí la carpeta del modelo con el navegador y agrégala como carpeta.',
  }),
  'http-status': (d) =>
    d.status === 451
      ? {
          what: 'El servidor no puede entregar este archivo por una razón legal (error 451).',
          todo: 'Elige otro modelo: esperar no cambia nada.',
        }
      : {
          what: `El servidor respondió con el error ${d.status}. Lo que ya se descargó está guardado.`,
          todo: 'Espera un momento y continúa.',
        },
  'access-needed': (d) => ({
    what: `${blank(d.host, 'El servidor')} pide saber quién eres para dar este modelo (o no lo tiene: en los dos casos contesta lo mismo).`,
    todo: 'Revisa el nombre. Si el repositorio pide aceptar condiciones, acéptalas en su página y escribe aquí un token de lectura.',
  }),
  'access-refused': (d) => ({
    what:
      d.identified === true
        ? `${blank(d.host, 'El servidor')} no acepta ese token para este modelo.`
        : `${blank(d.host, 'El servidor')} no permite descargar este modelo.`,
    todo: 'Entra en la página del modelo, acepta sus condiciones, espera el permiso si hace falta, y usa un token de lectura de esa misma cuenta.',
  }),
  'repository-missing': (d) => ({
    what: `${d.host} no muestra ningún modelo con ese nombre: está mal escrito, se borró o es privado.`,
    todo: 'Revisa el nombre letra por letra, con mayúsculas. Si es privado, escribe un token de lectura de una cuenta que lo pueda ver.',
  }),
  'repository-disabled': (d) => ({
    what: `${d.host} retiró este modelo: no lo entrega a nadie.`,
    todo: 'Elige otro modelo, o busca si su autor lo publica en otro lugar.',
  }),
  'revision-missing': (d) => ({
    what: `${d.host} tiene el modelo, pero no esa versión.`,
    todo: 'Quita lo que sigue a “@” o a “tree/” en la dirección, o escribe una versión que exista.',
  }),
  'delivery-refused': (d) => ({
    what: `El servidor ${d.host}, que entrega los archivos grandes, respondió con el error ${d.status}. Se le pidió varias veces con una dirección nueva. Lo que ya se descargó está guardado.`,
    todo: 'Revisa que el reloj de esta computadora esté en hora y que la red de la escuela no bloquee ese servidor. Luego continúa; no hace falta ningún token.',
  }),
  'address-other': (d) => ({
    what: `Esa dirección es de ${KINDS[d.kind]}, no de un modelo.`,
    todo: 'Abre la página del modelo y copia su dirección, o escribe “cuenta/modelo”.',
  }),
  'address-unconfirmed': (d) => ({
    what: `Nadie confirmó en esta sesión que se pregunte a ${d.host}, así que no se le preguntó.`,
    todo: 'Ve a Modelos y pulsa el botón del modelo, o escribe su dirección otra vez: antes de preguntar verás a quién.',
  }),
  'address-invalid': () => ({
    what: 'Eso no es el nombre de un repositorio ni una dirección que se pueda usar.',
    todo: 'Escribe “cuenta/modelo”, o la dirección https de la página o de la carpeta del modelo.',
  }),
  'captive-portal': () => ({
    what: 'En lugar del archivo llegó una página web: la red pide que inicies sesión o acepta sus condiciones primero.',
    todo: 'Abre cualquier página para entrar a la red y luego continúa. No se guardó nada dañado.',
  }),
  'download-larger': (d, f) => ({
    what: `La descarga es mayor de lo que se dijo: ${f.bytes(d.actual)} en vez de ${f.bytes(d.told)}. No se ha guardado nada.`,
    todo: 'Si te parece bien, descárgalo con su tamaño verdadero.',
  }),
  'file-changed': (d) => ({
    what: `El archivo ${file(d.file)} cambió en el servidor mientras se descargaba.`,
    todo: 'Vuelve a intentarlo más tarde.',
  }),
  'quota-exceeded': (d, f) => ({
    what:
      d.needed === undefined
        ? 'El navegador no deja guardar más datos.'
        : `El navegador no deja guardar tanto: se necesitan ${f.bytes(d.needed)}${d.available === undefined ? '' : ` y quedan ${f.bytes(d.available)}`}.`,
    todo: 'Libera espacio en el disco o elimina otro modelo. Las ventanas privadas guardan muy poco: usa una normal.',
  }),
  'storage-failed': () => ({
    what: 'El navegador no pudo leer o guardar los datos.',
    todo: 'Revisa que haya espacio en el disco y recarga la página.',
  }),
  'storage-blocked': () => ({
    what: 'Otra pestaña con una versión anterior de Yupana impide abrir los datos.',
    todo: 'Cierra las demás pestañas de Yupana y recarga esta.',
  }),
  'storage-newer': () => ({
    what: 'Los datos guardados son de una versión más nueva de Yupana.',
    todo: 'Recarga la página para actualizar. No se borró nada.',
  }),
  'model-not-stored': (_d, _f, stored) => ({
    what: 'Este modelo no está guardado en el navegador, o le falta una parte.',
    todo: stored === 'damaged' ? FILES.damaged : 'Descárgalo en Modelos.',
  }),
  'model-not-loaded': () => ({ what: 'No hay ningún modelo cargado.', todo: 'Elige uno en Modelos.' }),
  'document-unsupported': (d) => ({
    what: `Yupana no lee archivos de este tipo${d.extension === '' ? '' : `: .${blank(d.extension, '')}`}.`,
    todo: 'Sirven .txt, .md, .csv, .pdf y .docx.',
  }),
  'document-wrong-type': (d) => ({
    what: `El contenido de ${file(d.file)} no es lo que dice su nombre.`,
    todo: 'Ábrelo con su programa y guárdalo otra vez en su formato.',
  }),
  'document-empty': (d) => ({ what: `${file(d.file)} está vacío.`, todo: 'Elige otro archivo.' }),
  'document-too-large': (d, f) => ({
    what: `${file(d.file)} es demasiado grande${limit(d, f)}.`,
    todo: 'Divídelo y adjunta solo la parte que necesitas.',
  }),
  'document-encrypted': (d) => ({
    what: `${file(d.file)} está protegido con contraseña.`,
    todo: 'Guarda una copia sin contraseña y adjúntala.',
  }),
  'document-no-text': (d, f) => ({
    what: f.plural(d.pages, {
      one: `La única página de ${file(d.file)} es una imagen: no hay texto que leer.`,
      other: `Las # páginas de ${file(d.file)} son imágenes: no hay texto que leer.`,
    }),
    todo: 'Usa una versión con texto, o conviértelo antes con un programa de reconocimiento de texto.',
  }),
  'document-damaged': (d) => ({
    what: `${file(d.file)} está dañado y no se pudo leer.`,
    todo: 'Ábrelo con su programa, guárdalo otra vez y vuelve a intentarlo.',
  }),
  'import-invalid': () => ({
    what: 'El archivo no es una copia de Yupana que se pueda leer.',
    todo: 'No se cambió nada. Elige el archivo que guardó Yupana.',
  }),
  'import-too-large': (d, f) => ({
    what: `El archivo es demasiado grande${limit(d, f)}.`,
    todo: 'No se cambió nada. Elige un archivo más pequeño.',
  }),
  'import-newer': () => ({
    what: 'El archivo se guardó con una versión más nueva de Yupana.',
    todo: 'Actualiza Yupana y vuelve a intentarlo. No se cambió nada.',
  }),
  'constraint-empty': () => ({
    what: 'El formato pedido no admite ninguna continuación para esta respuesta.',
    todo: 'Cambia el formato o el pedido, y vuelve a intentarlo.',
  }),
  'vault-missing': () => ({
    what: 'No hay conversaciones bajo llave en este navegador.',
    todo: 'Puedes crear la caja fuerte en Ajustes.',
  }),
  'vault-exists': () => ({
    what: 'Ya hay una caja fuerte en este navegador.',
    todo: 'Escribe su frase, o elimínala antes de crear otra.',
  }),
  'vault-locked': () => ({
    what: 'Las conversaciones bajo llave están cerradas.',
    todo: 'Escribe la frase para abrirlas.',
  }),
  'vault-passphrase': () => ({
    what: 'La frase no es la de las conversaciones bajo llave.',
    todo: 'Revisa mayúsculas y espacios. Sin la frase no hay forma de recuperar lo guardado.',
  }),
  'vault-passphrase-short': (d, f) => ({
    what: 'La frase es muy corta.',
    todo: `Usa ${f.number(d.limit)} caracteres o más.`,
  }),
  'vault-damaged': () => ({
    what: 'Una conversación bajo llave no es lo que se guardó: está dañada o alguien la cambió.',
    todo: 'Las demás no se ven afectadas.',
  }),
};
