// Small files of a model directory, read whole: each has a limit, so that a wrong file cannot fill the memory.

import { EngineError } from '../failures.ts';
import { refusePointer } from './lfs-pointer.ts';
import type { ShardSource } from './shard-source.ts';

/** Llama 3's tokenizer.json has 9 MB, a vocabulary of 256,000 about 40 MB. */
export const MAX_TOKENIZER_BYTES = 128 * 1024 * 1024;
/** A config or an index: the tensor list of a 405B model has under 1 MB. */
export const MAX_JSON_BYTES = 16 * 1024 * 1024;
/** The longest chat templates in use have some 20 kB. */
export const MAX_TEMPLATE_BYTES = 256 * 1024;

/** The file's text, or undefined where there is no such file. Throws "limit-exceeded", "json-invalid" (not UTF-8). */
export async function readTextIfThere(
  source: ShardSource,
  path: string,
  maxBytes: number,
): Promise<string | undefined> {
  const size = await source.size(path);
  if (size === undefined) return undefined;
  if (size > maxBytes) {
    throw new EngineError('limit-exceeded', `${path}: ${size} bytes, more than ${maxBytes}`, {
      file: path,
      what: 'bytes',
      limit: maxBytes,
      actual: size,
    });
  }
  const bytes = await source.read(path, 0, size);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new EngineError(
      'json-invalid',
      `${path}: is not UTF-8 text`,
      { file: path, actual: 'not UTF-8' },
      cause,
    );
  }
}

/** The file's JSON, or undefined where there is no such file. Throws "limit-exceeded", "json-invalid". */
export async function readJsonIfThere(
  source: ShardSource,
  path: string,
  maxBytes = MAX_JSON_BYTES,
): Promise<unknown> {
  const text = await readTextIfThere(source, path, maxBytes);
  if (text === undefined) return undefined;
  return parseJson(text, path);
}

const PYTHON_NUMBERS = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/**
 * Python writes NaN and Infinity, which JSON has not. They come back as texts: nobody takes them for a number, and a field that
 * is read refuses them by its name. Undefined where that is not what is wrong.
 */
function fromPython(text: string): unknown {
  if (!/\b(?:NaN|Infinity)\b/.test(text)) return undefined;
  try {
    return JSON.parse(
      text.replace(PYTHON_NUMBERS, (found) => (found.startsWith('"') ? found : `"${found}"`)),
    ) as unknown;
  } catch {
    return undefined;
  }
}

/** Throws "weights-foreign" for a Git LFS pointer, "json-invalid" naming the file; the parser's own words are kept as the cause. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    refusePointer(new TextEncoder().encode(text.slice(0, 200)), file);
    const python = fromPython(text);
    if (python !== undefined) return python;
    const fault = cause instanceof Error ? cause.message.slice(0, 200) : '';
    throw new EngineError('json-invalid', `${file}: is not JSON: ${fault}`, { file, actual: fault }, cause);
  }
}

/** Like `readJsonIfThere`; a file that is not there is "file-missing". */
export async function readJson(
  source: ShardSource,
  path: string,
  maxBytes = MAX_JSON_BYTES,
): Promise<unknown> {
  const json = await readJsonIfThere(source, path, maxBytes);
  if (json === undefined) {
    throw new EngineError('file-missing', `${source.name}: ${path} is missing`, {
      file: path,
      model: source.name,
    });
  }
  return json;
}
