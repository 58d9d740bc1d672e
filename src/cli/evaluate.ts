// npm run -s evaluate -- --model <dir> --set <file>: how well a model answers a set of questions, with error bars.

import { createDecipheriv, createHash } from 'node:crypto';
import { appendFile, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { evaluate, scorerOf, type Evaluation, type ItemResult } from '../evaluate/evaluate.ts';
import { MAX_SET_BYTES, parseEvaluationSet } from '../evaluate/evaluation-set.ts';
import { parseJson } from '../format/json-file.ts';
import { parseCommand, WrongUse, type CommandCall } from './command.ts';
import { ENGINES, openEngine } from './open-engine.ts';
import { cacheBitsOption, choiceOption, integerOption } from './options.ts';

export const HELP = `usage: evaluate --model <dir> --set <file.jsonl> [--key HEX] [--engine wgsl|cpu] [--threads N] [--cache-bits 16|8] [--context N]
                [--shots N] [--limit N] [--raw] [--out FILE] [--json]
--set    JSON Lines: {"id", "question", "choices": [...], "answer": index} or {"id", "text"}
--key    opens a set that is held back (.enc.json)
--shots  the set's first N questions stand before each other one with their answers, and are not asked
--raw    question and choice as they are, without the model's chat template
--out    keeps the result; a run that was stopped goes on from what it has
`;

interface RunFacts {
  model: string;
  /** sha256 of the model's manifest, or of its list of tensors where it has none. */
  modelSha256: string;
  set: string;
  setSha256: string;
  engine: string;
  cacheBits: number;
  template: 'chat' | 'raw';
  shots: number;
  limit: number | null;
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

async function modelHash(folder: string): Promise<string> {
  for (const name of ['manifest.json', 'tensor-cache.json', 'ndarray-cache.json']) {
    const bytes = await readFile(path.join(folder, name)).catch(() => undefined);
    if (bytes) return sha256(bytes);
  }
  return '';
}

async function readSet(file: string, key: string | undefined): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw new WrongUse(`--set ${file}: there is no such file`);
  if (found.size > MAX_SET_BYTES)
    throw new WrongUse(`--set ${file}: ${found.size} bytes, at most ${MAX_SET_BYTES} are read`);
  const text = await readFile(file, 'utf8');
  return file.endsWith('.enc.json') ? opened(text, file, key) : text;
}

/** A set that is held back, so that no model learns it: AES-256-GCM under a key that release notes publish. */
function opened(text: string, file: string, key: string | undefined): string {
  if (key === undefined || !/^[0-9a-f]{64}$/.test(key))
    throw new WrongUse(
      `--set ${file} is held back: --key needs the 64 hexadecimal digits of the release notes`,
    );
  const sealed = parseJson(text, file) as { iv?: unknown; tag?: unknown; data?: unknown };
  const bytes = (part: unknown): Buffer => Buffer.from(typeof part === 'string' ? part : '', 'base64');
  try {
    const cipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'hex'), bytes(sealed.iv));
    cipher.setAuthTag(bytes(sealed.tag));
    return Buffer.concat([cipher.update(bytes(sealed.data)), cipher.final()]).toString('utf8');
  } catch {
    throw new WrongUse(`--key does not open ${file}`);
  }
}

/** What an earlier run of the very same kind left: its first line says what it was. */
async function earlier(file: string, facts: RunFacts): Promise<Map<string, ItemResult>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [head = '', ...lines] = text.split('\n');
  if (head !== JSON.stringify(facts)) {
    await writeFile(file, `${JSON.stringify(facts)}\n`);
    return new Map();
  }
  const done = new Map<string, ItemResult>();
  for (const line of lines) {
    if (line === '') continue;
    try {
      const result = JSON.parse(line) as ItemResult;
      done.set(result.id, result);
    } catch {
      break; // the last line of a run that was killed in the middle of it
    }
  }
  // Without the half line, or the next result would be written behind it.
  const whole = [...done.values()].map((result) => `${JSON.stringify(result)}\n`).join('');
  await writeFile(file, `${head}\n${whole}`);
  return done;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const rate = (name: string, share: number | null, interval: [number, number] | null): string[] =>
  share === null || interval === null
    ? []
    : [`${name}: ${percent(share)} (95 %: ${percent(interval[0])} to ${percent(interval[1])})`];

