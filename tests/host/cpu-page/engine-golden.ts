// In the worker: answers each prompt greedily on the CPU engine.

import { createCpuEngine } from '../../../src/engines/cpu/engine.ts';
import { memorySource } from '../../../src/format/memory-source.ts';
import { browserThreads } from '../../../src/threads/cpu-threads.ts';

export interface GoldenRequest {
  files: Record<string, Uint8Array>;
  prompts: { ids: number[]; maxTokens: number }[];
  /** Also where the model is too small to gain from them. */
  threads: boolean;
}

export interface GoldenAnswer {
  answers: number[][];
  description: string;
  decodeTokensPerSecond: number;
}

async function answer({ files, prompts, threads }: GoldenRequest): Promise<GoldenAnswer> {
  const others = threads ? browserThreads() : undefined;
  const engine = await createCpuEngine({
    source: memorySource(files),
    modelId: 'golden',
    ...(others && { threads: { ...others, worth: 1 } }),
  });
  const answers: number[][] = [];
  let decodeTokensPerSecond = 0;
  for (const { ids, maxTokens } of prompts) {
    const session = engine.createSession();
    const { tokenIds, usage } = await session.generate(ids, { maxTokens });
    answers.push(tokenIds);
    decodeTokensPerSecond = Math.max(decodeTokensPerSecond, usage.decodeTokensPerSecond);
    session.dispose();
  }
  const { description } = engine.info.adapter;
  engine.dispose();
  return { answers, description, decodeTokensPerSecond };
}

self.onmessage = ({ data }: MessageEvent<GoldenRequest>) => {
  answer(data).then((result) => self.postMessage(result), reportError);
};
