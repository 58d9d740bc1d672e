// The engine in this thread: a page's, or the worker's that worker.ts serves.

import { EngineError } from '../failures.ts';
import { findDevice, openEngine } from '../engines/open.ts';
import { readJson } from '../format/json-file.ts';
import { MLC_CONFIG_FILE } from '../format/model-directory.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { openTunings } from '../storage/tunings.ts';
import type { Backend } from './backend.ts';
import { chat } from './chat.ts';
import { refuse } from './check.ts';
import { complete } from './completion.ts';
import type { Loaded } from './loaded.ts';
import { openModel } from './open-model.ts';
import { forward } from './forward.ts';
import { loadProgress } from './progress.ts';
import { randomSeed, type Defaults } from './request.ts';
import type { CpuThreads } from '../engines/cpu/team.ts';
import type { EngineConfig } from './types.ts';

/** The sampling that a model's own config asks for where the request says nothing. */
async function defaultsOf(
  source: ShardSource,
  { contextLength, vocabSize }: Pick<Defaults, 'contextLength' | 'vocabSize'>,
): Promise<Defaults> {
  const config = (await readJson(source, MLC_CONFIG_FILE)) as Record<string, unknown>;
  const number = (key: string, fallback: number, top: number): number => {
    const value = config[key];
    return typeof value === 'number' && value > 0 && value <= top ? value : fallback;
  };
  return { temperature: number('temperature', 1, 5), topP: number('top_p', 1, 1), contextLength, vocabSize };
}

/**
 * @param base what relative addresses of models are relative to
 * @param threads further ones for the processor, where this thread may wait for them
 */
export function inPageBackend(
  { device: wanted = 'auto' }: Pick<EngineConfig, 'device'>,
  base: string | undefined,
  threads?: CpuThreads,
): Backend {
  let loaded: Loaded | undefined;

  const need = (model?: string | null): Loaded => {
    if (!loaded) throw new EngineError('model-not-loaded', 'no model is loaded');
    if (typeof model === 'string' && model !== loaded.id) {
      throw new EngineError('model-not-loaded', `${model} is not loaded, ${loaded.id} is`, { model });
    }
    return loaded;
  };
  const unload = (): void => {
    const old = loaded;
    loaded = undefined;
    old?.close();
  };

  return {
    async reload(reference, options, onProgress, signal) {
      unload();
      const progress = loadProgress(onProgress);
      const { id, source } = await openModel(reference, base, progress.downloading, signal);
      const { context_window_size: contextLength } = options;
      const device = wanted === 'cpu' ? undefined : await findDevice(gpuHere());
      const opened = await openEngine({
        source,
        modelId: id,
        device,
        threads,
        ...(contextLength === undefined ? {} : { contextLength }),
        tunings: openTunings(import.meta.url),
        signal,
        onProgress: progress.loading,
      });
      const { engine } = opened;
      try {
        signal.throwIfAborted();
        if (contextLength !== undefined && contextLength > engine.info.contextLength) {
          const most = `at most the model's ${engine.info.contextLength}`;
          throw refuse('context_window_size', most, contextLength);
        }
        loaded = {
          id,
          engine,
          session: engine.createSession(),
          defaults: await defaultsOf(source, engine.info),
          forwarded: { tokens: [], seed: randomSeed() },
          close() {
            void this.grammars?.then((grammars) => grammars.dispose());
            opened.close();
          },
        };
      } catch (error) {
        opened.close();
        throw error;
      }
      progress.loaded(id);
    },

    // Not loaded is a rejection, too.
    chat: async (request, options) => chat(need(request.model), request, options),
    complete: async (request, options) => complete(need(request.model), request, options),
    forward: async (tokens, signal) => forward(need(), tokens, signal),
    async reset() {
      const model = need();
      model.forwarded = { tokens: [], seed: randomSeed() };
      model.session.dispose();
      model.session = model.engine.createSession();
    },
    unload() {
      unload();
      return Promise.resolve();
    },
    async gpuVendor() {
      if (loaded) return loaded.engine.info.adapter.vendor;
      const adapter = await gpuHere()?.requestAdapter();
      return adapter?.info.vendor ?? '';
    },
  };
}

/** Undefined where the browser has no WebGPU, and in runtimes without a navigator. */
const gpuHere = (): GPU | undefined => (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
