import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Usage } from '../../../engine.ts';
import { EngineError } from '../../../failures.ts';
import { branch, type Conversation, type ConversationStore } from '../../../storage/conversations.ts';
import { DEFAULT_SETTINGS } from '../../../storage/settings.ts';
import type { GenerateCall } from '../../../wire/engine-client.ts';
import type { GenerateAnswer } from '../../../wire/engine-protocol.ts';
import { Chat } from './chat.svelte.ts';
import type { ModelEntry } from '../models/models.svelte.ts';

const usage: Usage = {
  promptTokens: 10,
  reusedTokens: 0,
  completionTokens: 2,
  timeToFirstToken: 0.1,
  prefillTokensPerSecond: 1,
  decodeTokensPerSecond: 1,
  contextUsed: 12,
  contextLength: 2048,
};

interface Held<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

/** A promise in the hands of the test. */
function held<T>(): Held<T> {
  let settle: Omit<Held<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (!settle) throw new Error('a promise runs its executor at once');
  return { promise, ...settle };
}

interface Generation extends GenerateCall {
  answer: Held<GenerateAnswer>;
}

function setup() {
  const stored = new Map<string, Conversation>();
  let failPut: EngineError | null = null;
  let puts = 0;
  const store: ConversationStore = {
    list: () => Promise.resolve([]),
    get: (id) => Promise.resolve(stored.get(id)),
    put: (conversation) => {
      puts++;
      if (failPut) return Promise.reject(failPut);
      stored.set(conversation.id, structuredClone(conversation));
      return Promise.resolve(conversation);
    },
    update: (id, step) => {
      const found = stored.get(id);
      return found ? store.put(step(found)) : Promise.resolve(undefined);
    },
    delete: (id) => {
      const found = stored.get(id);
      stored.delete(id);
      return Promise.resolve(found);
    },
    clear: () => Promise.resolve(stored.clear()),
  };
  const journal = new Map<string, string>();
  const calls: Generation[] = [];
  const frames: (() => void)[] = [];
  const events: string[] = [];
  const routes: (string | null)[] = [];
  const takenBack: string[] = [];
  const errors: EngineError[] = [];
  const failures: EngineError[] = [];
  let ready = true;
  const counted = 100;
  let ids = 0;
  let time = 1000;
  const chat = new Chat({
    store,
    engine: {
      generate: (call) => {
        const answer = held<GenerateAnswer>();
        calls.push({ ...call, answer });
        return answer.promise;
      },
      countMany: (conversations) =>
        Promise.resolve({ tokens: conversations.map(() => counted), contextLength: 2048 }),
    },
    words: () => ({
      prompt: 'Resume',
      user: 'Tú',
      assistant: 'Modelo',
      summaryHead: 'Antes:',
      titlePrompt: 'Título',
    }),
    models: {
      ensure: () => Promise.resolve(ready),
      chosen: { model: { id: 'semilla' } } as ModelEntry,
      fail: (error) => void failures.push(error),
    },
    journal: { write: (id, { text }) => void journal.set(id, text), clear: (id) => void journal.delete(id) },
    settings: () => ({ ...DEFAULT_SETTINGS, systemPrompt: 'Sé breve.' }),
    onShow: (id) => void routes.push(id),
    onTakenBack: (id) => void takenBack.push(id),
    onEvent: (event) => void events.push(event),
    onStoreError: (error) => void errors.push(error),
    onDeleted: () => undefined,
    watch: () => () => undefined,
    nextFrame: (callback) => void frames.push(callback),
    newId: () => `n${++ids}`,
    newConversationId: () => `n${++ids}`,
    isPrivate: () => false,
    ground: () => Promise.resolve(null),
    now: () => time++,
  });
  const paint = (): void => {
    for (const frame of frames.splice(0)) frame();
  };
  return {
    chat,
    stored,
    journal,
    calls,
    events,
    routes,
    takenBack,
    errors,
    failures,
    paint,
    puts: () => puts,
    setReady: (value: boolean) => (ready = value),
    failPut: (error: EngineError | null) => (failPut = error),
    /** Begins an answer and gives its call. */
    async begin(text: string) {
      const sent = chat.send(text);
      const count = calls.length;
      await vi.waitFor(() => expect(calls.length).toBe(count + 1));
      return { call: calls[count]!, sent };
    },
  };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

describe('an answer', () => {
  it('streams a frame at a time, ends and is stored with its figures', async () => {
    const { chat, begin, paint, stored, events, routes } = setup();
    const { call, sent } = await begin('¿Cuál es la capital de Bolivia?');
    expect(chat.conversation?.title).toBe('¿Cuál es la capital de Bolivia?');
    expect(routes).toEqual([chat.conversation?.id]);
    expect(call.messages).toEqual([
      { role: 'system', content: 'Sé breve.' },
      { role: 'user', content: '¿Cuál es la capital de Bolivia?' },
    ]);
    call.onProgress?.('prefill', 5, 10);
    expect(chat.run).toMatchObject({ phase: 'reading', fraction: 0.5 });
    call.onText?.('La ', 1);
    call.onText?.('capital', 2);
    expect(chat.writing?.text).toBe('');
    paint();
    expect(chat.writing?.text).toBe('La capital');
    call.answer.resolve({ text: 'La capital es Sucre.', finishReason: 'stop', usage });
    await sent;
    expect(chat.run).toBeNull();
    expect(chat.turns.map(({ content }) => content)).toEqual([
      '¿Cuál es la capital de Bolivia?',
      'La capital es Sucre.',
    ]);
    expect(chat.lastUsage).toEqual(usage);
    expect(events).toEqual(['started', 'finished']);
    await vi.waitFor(() =>
      expect(branch([...stored.values()][0]!).at(-1)).toMatchObject({
        content: 'La capital es Sucre.',
        finishReason: 'stop',
        usage,
      }),
    );
  });

  it('shows nothing after stop: neither unpainted nor late text', async () => {
    const { chat, begin, paint, stored, events } = setup();
    const { call, sent } = await begin('hola');
    call.onText?.('uno ', 1);
    paint();
    call.onText?.('dos ', 2);
    chat.stop();
    expect(call.signal?.aborted).toBe(true);
    expect(chat.turns.at(-1)).toMatchObject({ content: 'uno ', finishReason: 'abort' });
    paint();
    call.onText?.('tres', 3);
    paint();
    call.answer.resolve({ text: 'uno dos tres', finishReason: 'abort', usage });
    await sent;
    expect(chat.turns.at(-1)).toMatchObject({ content: 'uno ', finishReason: 'abort', usage });
    expect(events).toEqual(['started', 'stopped']);
    await vi.waitFor(() => expect(branch([...stored.values()][0]!).at(-1)?.content).toBe('uno '));
  });

  it('stopped before any text leaves the question to be answered', async () => {
    const { chat, begin } = setup();
    const { call, sent } = await begin('hola');
    chat.stop();
    call.answer.resolve({ text: '', finishReason: 'abort', usage });
    await sent;
    expect(chat.turns.map(({ role }) => role)).toEqual(['user']);
    const again = chat.answer();
    await vi.waitFor(() => expect(chat.run).not.toBeNull());
    chat.stop();
    await again;
  });

  it('waits until the engine is free of the stopped one', async () => {
    const { chat, begin, calls } = setup();
    const first = await begin('uno');
    first.call.onText?.('x', 1);
    chat.stop();
    const sent = chat.send('dos');
    await Promise.resolve();
    expect(calls).toHaveLength(1);
    first.call.answer.resolve({ text: '', finishReason: 'abort', usage });
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    calls[1]!.answer.resolve({ text: 'b', finishReason: 'stop', usage });
    await sent;
    expect(chat.turns.map(({ content }) => content)).toEqual(['uno', 'dos', 'b']);
  });

  it('is written through at most once a second, marked as unfinished', async () => {
    const { chat, begin, paint, stored, puts, journal } = setup();
    const { call } = await begin('hola');
    await vi.waitFor(() => expect(stored.size).toBe(1));
    const before = puts();
    for (let i = 0; i < 50; i++) {
      call.onText?.('a', i + 1);
      paint();
    }
    expect(puts()).toBe(before);
    await vi.advanceTimersByTimeAsync(1000);
    expect(puts()).toBe(before + 1);
    expect(branch([...stored.values()][0]!).at(-1)).toMatchObject({
      content: 'a'.repeat(50),
      finishReason: 'abort',
    });
    call.onText?.('b', 51);
    const saved = chat.save(); // what a hidden page does
    expect(journal.get(chat.run!.conversationId)).toBe(`${'a'.repeat(50)}b`);
    await saved;
    expect(branch([...stored.values()][0]!).at(-1)?.content).toBe(`${'a'.repeat(50)}b`);
  });

  it('is whole in the journal from its end until it is stored', async () => {
    const { begin, paint, stored, journal } = setup();
    const { call, sent } = await begin('hola');
    const written = vi.spyOn(journal, 'set');
    call.onText?.('uno dos.', 2);
    paint();
    const before = branch([...stored.values()][0]!).at(-1)?.content;
    call.answer.resolve({ text: 'uno dos.', finishReason: 'stop', usage });
    await sent;
    expect(before).toBe('');
    expect(written).toHaveBeenLastCalledWith(expect.any(String), 'uno dos.');
    await vi.waitFor(() => expect(journal.size).toBe(0));
    expect(branch([...stored.values()][0]!).at(-1)?.content).toBe('uno dos.');
  });

  it('goes on while another conversation is read', async () => {
    const { chat, begin, paint, stored } = setup();
    const { call, sent } = await begin('uno');
    const { id } = chat.conversation!;
    await chat.open(null);
    expect(chat.turns).toEqual([]);
    expect(chat.runHere).toBe(false);
    call.onText?.('sigue', 1);
    paint();
    await chat.open(id);
    expect(chat.runHere).toBe(true);
    expect(chat.writing?.text).toBe('sigue');
    await chat.open(null);
    call.answer.resolve({ text: 'sigue y termina', finishReason: 'stop', usage });
    await sent;
    expect(chat.conversation).toBeNull();
    await vi.waitFor(() => expect(branch(stored.get(id)!).at(-1)?.content).toBe('sigue y termina'));
  });

  it('asked for again becomes a branch', async () => {
    const { chat, begin, calls } = setup();
    const { call, sent } = await begin('uno');
    call.answer.resolve({ text: 'primera', finishReason: 'stop', usage });
    await sent;
    const first = chat.turns.at(-1)!;
    const again = chat.regenerate(first.id);
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    calls[1]!.answer.resolve({ text: 'segunda', finishReason: 'stop', usage });
    await again;
    expect(chat.turns.map(({ content }) => content)).toEqual(['uno', 'segunda']);
    await chat.show(first.id);
    expect(chat.turns.map(({ content }) => content)).toEqual(['uno', 'primera']);
  });
});

describe('an edited message', () => {
  const contents = (chat: Chat): string[] => chat.turns.map(({ content }) => content);

  async function edited() {
    const all = setup();
    const { chat, begin, calls } = all;
    for (const [question, answer] of [
      ['uno', 'a'],
      ['dos', 'b'],
    ] as const) {
      const { call, sent } = await begin(question);
      call.answer.resolve({ text: answer, finishReason: 'stop', usage });
      await sent;
    }
    const old = chat.turns[0]!;
    const edit = chat.edit(old.id, ' otro ');
    await vi.waitFor(() => expect(calls).toHaveLength(3));
    expect(calls[2]!.messages.map(({ content }) => content)).toEqual(['Sé breve.', 'otro']);
    expect(await chat.edit(old.id, 'a la vez')).toBe(false);
    calls[2]!.answer.resolve({ text: 'c', finishReason: 'stop', usage });
    expect(await edit).toBe(true);
    return { ...all, old };
  }

  it('is a branch beside the old one, with all that followed it', async () => {
    const { chat, old } = await edited();
    expect(contents(chat)).toEqual(['otro', 'c']);
    await chat.show(old.id);
    expect(contents(chat)).toEqual(['uno', 'a', 'dos', 'b']);
    expect(await chat.edit(chat.turns[1]!.id, 'de la respuesta')).toBe(false);
    expect(await chat.edit(old.id, '  ')).toBe(false);
  });

  it('goes away with what follows, and comes back', async () => {
    const { chat, old, stored } = await edited();
    await chat.show(old.id);
    const before = chat.conversation!;
    const undo = await chat.removeBranch(old.id);
    expect(contents(chat)).toEqual(['otro', 'c']);
    expect(Object.keys(stored.get(before.id)!.nodes)).toHaveLength(2);
    await chat.open(null);
    await undo!();
    expect(stored.get(before.id)).toEqual(before);
  });

  it('undoes a deletion inside a deletion in either order', async () => {
    const { chat, old } = await edited();
    await chat.show(old.id);
    const before = chat.conversation!;
    const inner = await chat.removeBranch(chat.turns[2]!.id);
    expect(contents(chat)).toEqual(['uno', 'a']);
    const outer = await chat.removeBranch(old.id);
    await inner!();
    expect(contents(chat)).toEqual(['otro', 'c']);
    await outer!();
    expect(Object.keys(chat.conversation!.nodes).sort()).toEqual(Object.keys(before.nodes).sort());
    await chat.show(old.id);
    expect(contents(chat)).toEqual(['uno', 'a', 'dos', 'b']);
  });
});

describe('failures', () => {
  it('of the engine keep what was written and are answered again after a reload', async () => {
    const { chat, begin, paint, failures, calls } = setup();
    const { call, sent } = await begin('uno');
    call.onText?.('a medias', 1);
    paint();
    call.answer.reject(new EngineError('device-lost', ''));
    await sent;
    expect(chat.turns.at(-1)).toMatchObject({ content: 'a medias', finishReason: 'abort' });
    expect(failures.map(({ reason }) => reason)).toEqual(['device-lost']);
    expect(chat.fault).toBeNull();
    const resumed = chat.resume();
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    calls[1]!.answer.resolve({ text: 'entera', finishReason: 'stop', usage });
    await resumed;
    expect(chat.turns.map(({ content }) => content)).toEqual(['uno', 'entera']);
  });

  it('of the context send nothing: the conversation that began with it was none', async () => {
    const { chat, begin, stored, takenBack, routes } = setup();
    await chat.choose({ system: 'En verso.', persona: 'Poeta' });
    const { call, sent } = await begin('muy largo');
    const id = chat.conversation!.id;
    call.answer.reject(new EngineError('context-full', '', { expected: 4096, actual: 5000 }));
    expect(await sent).toBe(false);
    expect(chat.conversation).toBeNull();
    expect(chat.fault).toBeNull();
    expect(chat.choices).toMatchObject({ system: 'En verso.', persona: 'Poeta' });
    expect(takenBack).toEqual([id]);
    expect(routes.at(-1)).toBeNull();
    expect(chat.list.summaries).toEqual([]);
    await vi.waitFor(() => expect(stored.size).toBe(0));
  });

  it('of the context leave a conversation as it was before, and are said until something else is written', async () => {
    const { chat, begin, stored, calls } = setup();
    const { call, sent } = await begin('uno');
    call.answer.resolve({ text: 'b', finishReason: 'stop', usage });
    expect(await sent).toBe(true);
    const again = chat.send('muy largo');
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    calls[1]!.answer.reject(new EngineError('context-full', '', { expected: 4096, actual: 5000 }));
    expect(await again).toBe(false);
    expect(chat.turns.map(({ content }) => content)).toEqual(['uno', 'b']);
    await vi.waitFor(() => expect(Object.keys(stored.get(chat.conversation!.id)!.nodes)).toHaveLength(2));
    expect(chat.fault?.error.reason).toBe('context-full');
    chat.forgetFull();
    expect(chat.fault).toBeNull();
  });

  it('to load leave the question unanswered', async () => {
    const { chat, setReady, calls } = setup();
    setReady(false);
    await chat.send('uno');
    expect(calls).toHaveLength(0);
    expect(chat.run).toBeNull();
    expect(chat.turns.map(({ role }) => role)).toEqual(['user']);
  });

  it('to store are said, and the conversation stays', async () => {
    const { chat, begin, failPut, errors } = setup();
    failPut(new EngineError('quota-exceeded', ''));
    const { call, sent } = await begin('uno');
    call.answer.resolve({ text: 'b', finishReason: 'stop', usage });
    await sent;
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0));
    expect(errors[0]!.reason).toBe('quota-exceeded');
    expect(chat.turns).toHaveLength(2);
  });
});

