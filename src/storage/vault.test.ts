import 'fake-indexeddb/auto';
import { createCipheriv, createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Conversation } from './conversations.ts';
import { openDatabase, requested } from './database.ts';
import { changePassphrase, createVault, destroyVault, openVault, vaultExists } from './vault.ts';
import {
  checkHeader,
  createHeader,
  deriveKey,
  MIN_ITERATIONS,
  openHeader,
  passphraseBytes,
  seal,
  unseal,
  type Sealed,
} from './vault-crypto.ts';

const hex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'hex'));
const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));
const PASSPHRASE = 'caballo pila grapa';

let vaults = 0;
const fresh = (): { name: string } => ({ name: `vault-${vaults++}` });

const conversation = (id: string, title: string, content: string, updatedAt = 1): Conversation => ({
  schema: 1,
  id,
  title,
  createdAt: 1,
  updatedAt,
  modelId: 'modelo-visible',
  currentLeaf: 'a',
  nodes: { a: { id: 'a', parentId: null, role: 'user', content, createdAt: 1 } },
});

describe('vault cryptography', { timeout: 60_000 }, () => {
  it('derives the keys of known PBKDF2-SHA-256 vectors', async () => {
    // RFC 7914, section 11 (its first 32 bytes are the 256-bit key), and the common vector of 4,096 rounds.
    for (const [passphrase, salt, rounds, expected] of [
      ['passwd', 'salt', 1, '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc'],
      ['Password', 'NaCl', 80_000, '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56'],
      ['password', 'salt', 4_096, 'c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a'],
    ] as const) {
      const derived = await deriveKey(passphrase, bytes(salt), rounds);
      expect(derived.extractable).toBe(false);
      // The derived key cannot be read: what it wraps must open with the expected one.
      const inner = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt']);
      const iv = new Uint8Array(12);
      const wrapped = new Uint8Array(
        await crypto.subtle.wrapKey('raw', inner, derived, { name: 'AES-GCM', iv }),
      );
      const decipher = createDecipheriv('aes-256-gcm', hex(expected), iv).setAuthTag(wrapped.slice(-16));
      const opened = Buffer.concat([decipher.update(wrapped.slice(0, -16)), decipher.final()]);
      expect(new Uint8Array(opened)).toEqual(new Uint8Array(await crypto.subtle.exportKey('raw', inner)));
    }
  });

  it('seals with AES-256-GCM as its vectors have it', async () => {
    // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16.
    const raw = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
    const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
    const plain = hex(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    );
    const options = {
      name: 'AES-GCM',
      iv: hex('cafebabefacedbaddecaf888'),
      additionalData: hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
    };
    const sealed = Buffer.from(await crypto.subtle.encrypt(options, key, plain)).toString('hex');
    expect(sealed).toBe(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
        '76fc6ece0f4e1768cddf8853bb2d551b',
    );
    // Our records are that, with the name as additional data: another implementation makes one that we open.
    const iv = hex('000102030405060708090a0b');
    const cipher = createCipheriv('aes-256-gcm', raw, iv).setAAD(Buffer.from('body x'));
    const data = new Uint8Array(
      Buffer.concat([cipher.update('{"a":"ñ"}'), cipher.final(), cipher.getAuthTag()]),
    );
    expect(await unseal(key, 'body x', { iv, data })).toEqual({ a: 'ñ' });
  });

  it('makes the header anybody could open with the passphrase, and nobody without', async () => {
    const header = await createHeader(PASSPHRASE, MIN_ITERATIONS);
    expect(header).toMatchObject({ version: 1, kdf: 'PBKDF2-SHA-256', iterations: MIN_ITERATIONS });
    expect(header.salt).toHaveLength(16);
    const key = await openHeader(header, PASSPHRASE);
    expect(key.extractable).toBe(false);
    const kek = pbkdf2Sync(
      Buffer.from(passphraseBytes(PASSPHRASE)),
      header.salt,
      MIN_ITERATIONS,
      32,
      'sha256',
    );
    const decipher = createDecipheriv('aes-256-gcm', kek, header.key.iv)
      .setAAD(Buffer.from(`yupana-vault 1 PBKDF2-SHA-256 ${MIN_ITERATIONS} ${header.salt.join(',')}`))
      .setAuthTag(header.key.data.slice(-16));
    expect(Buffer.concat([decipher.update(header.key.data.slice(0, -16)), decipher.final()])).toHaveLength(
      32,
    );
    await expect(openHeader({ ...header, iterations: MIN_ITERATIONS + 1 }, PASSPHRASE)).rejects.toMatchObject(
      {
        reason: 'vault-passphrase',
      },
    );
  });

  it('takes one passphrase however its accents are composed', () => {
    expect(passphraseBytes('contrasen\u0303a')).toEqual(passphraseBytes('contrase\u00f1a'));
  });

  it('draws a new IV for every record and binds its name', async () => {
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]);
    const ivs = new Set<string>();
    for (let i = 0; i < 200; i++) ivs.add((await seal(key, 'a', 1)).iv.join());
    expect(ivs.size).toBe(200);
    const sealed = await seal(key, 'a', { x: 1 });
    expect(await unseal(key, 'a', sealed)).toEqual({ x: 1 });
    await expect(unseal(key, 'b', sealed)).rejects.toMatchObject({ reason: 'vault-damaged' });
  });

  it('refuses headers that ask for too little or too much', async () => {
    const header = await createHeader(PASSPHRASE, MIN_ITERATIONS);
    for (const bad of [
      undefined,
      { ...header, iterations: 1_000 },
      { ...header, iterations: 1e12 },
      { ...header, kdf: 'none' },
      { ...header, version: 2 },
      { ...header, salt: new Uint8Array(3) },
      { ...header, key: null },
    ]) {
      expect(() => checkHeader(bad)).toThrow(expect.objectContaining({ reason: 'vault-damaged' }) as Error);
    }
    await expect(createHeader(PASSPHRASE, 599_999)).rejects.toMatchObject({ reason: 'option-invalid' });
    await expect(createHeader('corta', MIN_ITERATIONS)).rejects.toMatchObject({
      reason: 'vault-passphrase-short',
    });
  });
});

