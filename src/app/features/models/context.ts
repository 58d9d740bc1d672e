// The library and the engine, and what their controls need of the other features.

import { createContext } from 'svelte';
import type { ThisMachine } from '../machine/machine.svelte.ts';
import type { Advisor } from './advisor.svelte.ts';
import type { Library } from './download/library.svelte.ts';
import type { ModelImport } from './import/model-import.svelte.ts';
import type { OfflineProof } from './import/offline-proof.svelte.ts';
import type { ModelActions } from './model-actions.ts';
import type { Models } from './models.svelte.ts';
import type { StoredModels } from './storage/stored-models.svelte.ts';

export interface ModelsContext {
  readonly models: Models;
  readonly actions: ModelActions;
  readonly advisor: Advisor;
  readonly library: Library;
  readonly modelImport: ModelImport;
  readonly storedModels: StoredModels;
  readonly offline: OfflineProof;
  readonly machine: ThisMachine;
  /** Whether the page itself starts without a server. */
  readonly updates: { readonly offline: boolean };
}

export const [modelsContext, setModelsContext] = createContext<ModelsContext>();
