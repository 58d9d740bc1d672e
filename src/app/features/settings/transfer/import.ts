// A file brought in: checked whole before anything is written, then written, or taken back if that fails.

import { EngineError } from '../../../../failures.ts';
import type { Conversation, ConversationStore } from '../../../../storage/conversations.ts';
import { checkSettings, type Settings, type SettingsStore } from '../../../../storage/settings.ts';
import { invalid, jsonDepth, record, sameData, tooLarge } from '../../../kit/check.ts';
import { checkConversation } from './check-conversation.ts';
import { FILE_FORMAT, FILE_SCHEMA } from './export.ts';
import { MAX_CONVERSATIONS, MAX_DEPTH, MAX_FILE_BYTES } from './limits.ts';

/** What a file holds, all of it checked. Nothing has been written yet. */
export interface Transfer {
  conversations: Conversation[];
  /** null: none in the file. */
  settings: Settings | null;
}

export interface ImportCounts {
  added: number;
  /** Of `added`, those whose id was taken by something else: they have new ids. */
  renamed: number;
  /** Already there, equal in everything. */
  skipped: number;
  settings: boolean;
}

/** Throws "import-invalid", "import-too-large", "import-newer". Data only: nothing in the file is ever run. */
export function parseTransfer(json: string): Transfer {
  if (jsonDepth(json) > MAX_DEPTH) throw tooLarge('levels', MAX_DEPTH, 'file');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new EngineError('import-invalid', 'not JSON', { where: 'file', expected: 'JSON' }, error);
  }
  const file = record(value, 'file');
  if (file.format !== FILE_FORMAT) throw invalid('file.format', FILE_FORMAT);
  const { schema, conversations } = file;
  if (typeof schema !== 'number' || !Number.isInteger(schema) || schema < 1)
    throw invalid('file.schema', 'a version');
  if (schema > FILE_SCHEMA) {
    throw new EngineError('import-newer', `file of schema ${schema}`, { found: schema, known: FILE_SCHEMA });
  }
  if (!Array.isArray(conversations)) throw invalid('file.conversations', 'a list');
  if (conversations.length > MAX_CONVERSATIONS) {
    throw tooLarge('conversations', MAX_CONVERSATIONS, 'file.conversations');
  }
  return {
    conversations: conversations.map((each, i) => checkConversation(each, `conversations[${i}]`)),
    settings: Object.hasOwn(file, 'settings') ? checkSettings(record(file.settings, 'file.settings')) : null,
  };
}

/** The same from a file the person chose. */
export async function readTransfer(blob: Blob): Promise<Transfer> {
  if (blob.size > MAX_FILE_BYTES) throw tooLarge('bytes', MAX_FILE_BYTES, 'file');
  let json: string;
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(await blob.arrayBuffer());
  } catch (error) {
    throw new EngineError('import-invalid', 'not UTF-8 text', { where: 'file', expected: 'UTF-8' }, error);
  }
  return parseTransfer(json);
}

const freeId = (): string => crypto.randomUUID();

/**
 * Writes what was checked. Conversations come first, settings last; where a write fails, what was added is deleted again
 * and the error thrown.
 * @param settings the store the file's settings go to; null leaves the person's own
 */
export async function applyTransfer(
  transfer: Transfer,
  store: ConversationStore,
  settings: SettingsStore | null,
  onProgress?: (done: number, total: number) => void,
): Promise<ImportCounts> {
  const counts: ImportCounts = { added: 0, renamed: 0, skipped: 0, settings: false };
  const written: string[] = [];
  try {
    for (const [i, conversation] of transfer.conversations.entries()) {
      // One that cannot be read is still somebody's: it keeps its id.
      const there = await store.get(conversation.id).catch(() => null);
      if (there && sameData(there, conversation)) counts.skipped++;
      else {
        const id = there === undefined ? conversation.id : freeId();
        written.push(id);
        await store.put({ ...conversation, id });
        counts.added++;
        if (id !== conversation.id) counts.renamed++;
      }
      onProgress?.(i + 1, transfer.conversations.length);
    }
    if (transfer.settings && settings) {
      await settings.save(transfer.settings);
      counts.settings = true;
    }
  } catch (error) {
    for (const id of written) await store.delete(id);
    throw error;
  }
  return counts;
}
