// What the person chose. One record; whatever is read is checked, so that a bad value costs a default and not the app.

import type { SamplerOptions } from '../engine.ts';
import { openDatabase, requested } from './database.ts';
import { mergeById, mergeFields } from './merge.ts';

/** What a person sets; the rest is for programs. */
export interface SamplerSettings extends Pick<
  SamplerOptions,
  'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty'
> {
  /** null: a new one each answer. */
  seed: number | null;
}

/** Whose engine runs a model. "auto": ours where it runs the architecture. */
export type EngineChoice = 'auto' | 'yupana' | 'web-llm';

/** Instructions with a name, to choose among. */
export interface Persona {
  id: string;
  name: string;
  text: string;
}

/** What is done where a conversation and its answer do not fit the context. */
export const WHEN_FULL = ['trim', 'summarise', 'stop'] as const;
export type WhenFull = (typeof WHEN_FULL)[number];

export interface Settings {
  schema: 1;
  language: 'auto' | 'es' | 'pt' | 'en';
  theme: 'auto' | 'light' | 'dark';
  textSize: 'small' | 'normal' | 'large';
  systemPrompt: string;
  personas: readonly Persona[];
  whenFull: WhenFull;
  sampler: SamplerSettings;
  /** At most this many tokens an answer. */
  maxTokens: number;
  /** null: the model's own or what fits. */
  contextLength: number | null;
  /** Of an element of the context's keys and values, on the graphics card: 8 take little more than half the memory. */
  cacheBits: 16 | 8;
  /** What is computed of the instructions is kept on disk for the next load; never of temporary or locked conversations. */
  keepPrefix: boolean;
  /** Of the model chosen to answer; null: the first one there is. It may have been deleted since. */
  modelId: string | null;
  /** Model id -> engine, where it is not "auto". */
  engines: Readonly<Record<string, EngineChoice>>;
  /** Minutes without use after which locked conversations close; null: never by themselves. */
  lockMinutes: number | null;
  /** They also close when the page is hidden. */
  lockOnHide: boolean;
  /** Shortcuts of a single plain key ("?"). */
  singleKey: boolean;
  /** The model proposes titles while nothing else is asked of it. */
  modelTitles: boolean;
  /** The window's title says the conversation's: browsers keep it in their history, also once the conversation is under lock. */
  windowTitles: boolean;
}

export const DEFAULT_SETTINGS: Settings = {
  schema: 1,
  language: 'auto',
  theme: 'auto',
  textSize: 'normal',
  systemPrompt: '',
  personas: [],
  whenFull: 'trim',
  sampler: { temperature: 0.7, topK: 40, topP: 0.95, minP: 0, repetitionPenalty: 1.1, seed: null },
  maxTokens: 512,
  contextLength: null,
  cacheBits: 16,
  keepPrefix: false,
  modelId: null,
  engines: {},
  lockMinutes: 5,
  lockOnHide: false,
  singleKey: true,
  modelTitles: true,
  windowTitles: false,
};

/** A system prompt longer than this would fill small contexts by itself. */
export const MAX_SYSTEM_PROMPT = 8_000;

export const MAX_PERSONAS = 100;
export const MAX_PERSONA_NAME = 80;

export interface SettingsStore {
  load(): Promise<Settings>;
  /**
   * Merges `patch` in one transaction, checks it like anything read, and returns what is stored now.
   * @param base what the patch was made from: of lists and choices only what it changed is written, entry by entry; left out:
   * all of the patch
   */
  save(patch: Partial<Omit<Settings, 'schema'>>, base?: Settings): Promise<Settings>;
  /** Back to the defaults. */
  clear(): Promise<void>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const oneOf = <const T extends string>(value: unknown, options: readonly T[], otherwise: T): T =>
  options.find((option) => option === value) ?? otherwise;

const number = (value: unknown, min: number, max: number, otherwise: number, whole = false): number =>
  typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))
    ? value
    : otherwise;

const numberOrNull = (value: unknown, min: number, max: number): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : null;

/** A day. */
const MAX_LOCK_MINUTES = 24 * 60;

const MAX_MODEL_ID = 200;
const modelId = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= MAX_MODEL_ID ? value : null;

