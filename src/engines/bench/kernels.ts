// Where the time of a token goes: each kind of dispatch of a real answer, alone, over and over.

import type { Device } from '../../gpu/device.ts';
import type { Dispatch } from '../../gpu/kernel.ts';
import type { Subject } from './pace.ts';

export interface KernelTime {
  /** Kernel's name and its grid: "gemv 512x1x1". */
  name: string;
  /** Dispatches of the pass that are of this kind. */
  dispatches: number;
  /** Seconds of all of them, one after another. */
  seconds: number;
}

export interface KernelTimes {
  /** The largest pass of each. */
  prefill: KernelTime[];
  decode: KernelTime[];
}

/** A submit's own cost must not count: repeated until it takes so long. */
const LEAST_SECONDS = 0.1;
const MOST_REPETITIONS = 1024;

interface Pass {
  /** Of its submit: "prefill", "tokens". */
  label: string;
  dispatches: Dispatch[];
}

/** Keeps the passes that are submitted while `work` runs. */
async function capture(device: Device, work: () => Promise<unknown>): Promise<Pass[]> {
  const passes: Pass[] = [];
  const { submit } = device;
  device.submit = (label, encode) =>
    submit(label, (commands) =>
      encode({
        ...commands,
        pass(dispatches) {
          const list = [...dispatches];
          passes.push({ label, dispatches: list });
          commands.pass(list);
        },
      }),
    );
  try {
    await work();
  } finally {
    device.submit = submit;
  }
  return passes;
}

async function timeKind(device: Device, dispatches: readonly Dispatch[]): Promise<number> {
  const seconds = async (repetitions: number) => {
    const list = Array.from({ length: repetitions }, () => dispatches).flat();
    const started = performance.now();
    device.submit('kernel', (commands) => commands.pass(list));
    await device.idle();
    return (performance.now() - started) / 1000;
  };
  await seconds(1);
  for (let repetitions = 1; ; repetitions *= 2) {
    const taken = await seconds(repetitions);
    if (taken >= LEAST_SECONDS || repetitions >= MOST_REPETITIONS) return taken / repetitions;
  }
}

async function timePass(device: Device, pass: readonly Dispatch[]): Promise<KernelTime[]> {
  const kinds = new Map<string, { name: string; dispatches: Dispatch[] }>();
  const ids = new Map<Dispatch['pipeline'], number>();
  for (const dispatch of pass) {
    const { pipeline, grid } = dispatch;
    if (!ids.has(pipeline)) ids.set(pipeline, ids.size);
    const name = `${pipeline.kernel.name} ${grid.join('x')}`;
    const key = `${ids.get(pipeline)} ${name}`;
    const kind = kinds.get(key) ?? { name, dispatches: [] };
    kind.dispatches.push(dispatch);
    kinds.set(key, kind);
  }
  const times: KernelTime[] = [];
  for (const { name, dispatches } of kinds.values()) {
    const seconds = await timeKind(device, dispatches);
    times.push({ name, dispatches: dispatches.length, seconds });
  }
  return times;
}

/** Runs the subject once and times the kinds of its dispatches. What its session holds is garbage afterwards: dispose of it. */
export async function timeKernels(
  device: Device,
  subject: Subject,
  prompt: readonly number[],
  tokens: number,
): Promise<KernelTimes> {
  const passes = await capture(device, () => subject.run(prompt, tokens));
  const size = ({ dispatches }: Pass) => dispatches.reduce((sum, { grid: [x, y, z] }) => sum + x * y * z, 0);
  const largest = (label: string) =>
    passes
      .filter((pass) => pass.label === label)
      .reduce((most: Pass | undefined, pass) => (most && size(most) >= size(pass) ? most : pass), undefined);
  return {
    prefill: await timePass(device, largest('prefill')?.dispatches ?? []),
    decode: await timePass(device, largest('tokens')?.dispatches ?? []),
  };
}
