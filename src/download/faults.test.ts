// Many downloads, each under a random mixture of everything a host, a line, a disk and a person can do. The only ends
// allowed: verified bit for bit, or refused with a named reason; and whatever can be read at any time is right.

import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { mirrorOf } from '../../tests/host/mirror.ts';
import { sha256, testModel } from '../../tests/host/model.ts';
import { startModelHost } from '../../tests/host/model-host.ts';
import type { Fault, HostOptions } from '../../tests/host/model-host.ts';
import { random } from '../../tests/host/random.ts';
import type { Random } from '../../tests/host/random.ts';
import { EngineError, ERROR_REASONS } from '../failures.ts';
import type * as Bytes from '../storage/bytes.ts';
import { openShards } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import { downloadModel } from './download.ts';
import { HOST } from './host.ts';

const CHUNK = 8 * 1024;
vi.mock('../storage/bytes.ts', async (original) => ({
  ...(await original<typeof Bytes>()),
  CHUNK_BYTES: 8 * 1024,
  PIECE_BYTES: 8 * 8 * 1024,
}));

const RUNS = Number(process.env.YUPANA_FAULT_RUNS ?? 50);
const SEED = Number(process.env.YUPANA_SEED ?? Math.floor(Math.random() * 2 ** 32));
/** Tries a person makes before leaving it. */
const TRIES = 6;

afterEach(() => {
  vi.restoreAllMocks();
});

const fault = (dice: Random): Fault =>
  dice.pick<() => Fault>([
    () => ({ kind: 'reset', after: dice.below(CHUNK + 1) }),
    () => ({ kind: 'reset', after: 0 }),
    () => ({ kind: 'cut', after: dice.below(CHUNK) }),
    () => ({ kind: 'stall', after: dice.below(CHUNK) }),
    () => ({ kind: 'status', status: dice.pick([500, 502, 503, 504, 429, 404, 403]) }),
    () => ({ kind: 'portal' }),
    () => ({ kind: 'portal-redirect' }),
    () => ({ kind: 'flip', at: dice.below(CHUNK) }),
  ])();

const odd =
  (dice: Random, rate: number): NonNullable<HostOptions['fault']> =>
  () =>
    dice.next() < rate ? fault(dice) : undefined;

interface Totals {
  verified: number;
  refused: Map<string, number>;
  tries: number;
  faults: number;
}

async function run(seed: number, totals: Totals): Promise<void> {
  const dice = random(seed);
  const what = `seed ${seed}`;
  const shards = Array.from({ length: 1 + dice.below(3) }, (_, i) => [
    `params_shard_${i}.bin`,
    dice.below(CHUNK * 12),
  ]);
  const model = testModel(seed, { 'config.json': dice.below(2_000), ...Object.fromEntries(shards) });
  const options: HostOptions = {
    ranges: dice.next() > 0.2,
    etag: dice.pick(['strong', 'weak', 'none']),
    cors: dice.pick(['all', 'hidden']),
    redirect: dice.next() < 0.3,
  };
  const rate = dice.pick([0, 0.02, 0.1, 0.3]);
  const host = await startModelHost(model.served, options);
  options.fault = ({ path }) => {
    // A host that changes a file for a while, and one that changes it for good.
    if (dice.next() < rate / 10 && path !== 'manifest.json') {
      host.put(path, dice.bytes(dice.below(CHUNK * 12)));
    } else if (dice.next() < 0.5 && model.served[path]) {
      host.put(path, model.served[path]);
    }
    return dice.next() < rate ? fault(dice) : undefined;
  };
  // Half of them have other places to go to, faulty or not: the same directory, or a school's mirror by content.
  const mirror =
    dice.next() < 0.25 ? await startModelHost(model.served, { fault: odd(dice, rate) }) : undefined;
  const school =
    dice.next() < 0.25 ? await startModelHost(mirrorOf('m', model), { fault: odd(dice, rate) }) : undefined;
  const put = IDBObjectStore.prototype.put;
  const fullRate = dice.pick([0, 0, 0.02]);
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
    if (dice.next() < fullRate) throw new DOMException('full', 'QuotaExceededError');
    return put.call(this, value, key);
  });

  const name = `faults-${seed}`;
  const wait = (): Promise<void> => Promise.resolve();
  let end = 'given up';
  for (let attempt = 0; attempt < TRIES && end !== 'verified'; attempt++) {
    totals.tries++;
    const store = openShards(name); // as after a reload
    const control = new AbortController();
    const stopAt = dice.next() < 0.3 ? dice.below(CHUNK * 20) : Infinity;
    try {
      const status = await downloadModel(
        store,
        {
          id: 'm',
          base: host.url,
          manifestSha256: model.manifestSha256,
          mirrors: mirror ? [mirror.url] : [],
          roots: school ? [school.url] : [],
        },
        {
          host: { ...HOST, idleMs: 60, wait },
          signal: control.signal,
          onProgress: ({ committedBytes }) => {
            if (committedBytes > stopAt) control.abort();
          },
        },
      );
      expect(status.state, what).toBe('ready');
      end = 'verified';
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      expect(ERROR_REASONS, what).toHaveProperty(error.reason);
      expect(['internal', 'storage-failed'], `${what}: ${error.message}`).not.toContain(error.reason);
      end = error.reason;
    }
    const reader = storedModel('m', openShards(name));
    for (const [path, bytes] of Object.entries(model.files)) {
      const size = await reader.size(path);
      if (end === 'verified') expect(size, what).toBe(bytes.length);
      if (size === undefined) continue;
      expect(sha256(await reader.read(path, 0, size)), `${what}: ${path}`).toBe(sha256(bytes));
    }
  }
  vi.restoreAllMocks();
  for (const each of [host, mirror, school]) {
    totals.faults += each?.requests.filter((request) => request.fault).length ?? 0;
  }
  if (end === 'verified') totals.verified++;
  else totals.refused.set(end, (totals.refused.get(end) ?? 0) + 1);
  for (const each of [host, mirror, school]) await each?.close();
}

test(
  `${RUNS} random downloads end verified or refused by name`,
  async () => {
    const totals: Totals = { verified: 0, refused: new Map(), tries: 0, faults: 0 };
    for (let i = 0; i < RUNS; i++) await run(SEED + i, totals);
    const refused = [...totals.refused].map(([reason, times]) => `${reason} ${times}`).join(', ') || 'none';
    console.log(
      `faulty downloads: ${RUNS} runs from seed ${SEED}: ${totals.verified} verified, refused: ${refused}; ` +
        `${totals.tries} tries, ${totals.faults} faults, 0 wrong files readable`,
    );
    expect(totals.verified + [...totals.refused.values()].reduce((a, b) => a + b, 0)).toBe(RUNS);
    // A seed brought back alone may well be one that is refused.
    if (RUNS >= 20) expect(totals.verified).toBeGreaterThan(RUNS / 2);
  },
  RUNS * 20_000,
);
