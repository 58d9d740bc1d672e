// The library and the engine, put together.

import type { DownloadClient } from '../../../wire/download-client.ts';
import type { EngineClient } from '../../../wire/engine-client.ts';
import { asEngineError } from '../../kit/faults.ts';
import type { Page } from '../../kit/page.svelte.ts';
import type { Preferences } from '../../text/preferences.svelte.ts';
import { Advisor } from './advisor.svelte.ts';
import { CATALOG } from './catalog.ts';
import type { ModelsContext } from './context.ts';
import { Library, withNews, withRoots } from './download/library.svelte.ts';
import { engineFor } from './engine-choice.ts';
import { ModelImport } from './import/model-import.svelte.ts';
import { OfflineProof } from './import/offline-proof.svelte.ts';
import { ModelActions, type Answering } from './model-actions.ts';
import { Models } from './models.svelte.ts';
import { StoredModels } from './storage/stored-models.svelte.ts';

export interface ModelsNeeds extends Pick<ModelsContext, 'machine' | 'updates'> {
  engine: EngineClient;
  download: DownloadClient;
  prefs: Preferences;
  page: Page;
  chat: () => Answering;
  /** For the other tabs. */
  tell: (news: { kind: 'library' } | { kind: 'models' }) => void;
}

export function createModels(needs: ModelsNeeds): ModelsContext {
  const { engine, prefs, page, machine, updates, chat, tell } = needs;
  const download = withNews(needs.download, () => tell({ kind: 'models' }));
  const library: Library = new Library(
    download,
    () => models,
    () => tell({ kind: 'library' }),
  );
  const models = new Models(
    CATALOG,
    { engine, download: withRoots(download, () => library.record.roots) },
    () => prefs.settings,
    () => prefs.settings.modelId,
    (model) => engineFor(prefs.settings.engines, model),
  );
  const advisor = new Advisor({
    models,
    settings: () => prefs.settings,
    language: () => prefs.language,
    machine,
    pace: () => library.record.pace ?? null,
    keepPace: (pace) => {
      library.change({ pace }).catch((error: unknown) => page.complain(asEngineError(error)));
    },
    isAdded: (id) => library.isAdded(id),
  });
  const storedModels = new StoredModels(models, download);
  const offline = new OfflineProof(engine, models, storedModels.keepProof);
  const actions = new ModelActions({ models, library, chat, prefs, page, machine, offline });
  return {
    ...{ models, actions, advisor, library, storedModels, offline, machine, updates },
    modelImport: new ModelImport(download, models),
  };
}
