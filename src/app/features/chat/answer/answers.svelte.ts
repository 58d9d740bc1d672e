// The one answer being written.
//
// A run is one answer: its id says whether it is still wanted. What a superseded or stopped run says later is dropped.
// The run keeps its own conversation, so the person may read another one meanwhile.

import type { Message, Usage } from '../../../../engine.ts';
import type { EngineError } from '../../../../failures.ts';
import type { Conversation, MessageNode, Sources } from '../../../../storage/conversations.ts';
import { keepShown } from '../../../../storage/merge-conversation.ts';
import type { Settings } from '../../../../storage/settings.ts';
import type { EngineClient } from '../../../../wire/engine-client.ts';
import { asEngineError } from '../../../kit/faults.ts';
import { append, dropLeaf, patchNode } from '../conversation.ts';
import type { Journal } from './journal.ts';
import type { Models } from '../../models/models.svelte.ts';
import type { Rebase, WriteThrough } from './write-through.ts';

export type RunPhase = 'loading' | 'reading' | 'writing';

export interface Run {
  readonly id: number;
  readonly conversationId: string;
  readonly nodeId: string;
  readonly phase: RunPhase;
  /** Of the prompt, while reading. */
  readonly fraction: number;
}

export interface Writing {
  nodeId: string;
  text: string;
}

/** What the model is to read, once it is known how much fits. */
export interface Prompt {
  messages: readonly Message[];
  /** The first message of the conversation that is read; null: all are. */
  readFrom: string | null;
  summary?: Conversation['summary'];
}

export interface AnswerPlan {
  conversation: Conversation;
  questionId: string;
  modelId: string;
  /** An answer below the question that goes on from where it was cut; left out: a new one. */
  cut?: MessageNode;
  /** Asked for once the model is loaded and the documents are in their place. */
  prepare: (conversation: Conversation, signal: AbortSignal) => Promise<Prompt>;
}

export interface AnswerDependencies {
  engine: Pick<EngineClient, 'generate'>;
  models: Pick<Models, 'ensure' | 'fail'>;
  settings: () => Settings;
  journal: Pick<Journal, 'write' | 'clear'>;
  onEvent: (event: 'started' | 'finished' | 'stopped', figures?: Usage) => void;
  /** Marks the time of an answer for the request counter. @returns ends it */
  watch: () => () => void;
  /** Calls back before the next paint (or soon, where nothing is painted). */
  nextFrame: (callback: () => void) => void;
  newId: () => string;
  /** Temporary or locked: in no list, and nothing of it goes to the engine's disk. */
  isPrivate: (id: string) => boolean;
  /** What of the attached documents the question is answered with; null: nothing that is not there already. */
  ground: (conversation: Conversation, questionId: string, signal: AbortSignal) => Promise<Sources | null>;
  now: () => number;
}

/** Failures after which the engine is not usable as it is: shown as the engine's state, with a reload. */
const OF_THE_ENGINE: readonly EngineError['reason'][] = [
  'device-lost',
  'out-of-memory',
  'worker-gone',
  'engine-busy',
  'engine-taken',
  'model-not-stored',
];

export class Answers {
  run = $state.raw<Run | null>(null);
  /** Text of the run's answer as shown; kept apart from the tree so that a token costs no copy of it. */
  writing = $state.raw<Writing | null>(null);
  fault = $state.raw<{ conversationId: string; error: EngineError } | null>(null);
  /** The answer that a failure of the engine cut off. */
  broken: string | null = null;

  private readonly deps: AnswerDependencies;
  private readonly writer: WriteThrough;
  /** A run's conversation begins, or ends: its tree is to be shown and listed. */
  private readonly onTree: (conversation: Conversation) => void;
  private runs = 0;
  private abort: AbortController | null = null;
  /** The run's conversation in its newest version. */
  private working: Conversation | null = null;
  /** Work of less weight, which gives way to an answer. */
  private aside: AbortController | null = null;
  private pending = '';
  private frameAsked = false;
  /** Settles when the engine is free again. */
  private engineFree: Promise<unknown> = Promise.resolve();

  constructor(deps: AnswerDependencies, writer: WriteThrough, onTree: (conversation: Conversation) => void) {
    this.deps = deps;
    this.writer = writer;
    this.onTree = onTree;
  }