describe('the list', () => {
  it('deletes with a way back, in mid-answer too', async () => {
    const { chat, begin, stored, calls, paint, routes } = setup();
    const { call, sent } = await begin('uno');
    call.onText?.('algo', 1);
    paint();
    const { id } = chat.conversation!;
    const undo = await chat.remove(id);
    expect(call.signal?.aborted).toBe(true);
    expect(stored.size).toBe(0);
    expect(chat.list.summaries).toEqual([]);
    expect(chat.conversation).toBeNull();
    expect(routes.at(-1)).toBeNull();
    calls[0]!.answer.resolve({ text: 'algo', finishReason: 'abort', usage });
    await sent;
    expect(stored.size).toBe(0);
    await undo!();
    expect(branch(stored.get(id)!).map(({ content }) => content)).toEqual(['uno', 'algo']);
    expect(chat.list.summaries.map((summary) => summary.id)).toEqual([id]);
  });

  it('forgets only once nothing is written any more', async () => {
    const { chat, begin, paint, stored } = setup();
    const { call } = await begin('uno');
    call.onText?.('algo', 1);
    paint();
    await chat.forget();
    stored.clear();
    await new Promise((resolve) => setTimeout(resolve, 1100)); // past the next write of a streaming answer
    expect(stored.size).toBe(0);
  });

  it('renames', async () => {
    const { chat, begin, stored } = setup();
    const { call, sent } = await begin('uno');
    call.answer.resolve({ text: 'b', finishReason: 'stop', usage });
    await sent;
    await chat.rename(chat.conversation!.id, '  Mi \n clase ');
    expect(chat.list.summaries[0]!.title).toBe('Mi clase');
    expect([...stored.values()][0]!.title).toBe('Mi clase');
  });
});
