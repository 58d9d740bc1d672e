// "Listo sin internet", proved: the shell is stored, every file of the model is hashed again, and one token is written while the
// service worker lets nothing of the app reach a network.

import type { EngineError } from '../../../../failures.ts';
import type { EngineClient } from '../../../../wire/engine-client.ts';
import { asEngineError } from '../../../kit/faults.ts';
import { shellState, withoutNetwork } from './shell-worker.ts';
import type { CutCount, ShellState } from './shell-worker.ts';
import type { ModelEntry, Models } from '../models.svelte.ts';

export type StepName = 'shell' | 'files' | 'token';
export type StepState = 'waiting' | 'running' | 'good' | 'bad';

export interface Proof {
  modelId: string;
  steps: Readonly<Record<StepName, StepState>>;
  shell: ShellState | null;
  count: CutCount | null;
  error: EngineError | null;
  done: boolean;
}

/** What was proved and when, kept with the model. Another version of the app has to prove itself again. */
export interface Proved {
  at: number;
  shell: string;
}

/** Names this version: its main script's address carries a hash of its content. */
const VERSION = new URL(import.meta.url).pathname;
/** One word is enough to have been through every kernel. */
const CONTEXT = 256;

export class OfflineProof {
  proof = $state.raw<Proof | null>(null);
  private proved = $state.raw<Readonly<Record<string, Proved>>>({});
  private readonly engine: EngineClient;
  private readonly models: Models;
  private readonly keep: (modelId: string, proved: Proved | null) => Promise<void>;

  constructor(
    engine: EngineClient,
    models: Models,
    keep: (modelId: string, proved: Proved | null) => Promise<void>,
  ) {
    this.engine = engine;
    this.models = models;
    this.keep = keep;
  }

  get running(): boolean {
    return this.proof !== null && !this.proof.done;
  }

  /** When this version proved itself with that model; null where it did not, or the model is no longer whole. */
  provedAt({ model, ready }: ModelEntry): number | null {
    const found = this.proved[model.id];
    return ready && found?.shell === VERSION ? found.at : null;
  }

  recall(modelId: string, proved: Proved): void {
    this.proved = { ...this.proved, [modelId]: proved };
  }

  async prove(entry: ModelEntry): Promise<void> {
    if (this.running) return;
    const modelId = entry.model.id;
    this.proof = {
      modelId,
      steps: { shell: 'running', files: 'waiting', token: 'waiting' },
      shell: null,
      count: null,
      error: null,
      done: false,
    };
    try {
      const shell = (await shellState()) ?? null;
      this.step('shell', shell !== null && shell.missing.length === 0, { shell });
      this.step('files', undefined);
      await entry.start('verify');
      this.step('files', entry.ready, { error: entry.error });
      if (entry.ready) {
        this.step('token', undefined);
        const proved = await withoutNetwork(() => this.writeOne(entry));
        const count = proved?.count ?? null;
        this.step('token', count !== null && count.refused.length === 0, { count });
      }
    } catch (error) {
      this.step('token', false, { error: asEngineError(error) });
    } finally {
      await this.models.unload();
    }
    const good = Object.values(this.proof.steps).every((state) => state === 'good');
    const proved = good ? { at: Date.now(), shell: VERSION } : null;
    const others = Object.entries(this.proved).filter(([id]) => id !== modelId);
    this.proved = Object.fromEntries(proved ? [...others, [modelId, proved]] : others);
    this.proof = { ...this.proof, done: true };
    await this.keep(modelId, proved);
  }

  forget(): void {
    if (!this.running) this.proof = null;
  }

  /** A worker that is started with the network cut, so that its script too comes out of what is stored. */
  private async writeOne({ model }: ModelEntry): Promise<void> {
    await this.models.unload();
    this.engine.dispose();
    await this.engine.load(model.id, { contextLength: CONTEXT, engine: this.models.kindOf(model.id) });
    await this.engine.generate({ messages: [{ role: 'user', content: '2 + 2' }], maxTokens: 1 });
  }

  private step(name: StepName, good: boolean | undefined, found: Partial<Proof> = {}): void {
    if (!this.proof) return;
    const state = good === undefined ? 'running' : good ? 'good' : 'bad';
    this.proof = { ...this.proof, ...found, steps: { ...this.proof.steps, [name]: state } };
  }
}
