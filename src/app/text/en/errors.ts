import type { Counted, ErrorDetailsOf, ForeignKind } from '../../../failures.ts';
import type { Formats } from '../format.ts';
import { blank, capacity, number, named, type ErrorTexts, type Stored } from '../texts.ts';

/** What to do about a model's files. */
const FILES: Record<Stored, string> = {
  none: 'Check where the model comes from, or choose another one in Models.',
  whole: 'In Models, choose “Check the files”: if anything is damaged, it can be repaired.',
  damaged: 'In Models, choose “Repair”: only what is damaged is downloaded.',
};
/** What an address of the hub may be of, beside a model. */
const KINDS: Record<ErrorDetailsOf['address-other']['kind'], string> = {
  dataset: 'a data set',
  space: 'a demonstration (a “space”)',
  collection: 'a collection',
  paper: 'a paper',
  account: 'an account',
  page: 'a page of the site',
};
const OTHER_MODEL = 'Choose another model in Models.';
const file = (value: string | undefined): string => `“${blank(value, 'unnamed')}”`;

const COUNTED: Record<Exclude<Counted, 'bytes' | 'value'>, { one: string; other: string }> = {
  characters: { one: '# character', other: '# characters' },
  conversations: { one: '# conversation', other: '# conversations' },
  entries: { one: '# entry', other: '# entries' },
  files: { one: '# file', other: '# files' },
  levels: { one: '# level', other: '# levels' },
  messages: { one: '# message', other: '# messages' },
  pages: { one: '# page', other: '# pages' },
  tensors: { one: '# part', other: '# parts' },
};
function counted(what: Counted, count: number, f: Formats): string {
  if (what === 'bytes') return f.bytes(count);
  return what === 'value' ? `a value of ${f.number(count, 6)}` : f.plural(count, COUNTED[what]);
}
const limit = (d: ErrorDetailsOf['document-too-large' | 'import-too-large'], f: Formats): string =>
  ` (the limit is ${counted(d.what, d.limit, f)})`;

/** What files that are not read are, and what to do instead. */
const FOREIGN: Record<ForeignKind, string> = {
  adapter: 'is an adapter, which changes another model and cannot answer alone',
  flax: 'has its weights in Flax’s format',
  meta: 'has Meta’s original weights',
  mlx: 'has its weights in MLX’s format',
  onnx: 'has its weights in the ONNX format',
  pointer: 'holds only Git LFS’s reference: the content is missing',
  pytorch: 'has its weights in an old format, which can run programs when it is opened',
  tensorflow: 'has its weights in another program’s format',
  zip: 'is a compressed archive',
};
const FOREIGN_ADVICE: Partial<Record<ForeignKind, string>> = {
  pointer: 'Download the file from the model’s page, or run “git lfs pull”.',
  zip: 'Unpack it and choose the folder.',
};

