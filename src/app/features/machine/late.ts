// Fetched once the shell stands.

export const loadThreads = () => import('./engine-threads.ts');