  /** The conversation as the run has it, where the run is in it. */
  of(conversationId: string): Conversation | null {
    return this.working?.id === conversationId ? this.working : null;
  }

  /** A change to the conversation that the run's end must not undo. @returns whether the run is in it */
  adopt(id: string, step: (conversation: Conversation) => Conversation): boolean {
    if (this.working?.id !== id) return false;
    this.working = step(this.working);
    return true;
  }

  /** Brings the run's conversation up to what another tab stored; its answer ends where that tab deleted it. */
  rebase(id: string, step: Rebase): void {
    if (this.working?.id !== id || !this.run) return;
    const next = step(this.working);
    if (next && this.run.nodeId in next.nodes) this.working = keepShown(this.working, next);
    else {
      this.abort?.abort();
      this.end();
      this.deps.onEvent('stopped');
    }
  }

  /**
   * Has a conversation's last message answered, in a node below it.
   * @returns the figures of an answer that was stopped before they came
   */
  async write(plan: AnswerPlan): Promise<{ nodeId: string; usage: Usage } | null> {
    if (this.run) return null;
    const id = ++this.runs;
    const abort = new AbortController();
    const begun = plan.cut?.content ?? '';
    const node: MessageNode = {
      createdAt: this.deps.now(),
      ...plan.cut,
      id: plan.cut?.id ?? this.deps.newId(),
      parentId: plan.questionId,
      role: 'assistant',
      content: begun,
      modelId: plan.modelId,
      finishReason: 'abort', // what a killed tab leaves behind
    };
    this.aside?.abort();
    this.abort = abort;
    this.fault = null;
    this.broken = null;
    this.pending = '';
    this.working = append(plan.conversation, node);
    this.writing = { nodeId: node.id, text: begun };
    this.run = { id, conversationId: plan.conversation.id, nodeId: node.id, phase: 'loading', fraction: 0 };
    this.onTree(this.working);
    void this.writer.now(this.working); // an answer never waits for the store, which says its own failures
    await this.engineFree.catch(() => undefined); // a stopped run may still hold the engine for a moment
    const ready = await this.deps.models.ensure();
    if (id !== this.runs) return null;
    if (!ready) {
      this.finish(id, {});
      return null;
    }
    this.deps.onEvent('started');
    const unwatch = this.deps.watch();
    try {
      const sources = await this.deps.ground(this.working, plan.questionId, abort.signal);
      if (id !== this.runs) {
        unwatch();
        return null;
      }
      if (sources) {
        this.working = patchNode(this.working, plan.questionId, { sources }, this.working.updatedAt);
        this.onTree(this.working);
      }
    } catch (thrown) {
      unwatch();
      this.fail(id, node.id, asEngineError(thrown));
      return null;
    }
    const { sampler, maxTokens, keepPrefix } = this.deps.settings();
    const ephemeral = this.deps.isPrivate(plan.conversation.id);
    const call = this.prepare(id, node.id, plan, abort.signal).then(
      ({ messages, summary = plan.conversation.summary }) =>
        this.deps.engine.generate({
          messages,
          begun,
          ephemeral,
          // Of the instructions alone: a summary is the conversation's, and goes when that is deleted.
          keepPrefix: keepPrefix && !ephemeral && summary === undefined,
          maxTokens,
          sampler: { ...sampler, seed: sampler.seed ?? Math.floor(Math.random() * 0x1_0000_0000) },
          signal: abort.signal,
          onText: (text) => this.appendText(id, text),
          onProgress: (phase, done, total) => {
            if (this.run?.id === id && phase === 'prefill' && this.run.phase !== 'writing')
              this.run = { ...this.run, phase: 'reading', fraction: total > 0 ? done / total : 0 };
          },
        }),
    );
    this.engineFree = call;
    try {
      const { text, finishReason, usage: figures } = await call;
      const usage = together(plan.cut?.usage, figures);
      if (id !== this.run?.id) return { nodeId: node.id, usage };
      this.writing = { nodeId: node.id, text: begun + text };
      this.finish(id, { finishReason, usage });
      this.deps.onEvent('finished', figures);
    } catch (thrown) {
      this.fail(id, node.id, asEngineError(thrown));
    } finally {
      unwatch();
    }
    return null;
  }

