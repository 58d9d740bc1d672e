// Threads over one shared memory. All run the same forward pass; the caller's thread leads and takes part.

import { EngineError } from '../../failures.ts';
import type { Forward, Seat, Step } from './forward.ts';
import { CONTROL_WORDS, type CpuPlan } from './layout.ts';

/** One more thread, running `serveThread` of thread.ts. Whoever composes the engine knows how its platform starts one. */
export interface ThreadLink {
  post(message: ThreadStart): void;
  /** @param ready the thread called its `ready`; @param failed it failed or ended by itself, and why; possibly later */
  listen(ready: () => void, failed: (why: string) => void): void;
  /** Ends it even while it waits or computes. */
  terminate(): void;
}

export interface CpuThreads {
  /** At most so many threads apart from the caller's, to 15. */
  count: number;
  /** Bytes of weights for which one more thread is worth the waiting for it; 16 MiB unless told. */
  worth?: number;
  spawn(): ThreadLink;
}

/** The first and only message to a thread: from then on all talk through the memory. */
export interface ThreadStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  plan: CpuPlan;
  index: number;
}

/** Words of `plan.work.control`. */
const CONTROL = { steps: 0, arrived: 1, meetings: 2, failed: 3, step: 4 } as const;
/** Reads of a word before sleeping: about as long as the shortest share of work takes. */
const SPINS = 4000;
/** A share of one step takes seconds at most; a thread that does not come for this long is gone. */
const PATIENCE_MS = 60_000;

/** A token of 16 MiB takes a thread 1 to 2 ms, the meetings of a 16-layer model a few tenths of one. */
const WORTH_BYTES = 16 * 2 ** 20;

/** Threads for a model of so many bytes, the caller's included. */
export function threadsFor(threads: CpuThreads | undefined, weightBytes: number): number {
  if (!threads) return 1;
  const worthwhile = Math.floor(weightBytes / (threads.worth ?? WORTH_BYTES));
  return Math.max(1, Math.min(threads.count, 15, worthwhile) + 1);
}

function controlWords(plan: CpuPlan, memory: WebAssembly.Memory): Int32Array {
  return new Int32Array(memory.buffer, plan.work.control, CONTROL_WORDS);
}

function gone(): EngineError {
  return new EngineError('worker-gone', 'A thread of the CPU engine failed or ended');
}

/** Returns once the word is no longer `value`. Throws "worker-gone" after `patience` ms. */
function waitWhile(words: Int32Array, index: number, value: number, patience: number): void {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, index) !== value) return;
  while (Atomics.load(words, index) === value) {
    if (Atomics.wait(words, index, value, patience) === 'timed-out') throw gone();
  }
}

/** A thread's place. `meet` throws "worker-gone" where another failed. */
export function seatAt(plan: CpuPlan, memory: WebAssembly.Memory, index: number): Seat {
  const count = plan.threads;
  if (count === 1) return { index, count, meet: () => undefined };
  const words = controlWords(plan, memory);
  return {
    index,
    count,
    meet() {
      const meeting = Atomics.load(words, CONTROL.meetings);
      if (Atomics.add(words, CONTROL.arrived, 1) === count - 1) {
        Atomics.store(words, CONTROL.arrived, 0);
        Atomics.add(words, CONTROL.meetings, 1);
        Atomics.notify(words, CONTROL.meetings);
      } else waitWhile(words, CONTROL.meetings, meeting, PATIENCE_MS);
      if (Atomics.load(words, CONTROL.failed) !== 0) throw gone();
    },
  };
}

/** What a thread does for the rest of its life: waits for steps and takes its part. Returns where the team failed. */
export function follow(plan: CpuPlan, memory: WebAssembly.Memory, forward: Forward): void {
  const words = controlWords(plan, memory);
  let done = 0;
  try {
    for (;;) {
      waitWhile(words, CONTROL.steps, done, Infinity);
      done = (done + 1) | 0;
      const [session = 0, tokens = 0, position = 0, logits = 0] = words.subarray(CONTROL.step);
      forward({ session: session >>> 0, tokens, position, logits: logits !== 0 });
    }
  } catch {
    // The leader cannot be reached by a message while it waits: it reads this word, then tells why.
    Atomics.store(words, CONTROL.failed, 1);
    Atomics.add(words, CONTROL.meetings, 1);
    Atomics.notify(words, CONTROL.meetings);
  }
}

/** The leader's forward pass: starts the others on each step, then does its own share. */
export function lead(plan: CpuPlan, memory: WebAssembly.Memory, forward: Forward): Forward {
  if (plan.threads === 1) return forward;
  const words = controlWords(plan, memory);
  return (step: Step) => {
    if (Atomics.load(words, CONTROL.failed) !== 0) throw gone();
    words.set([step.session, step.tokens, step.position, step.logits ? 1 : 0], CONTROL.step);
    Atomics.add(words, CONTROL.steps, 1);
    Atomics.notify(words, CONTROL.steps);
    forward(step);
  };
}

/**
 * Starts the other threads; resolves when all are ready. Throws "worker-gone", and ends those that started.
 * @param onLost a thread ended later: nothing can be computed any more
 */
export async function startThreads(
  { spawn }: CpuThreads,
  start: Omit<ThreadStart, 'index'>,
  onLost: (error: EngineError) => void,
): Promise<ThreadLink[]> {
  const links = Array.from({ length: start.plan.threads - 1 }, () => spawn());
  const words = controlWords(start.plan, start.memory);
  const begin = (link: ThreadLink, i: number) =>
    new Promise<void>((resolve, reject) => {
      link.listen(resolve, (why) => {
        Atomics.store(words, CONTROL.failed, 1);
        const error = new EngineError('worker-gone', `A thread of the CPU engine: ${why}`);
        onLost(error);
        reject(error);
      });
      link.post({ ...start, index: i + 1 });
    });
  try {
    await Promise.all(links.map(begin));
  } catch (error) {
    for (const link of links) link.terminate();
    throw error;
  }
  return links;
}
