// The commands of `npm run -s <command>`: each a module with its HELP and `main(argv)`, which answers with the exit status.

import { PUBLISHED } from './published.ts';
import { runNamed } from './run-named.ts';

await runNamed({
  ...PUBLISHED,
  catalog: { what: 'the catalog against what its hosts say now', load: () => import('./catalog.ts') },
  race: { what: 'every engine that runs in a browser, on the same weights', load: () => import('./race.ts') },
});
