// npm run -s bench -- --model <dir>: how fast a model runs on this adapter, and what each token asks of it.

import path from 'node:path';
import { createBaseline } from '../engines/baseline/baseline.ts';
import { bench } from '../engines/bench/bench.ts';
import type { BenchOptions, BenchStep } from '../engines/bench/bench.ts';
import { endlessSource } from '../engines/bench/endless.ts';
import { maskingCost } from '../engines/bench/masking.ts';
import { baselineSubject, engineSubject, randomPrompt } from '../engines/bench/pace.ts';
import type { Subject } from '../engines/bench/pace.ts';
import { quotingGain } from '../engines/bench/quoting.ts';
import { createCpuEngine } from '../engines/cpu/engine.ts';
import { openModelDirectory } from '../format/model-directory.ts';
import type { ShardSource } from '../format/shard-source.ts';
import type { Device } from '../gpu/device.ts';
import { cpuSeconds, describeMachine, heapBytes, watchHeap } from './bench-machine.ts';
import { markdown } from './bench-report.ts';
import type { BenchReport } from './bench-report.ts';
import { saveReport } from './bench-results.ts';
import { parseCommand, WrongUse } from './command.ts';
import { folderSource } from './folder-source.ts';
import { ENGINES, openEngineAndDevice } from './open-engine.ts';
import type { OpenOptions } from './open-engine.ts';
import { cacheBitsOption, choiceOption, integerOption, integersOption, numberOption } from './options.ts';

export const HELP = `usage: bench --model <dir> [--vs baseline|cpu] [--contexts 64,512,2048] [--tokens 32] [--repetitions 5] [--seconds 60]
             [--engine wgsl|cpu] [--threads N] [--cache-bits 16|8] [--kernels] [--masking] [--quoting]
             [--save] [--json]
--vs          the same work in turns: by kernels in WebLLM's manner, or by this house's CPU engine on one thread
--seconds     no repetition of a context begins after so many
--cache-bits  of an element of keys and values: halves, or 8 bits with scales
--kernels     the time of each kind of dispatch, alone
--masking     what holding an answer to a JSON schema adds to a decoded token
--quoting     what guessing gains where an answer quotes its prompt, on the GPU
--save        keeps the result under tests/bench/results
`;

/** docs/budgets.md: 64 MiB and two pieces of 32 MiB, while loading. */
const HEAP_BUDGET = 128 * 2 ** 20;

const YARDSTICKS = ['baseline', 'cpu'] as const;
type Yardstick = (typeof YARDSTICKS)[number];

async function createYardstick(
  name: Yardstick,
  source: ShardSource,
  contextLength: number,
  device: Device | undefined,
): Promise<Subject> {
  switch (name) {
    case 'baseline':
      if (!device) throw new WrongUse('--vs baseline runs on a GPU, and none is used: --vs cpu can');
      return baselineSubject(await createBaseline({ source, device, contextLength }));
    case 'cpu': {
      const engine = await createCpuEngine({ source, modelId: 'cpu', contextLength });
      const subject = engineSubject(engine);
      return {
        run: (prompt, tokens) => subject.run(prompt, tokens),
        dispose() {
          subject.dispose();
          engine.dispose();
        },
      };
    }
  }
}

interface Arguments extends Omit<BenchOptions, 'versus' | 'cpuSeconds'> {
  model: string;
  open: OpenOptions;
  versus: Yardstick | undefined;
  masking: boolean;
  quoting: boolean;
  save: boolean;
  json: boolean;
}