const MAX_CHOICES = 500;
const engineChoices = (value: unknown): Record<string, EngineChoice> =>
  Object.fromEntries(
    Object.entries(isRecord(value) ? value : {})
      .flatMap(([id, choice]) =>
        modelId(id) !== null && (choice === 'yupana' || choice === 'web-llm') ? [[id, choice] as const] : [],
      )
      .slice(0, MAX_CHOICES),
  );

/** Any value as personas: those that are whole, once each. */
export function checkPersonas(value: unknown): Persona[] {
  const ids = new Set<string>();
  const given: unknown[] = Array.isArray(value) ? value.slice(0, MAX_PERSONAS) : [];
  return given.flatMap((each) => {
    if (!isRecord(each)) return [];
    const { id, name, text } = each;
    if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id) || ids.has(id)) return [];
    if (typeof name !== 'string' || name.trim() === '' || typeof text !== 'string') return [];
    ids.add(id);
    return [{ id, name: name.trim().slice(0, MAX_PERSONA_NAME), text: text.slice(0, MAX_SYSTEM_PROMPT) }];
  });
}

/** Any value as settings: each field kept where it is valid, its default where not. */
export function checkSettings(value: unknown): Settings {
  const given = isRecord(value) ? value : {};
  const sampler = isRecord(given.sampler) ? given.sampler : {};
  const base = DEFAULT_SETTINGS;
  return {
    schema: 1,
    language: oneOf(given.language, ['auto', 'es', 'pt', 'en'], base.language),
    theme: oneOf(given.theme, ['auto', 'light', 'dark'], base.theme),
    textSize: oneOf(given.textSize, ['small', 'normal', 'large'], base.textSize),
    systemPrompt:
      typeof given.systemPrompt === 'string' ? given.systemPrompt.slice(0, MAX_SYSTEM_PROMPT) : '',
    personas: checkPersonas(given.personas),
    whenFull: oneOf(given.whenFull, WHEN_FULL, base.whenFull),
    sampler: {
      temperature: number(sampler.temperature, 0, 5, base.sampler.temperature),
      topK: number(sampler.topK, 0, 1_000_000, base.sampler.topK, true),
      topP: number(sampler.topP, Number.MIN_VALUE, 1, base.sampler.topP),
      minP: number(sampler.minP, 0, 0.999_999, base.sampler.minP),
      repetitionPenalty: number(sampler.repetitionPenalty, 0.1, 10, base.sampler.repetitionPenalty),
      seed: numberOrNull(sampler.seed, 0, 0xffff_ffff),
    },
    maxTokens: number(given.maxTokens, 1, 1_000_000, base.maxTokens, true),
    contextLength: numberOrNull(given.contextLength, 16, 10_000_000),
    cacheBits: given.cacheBits === 8 ? 8 : 16,
    keepPrefix: given.keepPrefix === true,
    modelId: modelId(given.modelId),
    engines: engineChoices(given.engines),
    lockMinutes:
      given.lockMinutes === null
        ? null
        : number(given.lockMinutes, 1, MAX_LOCK_MINUTES, base.lockMinutes ?? 5, true),
    lockOnHide: given.lockOnHide === true,
    singleKey: given.singleKey !== false,
    modelTitles: given.modelTitles !== false,
    windowTitles: given.windowTitles === true,
  };
}

/** A patch as it is to be written where others changed other entries of the same lists. */
function onto(stored: Settings, patch: Partial<Settings>, base: Settings): Partial<Settings> {
  const { personas, sampler, engines } = patch;
  return {
    ...patch,
    ...(personas && { personas: mergeById(base.personas, personas, stored.personas) }),
    ...(sampler && { sampler: mergeFields(base.sampler, sampler, stored.sampler) }),
    ...(engines && { engines: mergeFields(base.engines, engines, stored.engines) }),
  };
}

export function openSettings(name = 'yupana-settings'): SettingsStore {
  const database = openDatabase(name, 1);
  const KEY = ['settings'];
  return {
    load: () => database.read(async (store) => checkSettings(await requested<unknown>(store.get(KEY)))),
    save: (patch, base) =>
      database.write(async (store) => {
        const stored = checkSettings(await requested<unknown>(store.get(KEY)));
        const next = checkSettings({ ...stored, ...(base ? onto(stored, patch, base) : patch) });
        await requested(store.put(next, KEY));
        return next;
      }),
    clear: () =>
      database.write(async (store) => {
        await requested(store.delete(KEY));
      }),
  };
}
