// Conversations and the one answer being written.
//
// A run is one answer: its id says whether it is still wanted. What a superseded or stopped run says later is dropped.
// The run keeps its own conversation, so the person may read another one meanwhile.

import type { EngineError, Usage } from '../../engine.ts';
import {
  branch,
  newestLeaf,
  type Conversation,
  type ConversationStore,
  type ConversationSummary,
  type MessageNode,
} from '../../storage/conversations.ts';
import type { Settings } from '../../storage/settings.ts';
import type { EngineClient } from '../../workers/engine-client.ts';
import { asEngineError } from '../faults.ts';
import { append, dropBranch, dropLeaf, messagesFor, patchNode, startConversation } from './conversation.ts';
import type { Models } from './models.svelte.ts';
import type { Journal } from './journal.ts';
import { WriteThrough } from './write-through.ts';

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

export interface ChatDependencies {
  store: ConversationStore;
  engine: Pick<EngineClient, 'generate'>;
  models: Pick<Models, 'ensure' | 'chosen' | 'fail'>;
  settings: () => Settings;
  journal: Pick<Journal, 'write' | 'clear'>;
  /** The shown conversation changed by itself: null is a new one. */
  onShow: (id: string | null) => void;
  onEvent: (event: 'started' | 'finished' | 'stopped') => void;
  onStoreError: (error: EngineError) => void;
  /** Marks the time of an answer for the request counter. @returns ends it */
  watch: () => () => void;
  /** Calls back before the next paint (or soon, where nothing is painted). */
  nextFrame: (callback: () => void) => void;
  newId: () => string;
  now: () => number;
}

const PAGE = 100;

/** Failures after which the engine is not usable as it is: shown as the engine's state, with a reload. */
const OF_THE_ENGINE: readonly EngineError['reason'][] = [
  'device-lost',
  'out-of-memory',
  'worker-gone',
  'engine-busy',
  'engine-taken',
  'model-not-stored',
];

export class Chat {
  summaries = $state.raw<readonly ConversationSummary[]>([]);
  hasMore = $state.raw(false);
  /** True once the list was read (or its reading failed). */
  known = $state.raw(false);
  conversation = $state.raw<Conversation | null>(null);
  run = $state.raw<Run | null>(null);
  /** Text of the run's answer as shown; kept apart from the tree so that a token costs no copy of it. */
  writing = $state.raw<Writing | null>(null);
  fault = $state.raw<{ conversationId: string; error: EngineError } | null>(null);

  readonly turns: readonly MessageNode[] = $derived.by(() =>
    this.conversation ? branch(this.conversation) : [],
  );
  /** Figures of the newest answer of the shown branch: how full the context is. */
  readonly lastUsage: Usage | null = $derived.by(
    () => this.turns.findLast(({ usage }) => usage !== undefined)?.usage ?? null,
  );
  readonly runHere = $derived.by(
    () => this.run !== null && this.run.conversationId === this.conversation?.id,
  );

  private readonly deps: ChatDependencies;
  private readonly writer: WriteThrough;
  private runs = 0;
  private abort: AbortController | null = null;
  /** The run's conversation in its newest version. */
  private working: Conversation | null = null;
  private pending = '';
  private frameAsked = false;
  /** Settles when the engine is free again. */
  private engineFree: Promise<unknown> = Promise.resolve();
  private opening = 0;
  private broken: string | null = null;

  constructor(deps: ChatDependencies) {
    this.deps = deps;
    this.writer = new WriteThrough(deps.store, (error) => deps.onStoreError(asEngineError(error)));
  }

  async loadList(): Promise<void> {
    try {
      this.summaries = await this.deps.store.list({ limit: PAGE });
      this.hasMore = this.summaries.length === PAGE;
    } catch (error) {
      this.deps.onStoreError(asEngineError(error));
    }
    this.known = true;
  }

  async loadMore(): Promise<void> {
    const after = this.summaries.at(-1);
    if (!after) return;
    try {
      const more = await this.deps.store.list({ limit: PAGE, after });
      const unseen = more.filter(({ id }) => !this.summaries.some((summary) => summary.id === id));
      this.summaries = [...this.summaries, ...unseen];
      this.hasMore = more.length === PAGE;
    } catch (error) {
      this.deps.onStoreError(asEngineError(error));
    }
  }

  /** Shows a conversation, or an empty one for null. The newest call wins. */
  async open(id: string | null): Promise<void> {
    const opening = ++this.opening;
    if (id === (this.conversation?.id ?? null)) return;
    if (id === null) {
      this.conversation = null;
      return;
    }
    if (this.working?.id === id) {
      this.conversation = this.working;
      return;
    }
    try {
      const found = await this.deps.store.get(id);
      if (opening !== this.opening) return;
      this.conversation = found ?? null;
      if (!found) this.deps.onShow(null);
    } catch (error) {
      if (opening !== this.opening) return;
      this.conversation = null;
      this.deps.onShow(null);
      this.deps.onStoreError(asEngineError(error));
    }
  }

