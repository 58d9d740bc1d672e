// The commands of `npm run -s <command>`: each a module with its HELP and `main(argv)`, which answers with the exit status.

import { isMainThread } from 'node:worker_threads';
import type { Command } from './command.ts';
import { endQuietlyOnClosedPipe, runCommand, WRONG_USE } from './run.ts';

const COMMANDS: Record<string, { what: string; load: () => Promise<Command> }> = {
  convert: {
    what: 'a checkpoint into a directory that the engine reads',
    load: () => import('./convert.ts'),
  },
  generate: { what: 'an answer, without the interface', load: () => import('./generate.ts') },
  bench: { what: 'how fast a model runs here', load: () => import('./bench.ts') },
  evaluate: { what: 'how well a model answers a set of questions', load: () => import('./evaluate.ts') },
  synth: { what: "random weights in a real model's shape", load: () => import('./synth.ts') },
  mirror: { what: 'a static mirror of models for a school or a country', load: () => import('./mirror.ts') },
  catalog: { what: 'the catalog against what its hosts say now', load: () => import('./catalog.ts') },
  race: { what: 'every engine that runs in a browser, on the same weights', load: () => import('./race.ts') },
};

const [name = '', ...argv] = process.argv.slice(2);
const found = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
const list = Object.entries(COMMANDS)
  .map(([command, { what }]) => `  ${command.padEnd(9)} ${what}\n`)
  .join('');

if (!isMainThread) {
  // Started again by cpu-threads.ts.
  await import('./cpu-thread.ts');
} else {
  endQuietlyOnClosedPipe();
  if (found) process.exitCode = await runCommand(name, await found.load(), argv);
  else if (['--help', '-h', 'help'].includes(name)) {
    process.stdout.write(`usage: <command> [option …]; <command> --help says more\n${list}`);
  } else {
    const what = name === '' ? 'a command is missing' : `unknown command ${name}`;
    process.stderr.write(`${what}: there are ${Object.keys(COMMANDS).join(', ')}\n`);
    process.exitCode = WRONG_USE;
  }
}
