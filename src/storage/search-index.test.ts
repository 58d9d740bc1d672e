import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import type { Conversation, ConversationStore, MessageNode } from './conversations.ts';
import { openDatabase, requested } from './database.ts';
import { MAX_BODIES_A_RESULT, MAX_SHARDS_A_TERM, openSearchIndex, withSearch } from './search-index.ts';
import { BLOCK, KEYS, MAX_LOGS } from './search-records.ts';
import { decodeShard } from './search-shard.ts';

/** `npm run soak search` has 50,000. */
const CONVERSATIONS = Number(process.env.YUPANA_CONVERSATIONS ?? 5000);

let time = Date.now() - 10 ** 9;

function conversation(id: string, title: string, ...contents: string[]): Conversation {
  const nodes: Record<string, MessageNode> = {};
  contents.forEach((content, i) => {
    const role = i % 2 ? 'assistant' : 'user';
    nodes[`${id}.${i}`] = {
      id: `${id}.${i}`,
      parentId: i ? `${id}.${i - 1}` : null,
      role,
      content,
      createdAt: i,
    };
  });
  time += 1000;
  return { schema: 1, id, title, createdAt: time, updatedAt: time, modelId: 'm', currentLeaf: null, nodes };
}

/** A store in memory: what is judged here is the index. */
function memoryStore(): ConversationStore & { reads: number; all: Map<string, Conversation> } {
  const all = new Map<string, Conversation>();
  const store = {
    reads: 0,
    all,
    list: async ({
      limit = Infinity,
      after,
    }: { limit?: number; after?: { updatedAt: number; id: string } } = {}) =>
      [...all.values()]
        .sort((a, b) => b.updatedAt - a.updatedAt)
        .filter((item) => !after || item.updatedAt < after.updatedAt)
        .slice(0, limit)
        .map(({ nodes, ...summary }) => ({ ...summary, messages: Object.keys(nodes).length })),
    get: async (id: string) => {
      store.reads++;
      return structuredClone(all.get(id));
    },
    put: async (item: Conversation) => {
      all.set(item.id, structuredClone(item));
      return item;
    },
    update: async (id: string, step: (item: Conversation) => Conversation) => {
      const found = all.get(id);
      return found && store.put(step(found));
    },
    delete: async (id: string) => {
      const found = all.get(id);
      all.delete(id);
      return found;
    },
    clear: async () => all.clear(),
  };
  return store;
}

let databases = 0;
const fail = (error: unknown): void => {
  throw error;
};

function setUp(name = `search-${databases++}`) {
  const inner = memoryStore();
  const index = openSearchIndex(inner, { name, onError: fail });
  return { name, inner, index, store: withSearch(inner, index, fail) };
}

const ids = async (
  index: ReturnType<typeof setUp>['index'],
  query: string,
  limit?: number,
): Promise<string[]> =>
  (await index.search(query, limit === undefined ? {} : { limit })).hits.map((hit) => hit.conversationId);

/** Every term in the shards of an index. */
async function storedTerms(name: string): Promise<Set<string>> {
  const shards = await openDatabase(name, 1).read((store) =>
    requested<unknown[]>(store.getAll(KEYS.all('shard'))),
  );
  return new Set(shards.flatMap((shard) => [...(decodeShard(shard, () => true)?.keys() ?? [])]));
}

