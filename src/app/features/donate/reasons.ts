// Why an answer is good or bad: few enough to choose from, and what those who train a model can use.

export const FEEDBACK_REASONS = {
  up: ['correct', 'clear', 'useful', 'good-language'],
  down: ['false', 'unclear', 'incomplete', 'wrong-language', 'unsafe', 'repetitive'],
} as const;

export type FeedbackReason = (typeof FEEDBACK_REASONS)[keyof typeof FEEDBACK_REASONS][number];

const ALL: readonly string[] = [...FEEDBACK_REASONS.up, ...FEEDBACK_REASONS.down];

/** Imported conversations bring any words. */
export const isReason = (value: string): value is FeedbackReason => ALL.includes(value);
