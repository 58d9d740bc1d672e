// Ways of drawing the next token that have a name, and the fields a person may set one by one.

import { DEFAULT_SETTINGS, type SamplerSettings } from '../../../storage/settings.ts';

export type PresetName = 'exact' | 'balanced' | 'varied';

const base = DEFAULT_SETTINGS.sampler;

export const PRESETS: Record<PresetName, SamplerSettings> = {
  exact: { ...base, temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1 },
  balanced: base,
  varied: { ...base, temperature: 1.1, topK: 0, topP: 0.98 },
};

/** The preset whose values these are; the seed is not part of it. */
export function presetOf(sampler: SamplerSettings): PresetName | 'own' {
  const same = (other: SamplerSettings): boolean => FIELDS.every(({ name }) => other[name] === sampler[name]);
  return (['exact', 'balanced', 'varied'] as const).find((name) => same(PRESETS[name])) ?? 'own';
}

export interface Field {
  name: 'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty';
  min: number;
  max: number;
  step: number;
}

/** Bounds of what is worth setting; the store accepts more. */
export const FIELDS: readonly Field[] = [
  { name: 'temperature', min: 0, max: 2, step: 0.05 },
  { name: 'topK', min: 0, max: 200, step: 1 },
  { name: 'topP', min: 0.05, max: 1, step: 0.01 },
  { name: 'minP', min: 0, max: 0.5, step: 0.01 },
  { name: 'repetitionPenalty', min: 1, max: 2, step: 0.05 },
];
