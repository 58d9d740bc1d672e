// Fetched once the shell stands.

export const loadDonate = () => import('./donate.ts');