function report(result: Evaluation, facts: RunFacts): string {
  const asked = result.items.length;
  return [
    `${facts.model}, ${facts.engine}, ${facts.template === 'raw' ? 'without a template' : 'chat template'}: ${asked} asked`,
    ...rate('right, by the likeliest choice', result.accuracy, result.interval),
    ...rate('right, by the likeliest a character', result.accuracyNormalised, result.intervalNormalised),
    ...rate('right, by letter', result.accuracyLetters, result.intervalLetters),
    ...(result.calibration ? [`calibration error: ${percent(result.calibration.ece)}`] : []),
    ...(result.perplexity === null ? [] : [`perplexity: ${result.perplexity.toFixed(3)}`]),
    ...Object.entries(result.groups).flatMap(([name, groups]) =>
      Object.entries(groups).map(
        ([label, { right, total, interval }]) =>
          `${name} ${label}: ${right} of ${total} (${percent(interval[0])} to ${percent(interval[1])})`,
      ),
    ),
    '',
  ].join('\n');
}

/** Throws WrongUse; EngineError where the set or the model cannot be read. */
export async function main(argv: string[], { signal }: Partial<CommandCall> = {}): Promise<number> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseCommand({
    args: argv,
    options: {
      model: text,
      set: text,
      key: text,
      engine: text,
      threads: text,
      'cache-bits': { ...text, default: '16' },
      context: text,
      shots: { ...text, default: '0' },
      limit: text,
      raw: flag,
      out: text,
      json: flag,
    },
  });
  if (!values.model) throw new WrongUse('--model <dir> is missing');
  if (!values.set) throw new WrongUse('--set <file.jsonl> is missing');
  const shots = integerOption('shots', values.shots, 0, 100);
  const limit = values.limit === undefined ? undefined : integerOption('limit', values.limit, 1, 1_000_000);
  const cacheBits = cacheBitsOption(values['cache-bits']);
  const setText = await readSet(values.set, values.key);
  const items = parseEvaluationSet(setText, values.set);
  const engine = await openEngine(values.model, {
    cacheBits,
    ...(values.context !== undefined && {
      contextLength: integerOption('context', values.context, 1, 2 ** 20),
    }),
    ...(values.engine !== undefined && { engine: choiceOption('engine', values.engine, ENGINES) }),
    ...(values.threads !== undefined && { threads: integerOption('threads', values.threads, 1, 16) }),
  });
  try {
    const facts: RunFacts = {
      model: path.basename(path.resolve(values.model)),
      modelSha256: await modelHash(values.model),
      set: path.basename(values.set),
      setSha256: sha256(setText),
      engine: engine.info.engine,
      cacheBits,
      template: values.raw ? 'raw' : 'chat',
      shots,
      limit: limit ?? null,
    };
    const partial = values.out === undefined ? undefined : `${values.out}.unfinished`;
    const done = partial === undefined ? undefined : await earlier(partial, facts);
    if (done && done.size > 0) process.stderr.write(`evaluate: going on after ${done.size} questions\n`);
    const scorer = scorerOf(engine);
    const start = Date.now();
    let fresh = 0;
    const result = await evaluate(engine, scorer, items, {
      raw: values.raw,
      shots,
      ...(limit !== undefined && { limit }),
      ...(signal && { signal }),
      ...(done && { done }),
      async onItem(item, at, total) {
        fresh++;
        if (partial !== undefined) await appendFile(partial, `${JSON.stringify(item)}\n`);
        const left = ((Date.now() - start) / fresh) * (total - at);
        process.stderr.write(`evaluate: ${at}/${total}, about ${Math.ceil(left / 1000)} s left\n`);
      },
    });
    scorer.dispose();
    const whole = { ...facts, date: new Date().toISOString().slice(0, 10), ...result };
    if (values.out !== undefined && partial !== undefined) {
      await writeFile(partial, `${JSON.stringify(whole, null, 1)}\n`);
      await rename(partial, values.out);
      await rm(partial, { force: true });
    }
    process.stdout.write(values.json ? `${JSON.stringify(whole)}\n` : report(result, facts));
    return 0;
  } finally {
    engine.dispose();
  }
}
