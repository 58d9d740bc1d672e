import { inspect, isDeepStrictEqual } from "node:util";
// ../mini/vitest.mjs
const root = {
	name: "",
	befores: [],
	afters: [],
	beforeEachs: [],
	afterEachs: [],
	items: []
};
let at = root;
const fmt = (name, args) => {
	let i = 0;
	return String(name).replace(/%[sif]|\$\w+/g, () => String(args[i++]));
};
function describe(name, fn) {
	const s = {
		name,
		befores: [],
		afters: [],
		beforeEachs: [],
		afterEachs: [],
		items: [],
		parent: at
	};
	at.items.push(s);
	const p = at;
	at = s;
	fn();
	at = p;
}
describe.each = (rows) => (name, fn) => rows.forEach((r) => {
	const a = Array.isArray(r) ? r : [r];
	describe(fmt(name, a), () => fn(...a));
});
function it(name, fn) {
	at.items.push({
		test: true,
		name,
		fn
	});
}
it.each = (rows) => (name, fn) => rows.forEach((r) => {
	const a = Array.isArray(r) ? r : [r];
	it(fmt(name, a), () => fn(...a));
});
function match(a, b) {
	if (b && typeof b === "object" && !Array.isArray(b)) return a && typeof a === "object" && Object.keys(b).every((k) => match(a[k], b[k]));
	return isDeepStrictEqual(a, b);
}
function norm(v) {
	return v === void 0 ? v : JSON.parse(JSON.stringify(v, (k, x) => ArrayBuffer.isView(x) ? [...x] : x));
}
function checks(v, not, message) {
	const t = (ok, what) => {
		if (ok === not) throw new Error(`${message ?? ""} expected ${inspect(v, {
			depth: 4,
			maxArrayLength: 300,
			breakLength: 200
		})} ${not ? "not " : ""}${what}`);
	};
	return {
		toBe: (e) => t(Object.is(v, e), "to be " + inspect(e)),
		toEqual: (e) => t(isDeepStrictEqual(norm(v), norm(e)), "to equal " + inspect(e, {
			maxArrayLength: 300,
			breakLength: 200
		})),
		toBeUndefined: () => t(v === void 0, "undefined"),
		toBeGreaterThan: (e) => t(v > e, "> " + e),
		toBeGreaterThanOrEqual: (e) => t(v >= e, ">= " + e),
		toBeLessThan: (e) => t(v < e, "< " + e),
		toBeLessThanOrEqual: (e) => t(v <= e, "<= " + e),
		toMatchObject: (e) => t(match(v, e), "to match " + inspect(e)),
		toContain: (e) => t(v.includes(e), "to contain " + e),
		toBeCloseTo: (e, d = 2) => t(Math.abs(v - e) < 10 ** -d / 2, "close to " + e),
		toThrow: (e) => {
			let x;
			try {
				v();
			} catch (err) {
				x = err;
			}
			t(!!x && (!e || typeof e !== "string" || x.message.includes(e)), "to throw " + e);
		},
		toBeInstanceOf: (c) => t(v instanceof c, "instance of " + c.name),
		toHaveLength: (n) => t(v.length === n, "length " + n)
	};
}
function expect(v, message) {
	const c = checks(v, false, message);
	c.not = checks(v, true, message);
	const rej = async () => {
		try {
			await v;
		} catch (e) {
			return e;
		}
		throw new Error("did not reject");
	};
	c.rejects = {
		toMatchObject: async (e) => checks(await rej(), false).toMatchObject(e),
		toThrow: async (e) => {
			const x = await rej();
			if (!String(x.message).includes(e ?? "")) throw x;
		},
		toBeInstanceOf: async (k) => checks(await rej(), false).toBeInstanceOf(k)
	};
	return c;
}
const test = it;
async function runAll() {
	let failed = 0;
	const only = process.env.ONLY;
	const chain = (s) => s ? [...chain(s.parent), s] : [];
	async function suite(s, path) {
		for (const f of s.befores) await f();
		for (const item of s.items) {
			if (!item.test) {
				await suite(item, path + item.name + " > ");
				continue;
			}
			if (only && !(path + item.name).includes(only)) continue;
			const b = performance.now();
			try {
				for (const x of chain(s)) for (const f of x.beforeEachs) await f();
				await item.fn();
				for (const x of chain(s).reverse()) for (const f of x.afterEachs) await f();
				console.log(`ok   ${path}${item.name} ${Math.round(performance.now() - b)}ms`);
			} catch (e) {
				failed++;
				console.log(`FAIL ${path}${item.name}\n${e.stack}`);
			}
		}
		for (const f of s.afters) await f();
	}
	await suite(root, "");
	console.log(failed ? `${failed} FAILED` : "ALL OK");
	process.exit(failed ? 1 : 0);
}
// src/workers/session-pool.ts
/** Conversations whose computed tokens are kept. */
const MOST = 3;
/** Bytes that sessions may hold besides the one in use: the cache of an 8B model for 4,096 tokens. */
const SPARE_BYTES = 512 * 2 ** 20;
/** Tokens of another conversation that may be thrown away: computing them again is quick. */
const CHEAP = 128;
/** @param engine its sessions are the pool's to dispose of */
function createSessionPool(engine) {
	/** Used last first. */
	let sessions = [engine.createSession()];
	const ephemerals = /* @__PURE__ */ new WeakSet();
	const common = (session, tokens) => session.common?.(tokens) ?? 0;
	function drop(session) {
		sessions = sessions.filter((each) => each !== session);
		session.dispose();
	}
	return {
		async take(tokens, ephemeral = false) {
			if (!ephemeral) sessions.filter((each) => ephemerals.has(each)).forEach(drop);
			if (sessions.length === 0) sessions = [engine.createSession()];
			const best = sessions.reduce((a, b) => common(b, tokens) > common(a, tokens) ? b : a);
			const shared = common(best, tokens);
			let session = best;
			if (best.position - shared > CHEAP && best.copyPrefix) {
				const spare = sessions.reduce((sum, each) => sum + (each.bytes ?? 0), 0);
				const room = sessions.length < MOST && spare <= SPARE_BYTES;
				const oldest = sessions.at(-1);
				session = room ? engine.createSession() : oldest;
				if (session !== best && shared > common(session, tokens)) await session.copyPrefix?.(best, shared);
			}
			sessions = [session, ...sessions.filter((each) => each !== session)];
			if (ephemeral) {
				sessions.slice(1).forEach((each) => ephemerals.has(each) && drop(each));
				ephemerals.add(session);
			}
			while (sessions.length > 1 && sessions.slice(1).reduce((sum, each) => sum + (each.bytes ?? 0), 0) > SPARE_BYTES) drop(sessions.at(-1));
			return session;
		},
		shrink(kept) {
			const others = sessions.filter((each) => each !== kept);
			others.forEach(drop);
			return others.length > 0;
		},
		get position() {
			return sessions[0]?.position ?? 0;
		},
		get sessions() {
			return sessions;
		},
		dispose() {
			sessions.forEach((session) => session.dispose());
			sessions = [];
		}
	};
}
// src/workers/session-pool.test.ts
/** Sessions that only remember what they hold; `bytes` for each token. */
function fakeEngine(bytes = 1) {
	const made = [];
	const createSession = () => {
		const session = {
			held: [],
			alive: true,
			get position() {
				return this.held.length;
			},
			get bytes() {
				return this.held.length * bytes;
			},
			common(tokens) {
				const end = this.held.findIndex((id, i) => id !== tokens[i]);
				return end < 0 ? this.held.length : end;
			},
			copyPrefix(from, count) {
				this.held = from.held.slice(0, count);
				return Promise.resolve();
			},
			sync(tokens) {
				this.held = [...tokens];
				return Promise.resolve({
					reused: 0,
					prefilled: 0
				});
			},
			generate: () => Promise.reject(/* @__PURE__ */ new Error("not here")),
			logits: () => Promise.reject(/* @__PURE__ */ new Error("not here")),
			dispose() {
				this.alive = false;
			}
		};
		made.push(session);
		return session;
	};
	return {
		engine: { createSession },
		made
	};
}
const SYSTEM = Array.from({ length: 60 }, (_, i) => i);
const talk = (start, length = 300) => [...SYSTEM, ...Array.from({ length }, (_, i) => start + i)];
test("a conversation goes on where it is held; another gets a session of its own, with what they share", async () => {
	const { engine, made } = fakeEngine();
	const pool = createSessionPool(engine);
	const a = await pool.take(talk(1e3));
	await a.sync(talk(1e3));
	expect(await pool.take([...talk(1e3, 290), 5])).toBe(a);
	const b = await pool.take(talk(2e3));
	expect(b).not.toBe(a);
	expect(b.held).toEqual(SYSTEM);
	expect(a.held.length).toBe(360);
	await b.sync(talk(2e3));
	expect(await pool.take([...talk(1e3), 1])).toBe(a);
	expect(await pool.take([...talk(2e3), 1])).toBe(b);
	expect(made.length).toBe(2);
});
test("keeps three, and takes the one longest unused", async () => {
	const { engine, made } = fakeEngine();
	const pool = createSessionPool(engine);
	for (const start of [
		1e3,
		2e3,
		3e3
	]) await (await pool.take(talk(start))).sync(talk(start));
	expect(made.length).toBe(3);
	const again = await pool.take(talk(4e3));
	expect(again).toBe(made[0]);
	expect(again.common(talk(4e3))).toBe(60);
	expect(pool.sessions.length).toBe(3);
});
test("memory bounds them: large caches are given back, and all but one on demand", async () => {
	const { engine, made } = fakeEngine(2 ** 21);
	const pool = createSessionPool(engine);
	for (const start of [
		1e3,
		2e3,
		3e3
	]) await (await pool.take(talk(start))).sync(talk(start));
	expect(pool.sessions.length).toBeLessThan(3);
	const session = await pool.take(talk(3e3));
	pool.shrink(session);
	expect(pool.sessions.length).toBe(1);
	expect(pool.shrink(session)).toBe(false);
	expect(made.filter(({ alive }) => alive)).toEqual([session]);
	pool.dispose();
	expect(made.some(({ alive }) => alive)).toBe(false);
});
test("a short beginning of another conversation is not worth a session", async () => {
	const { engine } = fakeEngine();
	const pool = createSessionPool(engine);
	const a = await pool.take(talk(1e3, 40));
	await a.sync(talk(1e3, 40));
	expect(await pool.take(talk(2e3))).toBe(a);
});
test("of a temporary or locked conversation nothing stays when another’s turn comes", async () => {
	const { engine, made } = fakeEngine();
	const pool = createSessionPool(engine);
	await (await pool.take(talk(1e3))).sync(talk(1e3));
	const hidden = await pool.take(talk(2e3), true);
	await hidden.sync(talk(2e3));
	expect(await pool.take([...talk(2e3), 1], true)).toBe(hidden);
	const other = await pool.take(talk(3e3), true);
	expect(other).not.toBe(hidden);
	expect(hidden.alive).toBe(false);
	expect(await pool.take([...talk(1e3), 4])).toBe(made[0]);
	expect(other.alive).toBe(false);
	await pool.take([
		...talk(1e3),
		4,
		5
	], true);
	await pool.take([
		...talk(1e3),
		4,
		5,
		6
	]);
	expect(made[0].alive).toBe(false);
	expect(pool.sessions.length).toBe(1);
});
// src/workers/.mini-entry.ts
await runAll();
export {};