  /** Work of the engine that gives way as soon as an answer is wanted. @returns what it gave; null where it gave way */
  async inBackground<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    if (this.run || this.aside) return null;
    const aside = new AbortController();
    this.aside = aside;
    const done = this.engineFree.catch(() => undefined).then(() => work(aside.signal));
    this.engineFree = done;
    try {
      const result = await done;
      return aside.signal.aborted ? null : result;
    } catch (error) {
      if (aside.signal.aborted) return null;
      throw error;
    } finally {
      this.aside = null;
    }
  }

  /** Ends the answer at what is shown: text that has not been painted yet is dropped. */
  stop(): void {
    if (!this.run) return;
    this.abort?.abort();
    this.finish(this.run.id, { finishReason: 'abort' });
    this.deps.onEvent('stopped');
  }

  /** Writes what is shown: before the page may go away. */
  save(): Promise<void> {
    if (!this.run) return this.writer.flush();
    this.flush();
    const { conversationId, nodeId } = this.run;
    this.deps.journal.write(conversationId, { nodeId, text: this.writing?.text ?? '' });
    return this.writer.now(this.withText(nodeId));
  }

  /** What a conversation that is left behind failed by. */
  dropFault(isLeft: (conversationId: string) => boolean): void {
    if (this.fault && isLeft(this.fault.conversationId)) this.fault = null;
  }

  private fail(id: number, nodeId: string, error: EngineError): void {
    if (id !== this.run?.id) return;
    this.broken = nodeId;
    const { conversationId } = this.run;
    this.flush();
    this.finish(id, { finishReason: 'abort' });
    if (OF_THE_ENGINE.includes(error.reason)) this.deps.models.fail(error);
    else if (error.reason !== 'aborted') this.fault = { conversationId, error };
  }

  private async prepare(id: number, nodeId: string, plan: AnswerPlan, signal: AbortSignal): Promise<Prompt> {
    const prompt = await plan.prepare(this.working ?? plan.conversation, signal);
    if (id === this.run?.id && this.working) {
      const { readFrom, summary } = prompt;
      if (summary) this.working = { ...this.working, summary };
      if (readFrom !== null)
        this.working = patchNode(this.working, nodeId, { readFrom }, this.working.updatedAt);
      this.onTree(this.working);
    }
    return prompt;
  }

  private appendText(id: number, text: string): void {
    if (id !== this.run?.id) return;
    this.pending += text;
    if (this.frameAsked) return;
    this.frameAsked = true;
    this.deps.nextFrame(() => {
      this.frameAsked = false;
      this.flush();
    });
  }

  /** Shows what was heard since the last frame. */
  private flush(): void {
    if (!this.run || !this.writing || this.pending === '') return;
    this.writing = { nodeId: this.run.nodeId, text: this.writing.text + this.pending };
    this.pending = '';
    if (this.run.phase !== 'writing') this.run = { ...this.run, phase: 'writing' };
    this.writer.soon(this.withText(this.run.nodeId));
  }

  private withText(nodeId: string): Conversation {
    if (!this.working) throw new Error('no run');
    return patchNode(this.working, nodeId, { content: this.writing?.text ?? '' }, this.deps.now());
  }

  private end(): void {
    this.runs++;
    this.run = null;
    this.writing = null;
    this.working = null;
    this.pending = '';
    this.abort = null;
  }

  /** Ends a run: its text goes into the tree, or its empty node goes away. */
  private finish(id: number, patch: Partial<MessageNode>): void {
    if (this.run?.id !== id || !this.working) return;
    const { nodeId } = this.run;
    const content = this.writing?.text ?? '';
    const done =
      content === '' && patch.finishReason !== 'stop'
        ? dropLeaf(this.working, nodeId)
        : patchNode(this.working, nodeId, { content, ...patch }, this.deps.now());
    this.end();
    this.onTree(done);
    const node = done.nodes[nodeId];
    // A page that is loaded again now would find the answer of a second ago.
    if (node) {
      const { content: text, finishReason } = node;
      this.deps.journal.write(done.id, { nodeId, text, ...(finishReason && { finishReason }) });
    }
    void this.writer.now(done).then(() => this.deps.journal.clear(done.id));
  }
}

/** Figures of an answer that was made in two goes: speed and context of the last one, the tokens of both. */
const together = (before: Usage | undefined, now: Usage): Usage =>
  before ? { ...now, completionTokens: before.completionTokens + now.completionTokens } : now;
