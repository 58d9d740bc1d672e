// What work costs on an adapter that computes on the CPU: processor seconds, which other work on the machine doesn't stretch.

import type { Subject } from './pace.ts';

export interface CpuCost {
  /** Processor seconds of all threads: of the whole prompt with the first token, and of a further token. */
  prefill: number;
  decodePerToken: number;
}

/** @param cpuSeconds processor seconds that this process has used */
export async function cpuCost(
  subject: Subject,
  prompt: readonly number[],
  tokens: number,
  cpuSeconds: () => number,
): Promise<CpuCost> {
  const cost = async (length: number) => {
    const before = cpuSeconds();
    await subject.run(prompt, length);
    return cpuSeconds() - before;
  };
  const prefill = await cost(1);
  const whole = await cost(tokens);
  return { prefill, decodePerToken: (whole - prefill) / (tokens - 1) };
}
