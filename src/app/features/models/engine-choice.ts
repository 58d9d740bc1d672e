// Whose engine runs a model: what the person chose, or what is right by itself.

import type { EngineChoice } from '../../../storage/settings.ts';
import type { EngineKind } from '../../../wire/engine-client.ts';
import type { CatalogModel } from './catalog.ts';

/** Ours where it runs the architecture: no library to trust, and any context. */
export function engineFor(
  choices: Readonly<Record<string, EngineChoice>>,
  model: Pick<CatalogModel, 'id' | 'webLlmOnly'>,
): EngineKind {
  const choice = choices[model.id] ?? 'auto';
  if (choice !== 'auto') return choice;
  return model.webLlmOnly ? 'web-llm' : 'yupana';
}
