// What of the attached documents goes into the prompt: all of it where it fits, else the passages that answer the question
// best, by BM25 over stems (Robertson and Zaragoza 2009, as MiniSearch computes it).

import MiniSearch from 'minisearch';
import type { DocumentText } from './extract.ts';
import type { Passage } from './passage.ts';
import { blockOf, introOf } from './prompt.ts';
import { splitPassages } from './split.ts';
import { termsOfWord, wordsOf, type TermLanguage } from './terms.ts';

export interface Choice {
  /** In reading order. */
  passages: Passage[];
  /**
   * "whole": everything is in. "ranked": the best passages for the question. "spread": nothing in the documents matches
   * the question (or it asks about all of it), so passages from the beginning to the end.
   */
  how: 'whole' | 'ranked' | 'spread';
  /** Share of the documents' characters that is in, 0 to 1. */
  share: number;
}

/** Tokens of each text: one question to the tokenizer for all of them. */
export type CountTokens = (texts: readonly string[]) => number[] | Promise<number[]>;

/** For where no tokenizer is at hand. Spanish and Portuguese take about 3.5 characters a token, small vocabularies fewer. */
export const byCharacters =
  (charsPerToken = 3): CountTokens =>
  (texts) =>
    texts.map((text) => Math.ceil(text.length / charsPerToken));

/** No tokenizer packs more characters than this in a token of prose: beyond it a text is too long without counting. */
const MAX_CHARACTERS_A_TOKEN = 16;
/** Longer numbers of sources than this one no prompt has. */
const HIGHEST_NUMBER = 999;
/** Passages that no longer fit before giving up on smaller ones. */
const MAX_MISSES = 8;

/** Characters of a heading shown as a source. */
const MAX_HEADING = 80;

interface Page extends Omit<Passage, 'score' | 'start' | 'end' | 'heading'> {
  index: number;
}

const pagesOf = (documents: readonly DocumentText[]): Page[] =>
  documents
    .flatMap((document, at) =>
      (document.pages ?? [{ label: null, text: document.text }]).map((page) => ({
        document: at,
        name: document.name,
        page: page.label,
        text: page.text,
      })),
    )
    .map((page, index) => ({ ...page, index }));

/** The same place once: what overlaps or touches on a page becomes one passage. */
function merge(chosen: readonly (Passage & { at: number })[], pages: readonly Page[]): Passage[] {
  const merged: (Passage & { at: number })[] = [];
  for (const passage of [...chosen].sort((a, b) => a.at - b.at || a.start - b.start)) {
    const before = merged.at(-1);
    const page = pages[passage.at];
    if (before && page && before.at === passage.at && passage.start <= before.end + 2) {
      before.end = Math.max(before.end, passage.end);
      before.text = page.text.slice(before.start, before.end);
      before.score = Math.max(before.score, passage.score);
    } else merged.push({ ...passage });
  }
  return merged.map(({ document, name, page, heading, start, end, text, score }) => ({
    document,
    name,
    page,
    heading,
    start,
    end,
    text,
    score,
  }));
}

/** Share of a passage that is not among those chosen, where it joins one of them; else 1, as it stands alone. */
function shareNew(passage: Passage & { at: number }, chosen: readonly (Passage & { at: number })[]): number {
  const touching = chosen
    .filter(({ at, start, end }) => at === passage.at && start <= passage.end + 2 && passage.start <= end + 2)
    .sort((a, b) => a.start - b.start);
  if (touching.length === 0) return 1;
  let held = 0;
  let from = passage.start;
  for (const { start, end } of touching) {
    const till = Math.min(end, passage.end);
    held += Math.max(0, till - Math.max(start, from));
    from = Math.max(from, till);
  }
  return 1 - held / Math.max(1, passage.end - passage.start);
}

