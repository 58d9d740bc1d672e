import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import type { ErrorReason } from '../../../../failures.ts';
import { openConversations, type Conversation, type MessageNode } from '../../../../storage/conversations.ts';
import { DEFAULT_SETTINGS, openSettings } from '../../../../storage/settings.ts';
import { jsonDepth, sameData } from '../../../kit/check.ts';
import { exportAll, fileName, toJson, toMarkdown, type MarkdownWords } from './export.ts';
import { applyTransfer, parseTransfer, readTransfer } from './import.ts';
import { MAX_CONTENT, MAX_FILE_BYTES } from './limits.ts';

const seed = Number(process.env.YUPANA_SEED ?? Date.now() % 2 ** 31);
console.log(`transfer seed ${seed}`);
let state = seed;
const random = (): number => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) / 0x80000000;
const pick = <T>(...values: T[]): T => values[Math.floor(random() * values.length)] as T;
const anyText = (): string =>
  Array.from({ length: Math.floor(random() * 30) }, () =>
    pick('a', 'ñ', '😀', '"', '\\', '\n', '<script>alert(1)</script>', '\u2028', '__proto__', '{', ']', ' '),
  ).join('');

function randomConversation(id: string): Conversation {
  const nodes: Record<string, MessageNode> = {};
  const ids: string[] = [];
  for (let i = 0; i < Math.floor(random() * 12); i++) {
    const node: MessageNode = {
      id: `n${i}-${Math.floor(random() * 1e6)}`,
      parentId: random() < 0.2 ? null : (pick(...ids) ?? null),
      role: pick('user', 'assistant', 'system'),
      content: anyText(),
      createdAt: Math.floor(random() * 2e12),
    };
    if (random() < 0.5) node.finishReason = pick('stop', 'length', 'abort');
    // Within the limit of an id, and never half a surrogate pair.
    if (random() < 0.5) node.modelId = [...anyText()].slice(0, 60).join('');
    if (random() < 0.3) {
      node.usage = {
        promptTokens: 3,
        reusedTokens: 0,
        completionTokens: 9,
        timeToFirstToken: random(),
        prefillTokensPerSecond: random() * 100,
        decodeTokensPerSecond: random() * 100,
        contextUsed: 12,
        contextLength: 2048,
      };
    }
    nodes[node.id] = node;
    ids.push(node.id);
  }
  return {
    schema: 1,
    id,
    title: anyText(),
    createdAt: 1,
    updatedAt: Math.floor(random() * 2e12),
    modelId: 'semilla',
    ...(random() < 0.5 ? { system: anyText() } : {}),
    ...(random() < 0.5 ? { persona: anyText(), language: pick('es', 'pt', 'en') } : {}),
    ...(random() < 0.5
      ? { pinned: true, tags: [anyText().slice(0, 1), 'aula'], titleBy: pick('person', 'model') }
      : {}),
    ...(random() < 0.3 ? { archived: random() < 0.5, summary: { upTo: 'n0', text: anyText() } } : {}),
    ...(random() < 0.5 ? { sampler: { temperature: random(), seed: 7 } } : {}),
    currentLeaf: ids.at(-1) ?? null,
    nodes,
  };
}

let databases = 0;
const openStores = () => {
  const name = `transfer-${databases++}`;
  return { conversations: openConversations(`${name}-c`), settings: openSettings(`${name}-s`) };
};
const everything = async (
  store: ReturnType<typeof openConversations>,
): Promise<(Conversation | undefined)[]> => Promise.all((await store.list()).map(({ id }) => store.get(id)));

describe('export then import', { timeout: 60_000 }, () => {
  it('gives equal data', async () => {
    const from = openStores();
    for (let i = 0; i < 25; i++) await from.conversations.put(randomConversation(`c${i}`));
    const settings = await from.settings.save({ theme: 'dark', systemPrompt: 'Sé breve.', maxTokens: 99 });
    const blob = await exportAll(from.conversations, settings);

    const to = openStores();
    const transfer = await readTransfer(blob);
    const counts = await applyTransfer(transfer, to.conversations, to.settings);
    expect(counts).toEqual({ added: 25, renamed: 0, skipped: 0, settings: true });
    expect(await everything(to.conversations)).toEqual(await everything(from.conversations));
    expect(await to.settings.load()).toEqual(settings);

    expect(await applyTransfer(transfer, to.conversations, null)).toEqual({
      added: 0,
      renamed: 0,
      skipped: 25,
      settings: false,
    });
  });

  it('keeps one conversation with all its branches, and nobody else’s settings', () => {
    for (let i = 0; i < 30; i++) {
      const conversation = randomConversation('x');
      expect(parseTransfer(toJson(conversation))).toEqual({ conversations: [conversation], settings: null });
    }
  });

  it('never overwrites: a taken id becomes a new one', async () => {
    const { conversations } = openStores();
    const mine = randomConversation('same');
    await conversations.put(mine);
    const other = { ...randomConversation('same'), title: 'otra' };
    const counts = await applyTransfer(parseTransfer(toJson(other)), conversations, null);
    expect(counts).toMatchObject({ added: 1, renamed: 1, skipped: 0 });
    expect(await conversations.get('same')).toEqual(mine);
    const [copy] = (await everything(conversations)).filter((each) => each?.id !== 'same');
    expect(copy).toEqual({ ...other, id: copy?.id });
  });

  it('takes back what was written when a write fails', async () => {
    const { conversations, settings } = openStores();
    await conversations.put(randomConversation('mine'));
    const before = await everything(conversations);
    const file = JSON.stringify({
      format: 'yupana',
      schema: 1,
      settings: { ...DEFAULT_SETTINGS, theme: 'dark' },
      conversations: [randomConversation('a'), randomConversation('b'), randomConversation('c')],
    });
    let puts = 0;
    const full = {
      ...conversations,
      put: (each: Conversation) =>
        ++puts === 3 ? Promise.reject(new Error('full')) : conversations.put(each),
    };
    await expect(applyTransfer(parseTransfer(file), full, settings)).rejects.toThrow('full');
    expect(await everything(conversations)).toEqual(before);
    expect((await settings.load()).theme).toBe('auto');
  });
});

