// Decoding's pipeline: tokens are submitted before those before them are read, so the GPU never waits for JavaScript.

import { EngineError } from '../../failures.ts';
import type { Logprob, SpeculationCounts } from '../../engine.ts';
import type { BufferSlice, Device } from '../../gpu/device.ts';
import type { Dispatch } from '../../gpu/kernel.ts';
import type { ReadbackRing } from '../../gpu/readback.ts';
import type { AllowedTokens } from '../allowed-tokens.ts';
import type { Drawn } from '../generate.ts';
import { batchWords } from './batch-graph.ts';
import type { BatchGraph } from './batch-graph.ts';
import type { SessionBuffers } from './decode-graph.ts';
import { LOGPROBS_BYTES } from '../../gpu/kernels/sample.ts';
import { SLOT_BYTES } from './plan.ts';
import { createLookup } from './lookup.ts';
import type { Sampler } from './sampler.ts';
import { aheadPace } from './ahead.ts';
import type { Mutex } from '../mutex.ts';
import { MAX_DRAFT, speculationPace } from './speculation.ts';

/** Submits not yet read: one runs while the other is read. */
const IN_FLIGHT = 2;

export interface TokenStream {
  /** The next token. Throws "device-lost", and "internal" where logits were not finite. */
  next(): Promise<Drawn>;
  /**
   * Waits for what ran ahead and drops it. Returns how many of the answer's tokens have keys and values in the cache: those whose
   * forward pass was submitted, known or not. Submits nothing.
   */
  end(): Promise<number>;
}

export interface StreamParts {
  device: Device;
  ring: ReadbackRing;
  buffers: SessionBuffers;
  sampler: Sampler;
  /** Tokens at most. */
  limit: number;
  /** How many of the likeliest tokens each token reports; undefined: none, nor its own probability. */
  logprobs: number | undefined;
  aborted: () => boolean;
  /** Forward pass of the answer's token `index`, which lies in the state. */
  forward: (index: number) => readonly Dispatch[];
}

/** What guessing needs as well. */
export interface Guessing {
  /** At the work space that batches share with other sessions' prompts. */
  workMutex: Mutex;
  /** Made when there is a first guess. */
  graph: () => Promise<BatchGraph>;
  /** The logits that follow each token of a batch. */
  rows: readonly BufferSlice[];
  prompt: readonly number[];
  /** Whether it pays or not: for tests and for measuring. */
  always: boolean;
  counts: SpeculationCounts;
}

const NONE: readonly Dispatch[] = [];

function drawnAt(words: Uint32Array, slot: number, logprobs: number | undefined): Drawn {
  const at = (slot * SLOT_BYTES) / 4;
  if (words[at + 2] === 0) throw new EngineError('internal', 'The model gave logits that are not finite');
  const id = words[at + 1]!;
  if (logprobs === undefined) return { id };
  const floats = new Float32Array(words.buffer);
  const pair = (rank: number): Logprob => {
    const word = at + 4 + rank * 2;
    return { id: words[word]!, logprob: floats[word + 1]! };
  };
  return { id, logprobs: { ...pair(0), top: Array.from({ length: logprobs }, (_, i) => pair(i + 1)) } };
}

/**
 * Guesses, looked up in the context, are computed in one pass and drawn from in turn. The draws are those that decoding one by
 * one would make (each hangs on its position alone), so a guess that agrees with its draw is the answer's next token, and the
 * first draw that differs is too: what comes after it counts for nothing and is taken back.
 */
function speculate({ device, ring, buffers, sampler, limit }: StreamParts, guessing: Guessing) {
  const { prompt, always, counts } = guessing;
  const lookup = createLookup(prompt);
  const pace = speculationPace();
  const drawn: number[] = [];
  let graph: BatchGraph | undefined;
  let asked = false;
  return {
    pace,
    push(id: number): void {
      lookup.push(id);
      sampler.accept(id);
      drawn.push(id);
      pace.passed(1);
    },
    /** Guesses at what follows the last token drawn. The answer's end, and room in the batch, bound them. */
    draft(): number[] {
      if (drawn.length === 0 || !(always || pace.pays)) return [];
      const draft = lookup.draft(Math.min(MAX_DRAFT, limit - drawn.length - 1));
      if (draft.length === 0 || graph || always) return draft;
      // Its kernels are compiled at the first guess of all: decoding goes on meanwhile.
      if (!asked) {
        asked = true;
        guessing.graph().then(
          (made) => (graph = made),
          () => undefined, // without it there are no guesses
        );
      }
      return [];
    },
    /** @returns the tokens that count: the guesses that were drawn, and the draw after them */
    async verify(draft: readonly number[], index: number): Promise<number[]> {
      const made = (graph ??= await guessing.graph());
      const began = performance.now();
      const position = prompt.length + drawn.length - 1;
      const batch = [drawn.at(-1)!, ...draft];
      device.writeBuffer(buffers.batch, 0, batchWords(position, batch));
      await guessing.workMutex.run(() => {
        device.submit('verify', (commands) => {
          commands.pass(made.dispatches(position, batch.length));
          batch.forEach((_, row) => {
            commands.pass(sampler.afterRow(row, guessing.rows[row]!));
            ring.copy(commands, index, buffers.state, 16, row * SLOT_BYTES);
          });
        });
        return Promise.resolve();
      });
      ring.map(index);
      const words = await ring.read(index);
      const found = batch.map((_, row) => drawnAt(words, row, undefined).id);
      const agreeing = draft.findIndex((id, i) => id !== found[i]);
      const count = agreeing < 0 ? found.length : agreeing + 1;
      const kept = found.slice(0, count);
      kept.forEach((id) => this.push(id));
      if (count < found.length) {
        sampler.restore(position + count, kept[count - 1]!, found.slice(count));
      }
      counts.drafted += draft.length;
      counts.accepted += count - 1;
      pace.verified(performance.now() - began, count);
      return kept;
    },
  };
}

