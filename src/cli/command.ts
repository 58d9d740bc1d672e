// What every command has in common: its arguments, its help, and how wrong use is told from failure.

import { parseArgs, type ParseArgsConfig } from 'node:util';

/** What a command gets apart from its arguments. */
export interface CommandCall {
  /** Aborts on SIGINT and SIGTERM: what was begun is taken back, then the command ends. */
  signal: AbortSignal;
}

export interface Command {
  /** What `--help` prints: usage first, then what is not plain from it. */
  HELP: string;
  /** @returns exit status. Throws WrongUse for arguments that are wrong, EngineError for what failed */
  main(argv: string[], call?: CommandCall): Promise<number>;
}

/** Arguments that are wrong. The message is one line and says what would be right; the exit status is 2. */
export class WrongUse extends Error {}

/** The option a person most likely meant, or undefined where none is near. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((other) => ({ other, far: distance(name, other) }))
    .sort((a, b) => a.far - b.far || a.other.localeCompare(b.other));
  const best = ranked[0];
  return best && best.far <= Math.max(2, name.length >> 2) ? best.other : undefined;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function hasCode(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** Node's words about arguments, shortened to one line that names what is there instead. */
function wrongUseOf(
  error: Error & { code: string },
  options: NonNullable<ParseArgsConfig['options']>,
): WrongUse {
  const names = Object.keys(options);
  const unknown = /^Unknown option '(-+)([^'=]*)/.exec(error.message);
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && unknown) {
    const [, dashes = '', name = ''] = unknown;
    const meant = nearest(name, names);
    const there =
      names.length === 0 ? 'there are none' : `there are ${names.map((n) => `--${n}`).join(', ')}`;
    return new WrongUse(`unknown option ${dashes}${name}: ${meant ? `did you mean --${meant}?` : there}`);
  }
  return new WrongUse(error.message.split('\n')[0] ?? error.message);
}

/** Node's `parseArgs`, whose failures are WrongUse. */
export function parseCommand<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (hasCode(error) && error.code.startsWith('ERR_PARSE_ARGS_'))
      throw wrongUseOf(error, config.options ?? {});
    throw error;
  }
}
