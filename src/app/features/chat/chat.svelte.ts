// The conversation that is shown, and what a person does to its tree. Its answers are made in answers.svelte.ts.

import { type Usage } from '../../../engine.ts';
import { EngineError } from '../../../failures.ts';
import {
  branch,
  newestLeaf,
  type Attachment,
  type Conversation,
  type ConversationStore,
  type Feedback,
  type MessageNode,
} from '../../../storage/conversations.ts';
import { keepShown, mergeConversation } from '../../../storage/merge-conversation.ts';
import { asEngineError } from '../../kit/faults.ts';
import { Answers, type AnswerDependencies, type Prompt } from './answer/answers.svelte.ts';
import {
  append,
  dropBranch,
  patchNode,
  promptFor,
  startConversation,
  withChoices,
  type Choices,
} from './conversation.ts';
import { ConversationList } from './list/conversation-list.svelte.ts';
import { countOne, fit, type FitOrder, type Turn } from './answer/fit.ts';
import type { Models } from '../models/models.svelte.ts';
import { summarise, type SummaryWords } from './answer/summarise.ts';
import { suggestTitle } from './answer/suggest-title.ts';
import type { EngineClient } from '../../../wire/engine-client.ts';
import { WriteThrough, type Rebase } from './answer/write-through.ts';

export interface ChatDependencies extends AnswerDependencies {
  store: ConversationStore;
  engine: Pick<EngineClient, 'generate' | 'countMany'>;
  models: Pick<Models, 'ensure' | 'chosen' | 'fail'>;
  /** What is said to the model beside the conversation, in the person's language. */
  words: () => SummaryWords & { summaryHead: string; titlePrompt: string };
  /** The shown conversation changed by itself: null is a new one. */
  onShow: (id: string | null) => void;
  onStoreError: (error: EngineError) => void;
  /** Another tab deleted the conversation that was shown. */
  onDeleted: (title: string) => void;
  /** The conversation that began with a message that does not fit is about to go: the next one takes its place. */
  onTakenBack: (id: string) => void;
  /** Id of a conversation that begins: who keeps it is known by it. */
  newConversationId: () => string;
}

export class Chat {
  conversation = $state.raw<Conversation | null>(null);
  /** For the conversation that has no first message yet. */
  fresh = $state.raw<Choices>({});
  readonly list: ConversationList;
  readonly answers: Answers;

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
  private opening = 0;

  constructor(deps: ChatDependencies) {
    this.deps = deps;
    this.writer = new WriteThrough(deps.store, {
      onError: (error) => deps.onStoreError(asEngineError(error)),
      onForeign: (id, rebase) => this.adopt(id, rebase),
      holds: (id) => this.conversation?.id === id || this.answers.of(id) !== null,
    });
    this.list = new ConversationList(deps.store, deps.onStoreError, deps.isPrivate);
    this.answers = new Answers(deps, this.writer, (conversation) => {
      if (this.conversation?.id === conversation.id) this.conversation = conversation;
      this.list.update(conversation);
    });
  }

  get run() {
    return this.answers.run;
  }
  get writing() {
    return this.answers.writing;
  }
  get fault() {
    return this.answers.fault;
  }

  /** Shows a conversation, or an empty one for null. The newest call wins. */
  async open(id: string | null): Promise<void> {
    const opening = ++this.opening;
    if (id === (this.conversation?.id ?? null)) return;
    if (id === null) {
      this.conversation = null;
      return;
    }
    const working = this.answers.of(id);
    if (working) {
      this.conversation = working;
      return;
    }
    try {
      await this.writer.open(id, (found) => {
        if (opening !== this.opening) return false;
        this.conversation = found ?? null;
        if (!found) this.deps.onShow(null);
        return true;
      });
    } catch (error) {
      if (opening !== this.opening) return;
      this.conversation = null;
      this.deps.onShow(null);
      this.deps.onStoreError(asEngineError(error));
    }
  }

