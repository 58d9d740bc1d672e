// Asks a model a set of questions by the probability of each choice, and says how sure the result is.

import type { Engine, Message, Session } from '../engine.ts';
import type { ChoiceQuestion, SetItem } from './evaluation-set.ts';
import { calibration, wilson, type Calibration } from './statistics.ts';

/** Log-probabilities (natural logarithm) of a continuation's tokens after a prefix. */
export interface Scorer {
  /** @returns one for each token of `continuation` */
  score(prefix: readonly number[], continuation: readonly number[], signal?: AbortSignal): Promise<number[]>;
}

export interface EvaluationOptions {
  /** The bare text of question and choice, without the model's chat template. */
  raw: boolean;
  /** This many questions from the set's beginning stand before each other one, with their answers, and are not asked. */
  shots: number;
  /** At most so many questions. */
  limit?: number;
  signal?: AbortSignal;
  /** Results of an earlier, unfinished run, by id: not asked again. */
  done?: ReadonlyMap<string, ItemResult>;
  onItem?: (result: ItemResult, done: number, total: number) => void | Promise<void>;
}

export interface ItemResult {
  id: string;
  /** Log-probability of each choice, summed over its tokens; of the text itself where there are no choices. */
  scores: number[];
  /** Tokens of each. */
  tokens: number[];
  /** Index of the likeliest choice, the first on a tie; null for a plain text. */
  predicted: number | null;
  /** The same by log-probability a character (code point), as the public harness's acc_norm. */
  predictedNormalised: number | null;
  /** Log-probability of each letter where the choices are listed with letters in the question; left out under `raw`. */
  letters?: number[];
  predictedLetter?: number;
  /** False: the question's tokens are no prefix of question and choice together; the longest common prefix was taken. */
  prefixHeld?: false;
}

interface Group {
  right: number;
  total: number;
  interval: [number, number];
}