export const errors: ErrorTexts = {
  'webgpu-missing': () => ({
    what: 'This browser has no WebGPU, which is what lets a page compute with the graphics card.',
    todo: 'Use a recent version of Chrome or Edge.',
  }),
  'adapter-missing': () => ({
    what: 'The browser has WebGPU but finds no graphics card that it can use.',
    todo: 'Turn on hardware acceleration, update the graphics driver and restart the browser.',
  }),
  'limit-too-low': (d, f) => ({
    what: `The graphics card offers less than this model asks for: ${capacity(d.limit, d.actual, f)}, where ${capacity(d.limit, d.expected, f)} are needed.`,
    todo: 'Choose a smaller model or use another computer.',
  }),
  'feature-missing': (d) => ({
    what: `The graphics card does not offer ${d.feature === 'shader-f16' ? 'computing in 16 bits' : 'a feature'}, which this model's WebLLM library needs.`,
    todo: "Choose the Yupana engine on the model's card, or another model.",
  }),
  'wasm-simd-missing': () => ({
    what: 'This browser is too old to compute without a graphics card (WebAssembly SIMD is missing).',
    todo: 'Update it, or use a recent version of Chrome, Edge or Firefox.',
  }),
  'model-over-4gb': (d, f) => ({
    what: `This model needs ${f.bytes(d.actual)}, too much to compute without a graphics card: without one, the browser cannot use more than 4 GB.`,
    todo: 'Choose a smaller model in Models, or use a computer with WebGPU.',
  }),
  'device-lost': () => ({
    what: 'The graphics card stopped responding, and the model is no longer in its memory. The conversation is saved.',
    todo: 'Load the model again to go on.',
  }),
  'out-of-memory': (d, f) => ({
    what: `There was not enough memory for this model${d.bytes === undefined ? '' : ` (${f.bytes(d.bytes)} were asked for)`}. The conversation is saved.`,
    todo: 'Close other tabs and programs, or lower the context size in Settings, and load it again.',
  }),
  'context-full': (d, f) => ({
    what: `The conversation no longer fits the model's context (${f.number(d.actual)} tokens of ${f.number(d.expected)}).`,
    todo: 'Start a new conversation or shorten your message. This one stays saved.',
  }),
  'engine-busy': () => ({
    what: 'The model is in use in another tab of this browser.',
    todo: 'Go on in that tab, or use it here: the other one will stop answering.',
  }),
  'engine-taken': () => ({
    what: 'Another tab now uses the model. The conversation is saved.',
    todo: 'Go on in that tab, or load it again here.',
  }),
  'download-busy': () => ({
    what: "Another tab is at work on this model's files.",
    todo: 'Wait until it ends, or cancel there and try again here.',
  }),
  'worker-gone': () => ({
    what: 'The process that computes was closed, which happens when memory runs out. The conversation is saved.',
    todo: 'Load the model again to go on. If it happens again, close other tabs and programs.',
  }),
  aborted: () => ({ what: 'It was cancelled.', todo: 'You can start again whenever you want.' }),
  internal: () => ({
    what: 'Something failed that we did not expect.',
    todo: 'Reload the page. If it happens again, note what you were doing and tell us.',
  }),
  'option-invalid': (d) => ({
    what: `A setting has a value that cannot be used${number(d.actual)}.`,
    todo: 'In Settings, choose “Back to the initial values”.',
  }),
  'option-unsupported': (d) => ({
    what: `The ${blank(d.engine, 'chosen')} engine cannot do what is asked of it.`,
    todo: "Choose the Yupana engine on the model's card.",
  }),
  'schema-unsupported': (d) => ({
    what: `The JSON schema asks for something that Yupana cannot guarantee in an answer (“${blank(d.keyword, 'a keyword')}”${d.pointer === undefined ? '' : `, at ${d.pointer === '' ? 'the root' : `“${d.pointer}”`}`}).`,
    todo: 'Take that condition out of the schema, or check it afterwards.',
  }),
  'grammar-invalid': (d) => ({
    what: `The grammar of the answer cannot be read${d.line === undefined ? '' : ` (line ${d.line}, column ${d.column})`}.`,
    todo: 'Check its syntax.',
  }),
  'answer-unfinished': (d, f) => ({
    what: `The model’s context (${f.number(d.expected)} tokens) ran out before the answer had the form that was asked for.`,
    todo: 'Shorten the conversation or ask for a briefer form.',
  }),
  'library-missing': () => ({
    what: 'WebLLM needs a compiled library for this model, and none is stored.',
    todo: 'In Models, choose the Yupana engine, or download the model again with the WebLLM engine.',
  }),
  'library-mismatch': (d) => ({
    what: `This model's compiled library does not fit the version of WebLLM that Yupana uses (${blank(d.version, 'another')}), or is another model's.`,
    todo: 'In Models, choose the Yupana engine, or delete the model and download it again.',
  }),
  'architecture-unsupported': (d) => ({
    what: `The model has an architecture that Yupana does not run${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'scheme-unsupported': (d) => ({
    what: `The model uses a quantisation that Yupana does not read${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'rope-unsupported': (d) => ({
    what: `The model encodes positions in a way that Yupana does not know${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'config-unsupported': () => ({
    what: "The model's configuration asks for something that Yupana does not do.",
    todo: OTHER_MODEL,
  }),
  'dtype-unsupported': (d) => ({
    what: `The weights are in a number format that Yupana does not read${named(d.name)}.`,
    todo: OTHER_MODEL,
  }),
  'weights-foreign': (d) => ({
    what: `The model (${file(d.file)}) ${FOREIGN[d.kind]}.`,
    todo:
      d.kind === 'adapter'
        ? `Add the whole model${d.base === undefined ? '' : ` (it was made for “${d.base}”)`}, or one that the adapter is merged into.`
        : (FOREIGN_ADVICE[d.kind] ?? 'Look for the same model as safetensors or GGUF.'),
  }),
  'config-invalid': (d, _, stored) => ({
    what: `The model's configuration has an error in ${file(d.file)}.`,
    todo: FILES[stored],
  }),
  'not-a-model': (d) => ({
    what: `There is no recognisable model in ${file(d.file)}.`,
    todo: 'Check where it comes from, or choose another model in Models.',
  }),
  'json-invalid': (d, _, stored) => ({ what: `The file ${file(d.file)} is malformed.`, todo: FILES[stored] }),
  'limit-exceeded': (d, f) => ({
    what: `${d.file === undefined ? 'What was asked for' : `The file ${file(d.file)}`} is outside a safety limit and was not read (${d.actual === undefined ? '' : `it has ${counted(d.what, d.actual, f)}; `}the limit is ${counted(d.what, d.limit, f)}).`,
    todo: 'It may be damaged or not trustworthy. Choose another model.',
  }),
  'tensor-missing': (_d, _f, stored) => ({
    what: "A part of the model's weights is missing.",
    todo: FILES[stored],
  }),
  'tensor-shape': (d, _, stored) => ({
    what: `A part of the model does not have the expected shape (${file(d.file)}).`,
    todo: FILES[stored],
  }),
  'tensor-bounds': (d, _, stored) => ({
    what: `A part of the model points outside its file ${file(d.file)}.`,
    todo: FILES[stored],
  }),
  'tensor-not-finite': (_d, _f, stored) => ({
    what: "The model's weights hold values that are not numbers.",
    todo: FILES[stored],
  }),
  'safetensors-invalid': (d, _, stored) => ({
    what: `The file ${file(d.file)} is not valid safetensors.`,
    todo: FILES[stored],
  }),
  'gguf-invalid': (d) => ({
    what: `The file ${file(d.file)} is not a valid GGUF file, or it is not whole.`,
    todo: 'Copy it or download it again from where it came.',
  }),
  'manifest-invalid': (d) => ({
    what: `The model's list of files has an error (${file(d.file)}).`,
    todo: 'Try the download again. If it happens again, tell whoever publishes the model.',
  }),
  'tokenizer-invalid': (d, _, stored) => ({
    what: `The model's vocabulary could not be read (${file(d.file)}).`,
    todo: FILES[stored],
  }),
  'template-invalid': (d, _, stored) => ({
    what: `The model's chat template could not be used (${file(d.file)}).`,
    todo: FILES[stored],
  }),
  'file-missing': (d, _, stored) => ({ what: `The file ${file(d.file)} is missing.`, todo: FILES[stored] }),
  'pack-invalid': (d) => ({
    what: `${file(d.file)} is not part of a Yupana pack that can be read, or it is damaged.`,
    todo: 'Copy it again from where it came.',
  }),
  'nothing-to-add': (d, f) => ({
    what:
      d.files === 0
        ? 'No file was chosen.'
        : f.plural(d.files, {
            one: 'There is no model in that file.',
            other: 'There is no model among those # files.',
          }),
    todo: 'Choose the folder that holds the model’s files (for example “yupana” on the USB stick).',
  }),
  'file-unreadable': (d) => ({
    what: `${file(d.file)} can no longer be read: the USB stick may have been removed, or the file changed.`,
    todo: 'Connect it and choose the folder again: what has been copied is not read again.',
  }),
  'target-failed': (d) => ({
    what: `That folder could not be written to${d.file === undefined ? '' : ` (${file(d.file)})`}: the USB stick may have been removed or is write-protected.`,
    todo: 'Check it and choose it again: what was copied correctly is not written again.',
  }),
  'target-full': (d, f) => ({
    what: `There is not enough room in that folder${d.needed === undefined ? '' : `: ${f.bytes(d.needed)} still to be written`}.`,
    todo: 'Free some room there or choose another one, and try again: it goes on from where it was.',
  }),
  'hash-mismatch': (d) => ({
    what: `The file ${file(d.file)} does not match its fingerprint: it came damaged or changed, and was not kept.`,
    todo: 'Try again: only that file is downloaded again.',
  }),
  'size-mismatch': (d, f) => ({
    what: `The file ${file(d.file)} has ${f.exactBytes(d.actual)} bytes and should have ${f.exactBytes(d.expected)}.`,
    todo: 'Try again: only that file is downloaded again.',
  }),
  'network-failed': () => ({
    what: 'The connection was lost. What was downloaded is saved.',
    todo: 'Check the network and continue: it goes on from where it stopped.',
  }),
  offline: () => ({
    what: 'There is no internet.',
    todo: 'A model can also come from a folder or a USB stick.',
  }),
  'host-silent': (d, f) => ({
    what: `${blank(d.host, 'The server')} did not answer, or lets no page read its files: it was asked ${f.number(d.tries)} times.`,
    todo: 'Check the name, and whether there is internet. A model can also come from a folder or a USB stick.',
  }),
  'host-unreadable': (d) => ({
    what: `${blank(d.host, 'The server')} answers, but lets no page read its files.`,
    todo: 'Download the folder of the model from there with the browser, and add it as a folder.',
  }),
  'http-status': (d) =>
    d.status === 451
      ? {
          what: 'The server may not give this file for a legal reason (error 451).',
          todo: 'Choose another model: waiting changes nothing.',
        }
      : {
          what: `The server answered with error ${d.status}. What was downloaded is saved.`,
          todo: 'Wait a moment and continue.',
        },
  'access-needed': (d) => ({
    what: `${blank(d.host, 'The server')} asks who you are before it gives this model (or does not have it: the answer is the same).`,
    todo: 'Check the name. If the repository has conditions, accept them on its page and enter a read token here.',
  }),
  'access-refused': (d) => ({
    what:
      d.identified === true
        ? `${blank(d.host, 'The server')} does not accept that token for this model.`
        : `${blank(d.host, 'The server')} does not let this model be downloaded.`,
    todo: 'Open the model’s page, accept its conditions, wait for permission if need be, and use a read token of that same account.',
  }),
  'repository-missing': (d) => ({
    what: `${d.host} shows no model of that name: it is misspelt, was deleted or is private.`,
    todo: 'Check the name letter by letter, capitals included. If it is private, enter a read token of an account that can see it.',
  }),
  'repository-disabled': (d) => ({
    what: `${d.host} took this model out of service: nobody is given it.`,
    todo: 'Choose another model, or see whether its author publishes it elsewhere.',
  }),
  'revision-missing': (d) => ({
    what: `${d.host} has the model, but not that version.`,
    todo: 'Take away what follows “@” or “tree/” in the address, or write a version that exists.',
  }),
  'delivery-refused': (d) => ({
    what: `The server ${d.host}, which hands out the large files, answered with error ${d.status}. It was asked several times at a fresh address. What is already downloaded is kept.`,
    todo: 'Check that this computer’s clock is right and that the school’s network does not block that server. Then continue; no token is needed.',
  }),
  'address-other': (d) => ({
    what: `That is the address of ${KINDS[d.kind]}, not of a model.`,
    todo: 'Open the model’s page and copy its address, or write “account/model”.',
  }),
  'address-unconfirmed': (d) => ({
    what: `Nobody confirmed in this session that ${d.host} be asked, so it was not.`,
    todo: 'Go to Models and press the model’s button, or type its address again: you see who is asked before it is.',
  }),
  'address-invalid': () => ({
    what: 'That is neither a repository’s name nor an address that can be used.',
    todo: 'Write “account/model”, or the https address of the model’s page or folder.',
  }),
  'captive-portal': () => ({
    what: 'A web page came instead of the file: the network asks you to sign in or to accept its terms first.',
    todo: 'Open any page to get onto the network, then continue. Nothing damaged was kept.',
  }),
  'download-larger': (d, f) => ({
    what: `The download is larger than was said: ${f.bytes(d.actual)} instead of ${f.bytes(d.told)}. Nothing has been stored.`,
    todo: 'If that is all right, download it at its true size.',
  }),
  'file-changed': (d) => ({
    what: `The file ${file(d.file)} changed on the server while it was downloaded.`,
    todo: 'Try again later.',
  }),
  'quota-exceeded': (d, f) => ({
    what:
      d.needed === undefined
        ? 'The browser does not allow more data to be stored.'
        : `The browser does not allow that much to be stored: ${f.bytes(d.needed)} are needed${d.available === undefined ? '' : ` and ${f.bytes(d.available)} are left`}.`,
    todo: 'Free disk space or delete another model. Private windows store very little: use a normal one.',
  }),
  'storage-failed': () => ({
    what: 'The browser could not read or store the data.',
    todo: 'Check that there is room on the disk and reload the page.',
  }),
  'storage-blocked': () => ({
    what: 'Another tab with an older version of Yupana keeps the data from opening.',
    todo: 'Close the other tabs of Yupana and reload this one.',
  }),
  'storage-newer': () => ({
    what: 'The stored data is of a newer version of Yupana.',
    todo: 'Reload the page to update. Nothing was deleted.',
  }),
  'model-not-stored': (_d, _f, stored) => ({
    what: 'This model is not stored in the browser, or a part of it is missing.',
    todo: stored === 'damaged' ? FILES.damaged : 'Download it in Models.',
  }),
  'model-not-loaded': () => ({ what: 'No model is loaded.', todo: 'Choose one in Models.' }),
  'document-unsupported': (d) => ({
    what: `Yupana does not read files of this kind${d.extension === '' ? '' : `: .${blank(d.extension, '')}`}.`,
    todo: '.txt, .md, .csv, .pdf and .docx can be read.',
  }),
  'document-wrong-type': (d) => ({
    what: `The content of ${file(d.file)} is not what its name says.`,
    todo: 'Open it in its program and save it again in its format.',
  }),
  'document-empty': (d) => ({ what: `${file(d.file)} is empty.`, todo: 'Choose another file.' }),
  'document-too-large': (d, f) => ({
    what: `${file(d.file)} is too large${limit(d, f)}.`,
    todo: 'Split it and attach only the part you need.',
  }),
  'document-encrypted': (d) => ({
    what: `${file(d.file)} is protected by a password.`,
    todo: 'Save a copy without a password and attach that.',
  }),
  'document-no-text': (d, f) => ({
    what: f.plural(d.pages, {
      one: `The only page of ${file(d.file)} is a picture: there is no text to read.`,
      other: `The # pages of ${file(d.file)} are pictures: there is no text to read.`,
    }),
    todo: 'Use a version with text, or convert it first with a text recognition program.',
  }),
  'document-damaged': (d) => ({
    what: `${file(d.file)} is damaged and could not be read.`,
    todo: 'Open it in its program, save it again and try again.',
  }),
  'import-invalid': () => ({
    what: 'The file is not a copy from Yupana that can be read.',
    todo: 'Nothing was changed. Choose the file that Yupana saved.',
  }),
  'import-too-large': (d, f) => ({
    what: `The file is too large${limit(d, f)}.`,
    todo: 'Nothing was changed. Choose a smaller file.',
  }),
  'import-newer': () => ({
    what: 'The file was saved by a newer version of Yupana.',
    todo: 'Update Yupana and try again. Nothing was changed.',
  }),
  'constraint-empty': () => ({
    what: 'The requested format allows no continuation of this answer.',
    todo: 'Change the format or the request, and try again.',
  }),
  'vault-missing': () => ({
    what: 'There are no locked conversations in this browser.',
    todo: 'You can create the lock in Settings.',
  }),
  'vault-exists': () => ({
    what: 'There is a lock in this browser already.',
    todo: 'Type its passphrase, or delete it before creating another.',
  }),
  'vault-locked': () => ({
    what: 'The locked conversations are closed.',
    todo: 'Type the passphrase to open them.',
  }),
  'vault-passphrase': () => ({
    what: 'That is not the passphrase of the locked conversations.',
    todo: 'Check capitals and spaces. Without the passphrase there is no way to recover what was stored.',
  }),
  'vault-passphrase-short': (d, f) => ({
    what: 'The passphrase is too short.',
    todo: `Use ${f.number(d.limit)} characters or more.`,
  }),
  'vault-damaged': () => ({
    what: 'A locked conversation is not what was stored: it is damaged, or someone changed it.',
    todo: 'The others are not affected.',
  }),
};
