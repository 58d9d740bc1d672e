// What WebGPU reports, in the house's errors.

import { EngineError } from '../failures.ts';

/** A GPUError from an error scope or the uncaptured event. `what` says what was being done. */
export function gpuError(error: GPUError, what: string): EngineError {
  const name = error.constructor.name;
  const reason = name === 'GPUOutOfMemoryError' ? 'out-of-memory' : 'internal';
  return new EngineError(reason, `${what}: ${error.message}`, { what, error: name });
}

export function lostError(info: GPUDeviceLostInfo): EngineError {
  return new EngineError('device-lost', `The GPU device was lost (${info.reason}): ${info.message}`, {
    why: info.reason,
  });
}

/** The compiler's first complaint with its line, column and text, as an editor would show it. */
export function compileError(
  kernel: string,
  code: string,
  messages: readonly Pick<GPUCompilationMessage, 'type' | 'message' | 'lineNum' | 'linePos'>[],
): EngineError | undefined {
  const errors = messages.filter((message) => message.type === 'error');
  const first = errors[0];
  if (first === undefined) return undefined;
  const lines = code.split('\n');
  const shown = errors.map(({ message, lineNum, linePos }) => {
    const text = lines[lineNum - 1] ?? '';
    return `${kernel}.wgsl:${lineNum}:${linePos} ${message}\n  ${text}\n  ${' '.repeat(Math.max(0, linePos - 1))}^`;
  });
  return new EngineError('internal', `WGSL does not compile\n${shown.join('\n')}`, {
    kernel,
    line: first.lineNum,
    column: first.linePos,
    text: (lines[first.lineNum - 1] ?? '').trim(),
  });
}
