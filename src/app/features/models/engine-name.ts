// The engine that runs, in a word and whole.

import type { EngineInfo } from '../../../engine.ts';

/** Names of programs: the same in every language. */
export const ENGINE_NAMES = {
  wgsl: 'Yupana GPU',
  cpu: 'Yupana CPU',
  'web-llm': 'WebLLM',
} as const satisfies Record<EngineInfo['engine'], string>;

/** @param names the dictionary's `machine.engines`. @returns the engine, what it runs on, the optional features it uses */
export function engineFacts(
  { engine, adapter }: Pick<EngineInfo, 'engine' | 'adapter'>,
  names: Readonly<Record<EngineInfo['engine'], string>>,
): string {
  const on = adapter.description || `${adapter.vendor} ${adapter.architecture}`.trim();
  const facts = [on, ...adapter.features].filter((fact) => fact !== '').join(', ');
  return facts === '' ? names[engine] : `${names[engine]}: ${facts}`;
}
