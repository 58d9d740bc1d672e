// What both kinds of synthetic models are written with: tensors drawn a piece at a time, and small JSON files.

import type { FileSink, ModelSink } from '../convert/sink.ts';
import type { Filler } from './synth-values.ts';

/** Drawn and written at a time. */
const PIECE_BYTES = 4 * 1024 * 1024;

export interface SynthProgress {
  done: number;
  total: number;
  tensor: string;
}

export interface SynthCall {
  seed: number;
  onProgress?: (progress: SynthProgress) => void;
  signal?: AbortSignal;
}

/** The next `bytes` of a file, from the filler's start. */
export async function writeDrawn(
  file: FileSink,
  { fill, unitWords }: Filler,
  bytes: number,
  onBytes: (count: number) => void,
): Promise<void> {
  const step = Math.max(1, Math.floor(PIECE_BYTES / 4 / unitWords)) * unitWords;
  for (let done = 0; done < bytes;) {
    const words = new Uint32Array(Math.min(step, Math.ceil((bytes - done) / 4)));
    fill(words);
    const piece = new Uint8Array(words.buffer, 0, Math.min(words.byteLength, bytes - done));
    await file.write(piece);
    done += piece.length;
    onBytes(piece.length);
  }
}

export async function writeBytes(
  sink: ModelSink,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const file = await sink.create(name, bytes.length);
  await file.write(bytes);
  await file.close();
}

export async function writeJson(sink: ModelSink, name: string, json: unknown): Promise<void> {
  await writeBytes(sink, name, new TextEncoder().encode(`${JSON.stringify(json, null, 1)}\n`));
}
