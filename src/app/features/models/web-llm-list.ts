// The models that MLC publishes libraries for (models/web-llm.json, made from the package). A late chunk: only Models asks for it.

import list from '../../../../models/web-llm.json';
import type { CatalogModel } from './catalog.ts';
import { engines as en } from '../../text/en/engines.ts';
import { engines as es } from '../../text/es/engines.ts';
import { engines as pt } from '../../text/pt/engines.ts';

export interface WebLlmModel {
  id: string;
  /** At Hugging Face. */
  repository: string;
  /** File name of its library. */
  library: string;
  /** Bytes of graphics memory, as MLC tells it. */
  memory: number;
  context: number;
  /** Ours runs it too. */
  llama: boolean;
}

export const WEB_LLM_MODELS: readonly WebLlmModel[] = list.models;

export const libraryAddress = ({ library }: WebLlmModel): string => list.libraries + library;

/** What MLC publishes for the files of a catalog entry; undefined for a model that is not MLC's own. */
export function publishedFor(model: Pick<CatalogModel, 'id' | 'source'>): WebLlmModel | undefined {
  return WEB_LLM_MODELS.find(
    ({ id, repository }) =>
      id === model.id || model.source.base.startsWith(`https://huggingface.co/${repository}/`),
  );
}

/** As a card shows it; undefined for a model that is not in the list. Sizes are told by the host when the download is planned:
 * until then the graphics memory bounds them. */
export function catalogModelOf(id: string): CatalogModel | undefined {
  const model = WEB_LLM_MODELS.find((each) => each.id === id);
  if (!model) return undefined;
  const name = id.replace(/-MLC$/, '');
  const about = { es: es.more.about(name), pt: pt.more.about(name), en: en.more.about(name) };
  return {
    id,
    name,
    about,
    bytes: model.memory,
    bytesOnDisk: model.memory,
    bytesAbout: true,
    memory: { context: model.context, bytes: model.memory, bytesPerToken: 0 },
    parameters: 0,
    contextWindow: model.context,
    languages: [],
    // Each has its own: said where to read it.
    license: `huggingface.co/${model.repository}`,
    card: '',
    official: false,
    builtWithLlama: false,
    demonstration: false,
    available: true,
    webLlmOnly: !model.llama,
    source: {
      id,
      base: `https://huggingface.co/${model.repository}/resolve/main/`,
      format: 'mlc',
      source: `${model.repository} @ main`,
      library: libraryAddress(model),
    },
  };
}
