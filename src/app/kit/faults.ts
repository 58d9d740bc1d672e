// Anything thrown, as the one error class whose reasons have texts.

import { EngineError } from '../../failures.ts';

export function asEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new EngineError('internal', message, {}, error);
}

const OF_FILES: readonly EngineError['code'][] = [
  'FormatError',
  'IntegrityError',
  'StorageError',
  'UnsupportedModelError',
];

/** A load's failure that lies in what is stored: loading again fails again, until the files are others. */
export const liesInFiles = ({ code }: EngineError): boolean => OF_FILES.includes(code);
