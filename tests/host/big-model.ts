// A model directory of gigabytes that is nowhere: every shard is drawn again when a part of it is asked for.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/install.mjs';
import { planSynth } from '../../src/cli/synth.ts';
import type { FileSink } from '../../src/convert/sink.ts';
import { SCHEMES } from '../../src/format/schemes.ts';
import type { LlamaConfig } from '../../src/llama/config.ts';
import type { HostFile, MadeFile } from './model-host.ts';

/** Shards held: the parts of the one being fetched are asked for in parallel. */
const HELD = 2;
/** Of the starter model: its ids are the vocabulary's first ones. */
const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json'];

export interface BigModel {
  served: Record<string, HostFile>;
  /** Of all files but the manifest. */
  bytes: number;
}

const collect = (into: Uint8Array): FileSink => {
  let at = 0;
  return {
    write(chunk) {
      into.set(chunk, at);
      at += chunk.length;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
};

/** Draws everything once, for the sums. */
export async function bigModel(config: LlamaConfig, seed: number): Promise<BigModel> {
  const { shards, draw, texts } = planSynth(config, SCHEMES.q4f16_1, seed);
  const held = new Map<string, Promise<Uint8Array>>();
  const drawn = (shard: (typeof shards)[number]): Promise<Uint8Array> => {
    const there = held.get(shard.path);
    if (there) return there;
    for (const name of [...held.keys()].slice(0, Math.max(0, held.size - HELD + 1))) held.delete(name);
    const bytes = new Uint8Array(shard.bytes);
    const made = draw(shard, collect(bytes), () => undefined).then(() => bytes);
    held.set(shard.path, made);
    return made;
  };
  const served: Record<string, HostFile> = {};
  const files: { path: string; bytes: number; sha256: string }[] = [];
  const list = (name: string, bytes: Uint8Array): string => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    files.push({ path: name, bytes: bytes.length, sha256 });
    return sha256;
  };
  for (const shard of shards) {
    const file: MadeFile = {
      length: shard.bytes,
      etag: list(shard.path, await drawn(shard)),
      read: async (from, end) => (await drawn(shard)).subarray(from, end),
    };
    served[shard.path] = file;
  }
  const small = Object.entries(texts).map(([name, json]): [string, Uint8Array] => [
    name,
    new TextEncoder().encode(JSON.stringify(json)),
  ]);
  const golden = path.join(root, 'tests/golden/semilla/hf');
  for (const name of TOKENIZER_FILES) small.push([name, readFileSync(path.join(golden, name))]);
  for (const [name, bytes] of small) {
    list(name, bytes);
    served[name] = bytes;
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const manifest = { version: 1, scheme: 'q4f16_1', source: 'test', licence: 'Apache-2.0', bytes, files };
  served['manifest.json'] = new TextEncoder().encode(JSON.stringify(manifest));
  return { served, bytes };
}
