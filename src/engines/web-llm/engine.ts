// @mlc-ai/web-llm behind the seam: for architectures we do not run ourselves, and for models whose owner has a compiled library.
// It reads our store through `caches` (store-caches.ts) and never the network.

import { MLCEngine, prebuiltAppConfig } from '@mlc-ai/web-llm';
import type { InitProgressReport } from '@mlc-ai/web-llm';
import { EngineError } from '../../failures.ts';
import type { Engine, EngineLack } from '../../engine.ts';
import { readJson } from '../../format/json-file.ts';
import { MLC_CONFIG_FILE, readTensorCache } from '../../format/model-directory.ts';
import type { ShardSource } from '../../format/shard-source.ts';
import { asObject } from '../../llama/json-fields.ts';
import { loadModelText } from '../model-text.ts';
import type { ModelText } from '../model-text.ts';
import { ownSession } from '../own-session.ts';
import { fromWebLlm } from './errors.ts';
import { fileAddress, modelAddress } from './library.ts';
import { observeGpu } from './observed-gpu.ts';
import { createWebLlmSession } from './session.ts';
import type { WebLlmSession } from './session.ts';
import { storeCaches } from './store-caches.ts';

export interface WebLlmEngineOptions {
  source: ShardSource;
  /** The library's file in the directory; undefined where there is none: refused as "library-missing". */
  library: string | undefined;
  modelId: string;
  gpu: GPU;
  /** Tokens; at most the model's. Without it, as many as the model's config says, up to 4,096 as MLC ships its own. */
  contextLength?: number;
  /** `weights` counts bytes, `pipelines` shader modules. */
  onProgress?: (phase: 'weights' | 'pipelines', done: number, total: number) => void;
  signal?: AbortSignal;
}

const DEFAULT_CONTEXT = 4096;

/** What the interface says that this engine leaves out. */
export const LACKS: readonly EngineLack[] = ['top-k', 'min-p', 'prefix-reuse'];

interface Claims {
  architecture: string;
  quantization: string;
  vocabSize: number;
  contextWindow: number;
}

async function readClaims(source: ShardSource): Promise<Claims> {
  const where = { file: MLC_CONFIG_FILE, path: '' };
  const config = asObject(await readJson(source, MLC_CONFIG_FILE), where);
  const text = (key: string): string => (typeof config[key] === 'string' ? config[key] : '');
  const count = (key: string): number => {
    const value = config[key];
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
  };
  return {
    architecture: text('model_type'),
    quantization: text('quantization'),
    vocabSize: count('vocab_size'),
    contextWindow: count('context_window_size') || DEFAULT_CONTEXT,
  };
}

/**
 * Loads a stored directory with its library. One at a time a thread: `caches` and `requestAdapter` are the thread's own.
 * Throws EngineError: "library-missing", "library-mismatch", "feature-missing", "limit-too-low", "adapter-missing",
 * "file-missing", "out-of-memory", "device-lost", what the directory's readers throw; the signal's reason when aborted.
 */
export async function createWebLlmEngine(options: WebLlmEngineOptions): Promise<Engine> {
  const { source, library, modelId, gpu, signal, onProgress } = options;
  signal?.throwIfAborted();
  if (library === undefined) {
    throw new EngineError('library-missing', `${modelId} has no model library`, { model: modelId });
  }
  const claims = await readClaims(source);
  const totalBytes = (await readTensorCache(source)).shards.reduce((sum, { bytes }) => sum + bytes, 0);
  // Without a tokenizer that we read too, nothing can be counted beforehand; web-llm brings its own for the answer.
  const text = await loadModelText(source, claims.vocabSize || undefined).catch(() => undefined);
  const contextLength = Math.min(options.contextLength ?? DEFAULT_CONTEXT, claims.contextWindow);
  const observed = await observeGpu(gpu, claims.quantization.includes('f16'));

  Object.defineProperty(globalThis, 'caches', {
    value: storeCaches(source, modelId, signal),
    configurable: true,
  });

  const engine = new MLCEngine({
    appConfig: {
      cacheBackend: 'cache',
      model_list: [
        {
          model: modelAddress(modelId),
          model_id: modelId,
          model_lib: fileAddress(modelId, library),
          overrides: {
            ...prebuiltAppConfig.model_list.find(({ model_id }) => model_id === modelId)?.overrides,
            context_window_size: contextLength,
            sliding_window_size: -1,
          },
        },
      ],
    },
    initProgressCallback: ({ progress, text: words }: InitProgressReport) => {
      if (signal?.aborted) return;
      const pipelines = /^Loading GPU shader modules\[(\d+)\/(\d+)\]/.exec(words);
      if (pipelines) onProgress?.('pipelines', Number(pipelines[1]), Number(pipelines[2]));
      else if (/^Start to fetch|from cache/.test(words))
        onProgress?.('weights', Math.round(progress * totalBytes), totalBytes);
    },
    logLevel: 'SILENT',
  });
  const end = async (): Promise<void> => {
    await engine.unload().catch(() => undefined);
    observed.end();
  };

  // `reload` resolves in silence when it is aborted, and some of its waits do not hear of it.
  const stop = (): void => void engine.unload().catch(() => undefined);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await engine.reload(modelId);
    signal?.throwIfAborted();
  } catch (thrown) {
    await end();
    signal?.throwIfAborted();
    throw fromWebLlm(thrown, modelId, 'load');
  } finally {
    signal?.removeEventListener('abort', stop);
  }

  const need = (): ModelText => {
    if (text) return text;
    throw new EngineError('template-invalid', `${modelId}: its tokenizer is read by web-llm alone`, {
      file: 'tokenizer.json',
    });
  };
  let disposed = false;
  const sessions = new Set<WebLlmSession>();
  return {
    get info() {
      return {
        engine: 'web-llm' as const,
        modelId,
        contextLength,
        vocabSize: claims.vocabSize,
        adapter: observed.info,
        gpuBytes: observed.gpuBytes(),
        lacks: LACKS,
      };
    },
    capabilities: {
      answer: async (session, messages, how, begun) =>
        ownSession(sessions, session).answer(messages, how, begun),
    },
    lost: observed.lost,
    encodeChat: (messages, begun) => need().encodeChat(messages, begun),
    encode: (string) => need().encode(string),
    decode: (tokens) => need().decode(tokens),
    // It constrains answers by itself or not at all: nobody computes masks for it.
    vocabulary: () => ({ ...need().spelled(), stopTokens: [] }),
    createSession() {
      if (disposed) throw new EngineError('internal', 'The engine was disposed of');
      // Its own template language is no Jinja; a Llama's turns are written by the model's own template, as our engines write them.
      const template = claims.architecture === 'llama' ? 'own' : 'web-llm';
      const session = createWebLlmSession({
        engine,
        modelId,
        contextLength,
        vocabSize: claims.vocabSize || Number.MAX_SAFE_INTEGER,
        text,
        template,
      });
      sessions.add(session);
      return session;
    },
    dispose() {
      disposed = true;
      void end();
    },
  };
}
