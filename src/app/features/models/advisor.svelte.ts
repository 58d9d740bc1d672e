// What is advised of each model on this machine: whether it fits, how fast it would write, which one to begin with.

import type { AdapterInfo, Usage } from '../../../engine.ts';
import type { MeasuredPace } from '../../../storage/library.ts';
import type { Settings } from '../../../storage/settings.ts';
import { recommend, type Advice, type Machine } from './advice.ts';
import type { ThisMachine } from '../machine/machine.svelte.ts';
import { wordsPerSecond } from '../machine/preflight.ts';
import type { SavedBench } from '../machine/start-bench.ts';
import { adviceFor, machineOf } from './download/library.svelte.ts';
import type { ModelEntry, Models } from './models.svelte.ts';

/** A model smaller than this says more of the engine's overhead than of the memory: its pace is no measure for others. */
const TELLING_BYTES = 300e6;
/** Fewer tokens are over before the pace is steady. */
const TELLING_TOKENS = 16;

export interface Speed {
  /** A second. */
  words: number;
  /** Nothing faster is possible, and no model gets there: only the memory was measured. */
  atMost: boolean;
}

export interface AdvisorParts {
  models: Models;
  settings: () => Settings;
  language: () => string;
  machine: ThisMachine;
  pace: () => MeasuredPace | null;
  keepPace: (pace: MeasuredPace) => void;
  /** Of no catalog: nobody looked at it. */
  isAdded: (id: string) => boolean;
}

const nameOf = ({ vendor, architecture, description }: AdapterInfo): string =>
  [vendor, architecture, description].join(' ').trim().slice(0, 300) || '?';

export class Advisor {
  private readonly parts: AdvisorParts;

  readonly machine: Machine = $derived.by(() =>
    machineOf(
      navigator as { deviceMemory?: number },
      this.parts.machine.room,
      this.parts.machine.probe?.maxBufferSize ?? null,
      this.parts.machine.withoutGpu === null,
    ),
  );
  /** Id of the model to begin with; null: none runs here, or nothing is known of the machine yet. */
  readonly recommended: string | null = $derived.by(() => {
    const { models, language, machine, isAdded } = this.parts;
    if (!machine.probe) return null;
    return recommend(
      models.entries
        .filter(
          ({ model }) =>
            model.available &&
            !model.demonstration &&
            !model.own &&
            !model.webLlmOnly &&
            !isAdded(model.id) &&
            model.languages.includes(language()),
        )
        .map((entry) => ({
          id: entry.model.id,
          fit: this.of(entry).fit,
          words: this.speedOf(entry)?.words ?? null,
          parameters: entry.model.parameters,
          bytes: entry.model.bytes,
        })),
    );
  });

  constructor(parts: AdvisorParts) {
    this.parts = parts;
  }

  /** Tokens of context that the model would be loaded with. */
  contextOf({ model }: ModelEntry): number {
    return Math.min(this.parts.settings().contextLength ?? model.memory.context, model.contextWindow);
  }

  of(entry: ModelEntry, context = this.contextOf(entry)): Advice {
    const needsGpu = this.parts.models.kindOf(entry.model.id) === 'web-llm';
    return adviceFor(entry, this.machine, context, this.parts.settings().cacheBits, needsGpu);
  }

  /** false: it would not load here. A model whose shape is not known yet may. */
  runs(entry: ModelEntry): boolean {
    return entry.model.contextWindow <= 0 || this.of(entry).fit !== 'no';
  }

  /** null: nothing was measured that would tell. */
  speedOf({ model }: ModelEntry): Speed | null {
    const cpu = this.parts.machine.withoutGpu;
    if (cpu) return { words: wordsPerSecond(cpu, model.bytesOnDisk), atMost: false };
    const pace = this.parts.pace();
    const adapter = this.parts.machine.probe?.adapter;
    if (!pace || !adapter || pace.adapter !== nameOf(adapter) || model.bytesOnDisk < TELLING_BYTES)
      return null;
    return { words: wordsPerSecond(pace, model.bytesOnDisk), atMost: pace.from === 'copy' };
  }

  /** An answer ended: what it tells of this machine is kept. */
  hearAnswer({ decodeTokensPerSecond, completionTokens }: Usage): void {
    const { engine, chosen: entry } = this.parts.models;
    if (engine.kind !== 'ready' || engine.info.engine !== 'wgsl' || completionTokens < TELLING_TOKENS) return;
    if (!entry || entry.model.id !== engine.modelId || entry.model.bytesOnDisk < TELLING_BYTES) return;
    this.keep(engine.info.adapter, decodeTokensPerSecond * entry.model.bytesOnDisk, 'answers');
  }

  /** A measurement of this machine ended, likewise. */
  hearBench({ figures }: SavedBench): void {
    if (figures.engine !== 'wgsl') return;
    const { adapter, contexts, copyBandwidth, modelId } = figures;
    const weights = this.parts.models.entry(modelId)?.model.bytesOnDisk ?? 0;
    const [first] = contexts;
    if (first && weights >= TELLING_BYTES)
      this.keep(adapter, first.decodeTokensPerSecond.median * weights, 'answers');
    else if (copyBandwidth !== undefined) this.keep(adapter, copyBandwidth, 'copy');
  }

  private keep(adapter: AdapterInfo, bytesPerSecond: number, from: MeasuredPace['from']): void {
    const name = nameOf(adapter);
    const known = this.parts.pace();
    if (!(bytesPerSecond > 0) || !Number.isFinite(bytesPerSecond)) return;
    // What a model did says more than what the memory could.
    if (from === 'copy' && known?.adapter === name && known.from === 'answers') return;
    this.parts.keepPace({ adapter: name, bytesPerSecond, from });
  }
}
