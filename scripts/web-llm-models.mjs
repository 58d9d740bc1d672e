// models/web-llm.json: what MLC publishes libraries for, read from the installed @mlc-ai/web-llm, so that list and engine are of one
// version; the package itself, 6 MB, stays out of the app until somebody chooses it. Run after an update of the package.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { modelLibURLPrefix, modelVersion, prebuiltAppConfig } from '@mlc-ai/web-llm';
import { root } from './install.mjs';

export const LIST = path.join(root, 'models/web-llm.json');

/** Hugging Face's address of a model -> owner/name. */
const repositoryOf = (/** @type {string} */ address) => new URL(address).pathname.replace(/^\/|\/$/g, '');

/** Llamas under other names: our own engine runs them, a library is only the other way to. */
const LLAMA = /llama|smollm2|tucano/i;

export function webLlmModels() {
  const libraries = `${modelLibURLPrefix}${modelVersion}/`;
  const models = prebuiltAppConfig.model_list
    // Text only; a package with a manifest of its own is read in another way; "-1k" is the same model with a shorter context.
    .filter(
      ({ model_type, model_manifest, model_id }) => !model_type && !model_manifest && !/-1k$/.test(model_id),
    )
    .filter(({ model_lib }) => model_lib.startsWith(libraries))
    .map(({ model, model_id, model_lib, vram_required_MB = 0, overrides }) => ({
      id: model_id,
      repository: repositoryOf(model),
      library: model_lib.slice(libraries.length),
      memory: Math.round(vram_required_MB * 2 ** 20),
      context: overrides?.context_window_size ?? 4096,
      llama: LLAMA.test(model_id),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return { version: modelVersion, libraries, models };
}

export const listText = () => {
  const { models, ...head } = webLlmModels();
  const lines = models.map((model) => `  ${JSON.stringify(model)}`).join(',\n');
  return `${JSON.stringify(head, null, 1).slice(0, -2)},\n "models": [\n${lines}\n ]\n}\n`;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(LIST, listText());
  console.log(`${LIST}: ${webLlmModels().models.length} models, libraries ${modelVersion}`);
}
