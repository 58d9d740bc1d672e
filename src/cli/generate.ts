// `generate`: the engine without the interface. With --json stdout carries one object and nothing else.

import type { Engine, Message } from '../engine.ts';
import { answerFormat, holdTo, parsedAnswer } from './answer-form.ts';
import { parseCommand, WrongUse, type CommandCall } from './command.ts';
import { ENGINES, openEngine } from './open-engine.ts';
import { cacheBitsOption, choiceOption, integerOption, integersOption, numberOption } from './options.ts';

export const HELP = `usage: generate --model <dir> (--prompt-ids 1,2,3 | --chat "text" [--system "text"])
         [--max-tokens N] [--temperature T] [--top-k K] [--top-p P] [--min-p P] [--repetition-penalty R]
         [--seed S] [--stop "text"] [--context N] [--cache-bits 16|8] [--engine wgsl|cpu] [--threads N] [--logits] [--json]
         [--schema FILE | --grammar FILE | --regex TEXT]
Greedy (temperature 0) unless a temperature is given. With --json stdout carries one object and nothing else.
--schema holds the answer to a JSON schema (with --json, "parsed" is its value, null where it was cut), --grammar to an EBNF with a rule
called root, --regex to a regular expression. What cannot be held to is refused with its JSON pointer, exit status 2.
`;

export async function main(argv: string[], { signal }: Partial<CommandCall> = {}): Promise<number> {
  const { values } = parseCommand({
    args: argv,
    options: {
      model: { type: 'string' },
      'prompt-ids': { type: 'string' },
      chat: { type: 'string' },
      system: { type: 'string' },
      'max-tokens': { type: 'string', default: '256' },
      temperature: { type: 'string', default: '0' },
      'top-k': { type: 'string', default: '0' },
      'top-p': { type: 'string', default: '1' },
      'min-p': { type: 'string', default: '0' },
      'repetition-penalty': { type: 'string', default: '1' },
      seed: { type: 'string', default: '0' },
      stop: { type: 'string', multiple: true, default: [] },
      context: { type: 'string' },
      'cache-bits': { type: 'string', default: '16' },
      engine: { type: 'string' },
      threads: { type: 'string' },
      schema: { type: 'string' },
      grammar: { type: 'string' },
      regex: { type: 'string' },
      logits: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (!values.model) throw new WrongUse('--model <dir> is missing');
  if ((values['prompt-ids'] === undefined) === (values.chat === undefined))
    throw new WrongUse('exactly one of --prompt-ids 1,2,3 and --chat "text" is needed');
  if (values.system !== undefined && values.chat === undefined)
    throw new WrongUse('--system goes with --chat, not with --prompt-ids');
  const maxTokens = integerOption('max-tokens', values['max-tokens'], 0, 2 ** 20);
  const sampler = {
    temperature: numberOption('temperature', values.temperature, 0, 100),
    topK: integerOption('top-k', values['top-k'], 0, 2 ** 20),
    topP: numberOption('top-p', values['top-p'], 0, 1),
    minP: numberOption('min-p', values['min-p'], 0, 1),
    repetitionPenalty: numberOption('repetition-penalty', values['repetition-penalty'], 0.01, 100),
    seed: integerOption('seed', values.seed, 0, 2 ** 32 - 1),
  };
  const format = answerFormat(values);
  const engine = await openEngine(values.model, {
    ...(values.context && { contextLength: integerOption('context', values.context, 1, 2 ** 20) }),
    cacheBits: cacheBitsOption(values['cache-bits']),
    ...(values.engine !== undefined && { engine: choiceOption('engine', values.engine, ENGINES) }),
    ...(values.threads !== undefined && { threads: integerOption('threads', values.threads, 1, 16) }),
  });
  try {
    const promptIds =
      values.chat === undefined
        ? integersOption('prompt-ids', values['prompt-ids'] ?? '', 0, engine.info.vocabSize - 1)
        : engine.encodeChat(conversation(values.chat, values.system));
    if (promptIds.length === 0) throw new WrongUse('the prompt has no tokens');
    const session = engine.createSession();
    let lastPromptLogits: number[] | undefined;
    if (values.logits) {
      await session.sync(promptIds);
      lastPromptLogits = [...(await session.logits())];
    }
    const held = format && (await holdTo(engine, format));
    const result = await session.generate(promptIds, {
      maxTokens,
      ...(held && { constraint: held.constraint }),
      sampler,
      stopStrings: values.stop,
      ...(signal && { signal }),
      ...(values.json ? {} : { onText: (text) => process.stdout.write(text) }),
    });
    const cut = held !== undefined && result.finishReason === 'length' && !(await held.constraint.whole());
    held?.dispose();
    session.dispose();
    if (values.json) {
      const { tokenIds, text, finishReason, usage } = result;
      const { adapter } = engine.info;
      console.log(
        JSON.stringify({
          promptIds,
          tokenIds,
          text,
          ...(format?.type === 'json_schema' && { parsed: parsedAnswer(text) }),
          finishReason,
          usage,
          adapter,
          ...(lastPromptLogits && { lastPromptLogits }),
        }),
      );
    } else report(engine, result.finishReason, result.usage.decodeTokensPerSecond, result.tokenIds);
    if (cut) {
      process.stderr.write(
        `generate: the answer was cut before it had its form: --max-tokens ${maxTokens}\n`,
      );
      return 1;
    }
  } finally {
    engine.dispose();
  }
  return 0;
}

function conversation(chat: string, system: string | undefined): Message[] {
  const user: Message = { role: 'user', content: chat };
  return system === undefined ? [user] : [{ role: 'system', content: system }, user];
}

function report(engine: Engine, finish: string, speed: number, ids: number[]) {
  const { vendor, architecture } = engine.info.adapter;
  console.error(
    `\n[${ids.length} tokens, ${finish}, ${speed.toFixed(1)} tokens/s decoding, ${vendor} ${architecture}]`,
  );
}
