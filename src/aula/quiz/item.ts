// A question of a quiz as the programs here hold it: letters, positions and shuffling are never the model's.

interface Common {
  /** Unique in its quiz: letters, digits and hyphens. */
  id: string;
  /** Words of the source that the answer comes from. */
  evidence?: string;
  /** What a pupil reads after answering. */
  feedback?: string;
}

export interface ChoiceItem extends Common {
  kind: 'choice';
  question: string;
  correct: string;
  wrong: string[];
}
export interface TrueFalseItem extends Common {
  kind: 'truefalse';
  statement: string;
  isTrue: boolean;
}
export interface ShortItem extends Common {
  kind: 'short';
  question: string;
  /** The first is the one that the key shows. */
  answers: string[];
}
export interface NumericItem extends Common {
  kind: 'numeric';
  question: string;
  answer: number;
  /** Either way. */
  tolerance: number;
  unit?: string;
}
export interface MatchingItem extends Common {
  kind: 'matching';
  question: string;
  pairs: { left: string; right: string }[];
}
export interface OrderingItem extends Common {
  kind: 'ordering';
  question: string;
  /** In the right order. */
  steps: string[];
}
export interface ClozeItem extends Common {
  kind: 'cloze';
  /** Holds `gap` once, as a whole word. */
  sentence: string;
  gap: string;
}

export type Item =
  ChoiceItem | TrueFalseItem | ShortItem | NumericItem | MatchingItem | OrderingItem | ClozeItem;

/** The text that asks. */
export function stemOf(item: Item): string {
  switch (item.kind) {
    case 'truefalse':
      return item.statement;
    case 'cloze':
      return clozeParts(item).join('_____');
    default:
      return item.question;
  }
}

/** What stands before the gap and what after it. */
export function clozeParts({ sentence, gap }: ClozeItem): [before: string, after: string] {
  const at = sentence.search(
    new RegExp(`(?<!\\p{L})${gap.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?!\\p{L})`, 'u'),
  );
  return at < 0 ? [sentence, ''] : [sentence.slice(0, at), sentence.slice(at + gap.length)];
}

/** Numbers in [0, 1) from a seed, the same for the same seed everywhere (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A shuffled copy (Fisher and Yates). */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

export interface Sheet {
  /** "A" to "D": which shuffled version it is. */
  version: string;
  questions: { item: Item; options: string[]; key: string }[];
}

const LETTERS = 'ABCDEFGHIJ';

/** One version of a quiz on paper: order of questions and options by seed and version, with its key. */
export function sheetOf(items: readonly Item[], seed: number, version: string): Sheet {
  const random = randomOf(seed * 31 + version.charCodeAt(0));
  const questions = shuffled(items, random).map((item) => {
    switch (item.kind) {
      case 'choice': {
        const options = shuffled([item.correct, ...item.wrong], random);
        return { item, options, key: LETTERS.charAt(options.indexOf(item.correct)) };
      }
      case 'truefalse':
        return { item, options: [], key: item.isTrue ? 'V' : 'F' };
      case 'short':
        return { item, options: [], key: item.answers[0] ?? '' };
      case 'numeric':
        return { item, options: [], key: String(item.answer) };
      case 'cloze':
        return { item, options: [], key: item.gap };
      case 'matching': {
        const options = shuffled(
          item.pairs.map(({ right }) => right),
          random,
        );
        const key = item.pairs.map(({ right }, i) => `${i + 1}${LETTERS.charAt(options.indexOf(right))}`);
        return { item, options, key: key.join(' ') };
      }
      case 'ordering': {
        const options = shuffled(item.steps, random);
        return {
          item,
          options,
          key: item.steps.map((step) => LETTERS.charAt(options.indexOf(step))).join(' '),
        };
      }
    }
  });
  return { version, questions };
}
