// Anything thrown, as the one error class whose reasons have texts.

import { EngineError } from '../engine.ts';

export function asEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new EngineError('internal', message, { why: message }, error);
}
