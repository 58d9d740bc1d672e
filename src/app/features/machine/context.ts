// This machine, and what measuring it needs of the other features.

import { createContext } from 'svelte';
import type { Stored } from '../../text/texts.ts';
import type { ThisMachine } from './machine.svelte.ts';
import type { SavedBench } from './start-bench.ts';

export interface MachineContext {
  readonly machine: ThisMachine;
  readonly models: {
    /** The model to measure. */
    readonly chosen: {
      readonly ready: boolean;
      readonly stored: Stored;
      readonly model: { readonly id: string; readonly name: string };
    } | null;
    unload(): Promise<void>;
  };
  readonly advisor: { hearBench(saved: SavedBench): void };
  /** An answer being made comes first. */
  readonly chat: { readonly run: object | null };
}

export const [machineContext, setMachineContext] = createContext<MachineContext>();