/** The heading ("# …") that a passage begins with, or the last one before it. */
export function headingOf(text: string, start: number): string | null {
  const lineEnd = text.indexOf('\n', start);
  for (let at = lineEnd < 0 ? text.length : lineEnd; at > 0;) {
    const line = text.lastIndexOf('\n', at - 1) + 1;
    const found = /^#{1,6} +(.+)$/
      .exec(text.slice(line, at))?.[1]
      ?.replace(/[*_`#]/g, '')
      .trim();
    if (found) return [...found].slice(0, MAX_HEADING).join('');
    at = line - 1;
  }
  return null;
}

/** Rows of a table mean nothing without the names of its columns. */
function withHeader(passage: Passage, document: DocumentText | undefined): Passage {
  if (document?.kind !== 'csv' || passage.start === 0) return passage;
  const header = document.text.slice(0, document.text.indexOf('\n') + 1).slice(0, 500);
  return { ...passage, text: header + passage.text };
}

/** As it is shown and quoted. Only documents without pages have headings that are marked as such. */
const located = (passage: Passage, document: DocumentText | undefined): Passage =>
  document?.kind === 'markdown' || document?.kind === 'docx'
    ? { ...passage, heading: headingOf(document.text, passage.start) }
    : withHeader(passage, document);

/**
 * @param budgetTokens what `renderForPrompt` of the result may cost at most
 * @param language of the stems and of the rendered frame
 * Asks the tokenizer twice at most, for many texts at once: for the documents, and for the passages that may come in. What
 * passages cost together is taken to be what they cost one by one, less the share of each that is in already.
 */
export async function choosePassages(
  documents: readonly DocumentText[],
  question: string,
  budgetTokens: number,
  countTokens: CountTokens,
  language: TermLanguage,
): Promise<Choice> {
  const pages = pagesOf(documents);
  const all = documents.reduce((sum, document) => sum + document.chars, 0);
  /** Of `before`, and what each passage adds, numbered as high as it can be; Infinity where it is too long to be counted. */
  const costs = async (passages: readonly Passage[], before: readonly string[] = []): Promise<number[]> => {
    const short = passages.filter(({ text }) => text.length <= budgetTokens * MAX_CHARACTERS_A_TOKEN);
    const blocks = short.map((passage) => blockOf(passage, HIGHEST_NUMBER, language));
    if (blocks.length + before.length === 0) return [];
    const counted = await countTokens([...before, ...blocks]);
    const counts = counted.slice(before.length);
    const known = new Map(short.map((passage, index) => [passage, counts[index] ?? Infinity]));
    return [...counted.slice(0, before.length), ...passages.map((passage) => known.get(passage) ?? Infinity)];
  };
  const whole = (of: readonly Page[]): (Passage & { at: number })[] =>
    of.map(({ index, ...page }) => ({
      ...page,
      at: index,
      heading: null,
      start: 0,
      end: page.text.length,
      score: 0,
    }));
  const parts = whole(pages);
  const [intro = Infinity, ...partCosts] = await costs(parts, [introOf(language)]);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
  if (intro + sum(partCosts) <= budgetTokens) {
    return { passages: merge(parts, pages), how: 'whole', share: 1 };
  }

  // Documents no larger than their fair share come whole: the question is about them too.
  const chosen: (Passage & { at: number })[] = [];
  let left = budgetTokens - intro;
  const waiting = documents
    .map((document, index) => ({ index, chars: document.chars }))
    .sort((a, b) => a.chars - b.chars);
  for (let next = waiting[0]; next && waiting.length > 1; next = waiting[0]) {
    const of = next.index;
    const cost = sum(partCosts.filter((_, i) => parts[i]?.document === of));
    if (cost > left / waiting.length) break;
    left -= cost;
    chosen.push(...parts.filter(({ document }) => document === of));
    waiting.shift();
  }

  const candidates = pages
    .filter((page) => waiting.some(({ index }) => index === page.document))
    .flatMap(({ index: at, ...page }) =>
      splitPassages(page.text, documents[page.document]?.kind === 'csv').map((span) => ({
        ...page,
        ...span,
        at,
        heading: null,
        text: page.text.slice(span.start, span.end),
        score: 0,
      })),
    );
  const ranked = await rank(candidates, question, language);
  const ordered = ranked.length > 0 ? ranked : spread(candidates);

  // No more than could come in at all.
  let characters = 0;
  const likely = ordered.filter(
    ({ text }) => (characters += text.length) <= Math.max(0, left) * MAX_CHARACTERS_A_TOKEN,
  );
  const likelyCosts = await costs(likely.map((passage) => located(passage, documents[passage.document])));
  let misses = 0;
  for (const [i, passage] of likely.entries()) {
    // What is in already is not paid twice, and what joins it needs no source of its own.
    const cost = Math.ceil((likelyCosts[i] ?? Infinity) * shareNew(passage, chosen));
    if (cost <= left) {
      left -= cost;
      chosen.push(passage);
    } else if (++misses > MAX_MISSES) break;
  }
  const merged = merge(chosen, pages);
  const used = merged.reduce((sum, passage) => sum + passage.text.length, 0);
  return {
    passages: merged.map((passage) => located(passage, documents[passage.document])),
    how: ranked.length > 0 ? 'ranked' : 'spread',
    share: all === 0 ? 1 : Math.min(1, used / all),
  };
}

/** Candidates with a score, best first; [] where no word of the question is in any. */
async function rank<T extends Passage>(
  candidates: readonly T[],
  question: string,
  language: TermLanguage,
): Promise<T[]> {
  const index = new MiniSearch<{ id: number; text: string }>({
    fields: ['text'],
    tokenize: wordsOf,
    processTerm: termsOfWord(language),
    searchOptions: { combineWith: 'OR', prefix: false, fuzzy: false },
  });
  await index.addAllAsync(
    candidates.map((candidate, id) => ({ id, text: candidate.text })),
    { chunkSize: 50 },
  );
  return index.search(question).flatMap(({ id, score }) => {
    const candidate = candidates[Number(id)];
    return candidate ? [{ ...candidate, score }] : [];
  });
}

/** Every candidate once, halving the gaps: first, last, middle, quarters... so that any prefix covers the whole evenly. */
function spread<T>(candidates: readonly T[]): T[] {
  const order: T[] = [];
  const taken = new Set<number>();
  for (let parts = 1; order.length < candidates.length; parts *= 2) {
    for (let i = 0; i <= parts; i++) {
      const at = Math.round((i * (candidates.length - 1)) / parts);
      const candidate = candidates[at];
      if (candidate === undefined || taken.has(at)) continue;
      taken.add(at);
      order.push(candidate);
    }
  }
  return order;
}
