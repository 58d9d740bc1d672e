// The first word of a command line chooses the command; without one that is known, what there is.

import type { Offered } from './published.ts';
import { endQuietlyOnClosedPipe, runCommand, WRONG_USE } from './run.ts';

/** Runs the command that the process was given, and leaves its exit status. */
export async function runNamed(commands: Record<string, Offered>): Promise<void> {
  endQuietlyOnClosedPipe();
  const [name = '', ...argv] = process.argv.slice(2);
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found) {
    process.exitCode = await runCommand(name, await found.load(), argv);
  } else if (['--help', '-h', 'help'].includes(name)) {
    const list = Object.entries(commands)
      .map(([command, { what }]) => `  ${command.padEnd(9)} ${what}\n`)
      .join('');
    process.stdout.write(`usage: <command> [option …]; <command> --help says more\n${list}`);
  } else {
    const what = name === '' ? 'a command is missing' : `unknown command ${name}`;
    process.stderr.write(`${what}: there are ${Object.keys(commands).join(', ')}\n`);
    process.exitCode = WRONG_USE;
  }
}