/**
 * Several tokens a submit where the GPU is quick, one where it is not.
 * @param mostAhead tokens a submit at most, 1 to MAX_AHEAD
 */
export function tokenStream(parts: StreamParts, mostAhead: number, guessing?: Guessing): TokenStream {
  const { device, ring, buffers, sampler, limit, logprobs, forward } = parts;
  /** Tokens of each submit not yet read, oldest first. */
  const counts: number[] = [];
  let submitted = 0;
  let read = 0;
  let encoded = 0;
  const pace = aheadPace(mostAhead);
  let ready: Drawn[] = [];
  let arrived = 0;
  let measured = false;
  const speculation = guessing && speculate(parts, guessing);

  function submit(): void {
    const index = submitted++;
    const count = Math.min(pace.ahead, limit - encoded);
    device.submit('tokens', (commands) => {
      for (let i = 0; i < count; i++) {
        commands.pass(sampler.after(encoded === 0 ? NONE : forward(encoded - 1)));
        ring.copy(commands, index, buffers.state, 16, i * SLOT_BYTES);
        if (logprobs !== undefined) {
          ring.copy(commands, index, buffers.logprobs, LOGPROBS_BYTES, i * SLOT_BYTES + 16);
        }
        encoded++;
      }
    });
    ring.map(index);
    counts.push(count);
  }

  function adapt(tokens: number): void {
    const now = performance.now();
    // The first submit has no forward pass, and waited for nothing; nor did the first after a guess.
    if (measured) {
      pace.took(tokens, now - arrived);
      speculation?.pace.plain((now - arrived) / tokens);
    }
    arrived = now;
    measured = true;
  }

  /** Tokens drawn one after another, or found by guessing. */
  async function more(): Promise<Drawn[]> {
    const draft = speculation?.draft() ?? [];
    if (draft.length > 0 && submitted === read) {
      measured = false;
      const kept = await speculation!.verify(draft, submitted++);
      read++;
      encoded += kept.length;
      return kept.map((id) => ({ id }));
    }
    // Where there is a guess, what is under way comes in first: the guess begins where it ends.
    while (encoded < limit && submitted - read < (draft.length > 0 ? 0 : IN_FLIGHT)) submit();
    const words = await ring.read(read++);
    const count = counts.shift() ?? 0;
    adapt(count);
    const list = Array.from({ length: count }, (_, i) => drawnAt(words, i, logprobs));
    if (speculation) for (const { id } of list) speculation.push(id);
    return list;
  }

  return {
    async next() {
      device.check();
      if (ready.length === 0) ready = await more();
      return ready.shift()!;
    },
    async end() {
      while (read < submitted) await ring.read(read++);
      return encoded - 1;
    },
  };
}

/**
 * One token at a time, drawn among those that a constraint allows. The token's own forward pass is submitted with it: the GPU
 * computes the next logits while the constraint looks at the token and finds out what may follow.
 */
export function constrainedStream(parts: StreamParts, allowed: AllowedTokens): TokenStream {
  const { device, ring, buffers, sampler, limit, logprobs, forward } = parts;
  let drawn = 0;
  let passed = 0;
  return {
    async next() {
      device.check();
      sampler.allow(await allowed.next());
      const index = drawn++;
      device.submit('draw', (commands) => {
        commands.pass(sampler.after(NONE));
        ring.copy(commands, index, buffers.state, 16, 0);
        if (logprobs !== undefined) ring.copy(commands, index, buffers.logprobs, LOGPROBS_BYTES, 16);
      });
      ring.map(index);
      if (drawn < limit && !parts.aborted()) {
        device.submit('forward', (commands) => commands.pass(forward(index)));
        passed++;
      }
      return drawnAt(await ring.read(index), 0, logprobs);
    },
    end: () => Promise.resolve(passed),
  };
}
