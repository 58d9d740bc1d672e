import { es, type Dictionary } from './es.ts';
export const pt: Dictionary = es;