  /** Adds the message and has it answered. @returns false where it was not sent: an answer is being written, or it does not fit */
  async send(text: string, attachments: readonly Attachment[] = []): Promise<boolean> {
    const content = text.trim();
    const modelId = this.deps.models.chosen?.model.id;
    if (this.run || content === '' || modelId === undefined) return false;
    this.opening++;
    const now = this.deps.now();
    const before =
      this.conversation ??
      withChoices(startConversation(this.deps.newConversationId(), content, modelId, now), this.fresh);
    const node: MessageNode = {
      id: this.deps.newId(),
      parentId: before.currentLeaf,
      role: 'user',
      content,
      createdAt: now,
      ...(attachments.length > 0 ? { attachments: [...attachments] } : {}),
    };
    const isNew = this.conversation === null;
    this.conversation = append(before, node);
    if (isNew) {
      this.fresh = {};
      this.deps.onShow(before.id);
    }
    await this.answer();
    return !(await this.takeBack(before.id, node.id, isNew));
  }

  /** What did not fit was not sent: the message goes, and the conversation that began with it. @returns whether that was so */
  private async takeBack(id: string, nodeId: string, isNew: boolean): Promise<boolean> {
    const { fault } = this;
    if (fault?.conversationId !== id || fault.error.reason !== 'context-full') return false;
    if (isNew) {
      const { system, persona, language } = this.conversation?.id === id ? this.conversation : {};
      this.answers.dropFault((each) => each === id);
      this.deps.onTakenBack(id);
      await this.remove(id);
      if (!this.conversation) this.fresh = { system, persona, language };
    } else await this.change(id, (now) => dropBranch(now, nodeId).conversation);
    return true;
  }

  /** Another text is written: what was said of the last one's length is old. */
  forgetFull(): void {
    if (this.fault?.error.reason === 'context-full') this.answers.dropFault(() => true);
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
      ...(old.attachments ? { attachments: old.attachments } : {}),
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
    const { broken } = this.answers;
    if (!(await this.deps.models.ensure(options)) || this.run || !this.conversation) return;
    const leaf = this.turns.at(-1);
    if (leaf?.role === 'user') await this.answer();
    else if (leaf && leaf.id === broken) await this.regenerate(leaf.id);
  }

  /** Answers the shown branch, which must end in a message of the person. */
  async answer(): Promise<void> {
    const question = this.turns.at(-1);
    const modelId = this.deps.models.chosen?.model.id;
    const { conversation } = this;
    if (this.run || !conversation || question?.role !== 'user' || modelId === undefined) return;
    const late = await this.answers.write({
      conversation,
      questionId: question.id,
      modelId,
      prepare: (grounded, signal) => this.prepare(grounded, question.id, '', signal),
    });
    if (late) this.addUsage(late.nodeId, late.usage);
  }

  /** True where the shown branch ends in an answer that was cut off, which can go on. */
  readonly canContinue = $derived.by(() => {
    const last = this.turns.at(-1);
    return last?.role === 'assistant' && (last.finishReason === 'length' || last.finishReason === 'abort');
  });

  /** Goes on with the last answer from where it was cut, in the same message. */
  async continueAnswer(): Promise<void> {
    const cut = this.turns.at(-1);
    const modelId = this.deps.models.chosen?.model.id;
    const { conversation } = this;
    if (this.run || !conversation || !cut?.parentId || !this.canContinue || modelId === undefined) return;
    const questionId = cut.parentId;
    const late = await this.answers.write({
      conversation,
      questionId,
      modelId,
      cut,
      prepare: (grounded, signal) => this.prepare(grounded, questionId, cut.content, signal),
    });
    if (late) this.addUsage(late.nodeId, late.usage);
  }

  /** What would be read if `draft` were sent now. null: nothing would be. */
  orderFor(draft: string): FitOrder | null {
    const content = draft.trim();
    const shown = this.conversation ?? withChoices(startConversation('', '', '', 0), this.fresh);
    const { system, turns } = promptFor(shown, shown.currentLeaf, this.promptSource());
    const all: Turn[] = content === '' ? turns : [...turns, { id: '', role: 'user', content }];
    return all.length === 0 ? null : { system, turns: all, reserve: this.deps.settings().maxTokens };
  }

