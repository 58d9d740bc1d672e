// The language and the choices of the person, for every component.

import { createContext } from 'svelte';
import type { Preferences } from './preferences.svelte.ts';

export const [textContext, setTextContext] = createContext<Preferences>();