describe('hostile files', { timeout: 60_000 }, () => {
  const good = (): Conversation => ({
    schema: 1,
    id: 'c',
    title: 't',
    createdAt: 1,
    updatedAt: 2,
    modelId: 'm',
    currentLeaf: 'b',
    nodes: {
      a: { id: 'a', parentId: null, role: 'user', content: 'hola', createdAt: 1 },
      b: { id: 'b', parentId: 'a', role: 'assistant', content: 'qué tal', createdAt: 2 },
    },
  });
  const fileOf = (conversation: unknown, more: object = {}): string =>
    JSON.stringify({ format: 'yupana', schema: 1, conversations: [conversation], ...more });
  const node = (fields: object): Record<string, unknown> => ({ ...good().nodes.a, ...fields });
  const refused = (json: string, reason: ErrorReason): void => {
    let error: unknown;
    try {
      parseTransfer(json);
    } catch (thrown) {
      error = thrown;
    }
    expect(error, json.slice(0, 200)).toMatchObject({ reason });
  };

  it('are refused, each by its reason', () => {
    expect(parseTransfer(fileOf(good())).conversations).toEqual([good()]);
    const invalid = [
      '',
      'null',
      '[]',
      '{"format":"yupana"',
      JSON.stringify({ format: 'other', schema: 1, conversations: [] }),
      JSON.stringify({ format: 'yupana', schema: 0, conversations: [] }),
      JSON.stringify({ format: 'yupana', schema: '1', conversations: [] }),
      JSON.stringify({ format: 'yupana', schema: 1, conversations: {} }),
      JSON.stringify({ format: 'yupana', schema: 1, conversations: [null] }),
      fileOf(good(), { settings: [] }),
      fileOf({ ...good(), schema: 2 }),
      fileOf({ ...good(), id: '../../x' }),
      fileOf({ ...good(), id: 'constructor' }),
      fileOf({ ...good(), id: 5 }),
      fileOf({ ...good(), title: { toString: 'x' } }),
      fileOf({ ...good(), title: undefined }),
      fileOf({ ...good(), updatedAt: 1e300 }),
      fileOf({ ...good(), createdAt: '2020' }),
      fileOf({ ...good(), createdAt: -1 }),
      fileOf({ ...good(), currentLeaf: 'nobody' }),
      fileOf({ ...good(), currentLeaf: 'toString' }),
      fileOf({ ...good(), nodes: [] }),
      fileOf({ ...good(), nodes: { a: node({ parentId: 'gone' }) }, currentLeaf: 'a' }),
      fileOf({ ...good(), nodes: { a: node({ parentId: 'a' }) }, currentLeaf: 'a' }),
      fileOf({ ...good(), nodes: { a: node({ parentId: 'b' }), b: node({ id: 'b', parentId: 'a' }) } }),
      fileOf({ ...good(), nodes: { a: node({ id: 'z' }) }, currentLeaf: 'a' }),
      fileOf({ ...good(), nodes: { a: node({ role: 'tool' }) }, currentLeaf: 'a' }),
      fileOf({ ...good(), nodes: { a: node({ content: ['x'] }) }, currentLeaf: 'a' }),
      fileOf({ ...good(), nodes: { a: node({ usage: { promptTokens: 'x' } }) }, currentLeaf: 'a' }),
      fileOf({ ...good(), nodes: { a: node({ parentId: 'toString' }) }, currentLeaf: 'a' }),
      fileOf({ ...good(), sampler: { temperature: 1e9 } }),
      fileOf(good()).replace('"nodes":{', '"nodes":{"__proto__":{"id":"__proto__","parentId":null},'),
    ];
    for (const json of invalid) refused(json, 'import-invalid');
    refused(JSON.stringify({ format: 'yupana', schema: 2, conversations: [] }), 'import-newer');
    refused(fileOf({ ...good(), title: 'x'.repeat(10_000) }), 'import-too-large');
    refused(
      fileOf({ ...good(), nodes: { a: node({ content: 'x'.repeat(MAX_CONTENT + 1) }) } }),
      'import-too-large',
    );
    refused(`${'['.repeat(1_000_000)}`, 'import-too-large');
    const many = Object.fromEntries(
      Array.from({ length: 20_001 }, (_, i) => [`n${i}`, node({ id: `n${i}` })]),
    );
    refused(fileOf({ ...good(), nodes: many, currentLeaf: null }), 'import-too-large');
  });

  it('leave out what nobody asked for, and put nothing on prototypes', () => {
    const json = fileOf({
      ...good(),
      evil: '<img onerror=1>',
      nodes: { a: node({ html: 'x' }) },
      currentLeaf: 'a',
    }).replace('"title"', '"__proto__":{"polluted":true},"title"');
    const [conversation] = parseTransfer(json).conversations;
    expect(conversation).toEqual({ ...good(), nodes: { a: good().nodes.a }, currentLeaf: 'a' });
    expect(Object.keys(conversation ?? {})).not.toContain('evil');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect((conversation as { polluted?: boolean } | undefined)?.polluted).toBeUndefined();
  });

  it('cost no stack: a branch of 20,000 messages is checked', () => {
    const nodes = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [
        `n${i}`,
        node({ id: `n${i}`, parentId: i ? `n${i - 1}` : null }),
      ]),
    );
    expect(parseTransfer(fileOf({ ...good(), nodes, currentLeaf: 'n19999' })).conversations).toHaveLength(1);
  });

  it('are refused before they are read where they are too large or no text', async () => {
    const large = new Blob(['{}']);
    Object.defineProperty(large, 'size', { value: MAX_FILE_BYTES + 1 });
    await expect(readTransfer(large)).rejects.toMatchObject({ reason: 'import-too-large' });
    await expect(readTransfer(new Blob([Uint8Array.of(0xff, 0xfe, 0xfd)]))).rejects.toMatchObject({
      reason: 'import-invalid',
    });
  });

  it('survive any change of a byte: refused, or data of the right shape', () => {
    const json = toJson(good(), 0);
    for (let round = 0; round < 400; round++) {
      const at = Math.floor(random() * json.length);
      const changed =
        json.slice(0, at) + pick('"', '{', '}', '0', 'x', ',', '\\', '-', 'null') + json.slice(at + 1);
      try {
        for (const conversation of parseTransfer(changed).conversations) {
          expect(Object.keys(conversation).every((key) => key in good())).toBe(true);
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'ImportError' });
      }
    }
  });
});