  promptSource() {
    return {
      systemPrompt: this.deps.settings().systemPrompt,
      summaryHead: this.deps.words().summaryHead,
    };
  }

  /** Fits the conversation into the context, in the way the person chose. Throws "context-full" where that is not to send. */
  private async prepare(
    conversation: Conversation,
    leaf: string,
    begun: string,
    signal: AbortSignal,
  ): Promise<Prompt> {
    const { whenFull, maxTokens: reserve } = this.deps.settings();
    const { engine } = this.deps;
    const fitted = async (of: Conversation) => {
      const { system, turns } = promptFor(of, leaf, this.promptSource());
      return { turns, ...(await fit({ system, turns, begun, reserve }, engine.countMany)) };
    };
    const { turns, messages, readFrom, dropped, tokens, contextLength } = await fitted(conversation);
    if (readFrom === null) return { messages, readFrom };
    if (whenFull === 'stop') {
      throw new EngineError('context-full', 'the conversation does not fit, and nothing may be left out', {
        expected: contextLength,
        actual: tokens,
      });
    }
    const last = turns[dropped - 1];
    if (whenFull === 'trim' || !last) return { messages, readFrom };
    const { summary: old } = conversation;
    const before = old && branch(conversation, leaf).some(({ id }) => id === old.upTo) ? old.text : '';
    const text = await summarise(
      { turns: turns.slice(0, dropped), before, words: this.deps.words(), signal },
      countOne(engine.countMany),
      (call) => engine.generate({ ...call, ephemeral: this.deps.isPrivate(conversation.id) }),
    );
    const summary = { upTo: last.id, text };
    const shorter = await fitted({ ...conversation, summary });
    return { messages: shorter.messages, readFrom: shorter.readFrom ?? readFrom, summary };
  }

  /** Persona, instructions and language: of the shown conversation, or of the one that begins next. */
  get choices(): Choices {
    return this.conversation ?? this.fresh;
  }

  async choose(choices: Choices): Promise<void> {
    if (this.conversation) await this.change(this.conversation.id, (now) => withChoices(now, choices));
    else this.fresh = choices;
  }

  /** A title by the model, as long as nothing else is asked of it. @returns whether there is one now */
  async suggestTitle(id: string, unasked = false): Promise<boolean> {
    const conversation = this.conversation?.id === id ? this.conversation : await this.deps.store.get(id);
    if (!conversation || !(await this.deps.models.ensure())) return false;
    const title = await this.answers.inBackground((signal) =>
      suggestTitle(
        conversation,
        this.deps.words().titlePrompt,
        (call) => this.deps.engine.generate({ ...call, ephemeral: this.deps.isPrivate(id) }),
        signal,
      ),
    );
    if (!title) return false;
    await this.change(id, (now) =>
      unasked && now.titleBy ? now : { ...now, title, titleBy: 'model' as const },
    );
    return true;
  }

  stop(): void {
    this.answers.stop();
  }

  /** Shows another branch: the newest one below `nodeId`. */
  async show(nodeId: string): Promise<void> {
    if (!this.conversation || this.runHere) return;
    this.conversation = { ...this.conversation, currentLeaf: newestLeaf(this.conversation, nodeId) };
    await this.writer.now(this.conversation);
  }

  /** Takes what is private off the screen, and stops the answer that is being written to it. */
  leave(isLeft: (id: string) => boolean): void {
    if (this.run && isLeft(this.run.conversationId)) this.stop();
    this.answers.dropFault(isLeft);
    if (!this.conversation || !isLeft(this.conversation.id)) return;
    this.opening++;
    this.conversation = null;
    this.deps.onShow(null);
  }

  /** What the person thought of an answer; null takes it back. */
  async rate(nodeId: string, feedback: Feedback | null): Promise<void> {
    const id = this.conversation?.id;
    if (id === undefined) return;
    await this.change(id, (conversation) => {
      const node = conversation.nodes[nodeId];
      if (!node) return conversation;
      const rated = { ...node, ...(feedback ? { feedback } : {}) };
      if (!feedback) delete rated.feedback;
      return { ...conversation, nodes: { ...conversation.nodes, [nodeId]: rated } };
    });
  }

