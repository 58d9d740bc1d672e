// Runs one command: help on stdout, wrong use in one line on stderr with exit status 2, failures with 1, signals with 128 + n.

import { EngineError } from '../failures.ts';
import { WrongUse, type Command } from './command.ts';
import { removePartials } from './partials.ts';

export const FAILED = 1;
export const WRONG_USE = 2;
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
/** What a command may take to end by itself after a signal, before the process ends without it. */
const GRACE_MS = 8_000;

/** True where `flag` stands among the options: what follows a lone `--` is a value. */
function has(argv: readonly string[], ...flags: string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? undefined : end).some((word) => flags.includes(word));
}

/** One line of what went wrong. The stack is for who develops this: --debug. */
function tell(name: string, error: unknown, debug: boolean): void {
  const text = error instanceof Error ? error.message : String(error);
  const reason = error instanceof EngineError ? ` [${error.reason}]` : '';
  process.stderr.write(`${name}: ${text}${reason}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
}

const isWrongUse = (error: unknown): boolean =>
  error instanceof WrongUse || (error instanceof EngineError && error.reason === 'option-invalid');

/** @returns exit status */
export async function runCommand(name: string, command: Command, argv: readonly string[]): Promise<number> {
  if (has(argv, '--help', '-h')) {
    process.stdout.write(command.HELP);
    return 0;
  }
  const debug = has(argv, '--debug');
  const words = argv.filter((word, i) => word !== '--debug' || argv.slice(0, i).includes('--'));
  const abort = new AbortController();
  let ended: number | undefined;
  const listeners = Object.entries(SIGNALS).map(([signal, status]) => {
    const listener = (): void => {
      if (ended !== undefined) return;
      ended = status;
      abort.abort(new EngineError('aborted', `stopped by ${signal}`));
      setTimeout(() => process.exit(status), GRACE_MS).unref();
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  // Whatever way the process ends, but for a kill that no program hears, nothing half-written stays.
  process.on('exit', removePartials);
  try {
    const status = await command.main(words, { signal: abort.signal });
    return ended ?? status;
  } catch (error) {
    if (ended !== undefined) {
      process.stderr.write(`${name}: stopped; nothing half-written is left\n`);
      return ended;
    }
    if (isWrongUse(error)) {
      tell(name, new WrongUse(`${(error as Error).message} (${name} --help shows the usage)`), debug);
      return WRONG_USE;
    }
    tell(name, error, debug);
    return FAILED;
  } finally {
    for (const off of listeners) off();
    process.off('exit', removePartials);
    removePartials();
  }
}

/** A reader that has enough (`| head`) closes the pipe: that is no failure, and nothing is said. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      removePartials();
      process.exit(0);
    });
  }
}
