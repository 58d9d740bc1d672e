// Files of the next message: where they come from, and what is said about them.

import type { Page } from '../../kit/page.svelte.ts';
import type { Preferences } from '../../text/preferences.svelte.ts';
import { Attachments, MAX_ATTACHMENTS } from './attachments.svelte.ts';
import type { DocumentsContext } from './context.ts';
import { loadExtract, loadPdf } from './late.ts';

export function createDocuments(prefs: Preferences, page: Page): DocumentsContext {
  const attachments = new Attachments(
    async (file, options) => {
      const [{ extractText }, { startPdfWorker }] = await Promise.all([loadExtract(), loadPdf()]);
      return extractText(file, { ...options, startPdfWorker });
    },
    () => crypto.randomUUID(),
  );
  const sayFull = (): void => page.toasts.show(prefs.t.documents.tooMany(prefs.f.number(MAX_ATTACHMENTS)));
  const attach = (files: readonly File[]): void => {
    if (files.length === 0) return;
    if (attachments.add(files) > 0) sayFull();
    page.focusComposer();
  };
  return {
    attachments,
    attach,
    attachText(text) {
      const { documents } = prefs.t;
      if (attachments.items.length >= MAX_ATTACHMENTS) {
        sayFull();
        return false;
      }
      attach([new File([text], documents.pastedName, { type: 'text/plain' })]);
      page.announcement = documents.textAttached;
      return true;
    },
  };
}
