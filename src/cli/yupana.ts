#!/usr/bin/env node
// The package's command, `npx yupana <command>`: see published.ts.

import { home } from './home.ts';
import { PUBLISHED } from './published.ts';
import { runNamed } from './run-named.ts';

home.folder = import.meta.dirname;
await runNamed(PUBLISHED);
