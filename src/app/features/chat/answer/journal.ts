// The last second of an answer, and its end until that is stored. A page that is being closed ends no IndexedDB transaction that needs an answer of its
// own, but localStorage writes at once: what was shown goes there, and the next start puts it into the conversation.

import type { FinishReason } from '../../../../engine.ts';
import type { ConversationStore } from '../../../../storage/conversations.ts';
import { patchNode } from '../conversation.ts';

const PREFIX = 'yupana-unsaved:';

interface Entry {
  nodeId: string;
  text: string;
  /** Why it ended; left out while it was written. */
  finishReason?: FinishReason;
}

const REASONS: readonly unknown[] = ['stop', 'length', 'abort'] satisfies FinishReason[];

export interface Journal {
  write(conversationId: string, entry: Entry): void;
  clear(conversationId: string): void;
  /** Empties it, whatever it holds. */
  forget(): void;
  /** Brings stored conversations up to what was shown, and empties the journal. */
  replay(store: Pick<ConversationStore, 'get' | 'put'>): Promise<void>;
}

function parse(value: string | null): Entry | null {
  try {
    const entry = JSON.parse(value ?? '') as Partial<Record<keyof Entry, unknown>> | null;
    if (typeof entry?.nodeId !== 'string' || typeof entry.text !== 'string') return null;
    const { nodeId, text, finishReason } = entry;
    return {
      nodeId,
      text,
      ...(REASONS.includes(finishReason) && { finishReason: finishReason as FinishReason }),
    };
  } catch {
    return null; // not ours, or cut: there is nothing to bring back
  }
}

/** @param storage gives localStorage, which browsers may refuse by throwing: the last second is then lost, nothing else */
export function createJournal(storage: () => Storage): Journal {
  const attempt = <T>(work: (area: Storage) => T): T | undefined => {
    try {
      return work(storage());
    } catch {
      return undefined;
    }
  };
  const keys = (): string[] =>
    attempt((area) => Object.keys(area).filter((key) => key.startsWith(PREFIX))) ?? [];
  return {
    write: (id, entry) => attempt((area) => area.setItem(PREFIX + id, JSON.stringify(entry))),
    clear: (id) => attempt((area) => area.removeItem(PREFIX + id)),
    forget() {
      for (const key of keys()) attempt((area) => area.removeItem(key));
    },
    async replay(store) {
      for (const key of keys()) {
        const id = key.slice(PREFIX.length);
        const entry = parse(attempt((area) => area.getItem(key)) ?? null);
        const conversation = entry ? await store.get(id) : undefined;
        const node = entry ? conversation?.nodes[entry.nodeId] : undefined;
        // A finished answer, or a longer one, was stored after all.
        if (
          conversation &&
          entry &&
          node?.finishReason === 'abort' &&
          node.content.length <= entry.text.length
        ) {
          const { nodeId, text: content, finishReason = 'abort' } = entry;
          await store.put(patchNode(conversation, nodeId, { content, finishReason }, conversation.updatedAt));
        }
        attempt((area) => area.removeItem(key));
      }
    },
  };
}
