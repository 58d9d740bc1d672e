// What ends an assistant's turn, by the chat template itself: configs often keep the base model's id, and a template says what
// the model was trained to write. It is rendered with marked texts, and what stands right after the assistant's is looked at.

import { EngineError } from '../failures.ts';
import type { ChatTemplate, TemplateMessage } from './chat-template.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What ends an answer beside what configs declare. */
export interface TurnEnd {
  /** Token ids, ascending. */
  ids: number[];
  /** Texts, where a template ends turns by ordinary tokens. */
  strings: string[];
}

/** End-of-turn and end-of-text tokens that public models share. They count where they are added tokens, never as mere text. */
export const END_NAMES: ReadonlySet<string> = new Set([
  '</s>',
  '<EOT>',
  '<end_of_turn>',
  '<end_of_utterance>',
  '<eos>',
  '<turn|>',
  '<|END_OF_TURN_TOKEN|>',
  '<|call|>',
  '<|end_of_text|>',
  '<|end_of_turn|>',
  '<|endofturn|>',
  '<|endoftext|>',
  '<|end|>',
  '<|eom_id|>',
  '<|eot_id|>',
  '<|eot|>',
  '<|im_end|>',
  '<|return|>',
  '<｜end▁of▁sentence｜>',
  '[EOS]',
  '[EOT]',
]);

/** Letters that no template writes and no filter changes. */
const QUESTION = 'qzkwv question';
const ANSWER = 'qzkwv answer';
const REASONING = 'qzkwv reasoning';
const NEXT = 'qzkwv next';

/** Shorter ends ("##", "A:") stand inside ordinary answers; longer ones are no end but a text. */
const MIN_END_TEXT = 3;
const MAX_END_TEXT = 100;

interface Added {
  id: number;
  content: string;
}

/** Added tokens in the text, in its order; where two begin at the same place, the longer. */
function tokensIn(text: string, added: readonly Added[]): (Added & { at: number })[] {
  const found: (Added & { at: number })[] = [];
  let from = 0;
  for (;;) {
    let next: (Added & { at: number }) | undefined;
    for (const token of added) {
      const at = text.indexOf(token.content, from);
      if (at < 0) continue;
      if (!next || at < next.at || (at === next.at && token.content.length > next.content.length))
        next = { ...token, at };
    }
    if (!next) return found;
    found.push(next);
    from = next.at + next.content.length;
  }
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** What follows the last `mark`, up to `until` where that follows; undefined where the template left the mark out. */
function after(text: string | undefined, mark: string, until?: string): string | undefined {
  const at = text?.lastIndexOf(mark) ?? -1;
  if (text === undefined || at < 0) return undefined;
  const rest = text.slice(at + mark.length);
  const end = until === undefined ? -1 : rest.indexOf(until);
  return end < 0 ? rest : rest.slice(0, end);
}

/** What the model itself writes before its text: behind the generation prompt, or between reasoning and answer. */
function middles(
  answered: string | undefined,
  asked: string | undefined,
  reasoned: string | undefined,
): string[] {
  const texts: string[] = [];
  if (answered !== undefined && asked !== undefined) {
    const at = answered.lastIndexOf(ANSWER);
    if (at >= 0) texts.push(answered.slice(Math.min(at, commonLength(answered, asked)), at));
  }
  const between = after(reasoned, REASONING, ANSWER);
  if (between !== undefined && reasoned!.lastIndexOf(ANSWER) > reasoned!.lastIndexOf(REASONING))
    texts.push(between);
  return texts;
}

/** The text as a stop string: its line break counts, other space around it does not. */
function endText(text: string): string | undefined {
  const bare = text.trim();
  if (bare.length < MIN_END_TEXT || bare.length > MAX_END_TEXT) return undefined;
  return /^\s*\n/.test(text) ? `\n${bare}` : bare;
}

/**
 * Ends of an assistant's turn: the first added token that the template writes after an assistant's text, or, where ordinary text
 * stands there, that text; and the added tokens whose names everybody uses for it. A token that the model also writes in the
 * middle of its turn (before its text, between reasoning and answer) ends nothing.
 * @param template undefined where there is none. One that refuses the marked conversation names no ends: it is asked again,
 *   and its refusal said, when a person writes
 */
export function turnEnd(template: ChatTemplate | undefined, vocabulary: Vocabulary): TurnEnd {
  const added = [...vocabulary.addedIds].flatMap((id): Added[] => {
    const content = vocabulary.tokens[id];
    // Some vocabularies add runs of spaces and line breaks.
    return content === undefined || content.trim() === '' ? [] : [{ id, content }];
  });
  const render = (messages: TemplateMessage[], addGenerationPrompt: boolean): string | undefined => {
    try {
      return template?.(messages, { addGenerationPrompt });
    } catch (error) {
      if (error instanceof EngineError && error.reason === 'template-invalid') return undefined;
      throw error;
    }
  };
  const question: TemplateMessage = { role: 'user', content: QUESTION };
  const answer: TemplateMessage = { role: 'assistant', content: ANSWER };
  const answered = render([question, answer], false);
  const asked = render([question], true);
  const reasoned = render(
    [question, { ...answer, reasoning_content: REASONING, thinking: REASONING }],
    false,
  );
  const wentOn = render([question, answer, { role: 'user', content: NEXT }], true);

  const inside = new Set(
    middles(answered, asked, reasoned).flatMap((text) => tokensIn(text, added).map(({ id }) => id)),
  );
  const ids = new Set(
    added.filter(({ id, content }) => END_NAMES.has(content) && !inside.has(id)).map(({ id }) => id),
  );
  const texts: string[] = [];
  let immediate = false;
  for (const tail of [after(answered, ANSWER), after(wentOn, ANSWER, NEXT)]) {
    if (tail === undefined) continue;
    const end = tokensIn(tail, added).find(({ id }) => !inside.has(id));
    if (end) ids.add(end.id);
    const before = tail.slice(0, tokensIn(tail, added)[0]?.at);
    if (end && before.trim() === '') immediate = true;
    else texts.push(before);
  }
  const strings = immediate ? [] : texts.flatMap((text) => endText(text) ?? []);
  return { ids: [...ids].sort((a, b) => a - b), strings: [...new Set(strings)] };
}
