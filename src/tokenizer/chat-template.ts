// The repository's own chat template (Jinja), run within bounds: a template is a program that a stranger wrote.

import type { ChatTurn, Tool } from '../engine.ts';
import { EngineError } from '../failures.ts';
import { Interpreter } from './jinja/interpreter.ts';
import { parseTemplate } from './jinja/program.ts';
import { Callable, fault, fromJson, printed, type Meter, type Value } from './jinja/values.ts';

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

/** Name -> text, as the tokenizer's config has them: bos_token, eos_token, additional_special_tokens and others. */
export type TemplateTokens = Record<string, string | string[]>;

/** A message as templates see it: those of models that reason read what came before the answer under either name. */
export interface TemplateMessage extends ChatTurn {
  reasoning_content?: string;
  thinking?: string;
}

export interface TemplateOptions {
  /** Ready for the assistant's turn; true unless told. */
  addGenerationPrompt?: boolean;
  /** What the model may call; left out, templates see none. */
  tools?: readonly Tool[];
}

export type ChatTemplate = (messages: readonly TemplateMessage[], options?: TemplateOptions) => string;

/** A message under the names that transformers gives to templates. */
const seenTurn = (turn: TemplateMessage): Record<string, unknown> => {
  const { role, content, toolCalls, toolCallId, reasoning_content, thinking } = turn;
  return {
    role,
    content,
    ...(reasoning_content === undefined ? {} : { reasoning_content }),
    ...(thinking === undefined ? {} : { thinking }),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
    ...(toolCalls && {
      tool_calls: toolCalls.map(({ id, name, arguments: given }) => ({
        id,
        type: 'function',
        function: { name, arguments: given },
      })),
    }),
  };
};

const seenTool = ({ name, description = '', parameters = { type: 'object', properties: {} } }: Tool) => ({
  type: 'function',
  function: { name, description, parameters },
});

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
function boundedRange(file: string): Callable {
  return new Callable((bounds) => {
    const [first = 0, second, step = 1] = bounds.map((bound) =>
      typeof bound === 'number' ? bound : fault('range takes whole numbers'),
    );
    const [start, stop] = second === undefined ? [0, first] : [first, second];
    if (step === 0) fault('range() arg 3 must not be zero');
    const count = Math.max(0, Math.ceil((stop - start) / step));
    if (!(count <= MAX_RANGE)) throw overLimit(file, 'counts', MAX_RANGE);
    return Array.from({ length: count }, (_, i) => start + i * step);
  });
}

interface Bounds {
  work: number;
  text: number;
  list: number;
}

function meterOf(file: string, bounds: Bounds): Meter {
  let done = 0;
  return {
    work(nodes) {
      done += nodes;
      if (done > bounds.work) throw overLimit(file, 'works', bounds.work);
    },
    text(characters) {
      if (characters > bounds.text) throw overLimit(file, 'writes characters', bounds.text);
    },
    list(elements) {
      if (elements > bounds.list) throw overLimit(file, 'lists elements', bounds.list);
    },
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
  const program = guarded(file, () => parseTemplate(template));
  return (messages, { addGenerationPrompt = true, tools } = {}) =>
    guarded(file, () => {
      const turns = messages.map(seenTurn);
      const offered = tools?.map(seenTool) ?? null;
      // Tools and calls are as long as their JSON; what they weigh beside the texts is known only then.
      const beside = JSON.stringify([offered, messages.map(({ toolCalls }) => toolCalls ?? 0)]).length;
      const input =
        messages.reduce((sum, message) => sum + message.content.length, 0) + (tools ? 2 : 1) * beside;
      const meter = meterOf(file, {
        work: MAX_WORK + MAX_WORK_PER_MESSAGE * messages.length + input / 16,
        text: MAX_OUTPUT_BASE + template.length + 4 * input,
        list: MAX_LIST + messages.length,
      });
      const globals = new Map<string, Value>([
        ['range', boundedRange(file)],
        ['strftime_now', new Callable(([format = '']) => strftime(printed(format, meter)))],
        ['raise_exception', new Callable(([reason = null]) => fault(printed(reason, meter)))],
        ...Object.entries(tokens),
        ['tools', offered && fromJson(offered)],
        ['documents', null],
        ['messages', fromJson(turns)],
        ['add_generation_prompt', addGenerationPrompt],
      ]);
      return new Interpreter(globals, meter).run(program);
    });
}