export interface Evaluation {
  items: ItemResult[];
  /** Share of right predictions by summed log-probability; null where the set has no choices. */
  accuracy: number | null;
  /** Wilson, 95 %. */
  interval: [number, number] | null;
  accuracyNormalised: number | null;
  intervalNormalised: [number, number] | null;
  accuracyLetters: number | null;
  intervalLetters: [number, number] | null;
  /** By topic, country and language, where the set names them. */
  groups: Record<'topic' | 'country' | 'language', Record<string, Group>>;
  calibration: Calibration | null;
  /** exp(-mean log-probability a token) of plain texts; null where there are none. */
  perplexity: number | null;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Reads logits token by token: for engines that do not score by themselves. */
export function scorerOf(engine: Engine): Scorer & { dispose: () => void } {
  const session: Session = engine.createSession();
  return {
    async score(prefix, continuation, signal) {
      const scores: number[] = [];
      for (let i = 0; i < continuation.length; i++) {
        await session.sync([...prefix, ...continuation.slice(0, i)], signal ? { signal } : {});
        scores.push(logProbability(await session.logits(), continuation[i] ?? 0));
      }
      return scores;
    },
    dispose: () => session.dispose(),
  };
}

/** ln softmax(logits)[id], in float64. */
export function logProbability(logits: Float32Array, id: number): number {
  let largest = -Infinity;
  for (const logit of logits) if (logit > largest) largest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return (logits[id] ?? -Infinity) - largest - Math.log(sum);
}

/** What is scored: the tokens before it, and its own. */
function cut(prefix: number[], whole: number[]): { prefix: number[]; continuation: number[]; held: boolean } {
  let common = 0;
  while (common < prefix.length && prefix[common] === whole[common]) common++;
  // Something must stand before what is scored: without a beginning token, the first of the text.
  common = Math.max(common, 1);
  return {
    prefix: whole.slice(0, common),
    continuation: whole.slice(common),
    held: common >= prefix.length,
  };
}

const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function rawPrompt(shots: readonly ChoiceQuestion[], question: string): string {
  return [...shots.map((shot) => `${shot.question}${shot.choices[shot.answer] ?? ''}`), question].join(
    '\n\n',
  );
}

const listed = ({ question, choices }: ChoiceQuestion): string =>
  [question, ...choices.map((choice, i) => `${LETTERS.charAt(i)}) ${choice}`)].join('\n');

function turns(shots: readonly ChoiceQuestion[], asked: ChoiceQuestion, withLetters: boolean): Message[] {
  const ask = (item: ChoiceQuestion): string => (withLetters ? listed(item) : item.question);
  const reply = (item: ChoiceQuestion): string =>
    withLetters ? LETTERS.charAt(item.answer) : (item.choices[item.answer] ?? '');
  return [
    ...shots.flatMap((shot): Message[] => [
      { role: 'user', content: ask(shot) },
      { role: 'assistant', content: reply(shot) },
    ]),
    { role: 'user', content: ask(asked) },
  ];
}

async function scoreAll(
  scorer: Scorer,
  texts: { prefix: number[]; whole: number[] }[],
  signal: AbortSignal | undefined,
): Promise<{ scores: number[]; tokens: number[]; held: boolean }> {
  const found = { scores: [] as number[], tokens: [] as number[], held: true };
  for (const { prefix, whole } of texts) {
    const part = cut(prefix, whole);
    found.scores.push(sum(await scorer.score(part.prefix, part.continuation, signal)));
    found.tokens.push(part.continuation.length);
    found.held &&= part.held;
  }
  return found;
}

async function askChoices(
  engine: Engine,
  scorer: Scorer,
  item: ChoiceQuestion,
  shots: readonly ChoiceQuestion[],
  { raw, signal }: EvaluationOptions,
): Promise<ItemResult> {
  const prompt = rawPrompt(shots, item.question);
  const messages = turns(shots, item, false);
  const texts = item.choices.map((choice) =>
    raw
      ? { prefix: engine.encode(prompt), whole: engine.encode(prompt + choice) }
      : { prefix: engine.encodeChat(messages), whole: engine.encodeChat(messages, choice) },
  );
  const { scores, tokens, held } = await scoreAll(scorer, texts, signal);
  const perCharacter = scores.map((score, i) => score / [...(item.choices[i] ?? '')].length);
  const result: ItemResult = {
    id: item.id,
    scores,
    tokens,
    predicted: argmax(scores),
    predictedNormalised: argmax(perCharacter),
    ...(!held && { prefixHeld: false as const }),
  };
  if (raw) return result;
  const lettered = turns(shots, item, true);
  const letters = await scoreAll(
    scorer,
    item.choices.map((_, i) => ({
      prefix: engine.encodeChat(lettered),
      whole: engine.encodeChat(lettered, LETTERS.charAt(i)),
    })),
    signal,
  );
  return { ...result, letters: letters.scores, predictedLetter: argmax(letters.scores) };
}

async function scoreText(
  engine: Engine,
  scorer: Scorer,
  id: string,
  text: string,
  signal?: AbortSignal,
): Promise<ItemResult> {
  const ids = engine.encode(text);
  // Nothing stands before the first token: it is given, not scored.
  const scores = await scorer.score(ids.slice(0, 1), ids.slice(1), signal);
  return { id, scores: [sum(scores)], tokens: [scores.length], predicted: null, predictedNormalised: null };
}

/** Asks `items` in their order. Throws what the engine throws; aborting throws "aborted" and `onItem` has had what was done. */
export async function evaluate(
  engine: Engine,
  scorer: Scorer,
  items: readonly SetItem[],
  options: EvaluationOptions,
): Promise<Evaluation> {
  const questions = items.filter((item) => item.kind === 'choices');
  const shots = questions.slice(0, options.shots);
  const asked = items.filter((item) => !(shots as readonly SetItem[]).includes(item)).slice(0, options.limit);
  const results: ItemResult[] = [];
  for (const item of asked) {
    options.signal?.throwIfAborted();
    const known = options.done?.get(item.id);
    const result =
      known ??
      (item.kind === 'choices'
        ? await askChoices(engine, scorer, item, shots, options)
        : await scoreText(engine, scorer, item.id, item.text, options.signal));
    results.push(result);
    if (!known) await options.onItem?.(result, results.length, asked.length);
  }
  return summarise(asked, results);
}

/** The softmax of a question's scores at the choice predicted: how sure the model was. */
function confidence(scores: readonly number[], predicted: number): number {
  const largest = Math.max(...scores);
  return (
    Math.exp((scores[predicted] ?? largest) - largest) / sum(scores.map((score) => Math.exp(score - largest)))
  );
}

export function summarise(items: readonly SetItem[], results: readonly ItemResult[]): Evaluation {
  const byId = new Map(results.map((result) => [result.id, result]));
  const asked = items.flatMap((item) => {
    const result = byId.get(item.id);
    return result ? [{ item, result }] : [];
  });
  const questions = asked.flatMap(({ item, result }) => (item.kind === 'choices' ? [{ item, result }] : []));
  const rate = (pick: (result: ItemResult) => number | null | undefined) => {
    const counted = questions.filter(({ result }) => typeof pick(result) === 'number');
    const right = counted.filter(({ item, result }) => pick(result) === item.answer).length;
    return counted.length === 0
      ? { accuracy: null, interval: null }
      : { accuracy: right / counted.length, interval: wilson(right, counted.length) };
  };
  const groups: Evaluation['groups'] = { topic: {}, country: {}, language: {} };
  for (const { item, result } of questions) {
    for (const name of ['topic', 'country', 'language'] as const) {
      const label = item[name];
      if (label === undefined) continue;
      const group = (groups[name][label] ??= { right: 0, total: 0, interval: [0, 1] });
      group.total++;
      if (result.predicted === item.answer) group.right++;
      group.interval = wilson(group.right, group.total);
    }
  }
  const texts = asked.filter(({ item }) => item.kind === 'text');
  const textTokens = sum(texts.map(({ result }) => result.tokens[0] ?? 0));
  const plain = rate(({ predicted }) => predicted);
  const normalised = rate(({ predictedNormalised }) => predictedNormalised);
  const letters = rate(({ predictedLetter }) => predictedLetter);
  return {
    items: asked.map(({ result }) => result),
    ...plain,
    accuracyNormalised: normalised.accuracy,
    intervalNormalised: normalised.interval,
    accuracyLetters: letters.accuracy,
    intervalLetters: letters.interval,
    groups,
    calibration:
      questions.length === 0
        ? null
        : calibration(
            questions.map(({ result }) => confidence(result.scores, result.predicted ?? 0)),
            questions.map(({ item, result }) => result.predicted === item.answer),
          ),
    perplexity:
      textTokens === 0 ? null : Math.exp(-sum(texts.map(({ result }) => result.scores[0] ?? 0)) / textTokens),
  };
}
