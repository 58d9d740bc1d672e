// What is written and not sent yet, one draft a conversation: it is there again after a reload, even of a killed tab.
//
// localStorage, because it is written at once: a page that goes away could not wait for IndexedDB.

const PREFIX = 'yupana-draft:';
const NEW = 'new';
/** Between the last letter and the write. */
const PAUSE_MS = 250;
/** Longer ones stay in memory only: localStorage has room for about 5 million characters in all. */
const MAX_KEPT = 200_000;

export interface DraftOptions {
  /** localStorage, which browsers may refuse by throwing. */
  storage: () => Storage;
  /** Whether a conversation's draft may be written down: not where the conversation itself may not. null: a new one. */
  mayKeep: (conversationId: string | null) => boolean;
}

export class Drafts {
  /** Of the conversation that is shown. */
  text = $state.raw('');
  private readonly options: DraftOptions;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- what is shown is `text`
  private readonly held = new Map<string, string>();
  private shown = NEW;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DraftOptions) {
    this.options = options;
    this.text = this.read(NEW);
  }

  /** Another conversation is shown: its draft takes the place of the one before, which is kept. */
  show(conversationId: string | null): void {
    const key = conversationId ?? NEW;
    if (key === this.shown) return;
    this.flush();
    this.shown = key;
    this.text = this.read(key);
  }

  /** The text changed. */
  changed(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** Writes down what is shown, now. */
  flush(): void {
    clearTimeout(this.timer);
    this.write(this.shown, this.text);
  }

  put(conversationId: string | null, text: string): void {
    const key = conversationId ?? NEW;
    this.write(key, text);
    if (key === this.shown) this.text = text;
  }

  /** Forgets the drafts of conversations that are closed. */
  drop(isLeft: (conversationId: string) => boolean): void {
    if (this.shown !== NEW && isLeft(this.shown)) this.text = '';
    for (const key of [...this.held.keys()]) if (key !== NEW && isLeft(key)) this.held.delete(key);
  }

  /** Every draft, wherever it is. */
  forget(): void {
    clearTimeout(this.timer);
    this.held.clear();
    this.text = '';
    this.attempt((area) => {
      for (const key of Object.keys(area)) if (key.startsWith(PREFIX)) area.removeItem(key);
    });
  }

  private read(key: string): string {
    return this.held.get(key) ?? this.attempt((area) => area.getItem(PREFIX + key)) ?? '';
  }

  private write(key: string, text: string): void {
    this.held.set(key, text);
    const keeps = text !== '' && text.length <= MAX_KEPT && this.options.mayKeep(key === NEW ? null : key);
    this.attempt((area) => (keeps ? area.setItem(PREFIX + key, text) : area.removeItem(PREFIX + key)));
  }

  private attempt<T>(work: (area: Storage) => T): T | undefined {
    try {
      return work(this.options.storage());
    } catch {
      return undefined; // no storage, or a full one: the draft lives as long as the page
    }
  }
}
