// The commands of `npm run -s <command>`: each a module with `main(argv)`, which answers with the exit status.

import { isMainThread } from 'node:worker_threads';
import { EngineError } from '../engine.ts';

interface Command {
  main(argv: string[]): Promise<number>;
}

const COMMANDS: Record<string, () => Promise<Command>> = {
  convert: () => import('./convert.ts'),
  generate: () => import('./generate.ts'),
  bench: () => import('./bench.ts'),
  synth: () => import('./synth.ts'),
  mirror: () => import('./mirror.ts'),
  race: () => import('./race.ts'),
};

const [name = '', ...argv] = process.argv.slice(2);
const load = COMMANDS[name];
if (!isMainThread) {
  // Started again by cpu-threads.ts.
  await import('./cpu-thread.ts');
} else if (load) {
  try {
    process.exitCode = await (await load()).main(argv);
  } catch (error) {
    // A failure we know says what happened and where; one we don't know shows its stack.
    if (error instanceof EngineError) console.error(`${name}: ${error.message} [${error.reason}]`);
    else console.error(error);
    process.exitCode = 1;
  }
} else {
  console.error(`Unknown command "${name}". There are: ${Object.keys(COMMANDS).join(', ')}.`);
  process.exitCode = 2;
}
