// What the settings' controls need beside the settings themselves, which `textContext` holds.

import { createContext } from 'svelte';
import type { ContextCut, EngineInfo, TuneReport } from '../../../engine.ts';
import type { Settings } from '../../../storage/settings.ts';
import type { Probe } from '../../../wire/engine-protocol.ts';
import type { ImportCounts } from './transfer/import.ts';

type OnProgress = (done: number, total: number) => void;

export interface SettingsContext {
  /** All that is the person's on this browser at once. */
  readonly dataExport: {
    /** @returns the name of the file */
    export(onProgress: OnProgress, withLocked: boolean): Promise<string>;
    import(file: Blob, withSettings: boolean, onProgress: OnProgress): Promise<ImportCounts>;
    wipe(): Promise<void>;
  };
  readonly models: {
    readonly chosen: { readonly model: { readonly contextWindow: number } } | null;
    /** Of the loaded engine. */
    readonly info: EngineInfo | null;
    readonly contextCut: (ContextCut & { now: number }) | null;
    tune(): Promise<TuneReport | null>;
  };
  /** Settings that let the engine go. */
  readonly actions: {
    changeContext(wishes: Partial<Pick<Settings, 'contextLength' | 'cacheBits'>>): Promise<void>;
    changeKeepPrefix(keepPrefix: boolean): Promise<void>;
  };
  /** Locked conversations. */
  readonly rooms: { readonly unlocked: boolean; readonly exists: boolean | null };
  readonly machine: { readonly probe: Probe | null };
  readonly privacy: { readonly requests: number };
  /** Shows the keyboard shortcuts. */
  showKeys(): void;
}

export const [settingsContext, setSettingsContext] = createContext<SettingsContext>();
