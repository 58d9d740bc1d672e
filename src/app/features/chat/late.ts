// Fetched once the shell stands.

export const loadKeep = () => import('./thread/KeepDialog.svelte');
export const loadRename = () => import('./list/RenameDialog.svelte');
export const loadTags = () => import('./list/TagsDialog.svelte');
