// A chunk of a prompt on the GPU, in submits that are short enough for any: a few layers each where all of them take too long.

import type { Commands } from '../../gpu/device.ts';
import type { DecodeGraph, Model, SessionBuffers } from './decode-graph.ts';
import type { PrefillGraph } from './prefill-graph.ts';

export interface PrefillChunk {
  /** Position of the first token. */
  start: number;
  tokens: readonly number[];
  /** Whether logits are computed for the last token. */
  logits: boolean;
}

export interface PrefillWatch {
  /** Heard between two submits; what was computed of the chunk counts for nothing then. */
  signal?: AbortSignal | undefined;
  /** Tokens' worth of layers that are done, of the chunk. */
  onTokens?: (done: number) => void;
}

/** Throws the signal's reason, "device-lost", and what `device.check` throws. */
export function runPrefill(
  model: Model,
  graphs: { decode: DecodeGraph; prefill: PrefillGraph },
  buffers: Pick<SessionBuffers, 'chunk'>,
  chunk: PrefillChunk,
  watch: PrefillWatch = {},
): Promise<void> {
  return model.workMutex.run(() => runChunk(model, graphs, buffers, chunk, watch));
}

async function runChunk(
  { device, plan, work, prefillPace: pace }: Model,
  graphs: { decode: DecodeGraph; prefill: PrefillGraph },
  buffers: Pick<SessionBuffers, 'chunk'>,
  { start, tokens, logits }: PrefillChunk,
  { signal, onTokens }: PrefillWatch,
): Promise<void> {
  const parts = graphs.prefill.layers(tokens.length);
  device.writeBuffer(work.prefillTokens, 0, Uint32Array.from(tokens));
  device.writeBuffer(buffers.chunk, 0, Uint32Array.of(start, tokens.length, 0, 0));
  const last = (commands: Commands): void => {
    if (!logits) return;
    const row = plan.strides.hidden * 4;
    commands.copy(work.prefillHidden, (tokens.length - 1) * row, work.hidden, 0, row);
    commands.pass(graphs.decode.logits);
  };
  for (let layer = 0; layer < parts.length;) {
    const count = Math.min(pace.layers(tokens.length), parts.length - layer);
    const whole = count === parts.length;
    const began = performance.now();
    device.submit('prefill', (commands) => {
      commands.pass(parts.slice(layer, layer + count).flat());
      if (whole) last(commands);
    });
    await device.idle();
    pace.took(tokens.length, count, performance.now() - began);
    layer += count;
    onTokens?.(Math.floor((tokens.length * layer) / parts.length));
    if (layer < parts.length) signal?.throwIfAborted();
    else if (!whole && logits) {
      // On a slow GPU the vocabulary's matrix is a submit of its own.
      device.submit('prefill', last);
      await device.idle();
    }
  }
}
