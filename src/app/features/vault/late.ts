// Fetched once the shell stands.

export const loadVault = () => import('../../../storage/vault.ts');
