// Short notices at the foot of the screen, some with an undo.

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

/** Long enough to read, decide and reach the button by keyboard. */
const LIFE_MS = 10_000;

export class Toasts {
  items = $state.raw<readonly Toast[]>([]);
  private lastId = 0;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is shown from it
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(text: string, action?: Toast['action']): void {
    const id = ++this.lastId;
    this.items = [...this.items.slice(-2), { id, text, ...(action ? { action } : {}) }];
    this.resume(id);
  }

  act(id: number): void {
    const toast = this.items.find((item) => item.id === id);
    this.close(id);
    toast?.action?.run();
  }

  close(id: number): void {
    this.pause(id);
    this.items = this.items.filter((item) => item.id !== id);
  }

  /** All of them at once, with what their undo still holds. */
  clear(): void {
    for (const { id } of this.items) this.close(id);
  }

  /** While a pointer or the focus is on it, it stays. */
  pause(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }

  resume(id: number): void {
    this.pause(id);
    this.timers.set(
      id,
      setTimeout(() => this.close(id), LIFE_MS),
    );
  }
}
