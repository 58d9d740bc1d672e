// A protocol is one interface: each method a call that a thread answers. The page's side and the thread's are both derived from
// it, so a new call is a method here and its implementation there. Both take what crosses (one value, or none) and a job.

import type { Failure } from '../failures.ts';

export type WireError = Failure & { message: string };

/**
 * What goes along with a call while it runs: `signal` ends it, and `Reports` are functions whose arguments cross back to the
 * page. Only those that the caller gave are there; none is called once `signal` is aborted.
 */
export type Job<Reports = unknown> = { readonly signal: AbortSignal } & Partial<Reports>;

type Optional<Whole> = { [Key in keyof Whole]?: Whole[Key] | undefined };

/** A protocol as the page sees it: the same calls, of whose job any part may be left out. */
export type Remote<Calls> = {
  [Name in keyof Calls]: Calls[Name] extends (...parameters: infer Parameters) => infer Result
    ? Parameters extends [infer Input, infer Whole]
      ? (input: Input, job?: Optional<Whole>) => Result
      : (...parameters: Parameters) => Result
    : never;
};

/** What the page posts; `reports` names the functions that listen. */
export type ToWorker =
  | { type: 'call'; id: number; call: string; input: unknown; reports: readonly string[] }
  | { type: 'abort'; id: number };

/** What a thread posts. News is no answer: what happened to it by itself. */
export type ToPage =
  | { type: 'report'; id: number; report: string; args: unknown[] }
  | { type: 'done'; id: number; result: unknown }
  | { type: 'error'; id: number; error: WireError }
  | { type: 'news'; news: unknown }
  /** The worker holds this Web Lock for as long as it lives. */
  | { type: 'alive'; lock: string };
