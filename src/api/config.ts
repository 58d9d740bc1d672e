// What an engine and a load are asked for: checked, so that nothing is ignored.

import { check, checkFields, given, isRecord, isText, refuse, text, unsupported } from './check.ts';
import type { Check } from './check.ts';
import type { EngineConfig, ModelReference, ReloadOptions } from './types.ts';

const signal = check((value) => value instanceof AbortSignal, 'an AbortSignal');
const aFunction = check((value) => typeof value === 'function', 'a function');
const anything: Check = () => undefined;
const plainId = check(
  (value) => isText(value) && /^[\w.-]{1,200}$/.test(value),
  'up to 200 letters, digits, "_", "-", "."',
);

/** Throws "option-invalid", "option-unsupported". */
export function checkModel(model: unknown): ModelReference {
  if (isText(model)) {
    text(model.trim(), 'model');
    return model.trim();
  }
  if (Array.isArray(model)) throw unsupported('model', 'takes one model: open an engine for each');
  if (!isRecord(model)) throw refuse('model', 'an address, an id, or an object with url or source', model);
  if (given(model['source'])) {
    checkFields(model, { source: anything, id: text }, {}, 'model.');
    const { source, id } = model;
    const reads = isRecord(source) && ['size', 'read'].every((call) => typeof source[call] === 'function');
    if (!reads) throw refuse('model.source', 'a ShardSource with size and read', source);
    text(id, 'model.id');
    return { source, id } as unknown as ModelReference;
  }
  const sum = check((value) => isText(value) && /^[0-9a-f]{64}$/i.test(value), '64 hexadecimal digits');
  checkFields(model, { url: text, id: plainId, manifestSha256: sum }, {}, 'model.');
  text(model['url'], 'model.url');
  return model as unknown as ModelReference;
}

/** Throws "option-invalid", "option-unsupported". */
export function checkReload(options: unknown): ReloadOptions {
  if (!given(options)) return {};
  if (!isRecord(options)) throw refuse('options', 'an object', options);
  const size = check(
    (value) => Number.isSafeInteger(value) && Number(value) >= 1,
    'a whole number, 1 or more',
  );
  checkFields(options, { context_window_size: size, signal });
  return Object.fromEntries(Object.entries(options).filter(([, value]) => given(value)));
}

/** Throws "option-invalid", "option-unsupported". */
export function checkConfig(config: unknown): EngineConfig {
  if (!given(config)) return {};
  if (!isRecord(config)) throw refuse('config', 'an object', config);
  const device = check((value) => value === 'auto' || value === 'cpu', '"auto" or "cpu"');
  checkFields(config, { initProgressCallback: aFunction, device });
  return Object.fromEntries(Object.entries(config).filter(([, value]) => given(value)));
}