  async rename(id: string, title: string): Promise<void> {
    const clean = title.replace(/\s+/g, ' ').trim().slice(0, 200);
    await this.change(id, (conversation) => ({
      ...conversation,
      title: clean,
      titleBy: 'person' as const,
    }));
  }

  async pin(id: string, pinned: boolean): Promise<void> {
    await this.change(id, (conversation) => ({ ...conversation, pinned }));
  }

  async archive(id: string, archived: boolean): Promise<void> {
    await this.change(id, (conversation) => ({ ...conversation, archived }));
  }

  async setTags(id: string, tags: string[]): Promise<void> {
    await this.change(id, (conversation) => ({ ...conversation, tags }));
  }

  /** @returns puts it back; null where there was nothing to delete */
  async remove(id: string): Promise<(() => Promise<void>) | null> {
    if (this.run?.conversationId === id) this.stop();
    const base = await this.writer.drop(id);
    const shown = this.conversation?.id === id ? this.conversation : null;
    const deleted = await this.deps.store.delete(id);
    const kept = shown ? mergeConversation(base, shown, deleted) : deleted;
    this.list.drop(id);
    if (!kept) return null;
    if (this.conversation?.id === id) {
      this.conversation = null;
      this.deps.onShow(null);
    }
    return async () => {
      // Beside whatever was said in it meanwhile, here or in another tab.
      const stored = (await this.deps.store.put(kept)) ?? kept;
      this.list.update(stored);
      await this.writer.hear(id);
    };
  }

  /** Forgets everything in memory, before the store is cleared: once it resolves, nothing is written any more. */
  async forget(): Promise<void> {
    this.stop();
    this.conversation = null;
    this.list.clear();
    await this.writer.close();
  }

  /** Writes what is shown: before the page may go away. */
  save(): Promise<void> {
    return this.answers.save();
  }

  /** Stores what is shown although nothing of it changed: the store lost it. @returns whether there was something */
  async restore(): Promise<boolean> {
    const { conversation } = this;
    if (!conversation || this.deps.isPrivate(conversation.id)) return false;
    await (this.runHere ? this.save() : this.writer.now(conversation));
    return true;
  }

  /** A step on a conversation, shown or not, written at once. */
  async change(id: string, step: (conversation: Conversation) => Conversation): Promise<void> {
    try {
      const running = this.answers.adopt(id, step) ? this.answers.of(id) : null;
      const shown = this.conversation?.id === id;
      if (!running && !shown) {
        await this.writer.flush(); // what was left a moment ago is written first
        const stored = await this.deps.store.update(id, step);
        if (stored) this.list.update(stored);
        return;
      }
      const next = running ?? (this.conversation && step(this.conversation));
      if (!next) return;
      if (shown) this.conversation = next;
      this.list.update(next);
      await (running ? this.answers.save() : this.writer.now(next));
    } catch (error) {
      this.deps.onStoreError(asEngineError(error));
    }
  }

  /** Another tab of this browser changed or deleted a conversation. */
  hear(id: string): Promise<void> {
    return this.writer.hear(id);
  }

  /** Shows what another tab stored of a conversation that is in memory here. */
  private adopt(id: string, rebase: Rebase): void {
    this.answers.rebase(id, rebase);
    const shown = this.conversation;
    if (shown?.id !== id) return;
    const next = this.answers.of(id) ?? rebase(shown);
    if (next) {
      this.conversation = keepShown(shown, next);
      this.list.update(next);
      return;
    }
    this.opening++;
    this.conversation = null;
    this.list.drop(id);
    this.deps.onShow(null);
    this.deps.onDeleted(shown.title);
  }

  /** The figures of a stopped answer arrive after it. */
  private addUsage(nodeId: string, usage: Usage): void {
    if (this.run || !this.conversation?.nodes[nodeId]) return;
    this.conversation = patchNode(this.conversation, nodeId, { usage }, this.conversation.updatedAt);
    void this.writer.now(this.conversation);
  }
}
