// Files on their way into a message: read one after another on this device, each with its progress and its way out.

import type { EngineError } from '../../../failures.ts';
import type { Attachment } from '../../../storage/conversations.ts';
import type { DocumentText } from './extract.ts';
import { asEngineError } from '../../kit/faults.ts';

export type Content = NonNullable<Attachment['content']>;

/** Characters kept with a message, about 200 pages: the whole conversation is written anew each second of an answer. */
export const MAX_KEPT_CHARACTERS = 600_000;
/** Files of one message: more would not fit a context anyway, and each is read into memory. */
export const MAX_ATTACHMENTS = 10;

export interface Reading {
  id: string;
  name: string;
  bytes: number;
  state:
    | { kind: 'waiting' }
    | { kind: 'reading'; fraction: number | null }
    | { kind: 'ready'; attachment: Attachment; kept: boolean }
    | { kind: 'failed'; error: EngineError };
}

export type Extract = (
  file: File,
  options: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
) => Promise<DocumentText>;

const contentOf = ({ pages, text }: DocumentText): Content => pages ?? text;

export class Attachments {
  items = $state.raw<readonly Reading[]>([]);
  // Nothing is shown from either map.
  /* eslint-disable svelte/prefer-svelte-reactivity */
  /** Files of this page's life whose text is not kept with their message. */
  private readonly memory = new Map<string, Content>();
  private readonly aborts = new Map<string, AbortController>();
  /* eslint-enable svelte/prefer-svelte-reactivity */
  private readonly extract: Extract;
  private readonly newId: () => string;
  private queue: Promise<void> = Promise.resolve();

  /** Every file is read or has failed. */
  readonly settled = $derived.by(() =>
    this.items.every(({ state }) => state.kind === 'ready' || state.kind === 'failed'),
  );
  readonly ready = $derived.by(() =>
    this.items.flatMap(({ state }) => (state.kind === 'ready' ? [state.attachment] : [])),
  );

  constructor(extract: Extract, newId: () => string) {
    this.extract = extract;
    this.newId = newId;
  }

  /** @returns how many were left out because a message takes no more */
  add(files: readonly File[]): number {
    const taken = files.slice(0, Math.max(0, MAX_ATTACHMENTS - this.items.length));
    for (const file of taken) {
      const id = this.newId();
      const abort = new AbortController();
      this.aborts.set(id, abort);
      const { name, size } = file;
      this.items = [...this.items, { id, name, bytes: size, state: { kind: 'waiting' } }];
      this.queue = this.queue.then(() => this.read(id, file, abort.signal));
    }
    return files.length - taken.length;
  }

  /** Takes a file away; where it is being read, that ends. */
  remove(id: string): void {
    this.aborts.get(id)?.abort();
    this.aborts.delete(id);
    this.items = this.items.filter((item) => item.id !== id);
    this.memory.delete(id);
  }

  /** Empties the row for the next message. @returns what was ready */
  take(): Attachment[] {
    const taken = this.ready;
    for (const { id, state } of this.items) if (state.kind !== 'ready') this.remove(id);
    this.items = [];
    return taken;
  }

  /** Puts what a message could not take back. */
  restore(attachments: readonly Attachment[]): void {
    this.items = attachments.map((attachment) => ({
      id: attachment.id,
      name: attachment.name,
      bytes: attachment.bytes,
      state: { kind: 'ready', attachment, kept: attachment.content !== null },
    }));
  }

  remembered(id: string): Content | null {
    return this.memory.get(id) ?? null;
  }

  /** Forgets every text, those of messages sent included. */
  forget(): void {
    for (const { id } of this.items) this.remove(id);
    this.memory.clear();
  }

  private set(id: string, patch: Partial<Omit<Reading, 'id'>>): void {
    this.items = this.items.map((item) => (item.id === id ? { ...item, ...patch } : item));
  }

  private async read(id: string, file: File, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.set(id, { state: { kind: 'reading', fraction: null } });
    try {
      const found = await this.extract(file, {
        signal,
        onProgress: (done, total) => {
          if (!signal.aborted)
            this.set(id, { state: { kind: 'reading', fraction: total > 0 ? done / total : null } });
        },
      });
      if (signal.aborted) return;
      const kept = found.chars <= MAX_KEPT_CHARACTERS;
      if (!kept) this.memory.set(id, contentOf(found));
      const { name, kind, chars } = found;
      const content = kept ? contentOf(found) : null;
      const attachment: Attachment = { id, name, kind, bytes: file.size, chars, content };
      this.set(id, { name, state: { kind: 'ready', attachment, kept } });
    } catch (thrown) {
      if (signal.aborted) return;
      this.set(id, { state: { kind: 'failed', error: asEngineError(thrown) } });
    } finally {
      this.aborts.delete(id);
    }
  }
}
