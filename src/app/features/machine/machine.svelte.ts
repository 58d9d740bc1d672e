// This machine, as far as the browser tells: whether it can run the engine, on what, and how much room it has.

import { requestPersistence, storageEstimate, type StorageEstimate } from '../../../storage/quota.ts';
import type { Probe } from '../../../wire/engine-protocol.ts';
import type { PreflightFault } from '../../text/texts.ts';
import { canStore, preflight, type WithoutGpu } from './preflight.ts';

export class ThisMachine {
  /** undefined while it is being found out; null: this browser can do it. */
  fault = $state.raw<PreflightFault | null | undefined>(undefined);
  /** Set where no GPU can be used and the processor stands in: slower, and said. */
  withoutGpu = $state.raw<WithoutGpu | null>(null);
  /** What the engine's worker found; null until it has tried. */
  probe = $state.raw<Probe | null>(null);
  room = $state.raw<StorageEstimate | null>(null);
  private readonly ask: () => Promise<Probe>;
  private readonly onError: (error: unknown) => void;

  constructor(probe: () => Promise<Probe>, onError: (error: unknown) => void) {
    this.ask = probe;
    this.onError = onError;
  }

  /** Finds out whether this browser can run the engine. */
  async check(): Promise<void> {
    this.fault = undefined;
    try {
      const { fault, withoutGpu, probe } = await preflight({
        isSecureContext: window.isSecureContext,
        canStore,
        probe: this.ask,
      });
      this.probe = probe;
      this.withoutGpu = withoutGpu;
      this.fault = fault;
    } catch (error) {
      this.fault = null; // loading will say what is wrong
      this.onError(error);
    }
  }

  /** Looks again at what room there is. */
  async measure(): Promise<void> {
    this.room = await storageEstimate();
  }

  /** Asks the browser to keep what is stored. @returns whether it will */
  async persist(): Promise<boolean> {
    const kept = await requestPersistence();
    await this.measure();
    return kept;
  }
}