function parseArguments(argv: string[]): Arguments {
  const { values } = parseCommand({
    args: argv,
    options: {
      model: { type: 'string' },
      vs: { type: 'string' },
      contexts: { type: 'string', default: '64,512,2048' },
      tokens: { type: 'string', default: '32' },
      repetitions: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '60' },
      engine: { type: 'string' },
      threads: { type: 'string' },
      'cache-bits': { type: 'string', default: '16' },
      masking: { type: 'boolean', default: false },
      quoting: { type: 'boolean', default: false },
      kernels: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (!values.model) throw new WrongUse('--model <dir> is missing');
  return {
    model: values.model,
    open: {
      cacheBits: cacheBitsOption(values['cache-bits']),
      ...(values.engine !== undefined && { engine: choiceOption('engine', values.engine, ENGINES) }),
      ...(values.threads !== undefined && { threads: integerOption('threads', values.threads, 1, 16) }),
    },
    versus: values.vs === undefined ? undefined : choiceOption('vs', values.vs, YARDSTICKS),
    contexts: integersOption('contexts', values.contexts, 1, 2 ** 20),
    tokens: integerOption('tokens', values.tokens, 2, 2 ** 16),
    repetitions: integerOption('repetitions', values.repetitions, 1, 1000),
    seconds: numberOption('seconds', values.seconds, 0, 86_400),
    kernels: values.kernels,
    masking: values.masking,
    quoting: values.quoting,
    save: values.save,
    json: values.json,
  };
}

const STEPS: Record<BenchStep['at'], string> = {
  bandwidth: 'measuring bandwidth',
  'warm-up': 'warming up',
  counting: 'counting',
  yardstick: 'warming the yardstick up',
  repetition: 'measuring',
  processor: 'processor seconds',
  kernels: 'timing kernels',
};

const inWords = ({ at, context, done, total }: BenchStep): string =>
  `${done}/${total} ${context === undefined ? '' : `context ${context}: `}${STEPS[at]}`;

async function measure(args: Arguments): Promise<BenchReport> {
  const { contexts, tokens, repetitions, seconds, kernels, versus, masking, quoting } = args;
  const folder = path.resolve(args.model);
  const source = await endlessSource(folderSource(folder));
  const machine = describeMachine();
  const say = (what: string) => process.stderr.write(`bench: ${what}\n`);
  // Before a device is asked for: a folder that holds no model should say so everywhere.
  const { config, scheme } = await openModelDirectory(source);
  // Quoting holds the first prompt and the answer twice.
  const longest = Math.max(Math.max(...contexts) + tokens, quoting ? 2 * ((contexts[0] ?? 1) + tokens) : 0);
  const contextLength = Math.min(longest, config.maxPositionEmbeddings);
  say(`loading ${folder}`);
  const heapBefore = heapBytes();
  const peak = watchHeap();
  const { engine, gpu } = await openEngineAndDevice(folder, {
    ...args.open,
    contextLength,
    through: endlessSource,
  }).finally(peak);
  try {
    const peakWhileLoading = peak();
    const create = versus && (() => createYardstick(versus, source, contextLength, gpu?.device));
    const result = await bench(engine, gpu, {
      contexts,
      tokens,
      repetitions,
      seconds,
      kernels,
      cpuSeconds,
      onProgress: (step) => say(inWords(step)),
      ...(create && { versus: { name: versus, create } }),
    });
    if (masking) say('holding answers to a form');
    const prompt = randomPrompt(contexts[0] ?? 1, config.vocabSize, 1);
    const held = masking && (await maskingCost(engine, prompt, { tokens, repetitions, seconds, cpuSeconds }));
    if (quoting) say('quoting, with guesses and without');
    const quoted = quoting && gpu && (await quotingGain(engine, prompt, { tokens, repetitions, seconds }));
    const atTheEnd = Math.max(0, heapBytes() - heapBefore);
    const jsHeap = { peakWhileLoading, atTheEnd, budget: HEAP_BUDGET };
    return {
      ...result,
      scheme: scheme.name,
      layers: config.numHiddenLayers,
      machine,
      jsHeap,
      ...(held && { held }),
      ...(quoted && { quoted }),
    };
  } finally {
    engine.dispose();
    gpu?.device.close();
  }
}

/** Throws WrongUse; EngineError where it can't be measured. */
export async function main(argv: string[]): Promise<number> {
  const args = parseArguments(argv);
  const report = await measure(args);
  if (args.save) {
    const root = process.env['YUPANA_ROOT'] ?? process.cwd();
    const saved = await saveReport(path.join(root, 'tests/bench/results'), report);
    process.stderr.write(`bench: saved ${saved}.json and .md\n`);
  }
  process.stdout.write(`${args.json ? JSON.stringify(report) : markdown(report)}\n`);
  return 0;
}