  /** Adds the message and has it answered. @returns false where an answer is being written */
  async send(text: string): Promise<boolean> {
    const content = text.trim();
    const modelId = this.deps.models.chosen?.model.id;
    if (this.run || content === '' || modelId === undefined) return false;
    this.opening++;
    const now = this.deps.now();
    const before = this.conversation ?? startConversation(this.deps.newId(), content, modelId, now);
    const node: MessageNode = {
      id: this.deps.newId(),
      parentId: before.currentLeaf,
      role: 'user',
      content,
      createdAt: now,
    };
    const isNew = this.conversation === null;
    this.conversation = append(before, node);
    if (isNew) this.deps.onShow(before.id);
    await this.answer();
    return true;
  }

  /** The message anew in other words, as a branch beside the old one. @returns false where that cannot be now */
  async edit(nodeId: string, text: string): Promise<boolean> {
    const content = text.trim();
    const old = this.conversation?.nodes[nodeId];
    if (this.run || !this.conversation || old?.role !== 'user' || content === '') return false;
    if (!this.deps.models.chosen) return false;
    this.opening++;
    this.conversation = append(this.conversation, {
      id: this.deps.newId(),
      parentId: old.parentId,
      role: 'user',
      content,
      createdAt: this.deps.now(),
    });
    await this.answer();
    return true;
  }

  /** Deletes one version of a message and all that follows it. @returns puts it back; null where it cannot be now */
  async removeBranch(nodeId: string): Promise<(() => Promise<void>) | null> {
    const before = this.conversation;
    if (!before?.nodes[nodeId] || this.runHere) return null;
    const { conversation, removed } = dropBranch(before, nodeId);
    await this.change(before.id, () => conversation);
    return () =>
      this.change(before.id, (now) => {
        const nodes = { ...now.nodes, ...Object.fromEntries(removed.map((node) => [node.id, node])) };
        const parent = before.nodes[nodeId]?.parentId ?? null;
        // What a second deletion took away meanwhile comes back with that one's undo.
        const shows = !this.run && (parent === null || parent in now.nodes);
        return { ...now, nodes, currentLeaf: shows ? before.currentLeaf : now.currentLeaf };
      });
  }

  /** Another answer to the same message, as a branch. */
  async regenerate(answerId: string): Promise<void> {
    const parent = this.conversation?.nodes[answerId]?.parentId;
    if (this.run || !this.conversation || parent === null || parent === undefined) return;
    this.conversation = { ...this.conversation, currentLeaf: parent };
    await this.answer();
  }

  /** After a failure of the engine: loads again, then answers what was left without an answer. */
  async resume(options: { takeOver?: boolean } = {}): Promise<void> {
    const broken = this.broken;
    if (!(await this.deps.models.ensure(options)) || this.run || !this.conversation) return;
    const leaf = this.turns.at(-1);
    if (leaf?.role === 'user') await this.answer();
    else if (leaf && leaf.id === broken) await this.regenerate(leaf.id);
  }

  /** Answers the shown branch, which must end in a message of the person. */
  async answer(): Promise<void> {
    const question = this.turns.at(-1);
    const modelId = this.deps.models.chosen?.model.id;
    if (this.run || !this.conversation || question?.role !== 'user' || modelId === undefined) return;
    const id = ++this.runs;
    const abort = new AbortController();
    const node: MessageNode = {
      id: this.deps.newId(),
      parentId: question.id,
      role: 'assistant',
      content: '',
      createdAt: this.deps.now(),
      modelId,
      finishReason: 'abort', // what a killed tab leaves behind
    };
    this.abort = abort;
    this.fault = null;
    this.broken = null;
    this.pending = '';
    this.working = append(this.conversation, node);
    this.conversation = this.working;
    this.writing = { nodeId: node.id, text: '' };
    this.run = { id, conversationId: this.working.id, nodeId: node.id, phase: 'loading', fraction: 0 };
    this.list(this.working);
    const messages = messagesFor(this.working, question.id, this.deps.settings().systemPrompt);
    const saved = this.writer.now(this.working);
    await this.engineFree.catch(() => undefined); // a stopped run may still hold the engine for a moment
    const ready = await this.deps.models.ensure();
    await saved;
    if (id !== this.runs) return;
    if (!ready) {
      this.finish(id, {});
      return;
    }
    this.deps.onEvent('started');
    const unwatch = this.deps.watch();
    const { sampler, maxTokens } = this.deps.settings();
    const call = this.deps.engine.generate({
      messages,
      maxTokens,
      sampler: { ...sampler, seed: sampler.seed ?? Math.floor(Math.random() * 0x1_0000_0000) },
      signal: abort.signal,
      onText: (text) => this.hear(id, text),
      onProgress: (phase, done, total) => {
        if (this.run?.id === id && phase === 'prefill' && this.run.phase !== 'writing')
          this.run = { ...this.run, phase: 'reading', fraction: total > 0 ? done / total : 0 };
      },
    });
    this.engineFree = call;
    try {
      const { text, finishReason, usage } = await call;
      if (id === this.run?.id) {
        this.writing = { nodeId: node.id, text };
        this.finish(id, { finishReason, usage });
        this.deps.onEvent('finished');
      } else this.addUsage(node.id, usage);
    } catch (thrown) {
      const error = asEngineError(thrown);
      if (id !== this.run?.id) return;
      this.broken = node.id;
      const { conversationId } = this.run;
      this.flush();
      this.finish(id, { finishReason: 'abort' });
      if (OF_THE_ENGINE.includes(error.reason)) this.deps.models.fail(error);
      else if (error.reason !== 'aborted') this.fault = { conversationId, error };
    } finally {
      unwatch();
    }
  }

