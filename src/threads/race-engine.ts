// The race's worker for our own engines: raw prompts, answers of a fixed length. Composition only; never part of the app.

import '../race/gpu-calls.js';
import type { Engine } from '../engine.ts';
import { endlessSource } from '../engines/bench/endless.ts';
import { createCpuEngine } from '../engines/cpu/engine.ts';
import { openBestDevice, openEngine } from '../engines/open.ts';
import type { RaceLoad, RaceReply, RaceRequest } from '../race/protocol.ts';
import { storedModel } from '../storage/stored-model.ts';
import { browserThreads } from './cpu-threads.ts';

let engine: Engine;
let answer: (ids: number[], tokens: number) => Promise<{ text: string; tokens: number }>;

async function load({ modelId, contextLength, ...how }: RaceLoad): Promise<string> {
  const options = { source: await endlessSource(storedModel(modelId)), modelId, contextLength };
  if (how.engine === 'wgsl') {
    ({ engine } = await openEngine({ ...options, device: await openBestDevice(navigator.gpu) }));
  } else {
    const threads = how.threads > 1 ? browserThreads() : undefined;
    engine = await createCpuEngine({
      ...options,
      // The race asks for threads also where the model is too small to gain from them.
      ...(threads && { threads: { ...threads, count: how.threads - 1, worth: 1 } }),
    });
  }
  const session = engine.createSession();
  answer = async (ids, tokens) => {
    // Another first token leaves no common prefix: nothing is reused.
    await session.sync([ids[0] === 0 ? 1 : 0]);
    const onText = (): void => self.postMessage({ type: 'piece' } satisfies RaceReply);
    const { text, usage } = await session.generate(ids, { maxTokens: tokens, onText });
    return { text, tokens: usage.completionTokens };
  };
  const { description, vendor, architecture, features } = engine.info.adapter;
  return [description || `${vendor} ${architecture}`.trim(), ...features].join(', ');
}

async function handle(request: RaceRequest): Promise<RaceReply> {
  if (request.type === 'load') return { type: 'loaded', how: await load(request.load) };
  return { type: 'answered', ...(await answer(request.ids, request.tokens)) };
}

self.onmessage = ({ data }: MessageEvent<RaceRequest>) => {
  handle(data).then(
    (reply) => self.postMessage(reply),
    (error: unknown) => self.postMessage({ type: 'failed', message: String(error) } satisfies RaceReply),
  );
};
