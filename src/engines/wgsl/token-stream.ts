// Decoding's pipeline: the next token is submitted before the last one is read, so the GPU never waits for JavaScript.

import { EngineError } from '../../engine.ts';
import type { Commands, Device } from '../../gpu/device.ts';
import type { ReadbackRing } from '../../gpu/readback.ts';

/** Tokens submitted and not yet read. Two keep the GPU busy; more would only run further past a stop. */
const IN_FLIGHT = 2;

export interface TokenStream {
  /** The next token. Throws "device-lost", and "internal" where logits were not finite. */
  next(): Promise<number>;
  /** Waits for what ran ahead and drops it; returns how many tokens were submitted in all. Submits nothing. */
  end(): Promise<number>;
}

/**
 * @param encode writes token `step` (0 is the first) into a command buffer, ending in `state`
 * @param limit tokens at most
 */
export function tokenStream(
  device: Device,
  ring: ReadbackRing,
  state: GPUBuffer,
  limit: number,
  encode: (commands: Commands, step: number) => void,
): TokenStream {
  let submitted = 0;
  let read = 0;
  return {
    async next() {
      device.check();
      while (submitted < limit && submitted - read < IN_FLIGHT) {
        const step = submitted++;
        device.submit('token', (commands) => {
          encode(commands, step);
          ring.copy(commands, step, state);
        });
      }
      const [, token = 0, finite] = await ring.read(read++);
      if (finite === 0) throw new EngineError('internal', 'The model gave logits that are not finite');
      return token;
    },
    async end() {
      while (read < submitted) await ring.read(read++);
      return submitted;
    },
  };
}
