// A file for the person's downloads, made in the page: no request leaves for it.

/** Long enough for the slowest disk and for a question where to save; the address would otherwise hold the memory. */
const REVOKE_AFTER_MS = 60_000;

export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}

/** "2026-11-22": sorts by name in a folder of such files. */
export const today = (): string => new Date().toISOString().slice(0, 10);
