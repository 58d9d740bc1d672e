// The repository's own chat template (Jinja), run within bounds: a template is a program that a stranger wrote.

import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import type { Message } from '../engine.ts';
import { EngineError } from '../engine.ts';

/** The longest templates in use have some 20,000 characters. */
export const MAX_TEMPLATE_LENGTH = 256 * 1024;
/** Beside the template's own length and four times the conversation's: characters a template may build in one string. */
export const MAX_OUTPUT_BASE = 64 * 1024;
/** Beside the messages: elements a list may have. */
export const MAX_LIST = 100_000;
/** `range` gives at most this many numbers. */
export const MAX_RANGE = 10_000;
/**
 * Work of one rendering, in evaluated nodes; a turn of a loop and long values weigh more. Templates in use take some 400
 * nodes and 60 a message; the interpreter does some 100,000 a second on a slow machine.
 */
export const MAX_WORK = 150_000;
export const MAX_WORK_PER_MESSAGE = 200;

/** A turn of a loop, even of one with an empty body, makes an environment and a dozen values. */
const TURN_WEIGHT = 2;
/** What a node yields weighs one more for each so many characters or elements. */
const VALUE_WEIGHT = 256;

export interface TemplateTokens {
  bos_token?: string;
  eos_token?: string;
  pad_token?: string;
  unk_token?: string;
}

/** A message as templates see it: those of models that reason read what came before the answer under either name. */
export interface TemplateMessage extends Message {
  reasoning_content?: string;
  thinking?: string;
}

/** @param options.addGenerationPrompt ready for the assistant's turn; true unless told */
export type ChatTemplate = (
  messages: readonly TemplateMessage[],
  options?: { addGenerationPrompt?: boolean },
) => string;

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** The directives that templates use for a date, in English as Python's C locale has them. */
function strftime(format: unknown): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const month = MONTHS[now.getMonth()] ?? '';
  const directives: Record<string, string> = {
    Y: String(now.getFullYear()),
    m: two(now.getMonth() + 1),
    d: two(now.getDate()),
    B: month,
    b: month.slice(0, 3),
    H: two(now.getHours()),
    M: two(now.getMinutes()),
    S: two(now.getSeconds()),
    '%': '%',
  };
  return String(format).replace(/%(.)/g, (whole, letter: string) => directives[letter] ?? whole);
}

function overLimit(file: string, what: string, limit: number): EngineError {
  return new EngineError('template-invalid', `${file}: the chat template ${what} beyond ${limit}`, {
    file,
    expected: `at most ${limit}`,
    actual: what,
  });
}

/** Python's range, bounded before it is built. */
function boundedRange(file: string) {
  return (...bounds: unknown[]): number[] => {
    const [first = 0, second, step = 1] = bounds as number[];
    const [start, stop] = second === undefined ? [0, first] : [first, second];
    const count = Math.max(0, Math.ceil((stop - start) / step));
    if (!(count <= MAX_RANGE)) throw overLimit(file, 'counts', MAX_RANGE);
    return Array.from({ length: count }, (_, i) => start + i * step);
  };
}

interface Measured {
  value: unknown;
}

interface Bounds {
  work: number;
  text: number;
  list: number;
}

/** Makes every node that the interpreter evaluates count against the bounds. */
function bound(interpreter: Interpreter, file: string, bounds: Bounds): void {
  const evaluate = interpreter.evaluate.bind(interpreter);
  const iterables = new Set<unknown>();
  let work = 0;
  // The interpreter calls itself through this property for every node, so nothing escapes the count.
  interpreter.evaluate = (statement, environment) => {
    if (statement?.type === 'For') {
      const { iterable } = statement as unknown as { iterable: { lhs?: unknown } };
      iterables.add(iterable.lhs ?? iterable);
    }
    // Counted before it runs, or a recursion would be counted on its way back only.
    work++;
    if (work > bounds.work) throw overLimit(file, 'works', bounds.work);
    const result = evaluate(statement, environment);
    const value = (result as Measured | undefined)?.value;
    if (typeof value === 'string') {
      if (value.length > bounds.text) throw overLimit(file, 'writes characters', bounds.text);
      work += value.length / VALUE_WEIGHT;
    } else if (Array.isArray(value)) {
      if (value.length > bounds.list) throw overLimit(file, 'lists elements', bounds.list);
      work += value.length * (iterables.has(statement) ? TURN_WEIGHT : 1 / VALUE_WEIGHT);
    }
    if (work > bounds.work) throw overLimit(file, 'works', bounds.work);
    return result;
  };
}

/** Any failure inside the template as one typed error; the library's own words are kept. */
function guarded<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    const fault = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
    throw new EngineError(
      'template-invalid',
      `${file}: chat template: ${fault}`,
      { file, actual: fault },
      cause,
    );
  }
}

/**
 * Compiles a chat template. Throws "template-invalid" where it does not parse; the function returned throws it where the
 * template fails, refuses the conversation (`raise_exception`), or exceeds its bounds.
 * It sees what transformers' `apply_chat_template` gives it: messages, add_generation_prompt, the special tokens.
 * @param file where it came from, for error messages
 */
export function compileChatTemplate(template: string, tokens: TemplateTokens, file: string): ChatTemplate {
  if (template.length > MAX_TEMPLATE_LENGTH) throw overLimit(file, 'is long', MAX_TEMPLATE_LENGTH);
  const program = guarded(file, () => parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true })));
  return (messages, { addGenerationPrompt = true } = {}) =>
    guarded(file, () => {
      const environment = new Environment();
      const variables: Record<string, unknown> = {
        true: true,
        True: true,
        false: false,
        False: false,
        none: null,
        None: null,
        range: boundedRange(file),
        strftime_now: strftime,
        raise_exception: (reason: unknown) => {
          throw new Error(String(reason));
        },
        ...tokens,
        tools: null,
        documents: null,
        messages: messages.map(({ role, content, reasoning_content, thinking }) => ({
          role,
          content,
          ...(reasoning_content === undefined ? {} : { reasoning_content }),
          ...(thinking === undefined ? {} : { thinking }),
        })),
        add_generation_prompt: addGenerationPrompt,
      };
      for (const [name, value] of Object.entries(variables)) environment.set(name, value);
      const input = messages.reduce((sum, message) => sum + message.content.length, 0);
      const interpreter = new Interpreter(environment);
      bound(interpreter, file, {
        work: MAX_WORK + MAX_WORK_PER_MESSAGE * messages.length + input / 16,
        text: MAX_OUTPUT_BASE + template.length + 4 * input,
        list: MAX_LIST + messages.length,
      });
      const { value } = interpreter.run(program) as Measured;
      return String(value);
    });
}
