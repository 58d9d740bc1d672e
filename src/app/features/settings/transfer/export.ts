// Conversations out: Markdown to read, one JSON format to keep and to bring back.

import { EngineError } from '../../../../failures.ts';
import { branch, type Conversation, type ConversationStore } from '../../../../storage/conversations.ts';
import type { Settings } from '../../../../storage/settings.ts';
import { tooLarge } from '../../../kit/check.ts';
import { MAX_FILE_BYTES } from './limits.ts';

export const FILE_FORMAT = 'yupana';
/** Raised when a file of the new form would be misread by the old code. */
export const FILE_SCHEMA = 1;
export const FILE_TYPE = 'application/json';

/** What a file is, one conversation or everything. */
export interface TransferFile {
  format: typeof FILE_FORMAT;
  schema: typeof FILE_SCHEMA;
  /** ISO 8601. */
  exportedAt: string;
  settings?: Settings;
  conversations: Conversation[];
}

export interface MarkdownWords {
  untitled: string;
  /** Headings over what each side said. */
  user: string;
  assistant: string;
  system: string;
  model: string;
  date: string;
  /** Milliseconds since 1970, in the person's language. */
  formatDate: (time: number) => string;
}

/** A fence the text leaves open would swallow what follows. */
function closeFence(content: string): string {
  let open: string | null = null;
  for (const line of content.split('\n')) {
    const fence: string | undefined = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined) continue;
    if (open === null) open = fence;
    else if (fence.startsWith(open) && /^ {0,3}[`~]+\s*$/.test(line)) open = null;
  }
  return open === null ? content : `${content}\n${open}`;
}

/** The branch that is shown, as a Markdown document. Messages stand as they are written. */
export function toMarkdown(conversation: Conversation, words: MarkdownWords): string {
  const title = conversation.title.replace(/\s+/g, ' ').trim() || words.untitled;
  const blocks = [
    `# ${title}`,
    `- ${words.date}: ${words.formatDate(conversation.updatedAt)}\n- ${words.model}: ${conversation.modelId}`,
  ];
  if (conversation.system) blocks.push(`## ${words.system}`, closeFence(conversation.system));
  for (const node of branch(conversation)) {
    blocks.push(`## ${words[node.role]}`, closeFence(node.content.trim()));
  }
  return `${blocks.join('\n\n')}\n`;
}

function head(now: number, settings: Settings | undefined): string {
  const fields: Omit<TransferFile, 'conversations'> = {
    format: FILE_FORMAT,
    schema: FILE_SCHEMA,
    exportedAt: new Date(now).toISOString(),
    ...(settings ? { settings } : {}),
  };
  return `${JSON.stringify(fields).slice(0, -1)},"conversations":[`;
}

/** One conversation with all its branches, as a file `readTransfer` takes. */
export const toJson = (conversation: Conversation, now = Date.now()): string =>
  `${head(now, undefined)}\n${JSON.stringify(conversation)}\n]}\n`;

/**
 * Everything as one file. Built in pieces: only one conversation at a time is in memory twice.
 * Throws "import-too-large" where the file could not be brought back, "aborted".
 * @param onProgress conversations done and to do
 */
export async function exportAll(
  store: Pick<ConversationStore, 'list' | 'get'>,
  settings: Settings | undefined,
  options: { now?: number; signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
): Promise<Blob> {
  const summaries = await store.list();
  const pieces: Blob[] = [new Blob([head(options.now ?? Date.now(), settings)])];
  let bytes = 0;
  let written = 0;
  for (const [i, { id }] of summaries.entries()) {
    if (options.signal?.aborted) throw new EngineError('aborted', 'stopped by the person');
    const conversation = await store.get(id);
    if (conversation) {
      const piece = new Blob([`${written++ === 0 ? '' : ','}\n${JSON.stringify(conversation)}`]);
      bytes += piece.size;
      if (bytes > MAX_FILE_BYTES - 1024 * 1024) throw tooLarge('bytes', MAX_FILE_BYTES, 'conversations');
      pieces.push(piece);
    }
    options.onProgress?.(i + 1, summaries.length);
  }
  pieces.push(new Blob(['\n]}\n']));
  return new Blob(pieces, { type: FILE_TYPE });
}

const RESERVED_NAMES = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** A name every system takes, USB sticks with FAT32 included. @param extension without the dot */
export function fileName(title: string, extension: string): string {
  const clean = title
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"/\\|?*]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const short = [...clean]
    .slice(0, 80)
    .join('')
    .replace(/^[. ]+|[. ]+$/g, '');
  return `${short === '' || RESERVED_NAMES.test(short) ? 'yupana' : short}.${extension}`;
}