describe('checks', () => {
  it('counts brackets outside strings only', () => {
    expect(jsonDepth('[{"a":"[[[[\\"[[","b":[1]}]')).toBe(3);
    expect(jsonDepth('"[[["')).toBe(0);
  });

  it('compares data', () => {
    expect(sameData({ a: [1, { b: null }], c: undefined }, { a: [1, { b: null }] })).toBe(true);
    expect(sameData({ a: [] }, { a: {} })).toBe(false);
    expect(sameData({ a: null }, {})).toBe(false);
    expect(sameData([1, 2], [1, 2, 3])).toBe(false);
  });
});

describe('Markdown', () => {
  const words: MarkdownWords = {
    untitled: 'Sin título',
    user: 'Tú',
    assistant: 'Modelo',
    system: 'Instrucciones',
    model: 'Modelo',
    date: 'Fecha',
    formatDate: (time) => `día ${time}`,
  };

  it('shows the current branch, and closes fences left open', () => {
    const conversation: Conversation = {
      schema: 1,
      id: 'c',
      title: 'Una\n# charla',
      createdAt: 1,
      updatedAt: 2,
      system: 'Sé breve.',
      modelId: 'semilla',
      currentLeaf: 'c',
      nodes: {
        a: { id: 'a', parentId: null, role: 'user', content: 'hola', createdAt: 1 },
        b: { id: 'b', parentId: 'a', role: 'assistant', content: 'otra rama', createdAt: 2 },
        c: { id: 'c', parentId: 'a', role: 'assistant', content: 'mira:\n```js\nlet a;', createdAt: 3 },
      },
    };
    expect(toMarkdown(conversation, words)).toBe(
      '# Una # charla\n\n- Fecha: día 2\n- Modelo: semilla\n\n## Instrucciones\n\nSé breve.\n\n## Tú\n\nhola\n\n## Modelo\n\nmira:\n```js\nlet a;\n```\n',
    );
    expect(toMarkdown({ ...conversation, title: ' ', currentLeaf: null }, words)).toMatch(/^# Sin título\n/);
  });

  it('names files so that every system takes them', () => {
    expect(fileName('¿Qué es? a/b:c*"<x>|', 'md')).toBe('¿Qué es a b c x.md');
    expect(fileName('../../.bashrc', 'json')).toBe('bashrc.json');
    expect(fileName('CON', 'md')).toBe('yupana.md');
    expect(fileName('\u202e\n', 'md')).toBe('yupana.md');
    expect([...fileName('ñ'.repeat(300), 'md')]).toHaveLength(83);
  });
});
