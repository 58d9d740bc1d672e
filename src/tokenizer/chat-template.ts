// The repository's own chat template (Jinja), run within bounds: a template is a program that a stranger wrote.

import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import type { Message } from '../engine.ts';
import { EngineError } from '../engine.ts';

/** The longest templates in use have some 20,000 characters. */
export const MAX_TEMPLATE_LENGTH = 256 * 1024;
/** Beside four times the conversation: what a template may build in one string. */
export const MAX_OUTPUT_BASE = 1024 * 1024;
/** `range` gives at most this many numbers. */
export const MAX_RANGE = 10_000;
/**
 * Work of one rendering, in evaluated nodes; long values weigh more. A long conversation takes some 100,000; this is
 * about a second.
 */
export const MAX_WORK = 5_000_000;

/** What a node yields weighs one more for each so many characters or elements. */
const VALUE_WEIGHT = 64;

export interface TemplateTokens {
  bos_token?: string;
  eos_token?: string;
  pad_token?: string;
  unk_token?: string;
}

export type ChatTemplate = (messages: readonly Message[]) => string;

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

/** Makes every node that the interpreter evaluates count against the budget. */
function bound(interpreter: Interpreter, file: string, maxString: number): void {
  const evaluate = interpreter.evaluate.bind(interpreter);
  const iterables = new Set<unknown>();
  let work = 0;
  // The interpreter calls itself through this property for every node, so nothing escapes the count.
  interpreter.evaluate = (statement, environment) => {
    if (statement?.type === 'For') {
      const { iterable } = statement as unknown as { iterable: { lhs?: unknown } };
      iterables.add(iterable.lhs ?? iterable);
    }
    work++;
    const result = evaluate(statement, environment);
    const value = (result as Measured | undefined)?.value;
    if (typeof value === 'string') {
      if (value.length > maxString) throw overLimit(file, 'writes characters', maxString);
      work += value.length / VALUE_WEIGHT;
    } else if (Array.isArray(value)) {
      // A loop turns once for each element even where its body is empty.
      work += iterables.has(statement) ? value.length : value.length / VALUE_WEIGHT;
    }
    if (work > MAX_WORK) throw overLimit(file, 'works', MAX_WORK);
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
 * It sees what transformers' `apply_chat_template` gives it: messages, add_generation_prompt (true), the special tokens.
 * @param file where it came from, for error messages
 */
export function compileChatTemplate(template: string, tokens: TemplateTokens, file: string): ChatTemplate {
  if (template.length > MAX_TEMPLATE_LENGTH) throw overLimit(file, 'is long', MAX_TEMPLATE_LENGTH);
  const program = guarded(file, () => parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true })));
  return (messages) =>
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
        messages: messages.map(({ role, content }) => ({ role, content })),
        add_generation_prompt: true,
      };
      for (const [name, value] of Object.entries(variables)) environment.set(name, value);
      const input = messages.reduce((sum, message) => sum + message.content.length, 0);
      const interpreter = new Interpreter(environment);
      bound(interpreter, file, MAX_OUTPUT_BASE + 4 * input);
      const { value } = interpreter.run(program) as Measured;
      return String(value);
    });
}
