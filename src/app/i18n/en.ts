import { es, type Dictionary } from './es.ts';
export const en: Dictionary = es;
