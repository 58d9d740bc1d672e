// A conversation to give to Latam-GPT's makers: the person sees exactly what would be given, strikes what they will, and
// saves a file to hand over themselves. Nothing here sends anything.

import { branch, type Conversation } from '../../../storage/conversations.ts';
import type { FeedbackReason } from './reasons.ts';
import { occurrences, suggestStrikes, type Strike, type StrikeKind } from './suggest.ts';

/** What the person thought of one answer; kept on this computer. */
export interface Feedback {
  rating: 'up' | 'down';
  reasons: FeedbackReason[];
  /** In their own words; '' for none. */
  note: string;
}

/** Text that can be struck through. */
export interface Passage {
  text: string;
  /** In order; they may overlap where the person marked over a suggestion. */
  strikes: Strike[];
}

export interface DonatedMessage extends Passage {
  /** The message's own id, for the interface: never given. */
  id: string;
  role: 'system' | 'user' | 'assistant';
  /** The model that wrote it, where one did. */
  modelId?: string;
  /** Left out as a whole when false. */
  included: boolean;
  rating?: Feedback['rating'];
  reasons?: Feedback['reasons'];
  note?: Passage;
}

export interface Donation {
  schema: 1;
  messages: DonatedMessage[];
}

/** A word this short is found inside too many sentences to be struck everywhere. */
const MIN_NAME = 3;

/** What stands in a struck passage's place: says that something was there, and of what kind. */
const PLACEHOLDERS: Record<StrikeKind, string> = {
  name: '[name]',
  email: '[email]',
  phone: '[phone]',
  id: '[id]',
  link: '[link]',
  passage: '[…]',
};

const passage = (text: string): Passage => ({ text, strikes: suggestStrikes(text) });

const covered = (strikes: readonly Strike[], start: number, end: number): boolean =>
  strikes.some((strike) => strike.start <= start && strike.end >= end);

function addStrikes(target: Passage, word: string, kind: StrikeKind, by: Strike['by']): void {
  for (const [start, end] of occurrences(target.text, word)) {
    const same = target.strikes.find((strike) => strike.start === start && strike.end === end);
    if (same) same.on = true;
    else if (
      !covered(
        target.strikes.filter((strike) => strike.on),
        start,
        end,
      )
    ) {
      target.strikes.push({ start, end, kind, by, on: true });
    }
  }
  target.strikes.sort((a, b) => a.start - b.start);
}

const passagesOf = (donation: Donation): Passage[] =>
  donation.messages.flatMap((message) => (message.note ? [message, message.note] : [message]));

/**
 * The branch that is shown, with suggestions of what to strike. A name found once is suggested everywhere, also where no
 * capital letter gives it away. The result is the caller's to change.
 * @param feedback by message id
 * @param system the instructions in force, where they are not the conversation's own
 */
export function prepareDonation(
  conversation: Pick<Conversation, 'nodes' | 'currentLeaf' | 'system' | 'modelId'>,
  feedback: Readonly<Record<string, Feedback>>,
  system = conversation.system ?? '',
): Donation {
  const messages: DonatedMessage[] = branch(conversation).map((node) => {
    const thought = Object.hasOwn(feedback, node.id) ? feedback[node.id] : undefined;
    return {
      id: node.id,
      role: node.role,
      ...passage(node.content),
      included: true,
      ...(node.role === 'assistant' ? { modelId: node.modelId ?? conversation.modelId } : {}),
      ...(thought ? { rating: thought.rating, reasons: thought.reasons } : {}),
      ...(thought && thought.note.trim() !== '' ? { note: passage(thought.note) } : {}),
    };
  });
  if (system.trim() !== '') messages.unshift({ id: '', role: 'system', ...passage(system), included: true });
  const donation: Donation = { schema: 1, messages };
  const names = new Set<string>();
  for (const { text, strikes } of passagesOf(donation)) {
    for (const { start, end, kind } of strikes) {
      if (kind !== 'name') continue;
      for (const word of text.slice(start, end).split(/\s+/)) {
        if (/^\p{Lu}/u.test(word) && [...word].length >= MIN_NAME) names.add(word);
      }
    }
  }
  for (const each of passagesOf(donation))
    for (const name of names) addStrikes(each, name, 'name', 'suggestion');
  return donation;
}

/** Marks a passage the person selected. Does nothing for an empty selection. */
export function strikePassage(target: Passage, start: number, end: number): void {
  const from = Math.max(0, Math.min(start, end));
  const to = Math.min(target.text.length, Math.max(start, end));
  if (from >= to) return;
  target.strikes.push({ start: from, end: to, kind: 'passage', by: 'person', on: true });
  target.strikes.sort((a, b) => a.start - b.start);
}

/** Strikes a word or phrase wherever it stands, notes included. */
export function strikeEverywhere(donation: Donation, phrase: string, kind: StrikeKind = 'passage'): void {
  for (const each of passagesOf(donation)) addStrikes(each, phrase, kind, 'person');
}

/** The text as it would be given: struck passages replaced, those that touch or overlap by one placeholder. */
export function struckText({ text, strikes }: Passage): string {
  let out = '';
  let at = 0;
  const active = strikes.filter((strike) => strike.on).sort((a, b) => a.start - b.start || b.end - a.end);
  for (const strike of active) {
    if (strike.start >= at) out += text.slice(at, strike.start) + PLACEHOLDERS[strike.kind];
    at = Math.max(at, strike.end);
  }
  return out + text.slice(at);
}

interface DonatedLine {
  format: 'yupana-donation';
  schema: 1;
  messages: {
    role: DonatedMessage['role'];
    content: string;
    model?: string;
    rating?: Feedback['rating'];
    reasons?: Feedback['reasons'];
    note?: string;
  }[];
}

/**
 * One line of JSON, and its line feed: files of several conversations are joined as they are. No ids, no times, no title:
 * only what `prepareDonation` showed. '' where nothing is left.
 */
export function toJsonl(donation: Donation): string {
  const line: DonatedLine = {
    format: 'yupana-donation',
    schema: 1,
    messages: donation.messages
      .filter((message) => message.included)
      .map((message) => ({
        role: message.role,
        content: struckText(message),
        ...(message.modelId === undefined ? {} : { model: message.modelId }),
        ...(message.rating ? { rating: message.rating } : {}),
        ...(message.reasons && message.reasons.length > 0 ? { reasons: message.reasons } : {}),
        ...(message.note ? { note: struckText(message.note) } : {}),
      })),
  };
  return line.messages.length === 0 ? '' : `${JSON.stringify(line)}\n`;
}
