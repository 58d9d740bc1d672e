// Decoding's pipeline: tokens are submitted before those before them are read, so the GPU never waits for JavaScript.

import { EngineError } from '../../engine.ts';
import type { Logprob, TokenLogprobs } from '../../engine.ts';
import type { Device } from '../../gpu/device.ts';
import type { Dispatch } from '../../gpu/kernel.ts';
import type { ReadbackRing } from '../../gpu/readback.ts';
import type { AllowedTokens } from '../allowed-tokens.ts';
import type { SessionBuffers } from './decode-graph.ts';
import { LOGPROBS_BYTES } from '../../gpu/kernels/sample.ts';
import { SLOT_BYTES } from './plan.ts';
import type { Sampler } from './sampler.ts';

/** Submits not yet read: one runs while the other is read. */
const IN_FLIGHT = 2;
/** A submit's time that is aimed at: about a frame, so that text flows, and a stop is heard within two of them. */
const SUBMIT_MILLISECONDS = 20;

export interface Drawn {
  id: number;
  logprobs?: TokenLogprobs;
}

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
 * Several tokens a submit where the GPU is quick, one where it is not.
 * @param mostAhead tokens a submit at most, 1 to MAX_AHEAD
 */
export function tokenStream(parts: StreamParts, mostAhead: number): TokenStream {
  const { device, ring, buffers, sampler, limit, logprobs, forward } = parts;
  /** Tokens of each submit not yet read, oldest first. */
  const counts: number[] = [];
  let submitted = 0;
  let read = 0;
  let encoded = 0;
  let ahead = 1;
  let words: Uint32Array | undefined;
  let slot = 0;
  let slots = 0;
  let arrived = 0;

  function submit(): void {
    const index = submitted++;
    const count = Math.min(ahead, limit - encoded);
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
    counts.push(count);
  }

  /** By the time that the last submit's tokens took: the GPU works through one submit after another without a pause. */
  function adapt(tokens: number): void {
    const now = performance.now();
    // The first submit has no forward pass, and waited for nothing.
    if (read > 1) {
      const fitting = Math.floor((SUBMIT_MILLISECONDS * tokens) / Math.max(0.1, now - arrived));
      ahead = Math.max(1, Math.min(fitting, ahead * 2, mostAhead));
    }
    arrived = now;
  }

  return {
    async next() {
      device.check();
      if (slot === slots) {
        while (encoded < limit && submitted - read < IN_FLIGHT) submit();
        words = await ring.read(read++);
        slot = 0;
        slots = counts.shift() ?? 0;
        adapt(slots);
      }
      return drawnAt(words!, slot++, logprobs);
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
      if (drawn < limit && !parts.aborted()) {
        device.submit('forward', (commands) => commands.pass(forward(index)));
        passed++;
      }
      return drawnAt(await ring.read(index), 0, logprobs);
    },
    end: () => Promise.resolve(passed),
  };
}
