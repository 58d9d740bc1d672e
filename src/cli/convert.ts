// npm run -s convert -- <hugging face checkpoint dir | file.gguf> <out dir> [--scheme q4f16_1] [--source TEXT] [--licence ID]
// npm run -s convert -- --format gguf <hugging face checkpoint dir> <out file> [--scheme Q4_0]

import path from 'node:path';
import { convertOpened } from '../convert/convert.ts';
import { GGUF_SCHEMES, planGguf } from '../convert/gguf.ts';
import type { GgufScheme } from '../convert/gguf.ts';
import { EngineError } from '../failures.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import type { Checkpoint } from '../format/checkpoint.ts';
import { isGgufName, openGguf } from '../format/gguf-checkpoint.ts';
import { readTextIfThere } from '../format/json-file.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { readTokenizerFiles } from '../format/tokenizer-files.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { parseCommand, WrongUse, type CommandCall } from './command.ts';
import { createFileSink } from './file-sink.ts';
import { createFolderSink, namesIn } from './folder-sink.ts';
import { folderSource } from './folder-source.ts';
import { schemeOption } from './options.ts';
import { progressLine } from './progress-line.ts';

export const HELP = `usage: convert <hugging face checkpoint dir | file.gguf> <out dir> [--scheme q4f16_1|q4f32_1|q3f16_1|q0f16]
               [--source TEXT] [--licence ID]
       convert --format gguf <hugging face checkpoint dir> <out file> [--scheme F16|Q8_0|Q4_0] [--licence ID]
A GGUF file in several parts (…-00001-of-00003.gguf) is named by any of them; the others lie beside it.
`;
/** A model card's front matter is at its start. */
const MAX_CARD_BYTES = 4 * 1024 * 1024;

interface Arguments {
  checkpoint: string;
  out: string;
  format: 'mlc' | 'gguf';
  scheme: string;
  source: string | undefined;
  licence: string | undefined;
}

function parseArguments(argv: string[]): Arguments {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseCommand({
    args: argv,
    allowPositionals: true,
    options: { format: { ...text, default: 'mlc' }, scheme: text, source: text, licence: text },
  });
  const { format } = values;
  if (format !== 'mlc' && format !== 'gguf') throw new WrongUse(`--format ${format}: expected mlc or gguf`);
  const [checkpoint, out, ...more] = positionals;
  if (checkpoint === undefined || out === undefined || more.length > 0) {
    throw new WrongUse('a checkpoint directory and an output are needed, in this order, and nothing more');
  }
  if (format === 'gguf' && isGgufName(checkpoint))
    throw new WrongUse(
      `${checkpoint}: a GGUF file is written from a checkpoint directory, not from another GGUF file`,
    );
  const { scheme = format === 'mlc' ? 'q4f16_1' : 'Q4_0', source, licence } = values;
  return { checkpoint, out, format, scheme, source, licence };
}

/** `license:` of the model card's front matter. */
async function licenceOfCard(source: ShardSource): Promise<string> {
  const card = (await readTextIfThere(source, 'README.md', MAX_CARD_BYTES)) ?? '';
  const front = /^---\n([\s\S]*?)\n---/.exec(card)?.[1] ?? '';
  return /^license:\s*["']?([^"'\s]+)/m.exec(front)?.[1] ?? 'unknown';
}

/** Renders one turn, so that a template that cannot work is found now. A tokenizer without a template is a base model's. */
function tryTokenizer(tokenizer: Tokenizer): void {
  if (!tokenizer.hasChatTemplate) {
    process.stderr.write('no chat template; the model will not converse\n');
    return;
  }
  tokenizer.encodeChat([{ role: 'user', content: 'Hola' }]);
}

/** What was named, opened: a folder with a checkpoint, or a GGUF file in its folder. */
async function open(args: Arguments): Promise<{ checkpoint: Checkpoint; name: string; licence: string }> {
  const given = path.resolve(args.checkpoint);
  const name = path.basename(given);
  if (isGgufName(given)) {
    const checkpoint = await openGguf(folderSource(path.dirname(given)), name);
    return { checkpoint, name: checkpoint.name || name, licence: checkpoint.licence || 'unknown' };
  }
  const source = folderSource(args.checkpoint);
  return { checkpoint: await openCheckpoint(source), name, licence: await licenceOfCard(source) };
}

async function convert(args: Arguments, signal: AbortSignal | undefined): Promise<void> {
  const scheme = schemeOption(args.scheme);
  if ((await namesIn(args.out)).length > 0) {
    throw new EngineError('storage-failed', `${args.out}: is not empty`, {
      file: args.out,
      actual: 'not empty',
    });
  }
  // Everything small is read and judged before the first weight.
  const { checkpoint, name, licence } = await open(args);
  const { source, config } = checkpoint;
  if ((await source.size('tokenizer.json')) === undefined) {
    process.stderr.write(`${args.checkpoint}: no tokenizer.json; the model will only take token ids\n`);
  } else {
    tryTokenizer(loadTokenizer(await readTokenizerFiles(source), config.vocabSize));
  }
  const sink = await createFolderSink(args.out);
  try {
    const manifest = await convertOpened(checkpoint, sink, {
      scheme,
      source: args.source ?? name,
      licence: args.licence ?? licence,
      onProgress: progressLine(),
      ...(signal && { signal }),
    });
    await sink.commit();
    process.stderr.write(
      `${args.out}: ${manifest.files.length + 1} files, ${manifest.bytes} bytes, ${scheme.name}\n`,
    );
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

function ggufScheme(name: string): GgufScheme {
  if (Object.hasOwn(GGUF_SCHEMES, name)) return name as GgufScheme;
  throw new WrongUse(`--scheme ${name}: a GGUF file takes ${Object.keys(GGUF_SCHEMES).join(', ')}`);
}

async function convertToGguf(args: Arguments, signal: AbortSignal | undefined): Promise<void> {
  const source = folderSource(args.checkpoint);
  const plan = await planGguf(source, {
    scheme: ggufScheme(args.scheme),
    name: args.source ?? path.basename(path.resolve(args.checkpoint)),
    licence: args.licence ?? (await licenceOfCard(source)),
    onProgress: progressLine(),
    ...(signal && { signal }),
  });
  const sink = await createFileSink(args.out);
  try {
    await plan.write(sink);
    await sink.commit();
    process.stderr.write(`${args.out}: ${plan.bytes} bytes, ${args.scheme}\n`);
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

/** Throws WrongUse; EngineError where the model is refused or writing fails. */
export async function main(argv: string[], { signal }: Partial<CommandCall> = {}): Promise<number> {
  const args = parseArguments(argv);
  await (args.format === 'gguf' ? convertToGguf : convert)(args, signal);
  return 0;
}