describe('vault', { timeout: 60_000 }, () => {
  it('keeps conversations, lists them newest first, searches and deletes them', async () => {
    const at = fresh();
    expect(await vaultExists(at.name)).toBe(false);
    const vault = await createVault(PASSPHRASE, at);
    await vault.put(conversation('a', 'Vieja', 'sobre volcanes', 1));
    await vault.put(conversation('b', 'Nueva', 'sobre ríos', 5));
    await vault.put(conversation('a', 'Vieja y cambiada', 'sobre volcánes y glaciares', 9));
    expect((await vault.list()).map(({ title }) => title)).toEqual(['Vieja y cambiada', 'Nueva']);
    expect(await vault.list({ limit: 1 })).toHaveLength(1);
    expect((await vault.list({ after: { updatedAt: 9, id: 'a' } })).map(({ id }) => id)).toEqual(['b']);
    expect(await vault.get('b')).toEqual(conversation('b', 'Nueva', 'sobre ríos', 5));
    expect(await vault.get('z')).toBeUndefined();
    expect((await vault.search('volcan')).hits.map((hit) => hit.conversationId)).toEqual(['a']);
    await vault.delete('a');
    expect(await vault.get('a')).toBeUndefined();

    const again = await openVault(PASSPHRASE, at);
    expect((await again.list()).map(({ id }) => id)).toEqual(['b']);
    // Two tabs see each other's saves.
    await vault.put(conversation('c', 'De la otra', 'x', 7));
    expect((await again.list()).map(({ id }) => id)).toEqual(['c', 'b']);
    await again.clear();
    expect(await vault.list()).toEqual([]);
    await expect(createVault(PASSPHRASE, at)).rejects.toMatchObject({ reason: 'vault-exists' });
    await destroyVault(at.name);
    await expect(openVault(PASSPHRASE, at)).rejects.toMatchObject({ reason: 'vault-missing' });
  });

  it('saves of one new conversation at once make one record', async () => {
    const at = fresh();
    const vault = await createVault(PASSPHRASE, at);
    await Promise.all([1, 2, 3].map((n) => vault.put(conversation('a', `t${n}`, 'x', n))));
    const keys = await openDatabase(at.name, 1).read((store) => requested(store.getAllKeys()));
    expect(keys.filter((key) => Array.isArray(key) && key[0] === 'body')).toHaveLength(1);
    expect((await vault.list())[0]?.title).toBe('t3');
  });

  it('keeps what two tabs say in one conversation, in one record', async () => {
    const at = fresh();
    const [a, b] = [await createVault(PASSPHRASE, at), await openVault(PASSPHRASE, at)];
    const base = conversation('a', 'Título', 'hola');
    await a.put(base);
    const says = (id: string): Conversation => ({
      ...base,
      nodes: { ...base.nodes, [id]: { id, parentId: 'a', role: 'user', content: id, createdAt: 2 } },
      currentLeaf: id,
    });
    await Promise.all([
      a.put(says('x'), base),
      b.put(says('y'), base),
      a.put(conversation('n', 'N', 'n')),
      b.put(conversation('n', 'N', 'n')),
    ]);
    for (const vault of [a, b]) {
      expect(Object.keys((await vault.get('a'))?.nodes ?? {}).sort()).toEqual(['a', 'x', 'y']);
      expect((await vault.list()).map(({ id }) => id).sort()).toEqual(['a', 'n']);
      expect([vault.damaged, vault.rolledBack]).toEqual([0, 0]);
    }
    const keys = await openDatabase(at.name, 1).read((store) => requested(store.getAllKeys()));
    expect(keys.filter((key) => Array.isArray(key) && key[0] === 'body')).toHaveLength(2);
  });

  it('writes no record that nobody can open: not after it was destroyed, nor into the next one', async () => {
    const at = fresh();
    const old = await createVault(PASSPHRASE, at);
    await old.put(conversation('a', 'Título', 'hola'));
    await destroyVault(at.name);
    await expect(old.put(conversation('b', 't', 'x'))).rejects.toMatchObject({ reason: 'vault-missing' });
    const next = await createVault('otra frase larga', at);
    await expect(old.put(conversation('b', 't', 'x'))).rejects.toMatchObject({ reason: 'vault-missing' });
    await expect(old.clear()).rejects.toMatchObject({ reason: 'vault-missing' });
    await next.put(conversation('c', 't', 'x'));
    expect([(await next.list()).map(({ id }) => id), next.damaged, next.rolledBack]).toEqual([['c'], 0, 0]);
  });

  it('of two changes of the passphrase at once one is refused, and the other opens everything', async () => {
    const at = fresh();
    const vault = await createVault(PASSPHRASE, at);
    await vault.put(conversation('a', 'Título', 'hola'));
    const wanted = ['la primera frase', 'la segunda frase'];
    const results = await Promise.allSettled(wanted.map((next) => changePassphrase(PASSPHRASE, next, at)));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const [i, { status }] of results.entries()) {
      const opening = openVault(wanted[i] ?? '', at);
      if (status === 'rejected') await expect(opening).rejects.toMatchObject({ reason: 'vault-passphrase' });
      else expect(await (await opening).get('a')).toMatchObject({ title: 'Título' });
    }
    // A change that was begun before the vault was destroyed brings no header back.
    const late = changePassphrase(
      wanted[results[0]?.status === 'fulfilled' ? 0 : 1] ?? '',
      'demasiado tarde',
      at,
    );
    await destroyVault(at.name);
    await expect(late).rejects.toMatchObject({ reason: 'vault-missing' });
    expect(await vaultExists(at.name)).toBe(false);
  });

  it('tells that older copies were put back and records taken away', async () => {
    const at = fresh();
    const vault = await createVault(PASSPHRASE, at);
    for (const id of ['a', 'b', 'c']) await vault.put(conversation(id, 't', 'vieja', 1));
    const database = openDatabase(at.name, 1);
    const all = (kind: string) => IDBKeyRange.bound([kind], [kind, []]);
    const dump = (kind: string) =>
      database.read(async (store) => ({
        keys: await requested(store.getAllKeys(all(kind))),
        values: await requested<unknown[]>(store.getAll(all(kind))),
      }));
    const [summaries, bodies] = [await dump('summary'), await dump('body')];
    for (const id of ['a', 'b', 'c']) await vault.put(conversation(id, 't', 'nueva', 2));
    await database.write(async (store) => {
      // One whole record, the text alone of another, and one is gone.
      await requested(store.put(summaries.values[0], summaries.keys[0]));
      await requested(store.put(bodies.values[0], bodies.keys[0]));
      await requested(store.put(bodies.values[1], bodies.keys[1]));
      await requested(store.delete(summaries.keys[2]!));
      await requested(store.delete(bodies.keys[2]!));
    });
    const later = await openVault(PASSPHRASE, at);
    for (const { id } of await later.list()) await later.get(id);
    expect([later.damaged, later.rolledBack]).toEqual([0, 3]);
    await database.write((store) => requested(store.delete(['index'])));
    const without = await openVault(PASSPHRASE, at);
    await without.list();
    expect(without.rolledBack).toBe(1);
  });

  it('forgets everything when locked', async () => {
    const at = fresh();
    const vault = await createVault(PASSPHRASE, at);
    await vault.put(conversation('a', 'Título', 'texto'));
    const before = vault.lastUsed;
    const reading = vault.get('a');
    vault.lock();
    expect(vault.locked).toBe(true);
    await expect(reading).rejects.toMatchObject({ reason: 'vault-locked' });
    for (const call of [
      vault.list(),
      vault.get('a'),
      vault.put(conversation('b', 't', 'x')),
      vault.search('texto'),
      vault.clear(),
      vault.delete('a'),
    ]) {
      await expect(call).rejects.toMatchObject({ reason: 'vault-locked' });
    }
    expect(vault.lastUsed).toBeGreaterThanOrEqual(before);
    await expect(openVault('otra cosa larga', at)).rejects.toMatchObject({ reason: 'vault-passphrase' });
    expect(await (await openVault(PASSPHRASE, at)).get('a')).toMatchObject({ title: 'Título' });
  });

  it('changes its passphrase without touching a record', async () => {
    const at = fresh();
    const vault = await createVault(PASSPHRASE, at);
    await vault.put(conversation('a', 'Título', 'texto'));
    const records = () =>
      openDatabase(at.name, 1).read((store) =>
        requested<unknown[]>(store.getAll(IDBKeyRange.bound(['body'], ['body', []]))),
      );
    const before = await records();
    await expect(changePassphrase('equivocada', 'otra frase nueva', at)).rejects.toMatchObject({
      reason: 'vault-passphrase',
    });
    await expect(changePassphrase(PASSPHRASE, 'corta', at)).rejects.toMatchObject({
      reason: 'vault-passphrase-short',
    });
    await changePassphrase(PASSPHRASE, 'otra frase nueva', at);
    expect(await records()).toEqual(before);
    await expect(openVault(PASSPHRASE, at)).rejects.toMatchObject({ reason: 'vault-passphrase' });
    expect(await (await openVault('otra frase nueva', at)).get('a')).toMatchObject({ title: 'Título' });
    expect(await vault.get('a')).toMatchObject({ title: 'Título' });
  });

  it('shows nothing readable in the database', async () => {
    const at = fresh();
    const vault = await createVault(PASSPHRASE, at);
    const id = 'conversacion-identificable';
    await vault.put(conversation(id, 'Consulta delicada', 'mi diagnóstico es reservado'));
    const raw = await openDatabase(at.name, 1).read(async (store) => {
      const [keys, values] = await Promise.all([
        requested(store.getAllKeys()),
        requested<unknown[]>(store.getAll()),
      ]);
      return { keys, values };
    });
    const parts: Buffer[] = [];
    const collect = (value: unknown): void => {
      if (value instanceof Uint8Array) parts.push(Buffer.from(value));
      else if (typeof value === 'object' && value !== null) {
        for (const [key, inner] of Object.entries(value)) {
          parts.push(Buffer.from(key));
          collect(inner);
        }
      } else parts.push(Buffer.from(String(value)));
    };
    collect(raw);
    const stored = Buffer.concat(parts);
    expect(stored.length).toBeGreaterThan(500);
    const secrets = [
      id,
      'Consulta',
      'delicada',
      'diagn',
      'reservado',
      'modelo-visible',
      'content',
      'nodes',
      PASSPHRASE,
      'caballo',
    ];
    for (const secret of secrets) {
      for (const encoding of ['utf8', 'utf16le'] as const) {
        expect(stored.includes(Buffer.from(secret, encoding)), secret).toBe(false);
      }
    }
    expect(stored.includes('PBKDF2')).toBe(true); // the scan does find what is there
  });

  it('notices records that were changed, swapped or cut', async () => {
    const at = fresh();
    const vault = await createVault(PASSPHRASE, at);
    await vault.put(conversation('a', 'Una', 'primera', 1));
    await vault.put(conversation('b', 'Otra', 'segunda', 2));
    const database = openDatabase(at.name, 1);
    const all = (kind: string) => IDBKeyRange.bound([kind], [kind, []]);
    const read = (kind: string) =>
      database.read(async (store) => ({
        keys: await requested(store.getAllKeys(all(kind))),
        values: await requested<Sealed[]>(store.getAll(all(kind))),
      }));
    const write = (key: IDBValidKey | undefined, value: unknown) =>
      database.write((store) => requested(store.put(value, key)));

    const { keys, values } = await read('body');
    const [first, second] = values;
    if (!first || !second) throw new Error('two records expected');
    const results = async () =>
      Promise.all(
        ['a', 'b'].map((id) =>
          vault.get(id).then(
            (c) => c?.id,
            (e: { reason?: string }) => e.reason,
          ),
        ),
      );
    expect(await results()).toEqual(['a', 'b']);
    await write(keys[0], second);
    await write(keys[1], first);
    expect(await results()).toEqual(['vault-damaged', 'vault-damaged']);
    const flipped = first.data.slice();
    flipped[5] = (flipped[5] ?? 0) ^ 1;
    for (const bad of [
      { ...first, data: flipped },
      { ...first, data: first.data.slice(0, -1) },
      { ...first, iv: second.iv },
      'x',
      { data: 1 },
    ]) {
      await write(keys[0], bad);
      await write(keys[1], second);
      expect((await results()).filter((each) => each === 'vault-damaged')).toHaveLength(1);
    }
    await write(keys[0], first);
    expect(await results()).toEqual(['a', 'b']);

    const summaries = await read('summary');
    const [summary] = summaries.values;
    await write(summaries.keys[0], { ...summary, data: summary?.data.slice(1) });
    const later = await openVault(PASSPHRASE, at);
    expect(await later.list()).toHaveLength(1);
    expect(later.damaged).toBe(1);
  });
});
