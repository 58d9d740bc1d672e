import type { ErrorDetails } from '../../engine.ts';
import type { Formats } from './format.ts';
import { amount, blank, type ErrorTexts } from './texts.ts';

const REPAIR = 'In Models, choose “Repair”: only what is damaged is downloaded.';
const OTHER_MODEL = 'Choose another model in Models.';
const file = (value: string | number | boolean | undefined): string => `“${blank(value, 'unnamed')}”`;

/** Names of what limits count; what is not here says nothing to a person. */
const COUNTED: Record<string, string> = {
  pages: 'pages',
  characters: 'characters',
  messages: 'messages',
  conversations: 'conversations',
};
function limit(d: ErrorDetails, f: Formats): string {
  const counted = COUNTED[String(d.what)];
  if (typeof d.limit !== 'number' || (d.what !== 'bytes' && counted === undefined)) return '';
  const most = counted === undefined ? f.bytes(d.limit) : `${f.number(d.limit)} ${counted}`;
  return ` (the limit is ${most})`;
}

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
    what: `The graphics card offers less than this model asks for (${blank(d.limit, 'a limit')}: ${amount(d.actual, f, '?')}, needed: ${amount(d.expected, f, 'more')}).`,
    todo: 'Choose a smaller model or use another computer.',
  }),
  'feature-missing': (d) => ({
    what: `The graphics card does not offer ${blank(d.feature, 'a feature')}, which this model's WebLLM library needs.`,
    todo: "Choose the Yupana engine on the model's card, or another model.",
  }),
  'wasm-simd-missing': () => ({
    what: 'This browser is too old to compute without a graphics card (WebAssembly SIMD is missing).',
    todo: 'Update it, or use a recent version of Chrome, Edge or Firefox.',
  }),
  'model-over-4gb': () => ({
    what: 'This model is too large to compute without a graphics card: without one, the browser cannot use more than 4 GB.',
    todo: 'Choose a smaller model in Models, or use a computer with WebGPU.',
  }),
  'device-lost': () => ({
    what: 'The graphics card stopped responding, and the model is no longer in its memory. The conversation is saved.',
    todo: 'Load the model again to go on.',
  }),
  'out-of-memory': () => ({
    what: 'There was not enough memory for this model. The conversation is saved.',
    todo: 'Close other tabs and programs, or lower the context size in Settings, and load it again.',
  }),
  'context-full': (d, f) => ({
    what:
      typeof d.expected === 'number' && typeof d.actual === 'number'
        ? `The conversation no longer fits the model's context (${f.number(d.actual)} tokens of ${f.number(d.expected)}).`
        : "The conversation no longer fits the model's context.",
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
  internal: (d) => ({
    what: `Something failed that we did not expect${d.why === undefined ? '' : ` (${blank(d.why, '')})`}.`,
    todo: 'Reload the page. If it happens again, note what you were doing and tell us.',
  }),
  'option-invalid': (d) => ({
    what: `A setting has a value that cannot be used: ${blank(d.option ?? d.file, 'unnamed')}.`,
    todo: 'In Settings, choose “Back to the initial values”.',
  }),
  'option-unsupported': (d) => ({
    what: `The ${blank(d.engine, 'chosen')} engine cannot do this (${blank(d.option, 'an option')}).`,
    todo: "Choose the Yupana engine on the model's card.",
  }),
  'schema-unsupported': (d) => ({
    what: `The JSON schema asks for something that Yupana cannot guarantee in an answer (${blank(d.keyword, 'a keyword')}).`,
    todo: 'Take that condition out of the schema, or check it afterwards.',
  }),
  'grammar-invalid': () => ({
    what: 'The grammar or schema of the answer cannot be read.',
    todo: 'Check its syntax.',
  }),
  'answer-unfinished': (d, f) => ({
    what:
      typeof d.expected === 'number'
        ? `The model’s context (${f.number(d.expected)} tokens) ran out before the answer had the form that was asked for.`
        : 'The model’s context ran out before the answer had the form that was asked for.',
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
    what: `The model has an architecture that Yupana does not run: ${blank(d.actual, 'unknown')}.`,
    todo: OTHER_MODEL,
  }),
  'scheme-unsupported': (d) => ({
    what: `The model uses a quantisation that Yupana does not read: ${blank(d.actual, 'unknown')}.`,
    todo: OTHER_MODEL,
  }),
  'rope-unsupported': (d) => ({
    what: `The model encodes positions in a way that Yupana does not know: ${blank(d.actual, 'unnamed')}.`,
    todo: OTHER_MODEL,
  }),
  'config-unsupported': (d) => ({
    what: `The model's configuration asks for something that Yupana does not do: ${blank(d.field ?? d.actual, 'unnamed')}.`,
    todo: OTHER_MODEL,
  }),
  'dtype-unsupported': (d) => ({
    what: `The weights are in a number format that Yupana does not read: ${blank(d.actual, 'unknown')}.`,
    todo: OTHER_MODEL,
  }),
  'config-invalid': (d) => ({
    what: `The model's configuration has an error in ${file(d.file)}${d.field === undefined ? '' : ` (${blank(d.field, '')})`}.`,
    todo: REPAIR,
  }),
  'not-a-model': (d) => ({
    what: `There is no recognisable model in ${file(d.file ?? d.name)}.`,
    todo: 'Check where it comes from, or choose another model in Models.',
  }),
  'json-invalid': (d) => ({ what: `The file ${file(d.file)} is malformed.`, todo: REPAIR }),
  'limit-exceeded': (d) => ({
    what: `The file ${file(d.file)} is beyond a safety limit (${blank(d.limit ?? d.what, 'size')}) and was not read.`,
    todo: 'It may be damaged or not trustworthy. Choose another model.',
  }),
  'tensor-missing': (d) => ({
    what: `A part of the model is missing: ${blank(d.tensor ?? d.file, 'unnamed')}.`,
    todo: REPAIR,
  }),
  'tensor-shape': (d) => ({
    what: `A part of the model does not have the expected shape: ${blank(d.tensor ?? d.file, 'unnamed')}.`,
    todo: REPAIR,
  }),
  'tensor-bounds': (d) => ({
    what: `A part of the model points outside its file ${file(d.file)}.`,
    todo: REPAIR,
  }),
  'tensor-not-finite': (d) => ({
    what: `The model's weights hold values that are not numbers (${blank(d.tensor ?? d.file, 'unnamed')}).`,
    todo: REPAIR,
  }),
  'safetensors-invalid': (d) => ({
    what: `The file ${file(d.file)} is not valid safetensors.`,
    todo: REPAIR,
  }),
  'manifest-invalid': (d) => ({
    what: `The model's list of files has an error (${file(d.file)}).`,
    todo: 'Try the download again. If it happens again, tell whoever publishes the model.',
  }),
  'tokenizer-invalid': (d) => ({
    what: `The model's vocabulary could not be read (${file(d.file)}).`,
    todo: REPAIR,
  }),
  'template-invalid': (d) => ({
    what: `The model's chat template could not be used (${file(d.file)}).`,
    todo: REPAIR,
  }),
  'file-missing': (d) => ({ what: `The file ${file(d.file)} is missing.`, todo: REPAIR }),
  'pack-invalid': (d) => ({
    what: `${file(d.file)} is not part of a Yupana pack that can be read, or it is damaged.`,
    todo: 'Copy it again from where it came.',
  }),
  'nothing-to-add': () => ({
    what: 'There is no model among those files.',
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
    what: `There is not enough room in that folder${typeof d.needed === 'number' ? `: ${f.bytes(d.needed)} still to be written` : ''}.`,
    todo: 'Free some room there or choose another one, and try again: it goes on from where it was.',
  }),
  'hash-mismatch': (d) => ({
    what: `The file ${file(d.file)} does not match its fingerprint: it came damaged or changed, and was not kept.`,
    todo: 'Try again: only that file is downloaded again.',
  }),
  'size-mismatch': (d, f) => ({
    what:
      typeof d.expected === 'number' && typeof d.actual === 'number'
        ? `The file ${file(d.file)} has ${f.exactBytes(d.actual)} bytes and should have ${f.exactBytes(d.expected)}.`
        : `The file ${file(d.file)} does not have the expected size.`,
    todo: 'Try again: only that file is downloaded again.',
  }),
  'network-failed': () => ({
    what: 'The connection was lost. What was downloaded is saved.',
    todo: 'Check the network and continue: it goes on from where it stopped.',
  }),
  'http-status': (d) => ({
    what: `The server answered with error ${blank(d.status ?? d.actual, 'without a number')}. What was downloaded is saved.`,
    todo: 'Wait a moment and continue.',
  }),
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
  'address-invalid': () => ({
    what: 'That is neither a repository’s name nor an address that can be used.',
    todo: 'Write “account/model”, or the https address of the model’s page or folder.',
  }),
  'captive-portal': () => ({
    what: 'A web page came instead of the file: the network asks you to sign in or to accept its terms first.',
    todo: 'Open any page to get onto the network, then continue. Nothing damaged was kept.',
  }),
  'file-changed': (d) => ({
    what: `The file ${file(d.file)} changed on the server while it was downloaded.`,
    todo: 'Try again later.',
  }),
  'quota-exceeded': (d, f) => ({
    what:
      typeof d.expected === 'number'
        ? `The browser does not allow that much to be stored: ${f.bytes(d.expected)} are needed.`
        : 'The browser does not allow more data to be stored.',
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
  'model-not-stored': () => ({
    what: 'This model is not stored in the browser, or a part of it is missing.',
    todo: 'Download or repair it in Models.',
  }),
  'document-unsupported': (d) => ({
    what: `Yupana does not read files of this kind${d.extension === undefined ? '' : `: ${blank(d.extension, '')}`}.`,
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
  'document-no-text': (d) => ({
    what: `The pages of ${file(d.file)} are pictures: there is no text to read.`,
    todo: 'Use a version with text, or convert it first with a text recognition program.',
  }),
  'document-damaged': (d) => ({
    what: `${file(d.file)} is damaged and could not be read.`,
    todo: 'Open it in its program, save it again and try again.',
  }),
  'import-invalid': (d) => ({
    what: `The file is not a copy from Yupana that can be read${d.where === undefined ? '' : ` (it fails at ${blank(d.where, '')})`}.`,
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
  'vault-passphrase-short': (d) => ({
    what: 'The passphrase is too short.',
    todo: d.limit === undefined ? 'Use a longer one.' : `Use ${blank(d.limit, '')} characters or more.`,
  }),
  'vault-damaged': () => ({
    what: 'A locked conversation is not what was stored: it is damaged, or someone changed it.',
    todo: 'The others are not affected.',
  }),
};