  /** Ends the answer at what is shown: text that has not been painted yet is dropped. */
  stop(): void {
    if (!this.run) return;
    this.abort?.abort();
    this.finish(this.run.id, { finishReason: 'abort' });
    this.deps.onEvent('stopped');
  }

  /** Shows another branch: the newest one below `nodeId`. */
  async show(nodeId: string): Promise<void> {
    if (!this.conversation || this.runHere) return;
    this.conversation = { ...this.conversation, currentLeaf: newestLeaf(this.conversation, nodeId) };
    await this.writer.now(this.conversation);
  }

  async rename(id: string, title: string): Promise<void> {
    const clean = title.replace(/\s+/g, ' ').trim().slice(0, 200);
    await this.change(id, (conversation) => ({ ...conversation, title: clean }));
  }

  /** @returns puts it back; null where there was nothing to delete */
  async remove(id: string): Promise<(() => Promise<void>) | null> {
    if (this.run?.conversationId === id) this.stop();
    await this.writer.drop(id);
    const kept = this.conversation?.id === id ? this.conversation : await this.deps.store.get(id);
    if (!kept) return null;
    await this.deps.store.delete(id);
    this.summaries = this.summaries.filter((summary) => summary.id !== id);
    if (this.conversation?.id === id) {
      this.conversation = null;
      this.deps.onShow(null);
    }
    return async () => {
      await this.writer.now(kept);
      this.list(kept);
    };
  }

  /** Forgets everything in memory, before the store is cleared: once it resolves, nothing is written any more. */
  async forget(): Promise<void> {
    this.stop();
    this.conversation = null;
    this.summaries = [];
    await this.writer.flush();
  }

  /** Writes what is shown: before the page may go away. */
  save(): Promise<void> {
    if (!this.run) return this.writer.flush();
    this.flush();
    const { conversationId, nodeId } = this.run;
    this.deps.journal.write(conversationId, { nodeId, text: this.writing?.text ?? '' });
    return this.writer.now(this.withText(nodeId));
  }

  private hear(id: number, text: string): void {
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

  /** Ends a run: its text goes into the tree, or its empty node goes away. */
  private finish(id: number, patch: Partial<MessageNode>): void {
    if (this.run?.id !== id || !this.working) return;
    const { nodeId } = this.run;
    const content = this.writing?.text ?? '';
    const done =
      content === '' && patch.finishReason !== 'stop'
        ? dropLeaf(this.working, nodeId)
        : patchNode(this.working, nodeId, { content, ...patch }, this.deps.now());
    this.runs++;
    this.run = null;
    this.writing = null;
    this.working = null;
    this.pending = '';
    this.abort = null;
    if (this.conversation?.id === done.id) this.conversation = done;
    this.list(done);
    void this.writer.now(done).then(() => this.deps.journal.clear(done.id));
  }

  /** The figures of a stopped answer arrive after it. */
  private addUsage(nodeId: string, usage: Usage): void {
    if (this.run || !this.conversation?.nodes[nodeId]) return;
    this.conversation = patchNode(this.conversation, nodeId, { usage }, this.conversation.updatedAt);
    void this.writer.now(this.conversation);
  }

  private async change(id: string, step: (conversation: Conversation) => Conversation): Promise<void> {
    try {
      const found =
        this.conversation?.id === id
          ? this.conversation
          : this.working?.id === id
            ? this.working
            : await this.deps.store.get(id);
      if (!found) return;
      const next = step(found);
      if (this.conversation?.id === id) this.conversation = next;
      if (this.working?.id === id) this.working = step(this.working);
      this.list(next);
      await this.writer.now(next);
    } catch (error) {
      this.deps.onStoreError(asEngineError(error));
    }
  }

  /** Brings the list up to date with a conversation, without reading the store. */
  private list(conversation: Conversation): void {
    const { id, title, createdAt, updatedAt, modelId, nodes } = conversation;
    const summary = { id, title, createdAt, updatedAt, modelId, messages: Object.keys(nodes).length };
    this.summaries = [summary, ...this.summaries.filter((other) => other.id !== id)].sort(
      (a, b) => b.updatedAt - a.updatedAt,
    );
  }
}