describe('search index', { timeout: 60_000 }, () => {
  it('finds titles and messages by beginnings, without accents, titles and newest first', async () => {
    const { index, store } = setUp();
    await store.put(conversation('a', 'Ciencias', '¿Qué es la fotosíntesis?', 'Un proceso de las plantas.'));
    await store.put(conversation('b', 'Fotosíntesis en el aula', 'Hola'));
    await store.put(conversation('c', 'Outra', 'a fotossíntese das plantas'));
    expect(await ids(index, 'fotosin')).toEqual(['b', 'a']);
    expect(await ids(index, 'FOTOS')).toEqual(['b', 'c', 'a']);
    expect(await ids(index, 'plantas fotos')).toEqual(['c', 'a']);
    expect(await ids(index, 'fo')).toEqual(['b', 'c', 'a']);
    expect(await ids(index, 'fotosintesis marte')).toEqual([]);
    expect(await ids(index, '…')).toEqual([]);
    const { hits } = await index.search('proceso');
    expect(hits[0]).toMatchObject({ conversationId: 'a', title: 'Ciencias', messageId: 'a.1' });
    expect((await index.search('aula')).hits[0]?.messageId).toBeNull();
  });

  it('follows edits, renames, deletions and clearing', async () => {
    const { name, index, store } = setUp();
    const first = conversation('a', 'Uno', 'secretísimo dragón');
    await store.put(first);
    await store.put(conversation('b', 'Dos', 'dragón común'));
    expect(await ids(index, 'dragon')).toEqual(['b', 'a']);
    const edited = conversation('a', 'Renombrado', 'unicornio');
    await store.put(edited);
    expect(await ids(index, 'dragon')).toEqual(['b']);
    expect(await ids(index, 'unicor')).toEqual(['a']);
    expect(await ids(index, 'uno')).toEqual([]);
    await index.tidy();
    expect(await storedTerms(name)).toContain('secretisimo');
    await store.delete('a');
    expect(await ids(index, 'unicornio')).toEqual([]);
    await index.tidy();
    const left = await storedTerms(name);
    expect(left).not.toContain('secretisimo');
    expect(left).not.toContain('unicornio');
    expect(left).toContain('dragon');
    await store.clear();
    expect(await ids(index, 'dragon')).toEqual([]);
    expect((await storedTerms(name)).size).toBe(0);
  });

  it('adds an answer as it grows', async () => {
    const { index, store } = setUp();
    const item = conversation('a', 'Charla', 'cuéntame', '');
    const words = ['había', 'una', 'vez', 'un', 'carpincho', 'viajero'];
    for (let i = 1; i <= words.length; i++) {
      const node = item.nodes['a.1'];
      if (node) node.content = words.slice(0, i).join(' ');
      await store.put({ ...item, updatedAt: item.updatedAt + i });
    }
    expect((await index.search('viajero carpin')).hits[0]?.messageId).toBe('a.1');
  });

  it('keeps what it knows in the database, through merges of the log', async () => {
    const { name, inner, store, index } = setUp();
    await index.prepare();
    for (let i = 0; i < 3 * MAX_LOGS; i++)
      await store.put(conversation(`c${i}`, `Charla ${i}`, `palabra común w${i}w`));
    await index.tidy();
    const reopened = openSearchIndex(inner, { name, onError: fail });
    const before = inner.reads;
    expect(await ids(reopened, 'w7w')).toEqual(['c7']);
    expect(inner.reads - before).toBe(1);
    expect(await ids(reopened, 'comun', 5)).toHaveLength(5);
    expect((await reopened.search('comun', { limit: 5 })).more).toBe(true);
  });

  it('catches up with what was stored and deleted without it', async () => {
    const { name, inner, store } = setUp();
    await store.put(conversation('a', 'Una', 'alfa'));
    await store.put(conversation('b', 'Otra', 'beta'));
    await inner.put(conversation('b', 'Otra', 'gamma'));
    await inner.put(conversation('c', 'Nueva', 'delta'));
    await inner.delete('a');
    const later = openSearchIndex(inner, { name, onError: fail });
    expect(await ids(later, 'gamma')).toEqual(['b']);
    expect(await ids(later, 'delta')).toEqual(['c']);
    expect(await ids(later, 'alfa')).toEqual([]);
    await later.tidy();
    expect(await storedTerms(name)).not.toContain('alfa');
  });

  const spoil = (name: string, key: IDBValidKey, value: unknown): Promise<unknown> =>
    openDatabase(name, 1).write<unknown>((records) =>
      value === undefined ? requested(records.delete(key)) : requested(records.put(value, key)),
    );

  it.each([
    ['no state', KEYS.state, undefined],
    ['the state of another format', KEYS.state, { format: 99, complete: true }],
    [
      'a damaged shard',
      KEYS.shard('dra'),
      { terms: 'dragon', counts: Uint32Array.of(1), numbers: Uint8Array.of(9), check: 1 },
    ],
    ['a damaged block', KEYS.block(0), { ids: ['a'] }],
  ])('is built anew with %s', async (_, key, value) => {
    const { name, inner, store, index } = setUp();
    await store.put(conversation('a', 'Una', 'dragón verde'));
    await store.put(conversation('b', 'Otra', 'dragón rojo'));
    await index.tidy();
    await spoil(name, key, value);
    const later = openSearchIndex(inner, { name, onError: fail });
    expect(await ids(later, 'dragon')).toEqual(['b', 'a']);
    // And within the session that met the damage.
    await spoil(name, key, value);
    expect(await ids(later, 'dragon verde')).toEqual(['a']);
  });

  it('saves the conversation even where the index cannot', async () => {
    const inner = memoryStore();
    const errors: unknown[] = [];
    const broken = {
      update: () => Promise.reject(new Error('x')),
      remove: () => Promise.reject(new Error('y')),
      clear: async () => undefined,
    };
    const store = withSearch(inner, broken, (error) => errors.push(error));
    await store.put(conversation('a', 'Una'));
    expect(inner.all.has('a')).toBe(true);
    await store.delete('a');
    expect(inner.all.has('a')).toBe(false);
    expect(errors).toHaveLength(2);
  });

  it('stops for a newer query', async () => {
    const { index } = setUp();
    await expect(index.search('hola', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      reason: 'aborted',
    });
  });

  it(
    `reads a bounded number of records among ${CONVERSATIONS} conversations`,
    { timeout: CONVERSATIONS * 60 },
    async () => {
      const { inner, index, store, name } = setUp();
      // Words as language has them: few are common, most are rare (Zipf), from a fixed generator.
      let seed = 20_250_101;
      const random = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) / 0x7fffffff;
      const syllables = [
        'ca',
        'me',
        'lo',
        'ri',
        'tu',
        'pa',
        'né',
        'so',
        'bi',
        'ña',
        'gue',
        'tro',
        'ción',
        'des',
        'al',
      ];
      const word = (): string => {
        let rank = Math.floor(20_000 ** random());
        let text = '';
        for (; rank > 0; rank = Math.floor(rank / syllables.length))
          text += syllables[rank % syllables.length] ?? '';
        return text || 'de';
      };
      const sentence = (length: number): string => Array.from({ length }, word).join(' ');
      const count = CONVERSATIONS;
      for (let i = 0; i < count; i++) {
        const item = conversation(
          `c${i}`,
          sentence(4),
          sentence(20),
          sentence(60),
          sentence(15),
          sentence(60),
        );
        if (i === 1234)
          item.nodes['c1234.3'] = { ...item.nodes['c1234.3'], content: 'una aguja escondida' } as MessageNode;
        inner.all.set(item.id, item);
      }
      const began = performance.now();
      await index.prepare();
      const built = performance.now() - began;
      const again = performance.now();
      await openSearchIndex(inner, { name, onError: fail }).prepare();
      const checked = performance.now() - again;

      const lines = [
        `soak: ${count} conversations: built in ${Math.round(built)} ms, checked in ${Math.round(checked)} ms`,
      ];
      for (const [query, expected] of [
        ['aguja', 1],
        ['agu', 1],
        ['escondida aguja', 1],
        ['ca', 20],
        ['cionmelo de', 20],
        ['zzz', 0],
      ] as const) {
        const before = { records: index.recordsRead, bodies: inner.reads };
        const start = performance.now();
        const { hits } = await index.search(query);
        const ms = performance.now() - start;
        const records = index.recordsRead - before.records;
        lines.push(`  "${query}": ${hits.length} hits, ${records} records, ${ms.toFixed(1)} ms`);
        expect(hits.length >= Math.min(expected, 1) && hits.length <= 20).toBe(true);
        if (expected < 20) expect(hits).toHaveLength(expected);
        const terms = query.split(' ').length;
        const bound =
          1 + Math.ceil(count / BLOCK) + MAX_LOGS + terms * MAX_SHARDS_A_TERM + 20 * MAX_BODIES_A_RESULT;
        expect(records).toBeLessThanOrEqual(bound);
        expect(inner.reads - before.bodies).toBeLessThanOrEqual(20 * MAX_BODIES_A_RESULT);
      }
      const start = performance.now();
      for (let i = 0; i < 100; i++)
        await store.put(conversation(`n${i}`, sentence(4), sentence(20), sentence(60)));
      await index.tidy();
      lines.push(`  100 saves and their merge: ${Math.round(performance.now() - start)} ms`);
      const bytes = await openDatabase(name, 1).read(async (records) => {
        const shards = await requested<{ terms: string; numbers: Uint8Array }[]>(
          records.getAll(KEYS.all('shard')),
        );
        return {
          shards: shards.length,
          bytes: shards.reduce((sum, shard) => sum + shard.terms.length + shard.numbers.length, 0),
        };
      });
      lines.push(`  ${bytes.shards} shards, ${Math.round(bytes.bytes / 1024)} KiB`);
      console.log(lines.join('\n'));
    },
  );
});
