// Fetched once the shell stands.

export const loadPrefixes = () => import('../../../storage/prefixes.ts');
export const loadWebLlmList = () => import('./web-llm-list.ts');
