import { readFileSync } from "node:fs";
import path from "node:path";
import { inspect, isDeepStrictEqual } from "node:util";
import { open, stat } from "node:fs/promises";
import { create, globals } from "webgpu";
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
function describe$1(name, fn) {
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
describe$1.each = (rows) => (name, fn) => rows.forEach((r) => {
	const a = Array.isArray(r) ? r : [r];
	describe$1(fmt(name, a), () => fn(...a));
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
const beforeAll = (f) => at.befores.push(f);
const afterAll = (f) => at.afters.push(f);
function match(a, b) {
	if (b && typeof b === "object" && !Array.isArray(b)) return a && typeof a === "object" && Object.keys(b).every((k) => match(a[k], b[k]));
	return isDeepStrictEqual(a, b);
}
function norm$1(v) {
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
		toEqual: (e) => t(isDeepStrictEqual(norm$1(v), norm$1(e)), "to equal " + inspect(e, {
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
// src/engine.ts
const GREEDY = {
	temperature: 0,
	topK: 0,
	topP: 1,
	minP: 0,
	repetitionPenalty: 1,
	frequencyPenalty: 0,
	presencePenalty: 0,
	logitBias: [],
	seed: 0
};
/**
* Everything that can be refused or fail, by reason -> code. The interface has a text for each reason in each
* language; `details` fill its blanks. A new failure is a new line here, and the compiler then asks for its texts.
*/
const ERROR_REASONS = {
	"webgpu-missing": "UnsupportedDeviceError",
	"adapter-missing": "UnsupportedDeviceError",
	"limit-too-low": "UnsupportedDeviceError",
	"feature-missing": "UnsupportedDeviceError",
	"wasm-simd-missing": "UnsupportedDeviceError",
	"model-over-4gb": "OutOfMemoryError",
	"device-lost": "DeviceLostError",
	"out-of-memory": "OutOfMemoryError",
	"context-full": "ContextFullError",
	"engine-busy": "BusyError",
	"engine-taken": "BusyError",
	"download-busy": "BusyError",
	"worker-gone": "WorkerError",
	aborted: "AbortError",
	internal: "InternalError",
	"option-invalid": "UsageError",
	"option-unsupported": "UsageError",
	"library-missing": "UnsupportedModelError",
	"library-mismatch": "UnsupportedModelError",
	"constraint-empty": "UsageError",
	"architecture-unsupported": "UnsupportedModelError",
	"scheme-unsupported": "UnsupportedModelError",
	"rope-unsupported": "UnsupportedModelError",
	"config-unsupported": "UnsupportedModelError",
	"dtype-unsupported": "UnsupportedModelError",
	"config-invalid": "FormatError",
	"not-a-model": "FormatError",
	"json-invalid": "FormatError",
	"limit-exceeded": "FormatError",
	"tensor-missing": "FormatError",
	"tensor-shape": "FormatError",
	"tensor-bounds": "FormatError",
	"tensor-not-finite": "FormatError",
	"safetensors-invalid": "FormatError",
	"manifest-invalid": "FormatError",
	"tokenizer-invalid": "FormatError",
	"template-invalid": "FormatError",
	"file-missing": "FormatError",
	"pack-invalid": "FormatError",
	"nothing-to-add": "FormatError",
	"file-unreadable": "StorageError",
	"target-failed": "StorageError",
	"target-full": "QuotaError",
	"hash-mismatch": "IntegrityError",
	"size-mismatch": "IntegrityError",
	"network-failed": "NetworkError",
	"http-status": "NetworkError",
	"captive-portal": "NetworkError",
	"file-changed": "NetworkError",
	"quota-exceeded": "QuotaError",
	"storage-failed": "StorageError",
	"storage-blocked": "StorageError",
	"storage-newer": "StorageError",
	"model-not-stored": "StorageError",
	"document-unsupported": "DocumentError",
	"document-wrong-type": "DocumentError",
	"document-empty": "DocumentError",
	"document-too-large": "DocumentError",
	"document-encrypted": "DocumentError",
	"document-no-text": "DocumentError",
	"document-damaged": "DocumentError",
	"import-invalid": "ImportError",
	"import-too-large": "ImportError",
	"import-newer": "ImportError",
	"vault-missing": "VaultError",
	"vault-exists": "VaultError",
	"vault-locked": "VaultError",
	"vault-passphrase": "VaultError",
	"vault-passphrase-short": "VaultError",
	"vault-damaged": "VaultError"
};
/** The one error class that crosses rooms and workers. `message` is English, for logs; people read `reason`'s text. */
var EngineError = class extends Error {
	code;
	reason;
	details;
	constructor(reason, message, details = {}, cause) {
		super(message, cause === void 0 ? void 0 : { cause });
		this.code = ERROR_REASONS[reason];
		this.name = this.code;
		this.reason = reason;
		this.details = details;
	}
};
// src/cli/folder-source.ts
function missing(folder, file, cause) {
	return new EngineError("file-missing", `${folder}: ${file} is missing`, {
		file,
		model: folder
	}, cause);
}
function isNotThere(error) {
	return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
/** Reads the files of `folder`; opens each for the moment of a read only. */
function folderSource(folder) {
	const locate = (file) => {
		if (file !== path.basename(file) || file === "..") throw missing(folder, file);
		return path.join(folder, file);
	};
	return {
		name: folder,
		async size(file) {
			try {
				const found = await stat(locate(file));
				return found.isFile() ? found.size : void 0;
			} catch (error) {
				if (isNotThere(error)) return void 0;
				throw error;
			}
		},
		async read(file, offset, length) {
			const handle = await open(locate(file)).catch((error) => {
				throw isNotThere(error) ? missing(folder, file, error) : error;
			});
			try {
				const bytes = new Uint8Array(length);
				let done = 0;
				while (done < length) {
					const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
					if (bytesRead === 0) break;
					done += bytesRead;
				}
				if (done < length) throw new EngineError("tensor-bounds", `${file}: ends at byte ${offset + done}, wanted ${offset + length}`, {
					file,
					expected: offset + length,
					actual: offset + done
				});
				return bytes;
			} finally {
				await handle.close();
			}
		}
	};
}
// src/llama/json-fields.ts
function nameOf(place, key) {
	return place.path === "" ? key : `${place.path}.${key}`;
}
/** What a value is, in a word or short quote: error details must not carry a whole file. */
function describe(value) {
	if (value === null) return "null";
	if (Array.isArray(value)) return `array of ${value.length}`;
	if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
	return typeof value === "number" || typeof value === "boolean" ? String(value) : typeof value;
}
function invalid$1(place, key, expected, value) {
	const field = nameOf(place, key);
	return new EngineError("config-invalid", `${place.file}: ${field} should be ${expected}, is ${describe(value)}`, {
		file: place.file,
		field,
		expected,
		actual: describe(value)
	});
}
function asObject(value, place) {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid$1(place, "(root)", "an object", value);
	return value;
}
/** The number at `key`, or `fallback` where the field is absent or null. Throws "config-invalid", "limit-exceeded". */
function numberField(object, key, rule, place, fallback) {
	const value = object[key];
	if ((value === void 0 || value === null) && fallback !== void 0) return fallback;
	const kind = rule.integer ? "an integer" : "a number";
	if (typeof value !== "number" || !Number.isFinite(value) || rule.integer && !Number.isInteger(value)) throw invalid$1(place, key, kind, value);
	if (value < rule.min || value > rule.max) {
		const field = nameOf(place, key);
		throw new EngineError("limit-exceeded", `${place.file}: ${field} is ${value}, outside ${rule.min} to ${rule.max}`, {
			file: place.file,
			field,
			expected: `${rule.min} to ${rule.max}`,
			actual: value
		});
	}
	return value;
}
function booleanField(object, key, place, fallback) {
	const value = object[key];
	if (value === void 0 || value === null) return fallback;
	if (typeof value !== "boolean") throw invalid$1(place, key, "true or false", value);
	return value;
}
function stringField(object, key, maxLength, place) {
	const value = object[key];
	if (typeof value !== "string") throw invalid$1(place, key, "a string", value);
	if (value.length > maxLength) {
		const field = nameOf(place, key);
		throw new EngineError("limit-exceeded", `${place.file}: ${field} is ${value.length} characters long`, {
			file: place.file,
			field,
			expected: `at most ${maxLength} characters`,
			actual: value.length
		});
	}
	return value;
}
// src/llama/config.ts
/** Largest of anything a config may claim: several times Llama 3.1 405B, small enough that no product overflows 2^53. */
const CONFIG_LIMITS = {
	hiddenSize: {
		min: 1,
		max: 65536,
		integer: true
	},
	intermediateSize: {
		min: 1,
		max: 1 << 18,
		integer: true
	},
	numHiddenLayers: {
		min: 1,
		max: 512,
		integer: true
	},
	numHeads: {
		min: 1,
		max: 1024,
		integer: true
	},
	headDim: {
		min: 2,
		max: 512,
		integer: true
	},
	vocabSize: {
		min: 1,
		max: 1 << 20,
		integer: true
	},
	rmsNormEps: {
		min: 1e-12,
		max: 1,
		integer: false
	},
	ropeTheta: {
		min: 1,
		max: 0xe8d4a51000,
		integer: false
	},
	ropeFactor: {
		min: .001,
		max: 1e6,
		integer: false
	},
	positions: {
		min: 1,
		max: 1 << 24,
		integer: true
	}
};
const MLC_FILE = "mlc-chat-config.json";
function refuse(reason, place, field, expected, value) {
	return new EngineError(reason, `${place.file}: ${field} ${describe(value)} is not supported (only ${expected})`, {
		file: place.file,
		field,
		expected,
		actual: typeof value === "string" ? value : describe(value)
	});
}
/** Refuses whatever would change the arithmetic of a plain Llama. */
function refuseVariants(config, place) {
	for (const key of [
		"attention_bias",
		"mlp_bias",
		"use_qk_norm"
	]) if (booleanField(config, key, place, false)) throw refuse("config-unsupported", place, key, "false", true);
	const act = config["hidden_act"] ?? "silu";
	if (act !== "silu") throw refuse("config-unsupported", place, "hidden_act", "silu", act);
	const window = config["sliding_window"] ?? config["sliding_window_size"] ?? null;
	if (window !== null && !(typeof window === "number" && window <= 0)) throw refuse("config-unsupported", place, "sliding_window", "none", window);
	const partial = config["partial_rotary_factor"] ?? 1;
	if (partial !== 1) throw refuse("rope-unsupported", place, "partial_rotary_factor", "1", partial);
	for (const key of ["tensor_parallel_shards", "pipeline_parallel_stages"]) {
		const count = config[key] ?? 1;
		if (count !== 1) throw refuse("config-unsupported", place, key, "1", count);
	}
}
function refuseModelType(config, place) {
	const type = config["model_type"];
	if (type !== "llama") throw refuse("architecture-unsupported", place, "model_type", "llama", type ?? null);
}
function parseRopeScaling(value, file) {
	if (value === void 0 || value === null) return null;
	const place = {
		file,
		path: "rope_scaling"
	};
	const rope = asObject(value, place);
	const type = rope["rope_type"] ?? rope["type"] ?? "default";
	if (type === "default") return null;
	if (type !== "llama3") throw refuse("rope-unsupported", place, "rope_type", "default, llama3", type);
	const factor = (key) => numberField(rope, key, CONFIG_LIMITS.ropeFactor, place);
	const scaling = {
		ropeType: "llama3",
		factor: factor("factor"),
		lowFreqFactor: factor("low_freq_factor"),
		highFreqFactor: factor("high_freq_factor"),
		originalMaxPositionEmbeddings: numberField(rope, "original_max_position_embeddings", CONFIG_LIMITS.positions, place)
	};
	if (scaling.highFreqFactor <= scaling.lowFreqFactor) throw refuse("rope-unsupported", place, "high_freq_factor", "above low_freq_factor", scaling.highFreqFactor);
	return scaling;
}
/** The fields both flavours call by the same name. `0` stands for "derive it", as MLC writes it. */
function parseShape(config, place) {
	const hiddenSize = numberField(config, "hidden_size", CONFIG_LIMITS.hiddenSize, place);
	const numAttentionHeads = numberField(config, "num_attention_heads", CONFIG_LIMITS.numHeads, place);
	const derived = (key, rule, fallback) => config[key] === 0 ? fallback : numberField(config, key, rule, place, fallback);
	const numKeyValueHeads = derived("num_key_value_heads", CONFIG_LIMITS.numHeads, numAttentionHeads);
	if (numAttentionHeads % numKeyValueHeads !== 0) throw refuse("config-unsupported", place, "num_key_value_heads", `a divisor of num_attention_heads (${numAttentionHeads})`, numKeyValueHeads);
	const headDim = derived("head_dim", CONFIG_LIMITS.headDim, hiddenSize / numAttentionHeads);
	if (!Number.isInteger(headDim) || headDim % 2 !== 0 || headDim > CONFIG_LIMITS.headDim.max) throw refuse("config-unsupported", place, "head_dim", `an even integer to ${CONFIG_LIMITS.headDim.max}`, headDim);
	return {
		hiddenSize,
		intermediateSize: numberField(config, "intermediate_size", CONFIG_LIMITS.intermediateSize, place),
		numHiddenLayers: numberField(config, "num_hidden_layers", CONFIG_LIMITS.numHiddenLayers, place),
		numAttentionHeads,
		numKeyValueHeads,
		headDim,
		tieWordEmbeddings: booleanField(config, "tie_word_embeddings", place, false)
	};
}
/** A model directory's mlc-chat-config.json. Errors as `parseHuggingFaceConfig`. */
function parseMlcConfig(json) {
	const place = {
		file: MLC_FILE,
		path: ""
	};
	const outer = asObject(json, place);
	refuseModelType(outer, place);
	refuseVariants(outer, place);
	const inner = {
		file: MLC_FILE,
		path: "model_config"
	};
	const config = asObject(outer["model_config"], inner);
	refuseVariants(config, inner);
	const windowHolder = typeof outer["context_window_size"] === "number" ? outer : config;
	return {
		...parseShape(config, inner),
		vocabSize: numberField("vocab_size" in config ? config : outer, "vocab_size", CONFIG_LIMITS.vocabSize, inner),
		rmsNormEps: numberField(config, "rms_norm_eps", CONFIG_LIMITS.rmsNormEps, inner),
		ropeTheta: numberField("position_embedding_base" in config ? config : { position_embedding_base: config["rope_theta"] }, "position_embedding_base", CONFIG_LIMITS.ropeTheta, inner),
		ropeScaling: parseRopeScaling(config["rope_scaling"], MLC_FILE),
		maxPositionEmbeddings: numberField(windowHolder, "context_window_size", CONFIG_LIMITS.positions, place)
	};
}
// src/llama/tensors.ts
/** Rows of the fused attention projection: queries, then keys, then values. */
function qkvRows(config) {
	return (config.numAttentionHeads + 2 * config.numKeyValueHeads) * config.headDim;
}
function linear(name, parts, columns) {
	return {
		name,
		kind: "linear",
		shape: [parts.reduce((sum, part) => sum + part.rows, 0), columns],
		parts
	};
}
function single(name, rows, columns) {
	return linear(name, [{
		name: `${name}.weight`,
		rows
	}], columns);
}
function norm(name, size) {
	return {
		name,
		kind: "norm",
		shape: [size],
		parts: [{
			name: `${name}.weight`,
			rows: size
		}]
	};
}
/** Every tensor of the model, names as on disk without their suffix. */
function llamaTensors(config) {
	const { hiddenSize, intermediateSize, headDim } = config;
	const queries = config.numAttentionHeads * headDim;
	const keys = config.numKeyValueHeads * headDim;
	const tensors = [single("model.embed_tokens", config.vocabSize, hiddenSize)];
	for (let layer = 0; layer < config.numHiddenLayers; layer++) {
		const block = `model.layers.${layer}`;
		const attention = `${block}.self_attn`;
		tensors.push(norm(`${block}.input_layernorm`, hiddenSize), linear(`${attention}.qkv_proj`, [
			{
				name: `${attention}.q_proj.weight`,
				rows: queries
			},
			{
				name: `${attention}.k_proj.weight`,
				rows: keys
			},
			{
				name: `${attention}.v_proj.weight`,
				rows: keys
			}
		], hiddenSize), single(`${attention}.o_proj`, hiddenSize, queries), norm(`${block}.post_attention_layernorm`, hiddenSize), linear(`${block}.mlp.gate_up_proj`, [{
			name: `${block}.mlp.gate_proj.weight`,
			rows: intermediateSize
		}, {
			name: `${block}.mlp.up_proj.weight`,
			rows: intermediateSize
		}], hiddenSize), single(`${block}.mlp.down_proj`, hiddenSize, intermediateSize));
	}
	tensors.push(norm("model.norm", hiddenSize));
	if (!config.tieWordEmbeddings) tensors.push(single("lm_head", config.vocabSize, hiddenSize));
	return tensors;
}
// src/format/json-file.ts
/** Llama 3's tokenizer.json has 9 MB, a vocabulary of 256,000 about 40 MB. */
const MAX_TOKENIZER_BYTES = 134217728;
/** A config or an index: the tensor list of a 405B model has under 1 MB. */
const MAX_JSON_BYTES = 16777216;
/** The longest chat templates in use have some 20 kB. */
const MAX_TEMPLATE_BYTES = 262144;
/** The file's text, or undefined where there is no such file. Throws "limit-exceeded", "json-invalid" (not UTF-8). */
async function readTextIfThere(source, path, maxBytes) {
	const size = await source.size(path);
	if (size === void 0) return void 0;
	if (size > maxBytes) throw new EngineError("limit-exceeded", `${path}: ${size} bytes, more than ${maxBytes}`, {
		file: path,
		expected: `at most ${maxBytes} bytes`,
		actual: size
	});
	const bytes = await source.read(path, 0, size);
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch (cause) {
		throw new EngineError("json-invalid", `${path}: is not UTF-8 text`, {
			file: path,
			actual: "not UTF-8"
		}, cause);
	}
}
/** The file's JSON, or undefined where there is no such file. Throws "limit-exceeded", "json-invalid". */
async function readJsonIfThere(source, path, maxBytes = MAX_JSON_BYTES) {
	const text = await readTextIfThere(source, path, maxBytes);
	if (text === void 0) return void 0;
	return parseJson(text, path);
}
/** Throws "json-invalid" naming the file; the parser's own words are kept as the cause. */
function parseJson(text, file) {
	try {
		return JSON.parse(text);
	} catch (cause) {
		const fault = cause instanceof Error ? cause.message.slice(0, 200) : "";
		throw new EngineError("json-invalid", `${file}: is not JSON: ${fault}`, {
			file,
			actual: fault
		}, cause);
	}
}
/** Like `readJsonIfThere`; a file that is not there is "file-missing". */
async function readJson(source, path, maxBytes = MAX_JSON_BYTES) {
	const json = await readJsonIfThere(source, path, maxBytes);
	if (json === void 0) throw new EngineError("file-missing", `${source.name}: ${path} is missing`, {
		file: path,
		model: source.name
	});
	return json;
}
// src/format/schemes.ts
const SCHEMES = {
	q4f16_1: {
		name: "q4f16_1",
		bits: 4,
		group: 32,
		perWord: 8,
		zero: 7,
		scaleType: "float16"
	},
	q4f32_1: {
		name: "q4f32_1",
		bits: 4,
		group: 32,
		perWord: 8,
		zero: 7,
		scaleType: "float32"
	},
	q3f16_1: {
		name: "q3f16_1",
		bits: 3,
		group: 40,
		perWord: 10,
		zero: 3,
		scaleType: "float16"
	},
	q0f16: {
		name: "q0f16",
		bits: 16,
		group: 0,
		perWord: 0,
		zero: 0,
		scaleType: "float16"
	}
};
/** The scheme of that name; throws "scheme-unsupported". */
function schemeNamed(name, file) {
	if (typeof name === "string" && Object.hasOwn(SCHEMES, name)) return SCHEMES[name];
	const actual = typeof name === "string" ? name.slice(0, 40) : String(typeof name);
	const expected = Object.keys(SCHEMES).join(", ");
	throw new EngineError("scheme-unsupported", `${file}: quantisation ${actual} is not supported (only ${expected})`, {
		file,
		expected,
		actual
	});
}
/** Groups a row of `columns` values has; the last may be short. */
function groupsOf(scheme, columns) {
	return Math.ceil(columns / scheme.group);
}
/** u32 words a row of `columns` values takes: whole groups, so that every group starts on a word. */
function wordsOf(scheme, columns) {
	return groupsOf(scheme, columns) * scheme.group / scheme.perWord;
}
/** How a tensor lies on disk: names with their suffix, shapes, dtypes. */
function storedTensors(scheme, tensor) {
	const [rows, columns] = tensor.shape;
	if (tensor.kind === "norm" || columns === void 0 || scheme.group === 0) return [{
		name: `${tensor.name}.weight`,
		shape: tensor.shape,
		dtype: scheme.scaleType
	}];
	return [{
		name: `${tensor.name}.q_weight`,
		shape: [rows, wordsOf(scheme, columns)],
		dtype: "uint32"
	}, {
		name: `${tensor.name}.q_scale`,
		shape: [rows, groupsOf(scheme, columns)],
		dtype: scheme.scaleType
	}];
}
/**
* Dequantised weights [rows, columns], row-major, for tests and the float64 oracle: (code - M) * scale.
* @param words [rows, wordsOf(columns)]
* @param scales [rows, groupsOf(columns)], decoded
*/
function dequantize(scheme, words, scales, rows, columns) {
	const perRow = wordsOf(scheme, columns);
	const groups = groupsOf(scheme, columns);
	const mask = (1 << scheme.bits) - 1;
	const values = new Float64Array(rows * columns);
	for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
		const code = (words[row * perRow + Math.floor(column / scheme.perWord)] ?? 0) >>> column % scheme.perWord * scheme.bits & mask;
		const scale = scales[row * groups + Math.floor(column / scheme.group)] ?? 0;
		values[row * columns + column] = (code - scheme.zero) * scale;
	}
	return values;
}
// src/format/stop-tokens.ts
/** More than any model has. */
const MAX_STOP_TOKENS = 64;
/**
* The union of `eos_token_id` and `stop_token_ids` over the given objects, ascending. Ids outside the vocabulary can never
* be drawn and are left out.
*/
function stopTokenIds(objects, vocabSize) {
	const ids = /* @__PURE__ */ new Set();
	for (const object of objects) {
		if (typeof object !== "object" || object === null) continue;
		const fields = object;
		for (const id of [fields.eos_token_id, fields.stop_token_ids].flat()) {
			if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= vocabSize) continue;
			if (ids.size < MAX_STOP_TOKENS) ids.add(id);
		}
	}
	return [...ids].sort((a, b) => a - b);
}
// src/format/tensor-cache.ts
const TENSOR_CACHE_FILES = ["tensor-cache.json", "ndarray-cache.json"];
/** A 405B model has some 2,300 tensors, a 70B one 1,300 in some hundreds of shards. */
const MAX_TENSORS = 2e4;
const MAX_SHARDS = 2e4;
/** A tensor is never split; the embedding of Llama 3.1 70B has 0.5 GB as q4f16_1, 2.1 GB as q0f16. */
const MAX_SHARD_BYTES = 8 * 1024 ** 3;
const MAX_NAME = 256;
const MAX_RANK = 4;
const MAX_DIMENSION = 1 << 28;
/** A plain file name: no folder, no "..", nothing a file system or URL reads specially. */
function isPlainFileName(path) {
	return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(path);
}
function fault(file, message, details) {
	return new EngineError("tensor-bounds", `${file}: ${message}`, {
		file,
		...details
	});
}
function arrayField(object, key, limit, place) {
	const value = object[key];
	const field = place.path === "" ? key : `${place.path}.${key}`;
	if (!Array.isArray(value)) throw new EngineError("config-invalid", `${place.file}: ${field} should be an array`, {
		file: place.file,
		field,
		expected: "an array",
		actual: typeof value
	});
	if (value.length > limit) throw new EngineError("limit-exceeded", `${place.file}: ${field} has ${value.length} entries`, {
		file: place.file,
		field,
		expected: `at most ${limit}`,
		actual: value.length
	});
	return value;
}
function parseRecord(value, shard, place) {
	const record = asObject(value, place);
	const name = stringField(record, "name", MAX_NAME, place);
	const dtype = record["dtype"];
	if (dtype !== "uint32" && dtype !== "float16" && dtype !== "float32") {
		const actual = typeof dtype === "string" ? dtype.slice(0, 40) : typeof dtype;
		throw new EngineError("dtype-unsupported", `${place.file}: ${name} has dtype ${actual}`, {
			file: place.file,
			tensor: name,
			expected: "uint32, float16, float32",
			actual
		});
	}
	const shape = arrayField(record, "shape", MAX_RANK, place).map((size, i) => numberField({ [i]: size }, String(i), {
		min: 1,
		max: MAX_DIMENSION,
		integer: true
	}, {
		file: place.file,
		path: `${name}.shape`
	}));
	const bfloat16 = dtype === "float32" && record["format"] === "f32-to-bf16";
	const byteLength = shape.reduce((product, size) => product * size, dtype === "float16" || bfloat16 ? 2 : 4);
	const bytes = {
		min: 0,
		max: MAX_SHARD_BYTES,
		integer: true
	};
	const nbytes = numberField(record, "nbytes", bytes, {
		file: place.file,
		path: name
	});
	const byteOffset = numberField(record, "byteOffset", bytes, {
		file: place.file,
		path: name
	});
	if (nbytes !== byteLength) throw fault(place.file, `${name} claims ${nbytes} bytes, its shape needs ${byteLength}`, {
		tensor: name,
		expected: byteLength,
		actual: nbytes
	});
	if (byteOffset + byteLength > shard.bytes) throw fault(place.file, `${name} ends at ${byteOffset + byteLength}, ${shard.path} at ${shard.bytes}`, {
		tensor: name,
		shard: shard.path,
		expected: shard.bytes,
		actual: byteOffset + byteLength
	});
	return {
		name,
		shape,
		dtype,
		shard: shard.path,
		byteOffset,
		byteLength,
		bfloat16
	};
}
/**
* Parses tensor-cache.json. Throws "config-invalid", "limit-exceeded", "tensor-bounds" and "dtype-unsupported".
* @param file name it was read from, for error messages
*/
function parseTensorCache(json, file) {
	const root = asObject(json, {
		file,
		path: ""
	});
	const shards = [];
	const paths = /* @__PURE__ */ new Set();
	const tensors = /* @__PURE__ */ new Map();
	for (const [i, entry] of arrayField(root, "records", MAX_SHARDS, {
		file,
		path: ""
	}).entries()) {
		const place = {
			file,
			path: `records[${i}]`
		};
		const object = asObject(entry, place);
		const path = stringField(object, "dataPath", MAX_NAME, place);
		if (!isPlainFileName(path) || paths.has(path)) throw new EngineError("config-invalid", `${file}: shard name ${JSON.stringify(path)} is not usable`, {
			file,
			field: `${place.path}.dataPath`,
			expected: "a plain file name, once",
			actual: path.slice(0, 80)
		});
		paths.add(path);
		const md5 = object["md5sum"];
		const shard = {
			path,
			bytes: numberField(object, "nbytes", {
				min: 0,
				max: MAX_SHARD_BYTES,
				integer: true
			}, place),
			md5: typeof md5 === "string" && /^[0-9a-f]{32}$/i.test(md5) ? md5.toLowerCase() : void 0
		};
		shards.push(shard);
		for (const record of arrayField(object, "records", MAX_TENSORS - tensors.size, place)) {
			const tensor = parseRecord(record, shard, place);
			if (tensors.has(tensor.name)) throw fault(file, `${tensor.name} is there twice`, {
				tensor: tensor.name,
				expected: 1,
				actual: 2
			});
			tensors.set(tensor.name, tensor);
		}
	}
	return {
		file,
		shards,
		tensors
	};
}
// src/format/model-directory.ts
const MLC_CONFIG_FILE = "mlc-chat-config.json";
/** The tensor list of a directory, by its newer or its older name. Throws "file-missing". */
async function readTensorCache(source) {
	for (const file of TENSOR_CACHE_FILES) {
		const json = await readJsonIfThere(source, file);
		if (json !== void 0) return parseTensorCache(json, file);
	}
	const file = TENSOR_CACHE_FILES[0];
	throw new EngineError("file-missing", `${source.name}: ${file} is missing`, {
		file,
		model: source.name
	});
}
/** Throws "tensor-missing" or "tensor-shape" where the list does not hold what the config needs. */
function checkTensors(config, scheme, cache) {
	for (const tensor of llamaTensors(config)) for (const expected of storedTensors(scheme, tensor)) {
		const record = cache.tensors.get(expected.name);
		if (record === void 0) throw new EngineError("tensor-missing", `${cache.file}: ${expected.name} is missing`, {
			file: cache.file,
			tensor: expected.name
		});
		const wanted = `${expected.dtype} [${expected.shape.join(", ")}]`;
		const found = `${record.dtype} [${record.shape.join(", ")}]`;
		if (wanted !== found) throw new EngineError("tensor-shape", `${cache.file}: ${expected.name} is ${found}, not ${wanted}`, {
			file: cache.file,
			tensor: expected.name,
			expected: wanted,
			actual: found
		});
	}
}
/** Throws "file-missing" or "size-mismatch" where a shard is not whole. */
async function checkShards(source, cache) {
	for (const shard of cache.shards) {
		const size = await source.size(shard.path);
		if (size === void 0) throw new EngineError("file-missing", `${source.name}: ${shard.path} is missing`, {
			file: shard.path,
			model: source.name
		});
		if (size !== shard.bytes) throw new EngineError("size-mismatch", `${shard.path}: ${size} bytes, ${cache.file} says ${shard.bytes}`, {
			file: shard.path,
			expected: shard.bytes,
			actual: size
		});
	}
}
/**
* Reads config, generation_config.json and tensor list; asks for no shard.
* Throws EngineError: "not-a-model" where there is no mlc-chat-config.json, else what the parts throw.
*/
async function readDirectoryClaims(source) {
	const json = await readJsonIfThere(source, MLC_CONFIG_FILE);
	if (json === void 0) throw new EngineError("not-a-model", `${source.name}: no ${MLC_CONFIG_FILE}, so this is no model directory`, {
		file: MLC_CONFIG_FILE,
		model: source.name
	});
	const config = parseMlcConfig(json);
	const mlc = asObject(json, {
		file: MLC_CONFIG_FILE,
		path: ""
	});
	const scheme = schemeNamed(mlc["quantization"], MLC_CONFIG_FILE);
	const cache = await readTensorCache(source);
	checkTensors(config, scheme, cache);
	const generation = await readJsonIfThere(source, "generation_config.json");
	return {
		source,
		config,
		scheme,
		contextWindow: config.maxPositionEmbeddings,
		stopTokenIds: stopTokenIds([
			mlc["conv_template"],
			mlc,
			generation
		], config.vocabSize),
		cache
	};
}
/**
* Opens a directory: config, scheme, tensor list and shard sizes are all checked; no weight is read.
* Throws what `readDirectoryClaims` throws, "file-missing" and "size-mismatch" for a shard.
*/
async function openModelDirectory(source) {
	const { cache, ...claims } = await readDirectoryClaims(source);
	await checkShards(source, cache);
	return {
		...claims,
		tensors: cache.tensors
	};
}
/**
* Bytes of a tensor as they lie on disk, or of a slice of it.
* Throws "tensor-missing", "tensor-bounds", and what the source throws.
*/
async function readTensor(directory, name, offset = 0, length) {
	const record = directory.tensors.get(name);
	if (record === void 0) throw new EngineError("tensor-missing", `${directory.source.name}: ${name} is missing`, {
		file: directory.source.name,
		tensor: name
	});
	const bytes = length ?? record.byteLength - offset;
	if (offset < 0 || bytes < 0 || offset + bytes > record.byteLength) throw new EngineError("tensor-bounds", `${name}: bytes ${offset} to ${offset + bytes} of ${record.byteLength}`, {
		file: record.shard,
		tensor: name,
		expected: record.byteLength,
		actual: offset + bytes
	});
	return directory.source.read(record.shard, record.byteOffset + offset, bytes);
}
// src/format/tokenizer-files.ts
/** Reads tokenizer.json, tokenizer_config.json and chat_template.jinja. Throws "file-missing" where the first is not there. */
async function readTokenizerFiles(source) {
	const tokenizerJson = await readJson(source, "tokenizer.json", MAX_TOKENIZER_BYTES);
	const tokenizerConfig = await readJsonIfThere(source, "tokenizer_config.json") ?? {};
	const chatTemplate = await readTextIfThere(source, "chat_template.jinja", MAX_TEMPLATE_BYTES);
	return chatTemplate === void 0 ? {
		tokenizerJson,
		tokenizerConfig
	} : {
		tokenizerJson,
		tokenizerConfig,
		chatTemplate
	};
}
// ../../work/wt/session/node_modules/@huggingface/tokenizers/dist/tokenizers.mjs
var DictionarySplitter = class {
	/**
	* @param dictionary The dictionary of words to use for splitting.
	*/
	constructor(dictionary) {
		this.trie = this._build_trie(dictionary);
	}
	/**
	* Builds a trie from the given dictionary.
	* @param dictionary The dictionary of words to build the trie from.
	* @returns The root node of the trie.
	* @private
	*/
	_build_trie(dictionary) {
		const trie = /* @__PURE__ */ Object.create(null);
		for (const word of dictionary) {
			let node = trie;
			for (let i = 0; i < word.length; ++i) {
				const char = word[i];
				node = node[char] ??= /* @__PURE__ */ Object.create(null);
			}
			node.end = word;
		}
		return trie;
	}
	/**
	* Splits the input text into tokens based on the dictionary.
	* @param text The input text to split.
	* @returns An array of tokens.
	*/
	split(text) {
		const result = [];
		const n = text.length;
		let start = 0;
		let i = 0;
		while (i < n) {
			let node = this.trie;
			let match = null;
			let j = i;
			while (j < n && (node = node[text[j]])) {
				if (node.end) match = node.end;
				++j;
			}
			if (match) {
				if (i > start) result.push(text.slice(start, i));
				result.push(match);
				i += match.length;
				start = i;
			} else ++i;
		}
		if (start < n) result.push(text.slice(start));
		return result;
	}
};
var DictionarySplitter_default = DictionarySplitter;
var AddedToken = class {
	/**
	* Creates a new instance of AddedToken.
	* @param config Added token configuration object.
	*/
	constructor(config) {
		this.content = config.content;
		this.id = config.id;
		this.single_word = config.single_word ?? false;
		this.lstrip = config.lstrip ?? false;
		this.rstrip = config.rstrip ?? false;
		this.special = config.special ?? false;
		this.normalized = config.normalized ?? !this.special;
	}
};
var AddedToken_default = AddedToken;
var compile_unicode_regexp = (source, flags) => {
	try {
		return new RegExp(source, flags);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		const property_names = /* @__PURE__ */ new Map();
		const rewritten = source.replace(/(\\[pP])\{([^}=]+)\}/g, (text, p, n, offset) => {
			let preceding_backslashes = 0;
			for (let i = offset - 1; i >= 0 && source[i] === "\\"; --i) ++preceding_backslashes;
			if (preceding_backslashes % 2 === 1) return text;
			let property_name = property_names.get(n);
			if (property_name === void 0) {
				try {
					new RegExp(`\\p{${n}}`, "u");
					property_name = n;
				} catch {
					property_name = `Script=${n}`;
				}
				property_names.set(n, property_name);
			}
			return `${p}{${property_name}}`;
		});
		if (rewritten === source) throw error;
		try {
			return new RegExp(rewritten, flags);
		} catch {
			throw error;
		}
	}
};
var clean_up_tokenization = (text) => text.replace(/ \./g, ".").replace(/ \?/g, "?").replace(/ \!/g, "!").replace(/ ,/g, ",").replace(/ \' /g, "'").replace(/ n't/g, "n't").replace(/ 'm/g, "'m").replace(/ 's/g, "'s").replace(/ 've/g, "'ve").replace(/ 're/g, "'re");
var create_pattern = (pattern, invert = true) => {
	if (pattern.Regex !== void 0) return compile_unicode_regexp(rewrite_oniguruma_to_js(normalize_bloom_split_char_class(pattern.Regex)), "gu");
	else if (pattern.String !== void 0) {
		const escaped = escape_reg_exp(pattern.String);
		return new RegExp(invert ? escaped : `(${escaped})`, "gu");
	} else {
		console.warn("Unknown pattern type:", pattern);
		return null;
	}
};
var UNICODE_WORD_CHARS_IN_CLASS = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";
var UNICODE_WORD_CHARS = `${UNICODE_WORD_CHARS_IN_CLASS}\\u00B2\\u00B3\\u00B9\\u00BC-\\u00BE`;
var UNICODE_WORD_CLASS = `[${UNICODE_WORD_CHARS}]`;
var UNICODE_NON_WORD_CLASS = `[^${UNICODE_WORD_CHARS}]`;
var UNICODE_WORD_BOUNDARY = `(?:(?<!${UNICODE_WORD_CLASS})(?=${UNICODE_WORD_CLASS})|(?<=${UNICODE_WORD_CLASS})(?!${UNICODE_WORD_CLASS}))`;
var UNICODE_NON_WORD_BOUNDARY = `(?:(?<!${UNICODE_WORD_CLASS})(?!${UNICODE_WORD_CLASS})|(?<=${UNICODE_WORD_CLASS})(?=${UNICODE_WORD_CLASS}))`;
var LINE_START_ANCHOR = "(?:(?<![\\s\\S])|(?<=\\n))";
var LINE_END_ANCHOR = "(?:(?=\\n)|(?![\\s\\S]))";
var HEX_DIGIT_CHARS = "0-9A-Fa-f";
var ESCAPE_REWRITES = /* @__PURE__ */ new Map([
	["A", "(?<![\\s\\S])"],
	["z", "(?![\\s\\S])"],
	["Z", "(?=\\n?(?![\\s\\S]))"],
	["h", `[${HEX_DIGIT_CHARS}]`],
	["H", `[^${HEX_DIGIT_CHARS}]`],
	["w", UNICODE_WORD_CLASS],
	["W", UNICODE_NON_WORD_CLASS],
	["d", "\\p{Nd}"],
	["D", "\\P{Nd}"],
	["s", "\\p{White_Space}"],
	["S", "\\P{White_Space}"],
	["b", UNICODE_WORD_BOUNDARY],
	["B", UNICODE_NON_WORD_BOUNDARY],
	["a", "\\x07"],
	["e", "\\x1B"]
]);
var CLASS_ESCAPE_REWRITES = /* @__PURE__ */ new Map([
	["h", HEX_DIGIT_CHARS],
	["w", UNICODE_WORD_CHARS_IN_CLASS],
	["d", "\\p{Nd}"],
	["D", "\\P{Nd}"],
	["s", "\\p{White_Space}"],
	["S", "\\P{White_Space}"],
	["a", "\\x07"],
	["e", "\\x1B"]
]);
var CLASS_COMPLEMENT_ALTERNATIVES = /* @__PURE__ */ new Map([["W", `[^${UNICODE_WORD_CHARS_IN_CLASS}]`], ["H", `[^${HEX_DIGIT_CHARS}]`]]);
var RAW_WHITESPACE_ESCAPES = /* @__PURE__ */ new Map([
	["\n", "\\n"],
	["\r", "\\r"],
	["	", "\\t"],
	["\f", "\\f"],
	["\v", "\\v"]
]);
var POSIX_CLASS_FRAGMENTS = /* @__PURE__ */ new Map([
	["alpha", "\\p{Alphabetic}"],
	["alnum", "\\p{Alphabetic}\\p{Nd}"],
	["digit", "\\p{Nd}"],
	["lower", "\\p{Lowercase}"],
	["upper", "\\p{Uppercase}"],
	["space", "\\p{White_Space}"],
	["blank", "\\t\\p{Zs}"],
	["punct", "\\p{P}\\p{S}"],
	["cntrl", "\\p{Cc}"],
	["word", UNICODE_WORD_CHARS_IN_CLASS],
	["xdigit", HEX_DIGIT_CHARS]
]);
var JS_SYNTAX_CHARS = "^$\\.*+?()[]{}|/";
var GROUP_PREFIX_RE = /^\(\?(?:<[=!]|<[A-Za-z_][A-Za-z0-9_]*>|[:=!>])/;
var BRACED_ESCAPE_RE = /^\\([pPxu])\{([^}]*)\}/;
var QUANTIFIER_BRACE_RE = /^\{(\d+(?:,\d*)?|,\d+)\}/;
var POSIX_BRACKET_RE = /^\[:(\^?)(\p{Alphabetic}+):\]/u;
var EMPTY_NEGATED_POSIX_BRACKET_RE = /^\[:\^:\]/;
var UNSUPPORTED_POSIX_BRACKET_RE = /^\[(?:\.[^\]]*\.\]|=[^\]]*=\])/;
var FIXED_WIDTH_ESCAPE_RE = /^(?:\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\c[A-Za-z])/;
var is_ascii_letter = (char) => char >= "A" && char <= "Z" || char >= "a" && char <= "z";
var character_at = (text, index) => String.fromCodePoint(text.codePointAt(index));
var get_ascii_folded_hex_atom = (hex) => {
	if (!/^[0-9A-Fa-f]{1,8}$/.test(hex)) return null;
	const code_point = Number.parseInt(hex, 16);
	if (code_point > 127) return null;
	const letter = String.fromCharCode(code_point);
	return is_ascii_letter(letter) ? `[${letter.toLowerCase()}${letter.toUpperCase()}]` : null;
};
var normalize_bloom_split_char_class = (regex) => regex.replace(/\[\^\(\\s\|\[([^\]]+)\]\)\]/g, "[^()|\\s$1]");
var ANY_CODE_POINT = "[\\s\\S]";
var MAX_CHARACTER_CLASS_NESTING_DEPTH = 256;
var create_character_class_operand = () => ({
	fragment: "",
	alternatives: [],
	tail: null,
	contains_complex_set: false
});
var throw_character_class_range_error = (index) => {
	throw new SyntaxError(`Unsupported range with a set-valued character-class operand at index ${index}`);
};
var add_character_class_atom = (operand, atom, index, contains_complex_set = true) => {
	if (operand.tail === "range") throw_character_class_range_error(index);
	operand.alternatives.push(atom);
	operand.tail = "set";
	operand.contains_complex_set = operand.contains_complex_set || contains_complex_set;
};
var append_character_class_fragment = (operand, fragment, set_valued = false, index = -1) => {
	if (set_valued && operand.tail === "range") throw_character_class_range_error(index);
	if (operand.tail === "range") {
		operand.fragment += fragment;
		operand.tail = "complete_range";
		return;
	}
	operand.fragment += fragment;
	operand.tail = set_valued ? "set" : "scalar";
	operand.contains_complex_set = operand.contains_complex_set || set_valued;
};
var rewrite_character_class_escape = (regex, index, operand) => {
	const braced = BRACED_ESCAPE_RE.exec(regex.slice(index));
	if (braced) {
		const [text, kind, body] = braced;
		if (kind === "P" && body === "Word") add_character_class_atom(operand, `[^${UNICODE_WORD_CHARS_IN_CLASS}]`, index);
		else append_character_class_fragment(operand, kind === "x" ? `\\u{${body}}` : kind === "p" && body === "Word" ? UNICODE_WORD_CHARS_IN_CLASS : text, kind === "p" || kind === "P", index);
		return index + text.length;
	}
	const fixed_width = FIXED_WIDTH_ESCAPE_RE.exec(regex.slice(index));
	if (fixed_width) {
		append_character_class_fragment(operand, fixed_width[0]);
		return index + fixed_width[0].length;
	}
	if (index + 1 >= regex.length) throw new SyntaxError(`Unterminated escape in character class at index ${index}`);
	const next = character_at(regex, index + 1);
	const next_end = index + 1 + next.length;
	const raw_whitespace = RAW_WHITESPACE_ESCAPES.get(next);
	if (raw_whitespace !== void 0) {
		append_character_class_fragment(operand, raw_whitespace);
		return next_end;
	}
	const complement = CLASS_COMPLEMENT_ALTERNATIVES.get(next);
	if (complement !== void 0) {
		add_character_class_atom(operand, complement, index);
		return next_end;
	}
	const rewrite = CLASS_ESCAPE_REWRITES.get(next);
	let replacement;
	let set_valued = false;
	if (rewrite !== void 0) {
		replacement = rewrite;
		set_valued = next !== "a" && next !== "e";
	} else if (/[A-Za-z0-9]/.test(next)) replacement = `\\${next}`;
	else if (JS_SYNTAX_CHARS.includes(next) || next === "-") replacement = `\\${next}`;
	else replacement = next;
	append_character_class_fragment(operand, replacement, set_valued, index);
	return next_end;
};
var compile_character_set_union = (pieces) => {
	if (pieces.length === 1) return pieces[0];
	return `(?:(?=(?:${pieces.join("|")}))${ANY_CODE_POINT})`;
};
var compile_character_class_operand = (operand) => {
	return compile_character_set_union(operand.fragment.length === 0 ? operand.alternatives : [`[${operand.fragment}]`, ...operand.alternatives]);
};
var get_ascii_fold_additions = (positive_atom) => {
	const membership = compile_unicode_regexp(`^(?:${positive_atom})$`, "u");
	let additions = "";
	for (let offset = 0; offset < 26; ++offset) {
		const upper = String.fromCharCode(65 + offset);
		const lower = String.fromCharCode(97 + offset);
		const has_upper = membership.test(upper);
		if (has_upper !== membership.test(lower)) additions += has_upper ? lower : upper;
	}
	return additions;
};
var parse_character_class = (regex, start, ascii_fold, apply_ascii_fold = true, nesting_depth = 1) => {
	if (nesting_depth > MAX_CHARACTER_CLASS_NESTING_DEPTH) throw new SyntaxError(`Maximum character-class nesting depth of ${MAX_CHARACTER_CLASS_NESTING_DEPTH} exceeded at index ${start}`);
	let i = start + 1;
	const negated = regex[i] === "^";
	if (negated) ++i;
	const first_content_index = i;
	const operands = [create_character_class_operand()];
	let operand = operands[0];
	let contains_nested_negated_complex_set = false;
	while (i < regex.length) {
		const char = character_at(regex, i);
		if (char === "\\") {
			i = rewrite_character_class_escape(regex, i, operand);
			continue;
		}
		if (char === "]") {
			if (i === first_content_index) {
				append_character_class_fragment(operand, "\\]");
				++i;
				continue;
			}
			if (operand.tail === null) {
				if (operands.length > 1) throw new SyntaxError(`Malformed character-class intersection with an empty operand at index ${i}`);
				throw new SyntaxError(`Empty character class at index ${start}`);
			}
			const contains_complex_set = operands.some((candidate) => candidate.contains_complex_set);
			if (negated && operands.length > 1 && contains_nested_negated_complex_set) throw new SyntaxError(`Unsupported outer-negated character-class intersection with a nested negated class containing a Unicode property, POSIX class, or shorthand at index ${start}`);
			const first_atom = compile_character_class_operand(operands[0]);
			let positive_atom = first_atom;
			if (operands.length > 1) {
				let lookaheads = "";
				for (let j = 1; j < operands.length; ++j) lookaheads += `(?=${compile_character_class_operand(operands[j])})`;
				positive_atom = `(?:${lookaheads}${first_atom})`;
			}
			const is_direct_class = operands.length === 1 && operand.alternatives.length === 0;
			let direct_fragment = operand.fragment;
			if (ascii_fold && apply_ascii_fold) {
				const additions = get_ascii_fold_additions(positive_atom);
				if (additions.length > 0) {
					if (is_direct_class) {
						direct_fragment += additions;
						positive_atom = `[${direct_fragment}]`;
					} else positive_atom = compile_character_set_union([positive_atom, `[${additions}]`]);
				}
			}
			return {
				atom: negated ? is_direct_class ? `[^${direct_fragment}]` : `(?:(?!${positive_atom})${ANY_CODE_POINT})` : positive_atom,
				end: i + 1,
				negated,
				contains_complex_set,
				contains_nested_negated_complex_set
			};
		}
		if (regex.startsWith("&&", i)) {
			if (operand.tail === null) throw new SyntaxError(`Malformed character-class intersection with an empty operand at index ${i}`);
			operand = create_character_class_operand();
			operands.push(operand);
			i += 2;
			continue;
		}
		if (char === "[") {
			const suffix = regex.slice(i);
			if (EMPTY_NEGATED_POSIX_BRACKET_RE.test(suffix)) throw new SyntaxError(`Malformed empty negated POSIX character class at index ${i}`);
			const posix = POSIX_BRACKET_RE.exec(suffix);
			if (posix) {
				const [, posix_negated, name] = posix;
				const fragment = POSIX_CLASS_FRAGMENTS.get(name);
				if (fragment === void 0) throw new SyntaxError(`Unsupported POSIX character class "${name}" at index ${i}`);
				if (ascii_fold && posix_negated && (name === "lower" || name === "upper")) throw new SyntaxError(`Unsupported negated POSIX ${name} class inside an inline case-insensitive group`);
				if (posix_negated) add_character_class_atom(operand, `[^${fragment}]`, i);
				else append_character_class_fragment(operand, fragment, true, i);
				i += posix[0].length;
				continue;
			}
			if (UNSUPPORTED_POSIX_BRACKET_RE.test(suffix)) throw new SyntaxError(`Unsupported POSIX collating or equivalence bracket expression at index ${i}`);
			const nested = parse_character_class(regex, i, ascii_fold, false, nesting_depth + 1);
			add_character_class_atom(operand, nested.atom, i, nested.contains_complex_set);
			contains_nested_negated_complex_set ||= nested.contains_nested_negated_complex_set || nested.negated && nested.contains_complex_set;
			i = nested.end;
			continue;
		}
		if (char === "-") {
			const is_terminal_literal = regex[i + 1] === "]" || regex.startsWith("&&", i + 1);
			if (operand.tail === "set" && !is_terminal_literal) throw_character_class_range_error(i);
			if (operand.tail === null || operand.tail === "range" || operand.tail === "complete_range" || is_terminal_literal) append_character_class_fragment(operand, "\\-");
			else {
				operand.fragment += "-";
				operand.tail = "range";
			}
			++i;
			continue;
		}
		append_character_class_fragment(operand, char === "^" && operand.fragment.length === 0 ? "\\^" : char);
		i += char.length;
	}
	throw new SyntaxError(`${operands.length > 1 ? "Unterminated character-class intersection" : "Unterminated character class"} at index ${start}`);
};
var rewrite_oniguruma_to_js = (regex) => {
	let out = "";
	let atom_start = -1;
	let last_was_quantifier = false;
	let ascii_fold = false;
	const group_states = [];
	const emit_atom = (text) => {
		atom_start = out.length;
		out += text;
		last_was_quantifier = false;
	};
	for (let i = 0; i < regex.length;) {
		const char = character_at(regex, i);
		if (char === "\\") {
			const braced = BRACED_ESCAPE_RE.exec(regex.slice(i));
			if (braced) {
				const [text, kind, body] = braced;
				let replacement2 = text;
				if (kind === "x") {
					const code_point_escape = `\\u{${body}}`;
					replacement2 = ascii_fold ? get_ascii_folded_hex_atom(body) ?? code_point_escape : code_point_escape;
				} else if (body === "Word") replacement2 = kind === "p" ? UNICODE_WORD_CLASS : UNICODE_NON_WORD_CLASS;
				emit_atom(replacement2);
				i += text.length;
				continue;
			}
			const fixed_width = FIXED_WIDTH_ESCAPE_RE.exec(regex.slice(i));
			if (fixed_width) {
				const text = fixed_width[0];
				emit_atom(ascii_fold && text[1] !== "c" ? get_ascii_folded_hex_atom(text.slice(2)) ?? text : text);
				i += text.length;
				continue;
			}
			if (i + 1 >= regex.length) {
				out += char;
				break;
			}
			const next = character_at(regex, i + 1);
			i += 1 + next.length;
			if (next === "G") continue;
			const raw_whitespace = RAW_WHITESPACE_ESCAPES.get(next);
			if (raw_whitespace !== void 0) {
				emit_atom(raw_whitespace);
				continue;
			}
			const rewrite = ESCAPE_REWRITES.get(next);
			let replacement;
			if (rewrite !== void 0) replacement = rewrite;
			else if (/[A-Za-z0-9]/.test(next)) replacement = `\\${next}`;
			else if (JS_SYNTAX_CHARS.includes(next)) replacement = `\\${next}`;
			else replacement = next;
			emit_atom(replacement);
			continue;
		}
		switch (char) {
			case "[": {
				const parsed = parse_character_class(regex, i, ascii_fold);
				emit_atom(parsed.atom);
				i = parsed.end;
				continue;
			}
			case "]":
				emit_atom("\\]");
				++i;
				continue;
			case ".":
				emit_atom("[^\\n]");
				++i;
				continue;
			case "^":
				emit_atom(LINE_START_ANCHOR);
				++i;
				continue;
			case "$":
				emit_atom(LINE_END_ANCHOR);
				++i;
				continue;
			case "(": {
				const inline_case_insensitive = regex.startsWith("(?i:", i);
				const source_prefix = inline_case_insensitive ? "(?i:" : GROUP_PREFIX_RE.exec(regex.slice(i))?.[0] ?? "(";
				const output_prefix = inline_case_insensitive ? "(?:" : source_prefix === "(?>" ? "(?:" : source_prefix;
				group_states.push([out.length, ascii_fold]);
				if (inline_case_insensitive) ascii_fold = true;
				out += output_prefix;
				last_was_quantifier = false;
				i += source_prefix.length;
				continue;
			}
			case ")":
				out += char;
				[atom_start, ascii_fold] = group_states.pop() ?? [-1, false];
				last_was_quantifier = false;
				++i;
				continue;
			case "|":
				out += char;
				atom_start = -1;
				last_was_quantifier = false;
				++i;
				continue;
			case "{": {
				const quant = QUANTIFIER_BRACE_RE.exec(regex.slice(i));
				if (!quant || atom_start < 0) {
					emit_atom("\\{");
					++i;
					continue;
				}
				const body = quant[1].startsWith(",") ? `0${quant[1]}` : quant[1];
				i += quant[0].length;
				const following = regex[i];
				if (following === "+" || following === "*") {
					out = `${out.slice(0, atom_start)}(?:${out.slice(atom_start)}{${body}})${following}`;
					++i;
				} else out += `{${body}}`;
				last_was_quantifier = true;
				continue;
			}
			case "}":
				emit_atom("\\}");
				++i;
				continue;
			case "+":
				if (last_was_quantifier) {
					++i;
					continue;
				}
				out += char;
				last_was_quantifier = true;
				++i;
				continue;
			case "*":
			case "?":
				out += char;
				last_was_quantifier = true;
				++i;
				continue;
			default:
				emit_atom(ascii_fold && is_ascii_letter(char) ? `[${char.toLowerCase()}${char.toUpperCase()}]` : char);
				i += char.length;
				continue;
		}
	}
	return out;
};
var escape_reg_exp = (string) => string.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
var fuse_unk = (arr, tokens_to_ids, unk_token_id) => {
	const fused = [];
	let i = 0;
	while (i < arr.length) {
		fused.push(arr[i]);
		if ((tokens_to_ids.get(arr[i]) ?? unk_token_id) !== unk_token_id) {
			++i;
			continue;
		}
		while (++i < arr.length && (tokens_to_ids.get(arr[i]) ?? unk_token_id) === unk_token_id) if (tokens_to_ids.get(fused.at(-1)) !== unk_token_id) fused[fused.length - 1] += arr[i];
	}
	return fused;
};
var is_chinese_char = (cp) => cp >= 19968 && cp <= 40959 || cp >= 13312 && cp <= 19903 || cp >= 131072 && cp <= 173791 || cp >= 173824 && cp <= 177983 || cp >= 177984 && cp <= 178207 || cp >= 178208 && cp <= 183983 || cp >= 63744 && cp <= 64255 || cp >= 194560 && cp <= 195103;
var is_integral_number = (x) => Number.isInteger(x) || typeof x === "bigint";
var len = (s) => {
	let length = 0;
	for (const c of s) ++length;
	return length;
};
var lowercase_and_remove_accents = (text) => remove_accents(text.toLowerCase());
var merge_arrays = (...arrs) => Array.prototype.concat.apply([], arrs);
var object_to_map = (obj) => new Map(Object.entries(obj));
var regex_split = (text, regex) => {
	const result = [];
	let prev = 0;
	for (const match of text.matchAll(regex)) {
		const full_match = match[0];
		if (prev < match.index) result.push(text.slice(prev, match.index));
		if (full_match.length > 0) result.push(full_match);
		prev = match.index + full_match.length;
	}
	if (prev < text.length) result.push(text.slice(prev));
	return result;
};
var remove_accents = (text) => text.replace(/\p{M}/gu, "");
var validate_object = (obj, name, required_keys = []) => {
	if (!obj || Array.isArray(obj) || typeof obj !== "object") return `${name} must be a valid object`;
	for (const key of required_keys) if (!(key in obj)) return `${name} must contain a "${key}" property`;
	return null;
};
var whitespace_split = (text) => text.match(/\S+/g) || [];
var Callable = class {
	/**
	* Creates a new instance of the Callable class.
	*/
	constructor() {
		const closure = function(...args) {
			return closure._call(...args);
		};
		return Object.setPrototypeOf(closure, new.target.prototype);
	}
};
var Callable_default = Callable;
var Normalizer = class extends Callable_default {
	/**
	* @param config The configuration object for the normalizer.
	*/
	constructor(config) {
		super();
		this.config = config;
	}
	/**
	* Alias for {@link Normalizer#normalize}.
	* @param text The text to normalize.
	* @returns The normalized text.
	*/
	_call(text) {
		return this.normalize(text);
	}
};
var Normalizer_default = Normalizer;
var BertNormalizer = class extends Normalizer_default {
	/**
	* Adds whitespace around any CJK (Chinese, Japanese, or Korean) character in the input text.
	*
	* @param text The input text to tokenize.
	* @returns The tokenized text with whitespace added around CJK characters.
	*/
	tokenize_chinese_chars(text) {
		const output = [];
		for (let i = 0; i < text.length; ++i) {
			const char = text[i];
			if (is_chinese_char(char.charCodeAt(0))) {
				output.push(" ");
				output.push(char);
				output.push(" ");
			} else output.push(char);
		}
		return output.join("");
	}
	/**
	* Strips accents from the given text.
	* @param text The text to strip accents from.
	* @returns The text with accents removed.
	*/
	strip_accents(text) {
		return text.normalize("NFD").replace(/\p{Mn}/gu, "");
	}
	/**
	* Checks whether `char` is a control character.
	* @param char The character to check.
	* @returns Whether `char` is a control character.
	*/
	is_control(char) {
		switch (char) {
			case "	":
			case "\n":
			case "\r": return false;
			default: return /^\p{Cc}|\p{Cf}|\p{Co}|\p{Cs}$/u.test(char);
		}
	}
	/**
	* Performs invalid character removal and whitespace cleanup on text.
	* @param text The text to clean.
	* @returns The cleaned text.
	*/
	clean_text(text) {
		const output = [];
		for (const char of text) {
			const cp = char.charCodeAt(0);
			if (cp === 0 || cp === 65533 || this.is_control(char)) continue;
			if (/^\s$/.test(char)) output.push(" ");
			else output.push(char);
		}
		return output.join("");
	}
	/**
	* Normalizes the given text based on the configuration.
	* @param text The text to normalize.
	* @returns The normalized text.
	*/
	normalize(text) {
		if (this.config.clean_text) text = this.clean_text(text);
		if (this.config.handle_chinese_chars) text = this.tokenize_chinese_chars(text);
		if (this.config.lowercase) {
			text = text.toLowerCase();
			if (this.config.strip_accents !== false) text = this.strip_accents(text);
		} else if (this.config.strip_accents) text = this.strip_accents(text);
		return text;
	}
};
var BertNormalizer_default = BertNormalizer;
var Precompiled = class extends Normalizer_default {
	/**
	* Create a new instance of Precompiled normalizer.
	* @param config The configuration object.
	*/
	constructor(config) {
		super(config);
		this.charsmap = config.precompiled_charsmap ?? null;
	}
	/**
	* Normalizes the given text by applying the precompiled charsmap.
	* @param text The text to normalize.
	* @returns The normalized text.
	*/
	normalize(text) {
		text = text.replace(/[\u0001-\u0008\u000B\u000E-\u001F\u007F\u008F\u009F]/gm, "");
		text = text.replace(/[\u0009\u000A\u000C\u000D\u00A0\u1680\u2000-\u200F\u2028\u2029\u202F\u205F\u2581\u3000\uFEFF\uFFFD]/gm, " ");
		if (text.includes("～")) text = text.split("～").map((part) => part.normalize("NFKC")).join("～");
		else text = text.normalize("NFKC");
		return text;
	}
};
var Precompiled_default = Precompiled;
var Sequence = class extends Normalizer_default {
	/**
	* Create a new instance of NormalizerSequence.
	* @param config The configuration object.
	*/
	constructor(config) {
		super(config);
		this.normalizers = (config.normalizers ?? []).map((x) => create_normalizer_default(x));
	}
	/**
	* Apply a sequence of Normalizers to the input text.
	* @param text The text to normalize.
	* @returns The normalized text.
	*/
	normalize(text) {
		return this.normalizers.reduce((t, normalizer) => {
			return normalizer ? normalizer.normalize(t) : t;
		}, text);
	}
};
var Sequence_default = Sequence;
var Replace = class extends Normalizer_default {
	/**
	* @param config The configuration object for the normalizer.
	*/
	constructor(config) {
		super(config);
		this.pattern = create_pattern(this.config.pattern ?? {});
	}
	/**
	* Normalize the input text by replacing the pattern with the content.
	* @param text The input text to be normalized.
	* @returns The normalized text after replacing the pattern with the content.
	*/
	normalize(text) {
		return this.pattern === null ? text : text.replaceAll(this.pattern, this.config.content ?? "");
	}
};
var Replace_default = Replace;
var UnicodeNormalizer = class extends Normalizer_default {
	constructor() {
		super(...arguments);
		/**
		* The Unicode normalization form to apply.
		* Should be one of: 'NFC', 'NFD', 'NFKC', or 'NFKD'.
		*/
		this.form = "NFC";
	}
	/**
	* Normalize the input text by applying Unicode normalization.
	* @param text The input text to be normalized.
	* @returns The normalized text.
	*/
	normalize(text) {
		text = text.normalize(this.form);
		return text;
	}
};
var UnicodeNormalizer_default = UnicodeNormalizer;
var NFC = class extends UnicodeNormalizer_default {
	constructor() {
		super(...arguments);
		this.form = "NFC";
	}
};
var NFC_default = NFC;
var NFD = class extends UnicodeNormalizer_default {
	constructor() {
		super(...arguments);
		this.form = "NFD";
	}
};
var NFD_default = NFD;
var NFKC = class extends UnicodeNormalizer_default {
	constructor() {
		super(...arguments);
		this.form = "NFKC";
	}
};
var NFKC_default = NFKC;
var NFKD = class extends UnicodeNormalizer_default {
	constructor() {
		super(...arguments);
		this.form = "NFKD";
	}
};
var NFKD_default = NFKD;
var Strip = class extends Normalizer_default {
	/**
	* Strip leading and/or trailing whitespace from the input text.
	* @param text The input text.
	* @returns The normalized text.
	*/
	normalize(text) {
		if (this.config.strip_left && this.config.strip_right) text = text.trim();
		else {
			if (this.config.strip_left) text = text.trimStart();
			if (this.config.strip_right) text = text.trimEnd();
		}
		return text;
	}
};
var Strip_default = Strip;
var StripAccents = class extends Normalizer_default {
	/**
	* Remove all accents from the text.
	* @param text The input text.
	* @returns The normalized text without accents.
	*/
	normalize(text) {
		return remove_accents(text);
	}
};
var StripAccents_default = StripAccents;
var Lowercase = class extends Normalizer_default {
	/**
	* Lowercases the input string.
	* @param {string} text The text to normalize.
	* @returns {string} The normalized text.
	*/
	normalize(text) {
		return text.toLowerCase();
	}
};
var Lowercase_default = Lowercase;
var Prepend = class extends Normalizer_default {
	/**
	* Prepends the input string.
	* @param text The text to normalize.
	* @returns The normalized text.
	*/
	normalize(text) {
		text = this.config.prepend + text;
		return text;
	}
};
var Prepend_default = Prepend;
function create_normalizer(config) {
	if (config === null) return null;
	switch (config.type) {
		case "BertNormalizer": return new BertNormalizer_default(config);
		case "Precompiled": return new Precompiled_default(config);
		case "Sequence": return new Sequence_default(config);
		case "Replace": return new Replace_default(config);
		case "NFC": return new NFC_default(config);
		case "NFD": return new NFD_default(config);
		case "NFKC": return new NFKC_default(config);
		case "NFKD": return new NFKD_default(config);
		case "Strip": return new Strip_default(config);
		case "StripAccents": return new StripAccents_default(config);
		case "Lowercase": return new Lowercase_default(config);
		case "Prepend": return new Prepend_default(config);
		default: throw new Error(`Unknown Normalizer type: ${config.type}`);
	}
}
var create_normalizer_default = create_normalizer;
var PreTokenizer = class extends Callable_default {
	/**
	* Tokenizes the given text into pre-tokens.
	* @param text The text or array of texts to pre-tokenize.
	* @param options Additional options for the pre-tokenization logic.
	* @returns An array of pre-tokens.
	*/
	pre_tokenize(text, options) {
		return (Array.isArray(text) ? text.map((x) => this.pre_tokenize_text(x, options)) : this.pre_tokenize_text(text, options)).flat();
	}
	/**
	* Alias for {@link PreTokenizer#pre_tokenize}.
	* @param text The text or array of texts to pre-tokenize.
	* @param options Additional options for the pre-tokenization logic.
	* @returns An array of pre-tokens.
	*/
	_call(text, options) {
		return this.pre_tokenize(text, options);
	}
};
var PreTokenizer_default = PreTokenizer;
var BYTES_TO_UNICODE = (() => {
	const bs = [
		...Array.from({ length: "~".charCodeAt(0) - "!".charCodeAt(0) + 1 }, (_, i) => i + "!".charCodeAt(0)),
		...Array.from({ length: "¬".charCodeAt(0) - "¡".charCodeAt(0) + 1 }, (_, i) => i + "¡".charCodeAt(0)),
		...Array.from({ length: "ÿ".charCodeAt(0) - "®".charCodeAt(0) + 1 }, (_, i) => i + "®".charCodeAt(0))
	];
	const cs = bs.slice();
	let n = 0;
	for (let b = 0; b < 256; ++b) if (!bs.includes(b)) {
		bs.push(b);
		cs.push(256 + n);
		n += 1;
	}
	const ccs = cs.map((n2) => String.fromCharCode(n2));
	return Object.fromEntries(bs.map((b, i) => [b, ccs[i]]));
})();
var reverse_dictionary = (data) => Object.fromEntries(Object.entries(data).map(([key, value]) => [value, key]));
var UNICODE_TO_BYTES = reverse_dictionary(BYTES_TO_UNICODE);
var PUNCTUATION_REGEX = "\\p{P}\\u0021-\\u002F\\u003A-\\u0040\\u005B-\\u0060\\u007B-\\u007E";
var ByteLevel = class extends PreTokenizer_default {
	/**
	* Creates a new instance of the `ByteLevelPreTokenizer` class.
	* @param config The configuration object.
	*/
	constructor(config) {
		super();
		this.config = config;
		this.add_prefix_space = this.config.add_prefix_space ?? false;
		this.trim_offsets = this.config.trim_offsets ?? false;
		this.use_regex = this.config.use_regex ?? true;
		this.pattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
		this.byte_encoder = BYTES_TO_UNICODE;
		this.text_encoder = new TextEncoder();
	}
	/**
	* Tokenizes a single piece of text using byte-level tokenization.
	* @param text The text to tokenize.
	* @param options Additional options for the pre-tokenization logic.
	* @returns An array of tokens.
	*/
	pre_tokenize_text(text, options) {
		if (this.add_prefix_space && !text.startsWith(" ")) text = " " + text;
		return (this.use_regex ? text.match(this.pattern) || [] : [text]).map((token) => Array.from(this.text_encoder.encode(token), (byte) => this.byte_encoder[byte]).join(""));
	}
};
var ByteLevel_default = ByteLevel;
var Whitespace = class extends PreTokenizer_default {
	/**
	* Pre-tokenizes the input text by splitting it on word boundaries.
	* @param text The text to be pre-tokenized.
	* @param options Additional options for the pre-tokenization logic.
	* @returns An array of tokens produced by splitting the input text on whitespace.
	*/
	pre_tokenize_text(text, options) {
		return text.match(/\w+|[^\w\s]+/g) || [];
	}
};
var Whitespace_default = Whitespace;
var Metaspace = class extends PreTokenizer_default {
	/**
	* @param config The configuration object for the MetaspacePreTokenizer.
	*/
	constructor(config) {
		super();
		this.replacement = config.replacement ?? "▁";
		this.str_rep = config.str_rep || this.replacement;
		this.prepend_scheme = config.prepend_scheme ?? "always";
	}
	/**
	* This method takes a string, replaces spaces with the replacement character,
	* adds a prefix space if requested, and returns a new list of tokens.
	* @param text The text to pre-tokenize.
	* @param options The options for the pre-tokenization.
	* @returns A new list of pre-tokenized tokens.
	*/
	pre_tokenize_text(text, options) {
		const { section_index = void 0 } = options ?? {};
		let normalized = text.replaceAll(" ", this.str_rep);
		if (!normalized.startsWith(this.replacement) && (this.prepend_scheme === "always" || this.prepend_scheme === "first" && section_index === 0)) normalized = this.str_rep + normalized;
		return [normalized];
	}
};
var Metaspace_default = Metaspace;
var Split = class extends PreTokenizer_default {
	/**
	* @param config The configuration options for the pre-tokenizer.
	*/
	constructor(config) {
		super();
		this.config = config;
		this.pattern = create_pattern(this.config.pattern ?? {}, this.config.invert ?? true);
	}
	/**
	* Tokenizes text by splitting it using the given pattern.
	* @param text The text to tokenize.
	* @returns An array of tokens.
	*/
	pre_tokenize_text(text) {
		if (this.pattern === null) return [];
		if (this.config.invert) return (text.match(this.pattern) || []).filter((x) => x);
		else if (this.config.behavior?.toLowerCase() === "removed") return text.split(this.pattern).filter((x) => x);
		else return regex_split(text, this.pattern);
	}
};
var Split_default = Split;
var Punctuation = class extends PreTokenizer_default {
	/**
	* @param config The configuration options for the pre-tokenizer.
	*/
	constructor(config) {
		super();
		this.config = config;
		this.pattern = new RegExp(`[^${PUNCTUATION_REGEX}]+|[${PUNCTUATION_REGEX}]+`, "gu");
	}
	/**
	* Tokenizes text by splitting it using the given pattern.
	* @param text The text to tokenize.
	* @returns An array of tokens.
	*/
	pre_tokenize_text(text) {
		return text.match(this.pattern) || [];
	}
};
var Punctuation_default = Punctuation;
var Digits = class extends PreTokenizer_default {
	/**
	* @param config The configuration options for the pre-tokenizer.
	*/
	constructor(config) {
		super();
		this.config = config;
		const digit_pattern = `[^\\d]+|\\d${this.config.individual_digits ? "" : "+"}`;
		this.pattern = new RegExp(digit_pattern, "gu");
	}
	/**
	* Tokenizes text by splitting it using the given pattern.
	* @param text The text to tokenize.
	* @returns An array of tokens.
	*/
	pre_tokenize_text(text) {
		return text.match(this.pattern) || [];
	}
};
var Digits_default = Digits;
var BertPreTokenizer = class extends PreTokenizer_default {
	/**
	* A PreTokenizer that splits text into wordpieces using a basic tokenization scheme
	* similar to that used in the original implementation of BERT.
	*/
	constructor() {
		super();
		this.pattern = new RegExp(`[^\\s${PUNCTUATION_REGEX}]+|[${PUNCTUATION_REGEX}]`, "gu");
	}
	/**
	* Tokenizes a single text using the BERT pre-tokenization scheme.
	*
	* @param text The text to tokenize.
	* @param options Additional options for the pre-tokenization logic.
	* @returns An array of tokens.
	*/
	pre_tokenize_text(text, options) {
		return text.trim().match(this.pattern) || [];
	}
};
var BertPreTokenizer_default = BertPreTokenizer;
var Replace2 = class extends PreTokenizer_default {
	/**
	* @param config The configuration options for the pre-tokenizer.
	*/
	constructor(config) {
		super();
		this.config = config;
		this.pattern = create_pattern(this.config.pattern ?? {});
		this.content = this.config.content ?? "";
	}
	/**
	* Pre-tokenizes the input text by replacing certain characters.
	* @param text The text to be pre-tokenized.
	* @returns An array of tokens produced by replacing certain characters.
	*/
	pre_tokenize_text(text) {
		if (this.pattern === null) return [text];
		return [text.replaceAll(this.pattern, this.config.content ?? "")];
	}
};
var Replace_default2 = Replace2;
var Sequence2 = class extends PreTokenizer_default {
	/**
	* Creates an instance of PreTokenizerSequence.
	* @param config The configuration object for the pre-tokenizer sequence.
	*/
	constructor(config) {
		super();
		this.tokenizers = (config.pretokenizers ?? []).map((x) => create_pre_tokenizer_default(x));
	}
	/**
	* Applies each pre-tokenizer in the sequence to the input text in turn.
	* @param text The text to pre-tokenize.
	* @param options Additional options for the pre-tokenization logic.
	* @returns The pre-tokenized text.
	*/
	pre_tokenize_text(text, options) {
		return this.tokenizers.reduce((pre_tokenized_text, tokenizer) => {
			return tokenizer ? tokenizer.pre_tokenize(pre_tokenized_text, options) : pre_tokenized_text;
		}, [text]);
	}
};
var Sequence_default2 = Sequence2;
var WhitespaceSplit = class extends PreTokenizer_default {
	/**
	* Pre-tokenizes the input text by splitting it on whitespace characters.
	* @param text The text to be pre-tokenized.
	* @returns An array of tokens produced by splitting the input text on whitespace.
	*/
	pre_tokenize_text(text) {
		return whitespace_split(text);
	}
};
var WhitespaceSplit_default = WhitespaceSplit;
var FixedLength = class extends PreTokenizer_default {
	/**
	* @param config The configuration options for the pre-tokenizer.
	*/
	constructor(config) {
		super();
		this.config = config;
		this._length = config.length;
	}
	/**
	* Pre-tokenizes the input text by splitting it into fixed-length tokens.
	* @param text The text to be pre-tokenized.
	* @returns An array of tokens produced by splitting the input text into fixed-length tokens.
	*/
	pre_tokenize_text(text) {
		const tokens = [];
		for (let i = 0; i < text.length; i += this._length) tokens.push(text.slice(i, i + this._length));
		return tokens;
	}
};
var FixedLength_default = FixedLength;
function create_pre_tokenizer(config) {
	if (config === null) return null;
	switch (config.type) {
		case "BertPreTokenizer": return new BertPreTokenizer_default();
		case "Sequence": return new Sequence_default2(config);
		case "Whitespace": return new Whitespace_default();
		case "WhitespaceSplit": return new WhitespaceSplit_default();
		case "Metaspace": return new Metaspace_default(config);
		case "ByteLevel": return new ByteLevel_default(config);
		case "Split": return new Split_default(config);
		case "Punctuation": return new Punctuation_default(config);
		case "Digits": return new Digits_default(config);
		case "Replace": return new Replace_default2(config);
		case "FixedLength": return new FixedLength_default(config);
		default: throw new Error(`Unknown PreTokenizer type: ${config.type}`);
	}
}
var create_pre_tokenizer_default = create_pre_tokenizer;
var TokenizerModel = class extends Callable_default {
	/**
	* Creates a new instance of TokenizerModel.
	* @param config The configuration object for the TokenizerModel.
	*/
	constructor(config) {
		super();
		this.config = config;
		this.vocab = [];
		this.tokens_to_ids = /* @__PURE__ */ new Map();
		this.unk_token_id = void 0;
		this.unk_token = void 0;
		this.end_of_word_suffix = void 0;
		this.fuse_unk = this.config.fuse_unk ?? false;
	}
	/**
	* Internal function to call the TokenizerModel instance.
	* @param tokens The tokens to encode.
	* @returns The encoded tokens.
	*/
	_call(tokens) {
		let result = this.encode(tokens);
		if (this.fuse_unk) result = fuse_unk(result, this.tokens_to_ids, this.unk_token_id);
		return result;
	}
};
var TokenizerModel_default = TokenizerModel;
var WordPieceTokenizer = class extends TokenizerModel_default {
	/**
	* @param config The configuration object.
	*/
	constructor(config) {
		super(config);
		/** The maximum number of characters per word. */
		this.max_input_chars_per_word = 100;
		this.tokens_to_ids = object_to_map(config.vocab);
		this.unk_token_id = this.tokens_to_ids.get(config.unk_token);
		this.unk_token = config.unk_token;
		this.max_input_chars_per_word = config.max_input_chars_per_word ?? 100;
		this.vocab = new Array(this.tokens_to_ids.size);
		for (const [key, value] of this.tokens_to_ids) this.vocab[value] = key;
	}
	/**
	* Encodes an array of tokens using WordPiece encoding.
	* @param tokens The tokens to encode.
	* @returns An array of encoded tokens.
	*/
	encode(tokens) {
		const output_tokens = [];
		for (const token of tokens) {
			const chars = [...token];
			if (chars.length > this.max_input_chars_per_word) {
				output_tokens.push(this.unk_token);
				continue;
			}
			let is_unknown = false;
			let start = 0;
			const sub_tokens = [];
			while (start < chars.length) {
				let end = chars.length;
				let current_substring = null;
				while (start < end) {
					let substr = chars.slice(start, end).join("");
					if (start > 0) substr = this.config.continuing_subword_prefix + substr;
					if (this.tokens_to_ids.has(substr)) {
						current_substring = substr;
						break;
					}
					--end;
				}
				if (current_substring === null) {
					is_unknown = true;
					break;
				}
				sub_tokens.push(current_substring);
				start = end;
			}
			if (is_unknown) output_tokens.push(this.unk_token);
			else output_tokens.push(...sub_tokens);
		}
		return output_tokens;
	}
};
var WordPiece_default = WordPieceTokenizer;
var CharTrieNode = class _CharTrieNode {
	/**
	* Create a new CharTrieNode.
	* @param is_leaf Whether the node is a leaf node or not.
	* @param children A map containing the node's children, where the key is a character and the value is a `CharTrieNode`.
	*/
	constructor(is_leaf, children) {
		this.is_leaf = is_leaf;
		this.children = children;
	}
	/**
	* Returns a new `CharTrieNode` instance with default values.
	* @returns A new `CharTrieNode` instance with `is_leaf` set to `false` and an empty `children` map.
	*/
	static default() {
		return new _CharTrieNode(false, /* @__PURE__ */ new Map());
	}
};
var CharTrie = class {
	constructor() {
		this.root = CharTrieNode.default();
	}
	/**
	* Adds one or more `texts` to the trie.
	* @param texts The strings to add to the trie.
	*/
	extend(texts) {
		for (const text of texts) this.push(text);
	}
	/**
	* Adds text to the trie.
	* @param text The string to add to the trie.
	*/
	push(text) {
		let node = this.root;
		for (const ch of text) {
			let child = node.children.get(ch);
			if (child === void 0) {
				child = CharTrieNode.default();
				node.children.set(ch, child);
			}
			node = child;
		}
		node.is_leaf = true;
	}
	/**
	* Searches the trie for stored strings that match `chars` starting at `start`.
	* @param chars The input characters to search.
	* @param start The index to start searching from.
	* @yields Each stored string that is a prefix of `chars` starting at `start`.
	*/
	*common_prefix_search(chars, start = 0) {
		let node = this.root;
		if (node === void 0) return;
		let prefix = "";
		for (let i = start; i < chars.length; ++i) {
			const ch = chars[i];
			prefix += ch;
			node = node.children.get(ch);
			if (node === void 0) return;
			if (node.is_leaf) yield prefix;
		}
	}
};
var CharTrie_default = CharTrie;
var TokenLatticeNode = class _TokenLatticeNode {
	/**
	* Represents a node in a token lattice for a given sentence.
	* @param token_id The ID of the token associated with this node.
	* @param node_id The ID of this node.
	* @param pos The starting position of the token in the sentence.
	* @param length The length of the token.
	* @param score The score associated with the token.
	*/
	constructor(token_id, node_id, pos, length, score) {
		this.token_id = token_id;
		this.node_id = node_id;
		this.pos = pos;
		this.length = length;
		this.score = score;
		this.prev = null;
		this.backtrace_score = 0;
	}
	/**
	* Returns a clone of this node.
	* @returns A clone of this node.
	*/
	clone() {
		const n = new _TokenLatticeNode(this.token_id, this.node_id, this.pos, this.length, this.score);
		n.prev = this.prev;
		n.backtrace_score = this.backtrace_score;
		return n;
	}
};
var TokenLattice = class {
	/**
	* Creates a new TokenLattice instance.
	*
	* @param sentence The input sentence to be tokenized.
	* @param bos_token_id The beginning-of-sequence token ID.
	* @param eos_token_id The end-of-sequence token ID.
	*/
	constructor(sentence, bos_token_id, eos_token_id) {
		this.chars = Array.from(sentence);
		this.len = this.chars.length;
		this.bos_token_id = bos_token_id;
		this.eos_token_id = eos_token_id;
		this.nodes = [];
		this.begin_nodes = Array.from({ length: this.len + 1 }, () => []);
		this.end_nodes = Array.from({ length: this.len + 1 }, () => []);
		const bos = new TokenLatticeNode(this.bos_token_id ?? 0, 0, 0, 0, 0);
		const eos = new TokenLatticeNode(this.eos_token_id ?? 0, 1, this.len, 0, 0);
		this.nodes.push(bos.clone());
		this.nodes.push(eos.clone());
		this.begin_nodes[this.len].push(eos);
		this.end_nodes[0].push(bos);
	}
	/**
	* Inserts a new token node into the token lattice.
	*
	* @param pos The starting position of the token.
	* @param length The length of the token.
	* @param score The score of the token.
	* @param token_id The token ID of the token.
	*/
	insert(pos, length, score, token_id) {
		const node_id = this.nodes.length;
		const node = new TokenLatticeNode(token_id, node_id, pos, length, score);
		this.begin_nodes[pos].push(node);
		this.end_nodes[pos + length].push(node);
		this.nodes.push(node);
	}
	/**
	* Implements the Viterbi algorithm to compute the most likely sequence of tokens.
	*
	* @returns The most likely sequence of tokens.
	*/
	viterbi() {
		const len2 = this.len;
		let pos = 0;
		while (pos <= len2) {
			if (this.begin_nodes[pos].length == 0) return [];
			for (let rnode of this.begin_nodes[pos]) {
				rnode.prev = null;
				let best_score = 0;
				let best_node = null;
				for (let lnode of this.end_nodes[pos]) {
					const score = lnode.backtrace_score + rnode.score;
					if (best_node === null || score > best_score) {
						best_node = lnode.clone();
						best_score = score;
					}
				}
				if (best_node !== null) {
					rnode.prev = best_node;
					rnode.backtrace_score = best_score;
				} else return [];
			}
			++pos;
		}
		const results = [];
		const prev = this.begin_nodes[len2][0].prev;
		if (prev === null) return [];
		let node = prev.clone();
		while (node.prev !== null) {
			results.push(node.clone());
			node = node.clone().prev.clone();
		}
		results.reverse();
		return results;
	}
	/**
	* Get the text piece for a given node.
	* @param node The node to get the piece for.
	* @returns The array of nodes representing the most likely sequence of tokens.
	*/
	piece(node) {
		return this.chars.slice(node.pos, node.pos + node.length).join("");
	}
	/**
	* @returns The most likely sequence of tokens.
	*/
	tokens() {
		return this.viterbi().map((x) => this.piece(x));
	}
	/**
	* @returns The most likely sequence of token ids.
	*/
	token_ids() {
		return this.viterbi().map((x) => x.token_id);
	}
};
var TokenLattice_default = TokenLattice;
function min(arr) {
	if (arr.length === 0) throw new Error("Array must not be empty");
	let min_value = arr[0];
	let index_of_min = 0;
	for (let i = 1; i < arr.length; ++i) if (arr[i] < min_value) {
		min_value = arr[i];
		index_of_min = i;
	}
	return [min_value, index_of_min];
}
var Unigram = class extends TokenizerModel_default {
	/**
	* Create a new Unigram tokenizer model.
	* @param config The configuration object for the Unigram model.
	* @param eos_token
	*/
	constructor(config, eos_token) {
		super(config);
		const vocab_size = config.vocab.length;
		this.vocab = new Array(vocab_size);
		this.scores = new Array(vocab_size);
		for (let i = 0; i < vocab_size; ++i) [this.vocab[i], this.scores[i]] = config.vocab[i];
		this.unk_token_id = config.unk_id;
		this.unk_token = this.vocab[config.unk_id];
		this.tokens_to_ids = new Map(this.vocab.map((x, i) => [x, i]));
		this.bos_token = " ";
		this.bos_token_id = this.tokens_to_ids.get(this.bos_token);
		this.eos_token = eos_token;
		this.eos_token_id = this.tokens_to_ids.get(this.eos_token);
		this.unk_token = this.vocab[this.unk_token_id];
		this.min_score = min(this.scores)[0];
		this.unk_score = this.min_score - 10;
		this.scores[this.unk_token_id] = this.unk_score;
		this.trie = new CharTrie_default();
		this.trie.extend(this.vocab);
		this.fuse_unk = true;
	}
	/**
	* Populates lattice nodes.
	* @param lattice The token lattice to populate with nodes.
	*/
	populate_nodes(lattice) {
		const chars = lattice.chars;
		const mblen = 1;
		let begin_pos = 0;
		while (begin_pos < chars.length) {
			let has_single_node = false;
			const prefixed_tokens = this.trie.common_prefix_search(chars, begin_pos);
			for (const token of prefixed_tokens) {
				const token_id = this.tokens_to_ids.get(token);
				const token_score = this.scores[token_id];
				const n = len(token);
				lattice.insert(begin_pos, n, token_score, token_id);
				if (!has_single_node && n === mblen) has_single_node = true;
			}
			if (!has_single_node) lattice.insert(begin_pos, mblen, this.unk_score, this.unk_token_id);
			begin_pos += mblen;
		}
	}
	/**
	* Encodes an array of tokens into an array of subtokens using the unigram model.
	*
	* @param normalized The normalized string.
	* @returns An array of subtokens obtained by encoding the input tokens using the unigram model.
	*/
	tokenize(normalized) {
		const lattice = new TokenLattice_default(normalized, this.bos_token_id, this.eos_token_id);
		this.populate_nodes(lattice);
		return lattice.tokens();
	}
	/**
	* Encodes an array of tokens using Unigram encoding.
	* @param tokens The tokens to encode.
	* @returns An array of encoded tokens.
	*/
	encode(tokens) {
		const to_return = [];
		for (const token of tokens) {
			const tokenized = this.tokenize(token);
			to_return.push(...tokenized);
		}
		return to_return;
	}
};
var Unigram_default = Unigram;
var PriorityQueue = class {
	/**
	* Create a new PriorityQueue.
	* @param comparator Comparator function to determine priority. Defaults to a MaxHeap.
	* @param max_size Maximum size of the queue. Defaults to Infinity.
	*/
	constructor(comparator = (a, b) => a > b, max_size = Infinity) {
		this._heap = [];
		this._comparator = comparator;
		this._max_size = max_size;
	}
	/**
	* The size of the queue
	*/
	get size() {
		return this._heap.length;
	}
	/**
	* Check if the queue is empty.
	* @returns `true` if the queue is empty, `false` otherwise.
	*/
	is_empty() {
		return this.size === 0;
	}
	/**
	* Return the element with the highest priority in the queue.
	* @returns The highest priority element in the queue.
	*/
	peek() {
		return this._heap[0];
	}
	/**
	* Add one or more elements to the queue.
	* @param values The values to push into the queue.
	* @returns The new size of the queue.
	*/
	push(...values) {
		return this.extend(values);
	}
	/**
	* Add multiple elements to the queue.
	* @param values The values to push into the queue.
	* @returns The new size of the queue.
	*/
	extend(values) {
		for (const value of values) if (this.size < this._max_size) {
			this._heap.push(value);
			this._sift_up();
		} else {
			const smallest = this._smallest();
			if (this._comparator(value, this._heap[smallest])) {
				this._heap[smallest] = value;
				this._sift_up_from(smallest);
			}
		}
		return this.size;
	}
	/**
	* Remove and return the element with the highest priority in the queue.
	* @returns The element with the highest priority in the queue.
	*/
	pop() {
		const popped_value = this.peek();
		const bottom = this.size - 1;
		if (bottom > 0) this._swap(0, bottom);
		this._heap.pop();
		this._sift_down();
		return popped_value;
	}
	/**
	* Replace the element with the highest priority in the queue with a new value.
	* @param value The new value.
	* @returns The replaced value.
	*/
	replace(value) {
		const replaced_value = this.peek();
		this._heap[0] = value;
		this._sift_down();
		return replaced_value;
	}
	/**
	* Compute the index for the parent of the node at index `i`.
	* @param i The index of the node to get the parent of.
	* @returns The index of the parent node.
	* @private
	*/
	_parent(i) {
		return (i + 1 >>> 1) - 1;
	}
	/**
	* Compute the index for the left child of the node at index `i`.
	* @param i The index of the node to get the left child of.
	* @returns The index of the left child.
	* @private
	*/
	_left(i) {
		return (i << 1) + 1;
	}
	/**
	* Compute the index for the right child of the node at index `i`.
	* @param i The index of the node to get the right child of.
	* @returns The index of the right child.
	* @private
	*/
	_right(i) {
		return i + 1 << 1;
	}
	/**
	* Check if the element at index `i` is greater than the element at index `j`.
	* @param i The index of the first element to compare.
	* @param j The index of the second element to compare.
	* @returns `true` if the element at index `i` is greater than the element at index `j`, `false` otherwise.
	* @private
	*/
	_greater(i, j) {
		return this._comparator(this._heap[i], this._heap[j]);
	}
	/**
	* Swap the elements at indices `i` and `j`.
	* @param i The index of the first element to swap.
	* @param j The index of the second element to swap.
	* @private
	*/
	_swap(i, j) {
		const temp = this._heap[i];
		this._heap[i] = this._heap[j];
		this._heap[j] = temp;
	}
	/**
	* Maintain the heap property by updating positions in the heap,
	* starting at the last element and moving up the heap.
	* @private
	*/
	_sift_up() {
		this._sift_up_from(this.size - 1);
	}
	/**
	* Helper function to sift up from a given node.
	* @param node The index of the node to start sifting up from.
	*/
	_sift_up_from(node) {
		while (node > 0 && this._greater(node, this._parent(node))) {
			this._swap(node, this._parent(node));
			node = this._parent(node);
		}
	}
	/**
	* Maintain the heap property by updating positions in the heap,
	* starting at the first element and moving down the heap.
	* @private
	*/
	_sift_down() {
		let node = 0;
		while (this._left(node) < this.size && this._greater(this._left(node), node) || this._right(node) < this.size && this._greater(this._right(node), node)) {
			const max_child = this._right(node) < this.size && this._greater(this._right(node), this._left(node)) ? this._right(node) : this._left(node);
			this._swap(node, max_child);
			node = max_child;
		}
	}
	/**
	* Get the index of the smallest element in the heap. Since we use an array-based heap,
	* the index can be computed without needing to traverse the heap.
	* @private
	*/
	_smallest() {
		return 2 ** Math.floor(Math.log2(this.size)) - 1;
	}
};
var PriorityQueue_default = PriorityQueue;
var LRUCache = class {
	/**
	* Creates an LRUCache instance.
	* @param capacity The maximum number of items the cache can hold.
	*/
	constructor(capacity) {
		this.capacity = capacity;
		this.cache = /* @__PURE__ */ new Map();
	}
	/**
	* Retrieves the value associated with the given key and marks the key as recently used.
	* @param key The key to retrieve.
	* @returns The value associated with the key, or undefined if the key does not exist.
	*/
	get(key) {
		if (!this.cache.has(key)) return void 0;
		const value = this.cache.get(key);
		this.cache.delete(key);
		this.cache.set(key, value);
		return value;
	}
	/**
	* Inserts or updates the key-value pair in the cache.
	* If the key already exists, it is updated and marked as recently used.
	* If the cache exceeds its capacity, the least recently used item is evicted.
	* @param key The key to add or update.
	* @param value The value to associate with the key.
	*/
	put(key, value) {
		if (this.cache.has(key)) this.cache.delete(key);
		this.cache.set(key, value);
		if (this.cache.size > this.capacity) this.cache.delete(this.cache.keys().next().value);
	}
	/**
	* Clears the cache.
	*/
	clear() {
		this.cache.clear();
	}
};
var LRUCache_default = LRUCache;
var BPE = class extends TokenizerModel_default {
	/**
	* Create a BPE instance.
	* @param config The configuration object for BPE.
	*/
	constructor(config) {
		super(config);
		this.tokens_to_ids = object_to_map(config.vocab);
		this.unk_token_id = this.tokens_to_ids.get(config.unk_token);
		this.unk_token = config.unk_token;
		this.vocab = new Array(this.tokens_to_ids.size);
		for (const [key, value] of this.tokens_to_ids) this.vocab[value] = key;
		const use_new_merge_format = Array.isArray(config.merges[0]);
		this.merges = use_new_merge_format ? config.merges : config.merges.map((x) => x.split(" ", 2));
		this.bpe_ranks = new Map(this.merges.map((x, i) => [JSON.stringify(x), i]));
		this.end_of_word_suffix = config.end_of_word_suffix;
		this.continuing_subword_suffix = config.continuing_subword_suffix ?? null;
		this.byte_fallback = this.config.byte_fallback ?? false;
		if (this.byte_fallback) this.text_encoder = new TextEncoder();
		this.ignore_merges = this.config.ignore_merges ?? false;
		this.max_length_to_cache = 256;
		this.cache_capacity = 1e4;
		this.cache = new LRUCache_default(this.cache_capacity);
	}
	/**
	* Clears the cache.
	*/
	clear_cache() {
		this.cache.clear();
	}
	/**
	* Apply Byte-Pair-Encoding (BPE) to a given token. Efficient heap-based priority
	* queue implementation adapted from https://github.com/belladoreai/llama-tokenizer-js.
	* @param token The token to encode.
	* @returns The BPE encoded tokens.
	*/
	bpe(token) {
		if (token.length === 0) return [];
		const cached = this.cache.get(token);
		if (cached !== void 0) return cached;
		const word = Array.from(token);
		if (this.end_of_word_suffix) word[word.length - 1] += this.end_of_word_suffix;
		let result = [];
		if (word.length > 1) {
			const queue = new PriorityQueue_default((a, b) => a.score < b.score);
			let starting_node = {
				token: word[0],
				bias: 0,
				prev: null,
				next: null
			};
			let previous_node = starting_node;
			for (let i = 1; i < word.length; ++i) {
				const current_node = {
					bias: i / word.length,
					token: word[i],
					prev: previous_node,
					next: null
				};
				previous_node.next = current_node;
				this.add_node(queue, previous_node);
				previous_node = current_node;
			}
			while (!queue.is_empty()) {
				const node = queue.pop();
				if (node.deleted || !node.next || node.next.deleted) continue;
				node.deleted = true;
				node.next.deleted = true;
				if (node.prev) {
					const new_previous_node = { ...node.prev };
					node.prev.deleted = true;
					node.prev = new_previous_node;
					if (new_previous_node.prev) new_previous_node.prev.next = new_previous_node;
					else starting_node = new_previous_node;
				}
				const merged = {
					token: node.token + node.next.token,
					bias: node.bias,
					prev: node.prev,
					next: node.next.next
				};
				if (merged.prev) {
					merged.prev.next = merged;
					this.add_node(queue, merged.prev);
				} else starting_node = merged;
				if (merged.next) {
					merged.next.prev = merged;
					this.add_node(queue, merged);
				}
			}
			for (let current_node = starting_node; current_node !== null; current_node = current_node.next) result.push(current_node.token);
		} else result = word;
		if (this.continuing_subword_suffix) for (let i = 0; i < result.length - 1; ++i) result[i] += this.continuing_subword_suffix;
		if (token.length < this.max_length_to_cache) this.cache.put(token, result);
		return result;
	}
	/**
	* Helper function to add a node to the priority queue.
	* @param queue
	* @param node
	*/
	add_node(queue, node) {
		const rank = this.bpe_ranks.get(JSON.stringify([node.token, node.next.token]));
		if (rank !== void 0) {
			node.score = rank + node.bias;
			queue.push(node);
		}
	}
	/**
	* Encodes the input sequence of tokens using the BPE algorithm and returns the resulting subword tokens.
	* @param tokens The input sequence of tokens to encode.
	* @returns The resulting subword tokens after applying the BPE algorithm to the input sequence of tokens.
	*/
	encode(tokens) {
		const output_tokens = [];
		for (const token of tokens) {
			if (this.ignore_merges && this.tokens_to_ids.has(token)) {
				output_tokens.push(token);
				continue;
			}
			const bpe_token_list = this.bpe(token);
			for (const t of bpe_token_list) if (this.tokens_to_ids.has(t)) output_tokens.push(t);
			else if (this.byte_fallback) {
				const byte_tokens = Array.from(this.text_encoder.encode(t)).map((x) => `<0x${x.toString(16).toUpperCase().padStart(2, "0")}>`);
				if (byte_tokens.every((x) => this.tokens_to_ids.has(x))) output_tokens.push(...byte_tokens);
				else if (this.unk_token != null) output_tokens.push(this.unk_token);
			} else if (this.unk_token != null) output_tokens.push(this.unk_token);
		}
		return output_tokens;
	}
};
var BPE_default = BPE;
var Legacy = class extends TokenizerModel_default {
	/**
	* Create a Legacy tokenizer model instance.
	* @param config The configuration object for Legacy tokenizer model.
	* @param more_config Additional configuration object for the Legacy tokenizer model.
	*/
	constructor(config, more_config) {
		super(config);
		const vocab = config.vocab;
		this.tokens_to_ids = object_to_map(more_config.target_lang ? vocab[more_config.target_lang] : vocab);
		this.bos_token = more_config.bos_token;
		this.bos_token_id = this.tokens_to_ids.get(this.bos_token);
		this.eos_token = more_config.eos_token;
		this.eos_token_id = this.tokens_to_ids.get(this.eos_token);
		this.pad_token = more_config.pad_token;
		this.pad_token_id = this.tokens_to_ids.get(this.pad_token);
		this.unk_token = more_config.unk_token;
		this.unk_token_id = this.tokens_to_ids.get(this.unk_token);
		this.vocab = new Array(this.tokens_to_ids.size);
		for (const [key, value] of this.tokens_to_ids) this.vocab[value] = key;
	}
	encode(tokens) {
		return tokens;
	}
};
var Legacy_default = Legacy;
function create_tokenizer_model(model_config, config) {
	switch (model_config.type) {
		case "WordPiece": return new WordPiece_default(model_config);
		case "Unigram": return new Unigram_default(model_config, config.eos_token);
		case "BPE": return new BPE_default(model_config);
		default:
			if (model_config.vocab) {
				if (Array.isArray(model_config.vocab)) return new Unigram_default(model_config, config.eos_token);
				else if (Object.hasOwn(model_config, "continuing_subword_prefix") && Object.hasOwn(model_config, "unk_token")) {
					if (Object.hasOwn(model_config, "merges")) return new BPE_default(model_config);
					else return new WordPiece_default(model_config);
				} else return new Legacy_default(model_config, {
					target_lang: config.target_lang,
					bos_token: config.bos_token,
					eos_token: config.eos_token,
					pad_token: config.pad_token,
					unk_token: config.unk_token
				});
			}
			throw new Error(`Unknown TokenizerModel type: ${model_config?.type}`);
	}
}
var create_tokenizer_model_default = create_tokenizer_model;
var PostProcessor = class extends Callable_default {
	/**
	* @param config The configuration for the post-processor.
	*/
	constructor(config) {
		super();
		this.config = config;
	}
	/**
	* Alias for {@link PostProcessor#post_process}.
	* @param tokens The text or array of texts to post-process.
	* @param args Additional arguments required by the post-processing logic.
	* @returns The post-processed tokens.
	*/
	_call(tokens, ...args) {
		return this.post_process(tokens, ...args);
	}
};
var PostProcessor_default = PostProcessor;
var TemplateProcessing = class extends PostProcessor_default {
	/**
	* Replaces special tokens in the template with actual tokens.
	* @param tokens The list of tokens for the first sequence.
	* @param tokens_pair The list of tokens for the second sequence (optional).
	* @param add_special_tokens Whether to add the special tokens to the beginning and end of the input.
	* @returns An object containing the list of tokens with the special tokens replaced with actual tokens.
	*/
	post_process(tokens, tokens_pair = null, add_special_tokens = true) {
		const type = tokens_pair === null ? this.config.single : this.config.pair;
		let processed_tokens = [];
		let types = [];
		for (const item of type) if ("SpecialToken" in item) {
			if (add_special_tokens) {
				processed_tokens.push(item.SpecialToken.id);
				types.push(item.SpecialToken.type_id);
			}
		} else if ("Sequence" in item) {
			if (item.Sequence.id === "A") {
				processed_tokens = merge_arrays(processed_tokens, tokens);
				types = merge_arrays(types, new Array(tokens.length).fill(item.Sequence.type_id));
			} else if (item.Sequence.id === "B") {
				processed_tokens = merge_arrays(processed_tokens, tokens_pair);
				types = merge_arrays(types, new Array(tokens_pair.length).fill(item.Sequence.type_id));
			}
		}
		return {
			tokens: processed_tokens,
			token_type_ids: types
		};
	}
};
var TemplateProcessing_default = TemplateProcessing;
var ByteLevel2 = class extends PostProcessor_default {
	/**
	* Post process the given tokens.
	* @param tokens The list of tokens for the first sequence.
	* @param tokens_pair The list of tokens for the second sequence (optional).
	* @returns An object containing the post-processed tokens.
	*/
	post_process(tokens, tokens_pair = null) {
		return {
			tokens,
			tokens_pair
		};
	}
};
var ByteLevel_default2 = ByteLevel2;
var BertProcessing = class extends PostProcessor_default {
	/**
	* @param config The configuration for the post-processor.
	* @param config.cls The special tokens to add to the beginning of the input.
	* @param config.sep The special tokens to add to the end of the input.
	*/
	constructor(config) {
		super(config);
		this.sep = config.sep;
		this.cls = config.cls;
	}
	/**
	* Adds the special tokens to the beginning and end of the input.
	* @param tokens The input tokens.
	* @param tokens_pair An optional second set of input tokens.
	* @param add_special_tokens Whether to add the special tokens to the beginning and end of the input.
	* @returns The post-processed tokens with the special tokens added to the beginning and end.
	*/
	post_process(tokens, tokens_pair = null, add_special_tokens = true) {
		if (add_special_tokens) tokens = merge_arrays([this.cls[0]], tokens, [this.sep[0]]);
		let token_type_ids = new Array(tokens.length).fill(0);
		if (tokens_pair) {
			const middle = [];
			const after = add_special_tokens ? [this.sep[0]] : [];
			tokens = merge_arrays(tokens, middle, tokens_pair, after);
			token_type_ids = merge_arrays(token_type_ids, new Array(tokens_pair.length + middle.length + after.length).fill(1));
		}
		return {
			tokens,
			token_type_ids
		};
	}
};
var BertProcessing_default = BertProcessing;
var RobertaProcessing = class extends PostProcessor_default {
	/**
	* @param config The configuration for the post-processor.
	* @param config.cls The special tokens to add to the beginning of the input.
	* @param config.sep The special tokens to add to the end of the input.
	*/
	constructor(config) {
		super(config);
		this.sep = config.sep;
		this.cls = config.cls;
	}
	/**
	* Adds the special tokens to the beginning and end of the input.
	* @param tokens The input tokens.
	* @param tokens_pair An optional second set of input tokens.
	* @param add_special_tokens Whether to add the special tokens to the beginning and end of the input.
	* @returns The post-processed tokens with the special tokens added to the beginning and end.
	*/
	post_process(tokens, tokens_pair, add_special_tokens = true) {
		if (add_special_tokens) tokens = merge_arrays([this.cls[0]], tokens, [this.sep[0]]);
		let token_type_ids = new Array(tokens.length).fill(0);
		if (tokens_pair) {
			const middle = add_special_tokens ? [this.sep[0]] : [];
			const after = add_special_tokens ? [this.sep[0]] : [];
			tokens = merge_arrays(tokens, middle, tokens_pair, after);
			token_type_ids = merge_arrays(token_type_ids, new Array(tokens_pair.length + middle.length + after.length).fill(1));
		}
		return {
			tokens,
			token_type_ids
		};
	}
};
var RobertaProcessing_default = RobertaProcessing;
var Sequence3 = class extends PostProcessor_default {
	/**
	* Creates a new instance of Sequence post-processor.
	* @param config The configuration object.
	*/
	constructor(config) {
		super(config);
		this.processors = (config.processors ?? []).map((x) => create_post_processor_default(x));
	}
	/**
	* Post process the given tokens.
	* @param tokens The list of tokens for the first sequence.
	* @param tokens_pair The list of tokens for the second sequence (optional).
	* @param add_special_tokens Whether to add the special tokens to the beginning and end of the input.
	* @returns An object containing the post-processed tokens.
	*/
	post_process(tokens, tokens_pair = null, add_special_tokens = true) {
		let processed_tokens = {
			tokens,
			tokens_pair
		};
		for (const processor of this.processors) processed_tokens = processor.post_process(processed_tokens.tokens, processed_tokens.tokens_pair, add_special_tokens);
		return processed_tokens;
	}
};
var Sequence_default3 = Sequence3;
function create_post_processor(config) {
	if (config === null) return null;
	switch (config.type) {
		case "TemplateProcessing": return new TemplateProcessing_default(config);
		case "ByteLevel": return new ByteLevel_default2(config);
		case "BertProcessing": return new BertProcessing_default(config);
		case "RobertaProcessing": return new RobertaProcessing_default(config);
		case "Sequence": return new Sequence_default3(config);
		default: throw new Error(`Unknown PostProcessor type: ${config.type}`);
	}
}
var create_post_processor_default = create_post_processor;
var Decoder = class extends Callable_default {
	/**
	* Creates an instance of `Decoder`.
	* @param config The configuration object.
	**/
	constructor(config) {
		super();
		this.config = config;
		this.added_tokens = [];
		this.end_of_word_suffix = null;
		this.trim_offsets = "trim_offsets" in config ? config.trim_offsets : false;
	}
	/**
	* Calls the `decode` method.
	*
	* @param tokens The list of tokens.
	* @returns The decoded string.
	*/
	_call(tokens) {
		return this.decode(tokens);
	}
	/**
	* Decodes a list of tokens.
	* @param tokens The list of tokens.
	* @returns The decoded string.
	*/
	decode(tokens) {
		return this.decode_chain(tokens).join("");
	}
};
var Decoder_default = Decoder;
var ByteLevel3 = class extends Decoder_default {
	/**
	* Create a `ByteLevelDecoder` object.
	*/
	constructor(config) {
		super(config);
		this.byte_decoder = UNICODE_TO_BYTES;
		this.text_decoder = new TextDecoder("utf-8", {
			fatal: false,
			ignoreBOM: true
		});
		this.end_of_word_suffix = null;
	}
	/**
	* Convert an array of tokens to string by decoding each byte.
	* @param tokens Array of tokens to be decoded.
	* @returns The decoded string.
	*/
	convert_tokens_to_string(tokens) {
		const text = tokens.join("");
		const byte_array = new Uint8Array([...text].map((c) => this.byte_decoder[c]));
		return this.text_decoder.decode(byte_array);
	}
	decode_chain(tokens) {
		const sub_texts = [];
		let current_sub_text = [];
		for (const token of tokens) if (this.added_tokens.find((x) => x.content === token) !== void 0) {
			if (current_sub_text.length > 0) {
				sub_texts.push(this.convert_tokens_to_string(current_sub_text));
				current_sub_text = [];
			}
			sub_texts.push(token);
		} else current_sub_text.push(token);
		if (current_sub_text.length > 0) sub_texts.push(this.convert_tokens_to_string(current_sub_text));
		return sub_texts;
	}
};
var ByteLevel_default3 = ByteLevel3;
var WordPiece = class extends Decoder_default {
	/**
	* Creates a new instance of WordPieceDecoder.
	* @param config The configuration object.
	*/
	constructor(config) {
		super(config);
		this.cleanup = config.cleanup;
	}
	decode_chain(tokens) {
		return tokens.map((token, i) => {
			if (i !== 0) {
				const prefix = this.config.prefix;
				if (prefix && token.startsWith(prefix)) token = token.replace(prefix, "");
				else token = " " + token;
			}
			if (this.cleanup) token = clean_up_tokenization(token);
			return token;
		});
	}
};
var WordPiece_default2 = WordPiece;
var Metaspace2 = class extends Decoder_default {
	/**
	* Constructs a new MetaspaceDecoder object.
	* @param config The configuration object for the MetaspaceDecoder.
	*/
	constructor(config) {
		super(config);
		this.replacement = config.replacement ?? "▁";
	}
	decode_chain(tokens) {
		const result = [];
		for (let i = 0; i < tokens.length; ++i) {
			let normalized = tokens[i].replaceAll(this.replacement, " ");
			if (i == 0 && normalized.startsWith(" ")) normalized = normalized.substring(1);
			result.push(normalized);
		}
		return result;
	}
};
var Metaspace_default2 = Metaspace2;
var BPE2 = class extends Decoder_default {
	constructor(config) {
		super(config);
		this.suffix = config.suffix ?? "";
	}
	decode_chain(tokens) {
		return tokens.map((token, i) => {
			return token.replaceAll(this.suffix, i === tokens.length - 1 ? "" : " ");
		});
	}
};
var BPE_default2 = BPE2;
var CTC = class extends Decoder_default {
	constructor(config) {
		super(config);
		this.pad_token = config.pad_token ?? "";
		this.word_delimiter_token = config.word_delimiter_token ?? "";
		this.cleanup = config.cleanup;
	}
	/**
	* Converts a connectionist-temporal-classification (CTC) output tokens into a single string.
	* @param tokens Array of tokens to be decoded.
	* @returns The decoded string.
	*/
	convert_tokens_to_string(tokens) {
		if (tokens.length === 0) return "";
		const grouped_tokens = [tokens[0]];
		for (let i = 1; i < tokens.length; ++i) if (tokens[i] !== grouped_tokens.at(-1)) grouped_tokens.push(tokens[i]);
		let text = grouped_tokens.filter((token) => token !== this.pad_token).join("");
		if (this.cleanup) text = clean_up_tokenization(text).replaceAll(this.word_delimiter_token, " ").trim();
		return text;
	}
	decode_chain(tokens) {
		return [this.convert_tokens_to_string(tokens)];
	}
};
var CTC_default = CTC;
var Sequence4 = class extends Decoder_default {
	/**
	* Creates a new instance of DecoderSequence.
	* @param config The configuration object.
	*/
	constructor(config) {
		super(config);
		this.decoders = (config.decoders ?? []).map((x) => create_decoder_default(x));
	}
	decode_chain(tokens) {
		return this.decoders.reduce((toks, decoder) => {
			return decoder.decode_chain(toks);
		}, tokens);
	}
};
var Sequence_default4 = Sequence4;
var Replace3 = class extends Decoder_default {
	/**
	* @param config The configuration object for the decoder.
	*/
	constructor(config) {
		super(config);
		this.pattern = create_pattern(this.config.pattern);
	}
	decode_chain(tokens) {
		const content = this.config.content ?? "";
		const pattern = this.pattern;
		return pattern === null ? tokens : tokens.map((token) => token.replaceAll(pattern, content));
	}
};
var Replace_default3 = Replace3;
var Fuse = class extends Decoder_default {
	decode_chain(tokens) {
		return [tokens.join("")];
	}
};
var Fuse_default = Fuse;
var Strip2 = class extends Decoder_default {
	constructor(config) {
		super(config);
		this.content = config.content ?? "";
		this.start = config.start ?? 0;
		this.stop = config.stop ?? 0;
	}
	decode_chain(tokens) {
		return tokens.map((token) => {
			let start_cut = 0;
			for (let i = 0; i < this.start; ++i) if (token[i] === this.content) {
				start_cut = i + 1;
				continue;
			} else break;
			let stop_cut = token.length;
			for (let i = 0; i < this.stop; ++i) {
				const index = token.length - i - 1;
				if (token[index] === this.content) {
					stop_cut = index;
					continue;
				} else break;
			}
			return token.slice(start_cut, stop_cut);
		});
	}
};
var Strip_default2 = Strip2;
var ByteFallback = class extends Decoder_default {
	constructor(config) {
		super(config);
		this.text_decoder = new TextDecoder();
	}
	decode_chain(tokens) {
		const new_tokens = [];
		let previous_byte_tokens = [];
		for (const token of tokens) {
			let bytes = null;
			if (token.length === 6 && token.startsWith("<0x") && token.endsWith(">")) {
				const byte = parseInt(token.slice(3, 5), 16);
				if (!isNaN(byte)) bytes = byte;
			}
			if (bytes !== null) previous_byte_tokens.push(bytes);
			else {
				if (previous_byte_tokens.length > 0) {
					const string = this.text_decoder.decode(Uint8Array.from(previous_byte_tokens));
					new_tokens.push(string);
					previous_byte_tokens = [];
				}
				new_tokens.push(token);
			}
		}
		if (previous_byte_tokens.length > 0) {
			const string = this.text_decoder.decode(Uint8Array.from(previous_byte_tokens));
			new_tokens.push(string);
			previous_byte_tokens = [];
		}
		return new_tokens;
	}
};
var ByteFallback_default = ByteFallback;
function create_decoder(config) {
	if (config === null) return null;
	switch (config.type) {
		case "ByteLevel": return new ByteLevel_default3(config);
		case "WordPiece": return new WordPiece_default2(config);
		case "Metaspace": return new Metaspace_default2(config);
		case "BPEDecoder": return new BPE_default2(config);
		case "CTC": return new CTC_default(config);
		case "Sequence": return new Sequence_default4(config);
		case "Replace": return new Replace_default3(config);
		case "Fuse": return new Fuse_default(config);
		case "Strip": return new Strip_default2(config);
		case "ByteFallback": return new ByteFallback_default(config);
		default: throw new Error(`Unknown Decoder type: ${config.type}`);
	}
}
var create_decoder_default = create_decoder;
var Tokenizer = class {
	constructor(tokenizer, config) {
		const tokenizer_error = validate_object(tokenizer, "Tokenizer", [
			"model",
			"decoder",
			"post_processor",
			"pre_tokenizer",
			"normalizer"
		]);
		if (tokenizer_error) throw new Error(tokenizer_error);
		const config_error = validate_object(config, "Config");
		if (config_error) throw new Error(config_error);
		this.tokenizer = tokenizer;
		this.config = config;
		this.normalizer = create_normalizer_default(this.tokenizer.normalizer);
		this.pre_tokenizer = create_pre_tokenizer_default(this.tokenizer.pre_tokenizer);
		this.model = create_tokenizer_model_default(this.tokenizer.model, this.config);
		this.post_processor = create_post_processor_default(this.tokenizer.post_processor);
		this.decoder = create_decoder_default(this.tokenizer.decoder);
		this.special_tokens = [];
		this.all_special_ids = [];
		this.added_tokens = [];
		const unnormalized_contents = [];
		const normalized_contents = [];
		this.added_tokens_map = /* @__PURE__ */ new Map();
		for (const added_token of this.tokenizer.added_tokens) {
			const token = new AddedToken_default(added_token);
			this.added_tokens.push(token);
			this.model.tokens_to_ids.set(token.content, token.id);
			this.model.vocab[token.id] = token.content;
			if (token.special) {
				this.special_tokens.push(token.content);
				this.all_special_ids.push(token.id);
			}
			this.added_tokens_map.set(token.content, token);
			if (token.normalized && this.normalizer !== null) {
				const normalized_content = this.normalizer(token.content);
				normalized_contents.push(normalized_content);
				this.added_tokens_map.set(normalized_content, token);
			} else unnormalized_contents.push(token.content);
		}
		(this.config.additional_special_tokens ?? []).forEach((token) => {
			if (!this.special_tokens.includes(token)) this.special_tokens.push(token);
		});
		if (this.decoder) {
			this.decoder.added_tokens = this.added_tokens;
			this.decoder.end_of_word_suffix = this.model.end_of_word_suffix;
		}
		this.splitter_unnormalized = new DictionarySplitter_default(unnormalized_contents);
		this.splitter_normalized = new DictionarySplitter_default(normalized_contents);
		this.remove_space = this.config.remove_space;
		this.clean_up_tokenization_spaces = this.config.clean_up_tokenization_spaces ?? true;
		this.do_lowercase_and_remove_accent = this.config.do_lowercase_and_remove_accent ?? false;
	}
	encode(text, { text_pair = null, add_special_tokens = true, return_token_type_ids = null } = {}) {
		const { tokens, token_type_ids } = this.tokenize_helper(text, {
			text_pair,
			add_special_tokens
		});
		const input_ids = tokens.map((t) => this.added_tokens_map.get(t)?.id ?? this.model.tokens_to_ids.get(t) ?? this.model.unk_token_id);
		const result = {
			ids: input_ids,
			tokens,
			attention_mask: new Array(input_ids.length).fill(1)
		};
		if (return_token_type_ids && token_type_ids) result.token_type_ids = token_type_ids;
		return result;
	}
	decode(token_ids, options = {}) {
		if (!Array.isArray(token_ids) || token_ids.length === 0 || !is_integral_number(token_ids[0])) throw Error("token_ids must be a non-empty array of integers.");
		let tokens = token_ids.map((i) => this.model.vocab[Number(i)] ?? this.model.unk_token);
		if (options.skip_special_tokens) tokens = tokens.filter((x) => !this.special_tokens.includes(x));
		let decoded = this.decoder ? this.decoder(tokens) : tokens.join(" ");
		if (this.decoder && this.decoder.end_of_word_suffix) {
			decoded = decoded.replaceAll(this.decoder.end_of_word_suffix, " ");
			if (options.skip_special_tokens) decoded = decoded.trim();
		}
		if (options.clean_up_tokenization_spaces ?? this.clean_up_tokenization_spaces) decoded = clean_up_tokenization(decoded);
		return decoded;
	}
	/**
	* Converts a string into a sequence of tokens.
	* @param text The sequence to be encoded.
	* @param options An optional object containing the following properties:
	* @returns The list of tokens.
	*/
	tokenize(text, { text_pair = null, add_special_tokens = false } = {}) {
		return this.tokenize_helper(text, {
			text_pair,
			add_special_tokens
		}).tokens;
	}
	encode_text(text) {
		if (text === null) return null;
		const sections = this.splitter_unnormalized.split(text);
		sections.forEach((section, i) => {
			const added_token = this.added_tokens_map.get(section);
			if (added_token) {
				if (added_token.lstrip && i > 0) sections[i - 1] = sections[i - 1].trimEnd();
				if (added_token.rstrip && i < sections.length - 1) sections[i + 1] = sections[i + 1].trimStart();
			}
		});
		return sections.flatMap((processed_text, section_index) => {
			if (processed_text.length === 0) return [];
			if (this.added_tokens_map.has(processed_text)) return [processed_text];
			if (this.remove_space === true) processed_text = processed_text.trim().split(/\s+/).join(" ");
			if (this.do_lowercase_and_remove_accent) processed_text = lowercase_and_remove_accents(processed_text);
			if (this.normalizer !== null) processed_text = this.normalizer(processed_text);
			if (processed_text.length === 0) return [];
			const subsections = this.splitter_normalized.split(processed_text);
			subsections.forEach((subsection, j) => {
				const added_token = this.added_tokens_map.get(subsection);
				if (added_token) {
					if (added_token.lstrip && j > 0) subsections[j - 1] = subsections[j - 1].trimEnd();
					if (added_token.rstrip && j < subsections.length - 1) subsections[j + 1] = subsections[j + 1].trimStart();
				}
			});
			return subsections.flatMap((subsection) => {
				if (subsection.length === 0) return [];
				if (this.added_tokens_map.has(subsection)) return [subsection];
				const section_tokens = this.pre_tokenizer !== null ? this.pre_tokenizer(subsection, { section_index }) : [subsection];
				return this.model(section_tokens);
			});
		});
	}
	tokenize_helper(text, { text_pair = null, add_special_tokens = true }) {
		const tokens1 = this.encode_text(text);
		const tokens2 = this.encode_text(text_pair || null);
		return this.post_processor ? this.post_processor(tokens1, tokens2, add_special_tokens) : { tokens: merge_arrays(tokens1 ?? [], tokens2 ?? []) };
	}
	/**
	* Converts a token string to its corresponding token ID.
	* @param token The token string to convert.
	* @returns The token ID, or undefined if the token is not in the vocabulary.
	*/
	token_to_id(token) {
		return this.model.tokens_to_ids.get(token);
	}
	/**
	* Converts a token ID to its corresponding token string.
	* @param id The token ID to convert.
	* @returns The token string, or undefined if the ID is not in the vocabulary.
	*/
	id_to_token(id) {
		return this.model.vocab[id];
	}
	/**
	* Returns a mapping of token IDs to AddedToken objects for all added tokens.
	* @returns A Map where keys are token IDs and values are AddedToken objects.
	*/
	get_added_tokens_decoder() {
		const decoder = /* @__PURE__ */ new Map();
		for (const token of this.added_tokens) decoder.set(token.id, token);
		return decoder;
	}
	/**
	* Get the underlying vocabulary
	* @param with_added_tokens Whether to include the added tokens
	* @returns The vocabulary
	*/
	get_vocab(with_added_tokens = true) {
		const vocab = /* @__PURE__ */ new Map();
		for (let i = 0; i < this.model.vocab.length; ++i) {
			const token = this.model.vocab[i];
			if (with_added_tokens || !this.added_tokens_map.has(token)) vocab.set(token, i);
		}
		return vocab;
	}
};
var Tokenizer_default = Tokenizer;
// ../../work/wt/session/node_modules/@huggingface/jinja/dist/index.js
var __defProp = Object.defineProperty;
var __defNormalProp = (obj, key, value) => key in obj ? __defProp(obj, key, {
	enumerable: true,
	configurable: true,
	writable: true,
	value
}) : obj[key] = value;
var __publicField = (obj, key, value) => {
	__defNormalProp(obj, typeof key !== "symbol" ? key + "" : key, value);
	return value;
};
var TOKEN_TYPES = Object.freeze({
	Text: "Text",
	NumericLiteral: "NumericLiteral",
	StringLiteral: "StringLiteral",
	Identifier: "Identifier",
	Equals: "Equals",
	OpenParen: "OpenParen",
	CloseParen: "CloseParen",
	OpenStatement: "OpenStatement",
	CloseStatement: "CloseStatement",
	OpenExpression: "OpenExpression",
	CloseExpression: "CloseExpression",
	OpenSquareBracket: "OpenSquareBracket",
	CloseSquareBracket: "CloseSquareBracket",
	OpenCurlyBracket: "OpenCurlyBracket",
	CloseCurlyBracket: "CloseCurlyBracket",
	Comma: "Comma",
	Dot: "Dot",
	Colon: "Colon",
	Pipe: "Pipe",
	CallOperator: "CallOperator",
	AdditiveBinaryOperator: "AdditiveBinaryOperator",
	MultiplicativeBinaryOperator: "MultiplicativeBinaryOperator",
	ExponentiationBinaryOperator: "ExponentiationBinaryOperator",
	ComparisonBinaryOperator: "ComparisonBinaryOperator",
	UnaryOperator: "UnaryOperator",
	Comment: "Comment"
});
var Token = class {
	/**
	* Constructs a new Token.
	* @param {string} value The raw value as seen inside the source code.
	* @param {TokenType} type The type of token.
	*/
	constructor(value, type) {
		this.value = value;
		this.type = type;
	}
};
function isWord(char) {
	return /\w/.test(char);
}
function isInteger(char) {
	return /[0-9]/.test(char);
}
function isWhitespace(char) {
	return /\s/.test(char);
}
var ORDERED_MAPPING_TABLE = [
	["{%", TOKEN_TYPES.OpenStatement],
	["%}", TOKEN_TYPES.CloseStatement],
	["{{", TOKEN_TYPES.OpenExpression],
	["}}", TOKEN_TYPES.CloseExpression],
	["(", TOKEN_TYPES.OpenParen],
	[")", TOKEN_TYPES.CloseParen],
	["{", TOKEN_TYPES.OpenCurlyBracket],
	["}", TOKEN_TYPES.CloseCurlyBracket],
	["[", TOKEN_TYPES.OpenSquareBracket],
	["]", TOKEN_TYPES.CloseSquareBracket],
	[",", TOKEN_TYPES.Comma],
	[".", TOKEN_TYPES.Dot],
	[":", TOKEN_TYPES.Colon],
	["|", TOKEN_TYPES.Pipe],
	["<=", TOKEN_TYPES.ComparisonBinaryOperator],
	[">=", TOKEN_TYPES.ComparisonBinaryOperator],
	["==", TOKEN_TYPES.ComparisonBinaryOperator],
	["!=", TOKEN_TYPES.ComparisonBinaryOperator],
	["<", TOKEN_TYPES.ComparisonBinaryOperator],
	[">", TOKEN_TYPES.ComparisonBinaryOperator],
	["+", TOKEN_TYPES.AdditiveBinaryOperator],
	["-", TOKEN_TYPES.AdditiveBinaryOperator],
	["~", TOKEN_TYPES.AdditiveBinaryOperator],
	["**", TOKEN_TYPES.ExponentiationBinaryOperator],
	["*", TOKEN_TYPES.MultiplicativeBinaryOperator],
	["//", TOKEN_TYPES.MultiplicativeBinaryOperator],
	["/", TOKEN_TYPES.MultiplicativeBinaryOperator],
	["%", TOKEN_TYPES.MultiplicativeBinaryOperator],
	["=", TOKEN_TYPES.Equals]
];
var ESCAPE_CHARACTERS = /* @__PURE__ */ new Map([
	["n", "\n"],
	["t", "	"],
	["r", "\r"],
	["b", "\b"],
	["f", "\f"],
	["v", "\v"],
	["'", "'"],
	["\"", "\""],
	["\\", "\\"]
]);
function preprocess(template, options = {}) {
	if (template.endsWith("\n")) template = template.slice(0, -1);
	if (options.lstrip_blocks) template = template.replace(/^[ \t]*({[#%-])/gm, "$1");
	if (options.trim_blocks) template = template.replace(/([#%-]})\n/g, "$1");
	return template.replace(/(\s*){%(-?)\s*(?:end)?generation\s*(-?)%}(\s*)/gs, (_, before, lstrip, rstrip, after) => (lstrip ? "" : before) + (rstrip ? "" : after));
}
function tokenize(source, options = {}) {
	const tokens = [];
	const src = preprocess(source, options);
	let cursorPosition = 0;
	let curlyBracketDepth = 0;
	const consumeWhile = (predicate) => {
		let str = "";
		while (predicate(src[cursorPosition])) {
			if (src[cursorPosition] === "\\") {
				++cursorPosition;
				if (cursorPosition >= src.length) throw new SyntaxError("Unexpected end of input");
				const escaped = src[cursorPosition++];
				if (escaped === "x" || escaped === "u") {
					const length = escaped === "x" ? 2 : 4;
					const hex = src.slice(cursorPosition, cursorPosition + length);
					if (hex.length !== length || /[^0-9a-f]/i.test(hex)) throw new SyntaxError(`Invalid hexadecimal escape sequence: \\${escaped}${hex}`);
					str += String.fromCharCode(parseInt(hex, 16));
					cursorPosition += length;
					continue;
				}
				const unescaped = ESCAPE_CHARACTERS.get(escaped);
				if (unescaped === void 0) throw new SyntaxError(`Unexpected escaped character: ${escaped}`);
				str += unescaped;
				continue;
			}
			str += src[cursorPosition++];
			if (cursorPosition >= src.length) throw new SyntaxError("Unexpected end of input");
		}
		return str;
	};
	const stripTrailingWhitespace = () => {
		const lastToken = tokens.at(-1);
		if (lastToken && lastToken.type === TOKEN_TYPES.Text) {
			lastToken.value = lastToken.value.trimEnd();
			if (lastToken.value === "") tokens.pop();
		}
	};
	const skipLeadingWhitespace = () => {
		while (cursorPosition < src.length && isWhitespace(src[cursorPosition])) ++cursorPosition;
	};
	main: while (cursorPosition < src.length) {
		const lastTokenType = tokens.at(-1)?.type;
		if (lastTokenType === void 0 || lastTokenType === TOKEN_TYPES.CloseStatement || lastTokenType === TOKEN_TYPES.CloseExpression || lastTokenType === TOKEN_TYPES.Comment) {
			let text = "";
			while (cursorPosition < src.length && !(src[cursorPosition] === "{" && (src[cursorPosition + 1] === "%" || src[cursorPosition + 1] === "{" || src[cursorPosition + 1] === "#"))) text += src[cursorPosition++];
			if (text.length > 0) {
				tokens.push(new Token(text, TOKEN_TYPES.Text));
				continue;
			}
		}
		if (src[cursorPosition] === "{" && src[cursorPosition + 1] === "#") {
			cursorPosition += 2;
			const stripBefore = src[cursorPosition] === "-";
			if (stripBefore) ++cursorPosition;
			let comment = "";
			while (src[cursorPosition] !== "#" || src[cursorPosition + 1] !== "}") {
				if (cursorPosition + 2 >= src.length) throw new SyntaxError("Missing end of comment tag");
				comment += src[cursorPosition++];
			}
			const stripAfter = comment.endsWith("-");
			if (stripAfter) comment = comment.slice(0, -1);
			if (stripBefore) stripTrailingWhitespace();
			tokens.push(new Token(comment, TOKEN_TYPES.Comment));
			cursorPosition += 2;
			if (stripAfter) skipLeadingWhitespace();
			continue;
		}
		if (src.slice(cursorPosition, cursorPosition + 3) === "{%-") {
			stripTrailingWhitespace();
			tokens.push(new Token("{%", TOKEN_TYPES.OpenStatement));
			cursorPosition += 3;
			continue;
		}
		if (src.slice(cursorPosition, cursorPosition + 3) === "{{-") {
			stripTrailingWhitespace();
			tokens.push(new Token("{{", TOKEN_TYPES.OpenExpression));
			curlyBracketDepth = 0;
			cursorPosition += 3;
			continue;
		}
		consumeWhile(isWhitespace);
		if (src.slice(cursorPosition, cursorPosition + 3) === "-%}") {
			tokens.push(new Token("%}", TOKEN_TYPES.CloseStatement));
			cursorPosition += 3;
			skipLeadingWhitespace();
			continue;
		}
		if (src.slice(cursorPosition, cursorPosition + 3) === "-}}") {
			tokens.push(new Token("}}", TOKEN_TYPES.CloseExpression));
			cursorPosition += 3;
			skipLeadingWhitespace();
			continue;
		}
		const char = src[cursorPosition];
		if (char === "-" || char === "+") {
			const lastTokenType2 = tokens.at(-1)?.type;
			if (lastTokenType2 === TOKEN_TYPES.Text || lastTokenType2 === void 0) throw new SyntaxError(`Unexpected character: ${char}`);
			switch (lastTokenType2) {
				case TOKEN_TYPES.Identifier:
				case TOKEN_TYPES.NumericLiteral:
				case TOKEN_TYPES.StringLiteral:
				case TOKEN_TYPES.CloseParen:
				case TOKEN_TYPES.CloseSquareBracket: break;
				default: {
					++cursorPosition;
					let num = consumeWhile(isInteger);
					if (num.length > 0 && src[cursorPosition] === "." && isInteger(src[cursorPosition + 1])) {
						++cursorPosition;
						const frac = consumeWhile(isInteger);
						num = `${num}.${frac}`;
					}
					tokens.push(new Token(`${char}${num}`, num.length > 0 ? TOKEN_TYPES.NumericLiteral : TOKEN_TYPES.UnaryOperator));
					continue;
				}
			}
		}
		for (const [seq, type] of ORDERED_MAPPING_TABLE) {
			if (seq === "}}" && curlyBracketDepth > 0) continue;
			if (src.slice(cursorPosition, cursorPosition + seq.length) === seq) {
				tokens.push(new Token(seq, type));
				if (type === TOKEN_TYPES.OpenExpression) curlyBracketDepth = 0;
				else if (type === TOKEN_TYPES.OpenCurlyBracket) ++curlyBracketDepth;
				else if (type === TOKEN_TYPES.CloseCurlyBracket) --curlyBracketDepth;
				cursorPosition += seq.length;
				continue main;
			}
		}
		if (char === "'" || char === "\"") {
			++cursorPosition;
			const str = consumeWhile((c) => c !== char);
			tokens.push(new Token(str, TOKEN_TYPES.StringLiteral));
			++cursorPosition;
			continue;
		}
		if (isInteger(char)) {
			let num = consumeWhile(isInteger);
			if (tokens.at(-1)?.type !== TOKEN_TYPES.Dot && src[cursorPosition] === "." && isInteger(src[cursorPosition + 1])) {
				++cursorPosition;
				const frac = consumeWhile(isInteger);
				num = `${num}.${frac}`;
			}
			tokens.push(new Token(num, TOKEN_TYPES.NumericLiteral));
			continue;
		}
		if (isWord(char)) {
			const word = consumeWhile(isWord);
			tokens.push(new Token(word, TOKEN_TYPES.Identifier));
			continue;
		}
		throw new SyntaxError(`Unexpected character: ${char}`);
	}
	return tokens;
}
var Statement = class {
	type = "Statement";
};
var Program = class extends Statement {
	constructor(body) {
		super();
		this.body = body;
	}
	type = "Program";
};
var If = class extends Statement {
	constructor(test, body, alternate) {
		super();
		this.test = test;
		this.body = body;
		this.alternate = alternate;
	}
	type = "If";
};
var For = class extends Statement {
	constructor(loopvar, iterable, body, defaultBlock) {
		super();
		this.loopvar = loopvar;
		this.iterable = iterable;
		this.body = body;
		this.defaultBlock = defaultBlock;
	}
	type = "For";
};
var Break = class extends Statement {
	type = "Break";
};
var Continue = class extends Statement {
	type = "Continue";
};
var SetStatement = class extends Statement {
	constructor(assignee, value, body) {
		super();
		this.assignee = assignee;
		this.value = value;
		this.body = body;
	}
	type = "Set";
};
var Macro = class extends Statement {
	constructor(name, args, body) {
		super();
		this.name = name;
		this.args = args;
		this.body = body;
	}
	type = "Macro";
};
var Comment = class extends Statement {
	constructor(value) {
		super();
		this.value = value;
	}
	type = "Comment";
};
var Expression = class extends Statement {
	type = "Expression";
};
var MemberExpression = class extends Expression {
	constructor(object, property, computed) {
		super();
		this.object = object;
		this.property = property;
		this.computed = computed;
	}
	type = "MemberExpression";
};
var CallExpression = class extends Expression {
	constructor(callee, args) {
		super();
		this.callee = callee;
		this.args = args;
	}
	type = "CallExpression";
};
var Identifier = class extends Expression {
	/**
	* @param {string} value The name of the identifier
	*/
	constructor(value) {
		super();
		this.value = value;
	}
	type = "Identifier";
};
var Literal = class extends Expression {
	constructor(value) {
		super();
		this.value = value;
	}
	type = "Literal";
};
var IntegerLiteral = class extends Literal {
	type = "IntegerLiteral";
};
var FloatLiteral = class extends Literal {
	type = "FloatLiteral";
};
var StringLiteral = class extends Literal {
	type = "StringLiteral";
};
var ArrayLiteral = class extends Literal {
	type = "ArrayLiteral";
};
var TupleLiteral = class extends Literal {
	type = "TupleLiteral";
};
var ObjectLiteral = class extends Literal {
	type = "ObjectLiteral";
};
var BinaryExpression = class extends Expression {
	constructor(operator, left, right) {
		super();
		this.operator = operator;
		this.left = left;
		this.right = right;
	}
	type = "BinaryExpression";
};
var FilterExpression = class extends Expression {
	constructor(operand, filter) {
		super();
		this.operand = operand;
		this.filter = filter;
	}
	type = "FilterExpression";
};
var FilterStatement = class extends Statement {
	constructor(filter, body) {
		super();
		this.filter = filter;
		this.body = body;
	}
	type = "FilterStatement";
};
var SelectExpression = class extends Expression {
	constructor(lhs, test) {
		super();
		this.lhs = lhs;
		this.test = test;
	}
	type = "SelectExpression";
};
var TestExpression = class extends Expression {
	constructor(operand, negate, test) {
		super();
		this.operand = operand;
		this.negate = negate;
		this.test = test;
	}
	type = "TestExpression";
};
var UnaryExpression = class extends Expression {
	constructor(operator, argument) {
		super();
		this.operator = operator;
		this.argument = argument;
	}
	type = "UnaryExpression";
};
var SliceExpression = class extends Expression {
	constructor(start = void 0, stop = void 0, step = void 0) {
		super();
		this.start = start;
		this.stop = stop;
		this.step = step;
	}
	type = "SliceExpression";
};
var KeywordArgumentExpression = class extends Expression {
	constructor(key, value) {
		super();
		this.key = key;
		this.value = value;
	}
	type = "KeywordArgumentExpression";
};
var SpreadExpression = class extends Expression {
	constructor(argument) {
		super();
		this.argument = argument;
	}
	type = "SpreadExpression";
};
var KeywordSpreadExpression = class extends Expression {
	constructor(argument) {
		super();
		this.argument = argument;
	}
	type = "KeywordSpreadExpression";
};
var CallStatement = class extends Statement {
	constructor(call, callerArgs, body) {
		super();
		this.call = call;
		this.callerArgs = callerArgs;
		this.body = body;
	}
	type = "CallStatement";
};
var Ternary = class extends Expression {
	constructor(condition, trueExpr, falseExpr) {
		super();
		this.condition = condition;
		this.trueExpr = trueExpr;
		this.falseExpr = falseExpr;
	}
	type = "Ternary";
};
function parse(tokens) {
	const program = new Program([]);
	let current = 0;
	function expect(type, error) {
		const prev = tokens[current++];
		if (!prev || prev.type !== type) throw new Error(`Parser Error: ${error}. ${prev.type} !== ${type}.`);
		return prev;
	}
	function expectIdentifier(name) {
		if (!isIdentifier(name)) throw new SyntaxError(`Expected ${name}`);
		++current;
	}
	function parseAny() {
		switch (tokens[current].type) {
			case TOKEN_TYPES.Comment: return new Comment(tokens[current++].value);
			case TOKEN_TYPES.Text: return parseText();
			case TOKEN_TYPES.OpenStatement: return parseJinjaStatement();
			case TOKEN_TYPES.OpenExpression: return parseJinjaExpression();
			default: throw new SyntaxError(`Unexpected token type: ${tokens[current].type}`);
		}
	}
	function is(...types) {
		return current + types.length <= tokens.length && types.every((type, i) => type === tokens[current + i].type);
	}
	function isStatement(...names) {
		return tokens[current]?.type === TOKEN_TYPES.OpenStatement && tokens[current + 1]?.type === TOKEN_TYPES.Identifier && names.includes(tokens[current + 1]?.value);
	}
	function isIdentifier(...names) {
		return current + names.length <= tokens.length && names.every((name, i) => tokens[current + i].type === "Identifier" && name === tokens[current + i].value);
	}
	function parseText() {
		return new StringLiteral(expect(TOKEN_TYPES.Text, "Expected text token").value);
	}
	function parseJinjaStatement() {
		expect(TOKEN_TYPES.OpenStatement, "Expected opening statement token");
		if (tokens[current].type !== TOKEN_TYPES.Identifier) throw new SyntaxError(`Unknown statement, got ${tokens[current].type}`);
		const name = tokens[current].value;
		let result;
		switch (name) {
			case "set":
				++current;
				result = parseSetStatement();
				break;
			case "if":
				++current;
				result = parseIfStatement();
				expect(TOKEN_TYPES.OpenStatement, "Expected {% token");
				expectIdentifier("endif");
				expect(TOKEN_TYPES.CloseStatement, "Expected %} token");
				break;
			case "macro":
				++current;
				result = parseMacroStatement();
				expect(TOKEN_TYPES.OpenStatement, "Expected {% token");
				expectIdentifier("endmacro");
				expect(TOKEN_TYPES.CloseStatement, "Expected %} token");
				break;
			case "for":
				++current;
				result = parseForStatement();
				expect(TOKEN_TYPES.OpenStatement, "Expected {% token");
				expectIdentifier("endfor");
				expect(TOKEN_TYPES.CloseStatement, "Expected %} token");
				break;
			case "call": {
				++current;
				let callerArgs = null;
				if (is(TOKEN_TYPES.OpenParen)) callerArgs = parseArgs("parameters");
				const callee = parsePrimaryExpression();
				if (callee.type !== "Identifier") throw new SyntaxError(`Expected identifier following call statement`);
				const callArgs = parseArgs("call");
				expect(TOKEN_TYPES.CloseStatement, "Expected closing statement token");
				const body = [];
				while (!isStatement("endcall")) body.push(parseAny());
				expect(TOKEN_TYPES.OpenStatement, "Expected '{%'");
				expectIdentifier("endcall");
				expect(TOKEN_TYPES.CloseStatement, "Expected closing statement token");
				result = new CallStatement(new CallExpression(callee, callArgs), callerArgs, body);
				break;
			}
			case "break":
				++current;
				expect(TOKEN_TYPES.CloseStatement, "Expected closing statement token");
				result = new Break();
				break;
			case "continue":
				++current;
				expect(TOKEN_TYPES.CloseStatement, "Expected closing statement token");
				result = new Continue();
				break;
			case "filter": {
				++current;
				let filterNode = parsePrimaryExpression();
				if (filterNode instanceof Identifier && is(TOKEN_TYPES.OpenParen)) filterNode = parseCallExpression(filterNode);
				expect(TOKEN_TYPES.CloseStatement, "Expected closing statement token");
				const filterBody = [];
				while (!isStatement("endfilter")) filterBody.push(parseAny());
				expect(TOKEN_TYPES.OpenStatement, "Expected '{%'");
				expectIdentifier("endfilter");
				expect(TOKEN_TYPES.CloseStatement, "Expected '%}'");
				result = new FilterStatement(filterNode, filterBody);
				break;
			}
			default: throw new SyntaxError(`Unknown statement type: ${name}`);
		}
		return result;
	}
	function parseJinjaExpression() {
		expect(TOKEN_TYPES.OpenExpression, "Expected opening expression token");
		const result = parseExpression();
		expect(TOKEN_TYPES.CloseExpression, "Expected closing expression token");
		return result;
	}
	function parseSetStatement() {
		const left = parseExpressionSequence();
		let value = null;
		const body = [];
		if (is(TOKEN_TYPES.Equals)) {
			++current;
			value = parseExpressionSequence();
		} else {
			expect(TOKEN_TYPES.CloseStatement, "Expected %} token");
			while (!isStatement("endset")) body.push(parseAny());
			expect(TOKEN_TYPES.OpenStatement, "Expected {% token");
			expectIdentifier("endset");
		}
		expect(TOKEN_TYPES.CloseStatement, "Expected closing statement token");
		return new SetStatement(left, value, body);
	}
	function parseIfStatement() {
		const test = parseExpression();
		expect(TOKEN_TYPES.CloseStatement, "Expected closing statement token");
		const body = [];
		const alternate = [];
		while (!isStatement("elif", "else", "endif")) body.push(parseAny());
		if (isStatement("elif")) {
			++current;
			++current;
			const result = parseIfStatement();
			alternate.push(result);
		} else if (isStatement("else")) {
			++current;
			++current;
			expect(TOKEN_TYPES.CloseStatement, "Expected closing statement token");
			while (!isStatement("endif")) alternate.push(parseAny());
		}
		return new If(test, body, alternate);
	}
	function parseMacroStatement() {
		const name = parsePrimaryExpression();
		if (name.type !== "Identifier") throw new SyntaxError(`Expected identifier following macro statement`);
		const args = parseArgs("parameters");
		expect(TOKEN_TYPES.CloseStatement, "Expected closing statement token");
		const body = [];
		while (!isStatement("endmacro")) body.push(parseAny());
		return new Macro(name, args, body);
	}
	function parseExpressionSequence(primary = false) {
		const fn = primary ? parsePrimaryExpression : parseExpression;
		const expressions = [fn()];
		const isTuple = is(TOKEN_TYPES.Comma);
		while (isTuple) {
			++current;
			expressions.push(fn());
			if (!is(TOKEN_TYPES.Comma)) break;
		}
		return isTuple ? new TupleLiteral(expressions) : expressions[0];
	}
	function parseForStatement() {
		const loopVariable = parseExpressionSequence(true);
		if (!(loopVariable instanceof Identifier || loopVariable instanceof TupleLiteral)) throw new SyntaxError(`Expected identifier/tuple for the loop variable, got ${loopVariable.type} instead`);
		if (!isIdentifier("in")) throw new SyntaxError("Expected `in` keyword following loop variable");
		++current;
		const iterable = parseExpression();
		expect(TOKEN_TYPES.CloseStatement, "Expected closing statement token");
		const body = [];
		while (!isStatement("endfor", "else")) body.push(parseAny());
		const alternative = [];
		if (isStatement("else")) {
			++current;
			++current;
			expect(TOKEN_TYPES.CloseStatement, "Expected closing statement token");
			while (!isStatement("endfor")) alternative.push(parseAny());
		}
		return new For(loopVariable, iterable, body, alternative);
	}
	function parseExpression() {
		return parseIfExpression();
	}
	function parseIfExpression() {
		const a = parseLogicalOrExpression();
		if (isIdentifier("if")) {
			++current;
			const test = parseLogicalOrExpression();
			if (isIdentifier("else")) {
				++current;
				return new Ternary(test, a, parseIfExpression());
			} else return new SelectExpression(a, test);
		}
		return a;
	}
	function parseLogicalOrExpression() {
		let left = parseLogicalAndExpression();
		while (isIdentifier("or")) {
			const operator = tokens[current];
			++current;
			const right = parseLogicalAndExpression();
			left = new BinaryExpression(operator, left, right);
		}
		return left;
	}
	function parseLogicalAndExpression() {
		let left = parseLogicalNegationExpression();
		while (isIdentifier("and")) {
			const operator = tokens[current];
			++current;
			const right = parseLogicalNegationExpression();
			left = new BinaryExpression(operator, left, right);
		}
		return left;
	}
	function parseLogicalNegationExpression() {
		let right;
		while (isIdentifier("not")) {
			const operator = tokens[current];
			++current;
			right = new UnaryExpression(operator, parseLogicalNegationExpression());
		}
		return right ?? parseComparisonExpression();
	}
	function parseComparisonExpression() {
		let left = parseAdditiveExpression();
		while (true) {
			let operator;
			if (isIdentifier("not", "in")) {
				operator = new Token("not in", TOKEN_TYPES.Identifier);
				current += 2;
			} else if (isIdentifier("in")) operator = tokens[current++];
			else if (is(TOKEN_TYPES.ComparisonBinaryOperator)) operator = tokens[current++];
			else break;
			const right = parseAdditiveExpression();
			left = new BinaryExpression(operator, left, right);
		}
		return left;
	}
	function parseAdditiveExpression() {
		let left = parseMultiplicativeExpression();
		while (is(TOKEN_TYPES.AdditiveBinaryOperator)) {
			const operator = tokens[current];
			++current;
			const right = parseMultiplicativeExpression();
			left = new BinaryExpression(operator, left, right);
		}
		return left;
	}
	function parseCallMemberExpression() {
		const member = parseMemberExpression(parsePrimaryExpression());
		if (is(TOKEN_TYPES.OpenParen)) return parseCallExpression(member);
		return member;
	}
	function parseCallExpression(callee) {
		let expression = new CallExpression(callee, parseArgs("call"));
		expression = parseMemberExpression(expression);
		if (is(TOKEN_TYPES.OpenParen)) expression = parseCallExpression(expression);
		return expression;
	}
	function parseArgs(mode) {
		expect(TOKEN_TYPES.OpenParen, "Expected opening parenthesis for arguments list");
		const args = parseArgumentsList(mode);
		expect(TOKEN_TYPES.CloseParen, "Expected closing parenthesis for arguments list");
		return args;
	}
	function parseArgumentsList(mode) {
		const args = [];
		const parameterNames = /* @__PURE__ */ new Set();
		let sawKeywordOrDefault = false;
		let sawSpreadArgument = false;
		while (!is(TOKEN_TYPES.CloseParen)) {
			const isKeywordSpread = is(TOKEN_TYPES.ExponentiationBinaryOperator);
			const isPositionalSpread = is(TOKEN_TYPES.MultiplicativeBinaryOperator) && tokens[current].value === "*";
			if (mode === "parameters" && (isKeywordSpread || isPositionalSpread)) throw new SyntaxError("Argument unpacking is not allowed in parameter declarations");
			if (isKeywordSpread) {
				++current;
				args.push(new KeywordSpreadExpression(parseExpression()));
				if (is(TOKEN_TYPES.Comma)) ++current;
				if (!is(TOKEN_TYPES.CloseParen)) throw new SyntaxError("Expected closing parenthesis: `**` must be applied to the final argument");
				break;
			}
			let argument;
			if (isPositionalSpread) {
				if (sawSpreadArgument) throw new SyntaxError("Only one `*` argument unpacking is allowed");
				sawSpreadArgument = true;
				++current;
				argument = new SpreadExpression(parseExpression());
			} else {
				argument = parseExpression();
				if (is(TOKEN_TYPES.Equals)) {
					++current;
					if (!(argument instanceof Identifier)) throw new SyntaxError(mode === "parameters" ? "Expected identifier for parameter declaration" : "Expected identifier for keyword argument");
					const value = parseExpression();
					argument = new KeywordArgumentExpression(argument, value);
				}
				if (mode === "parameters") {
					if (!(argument instanceof Identifier || argument instanceof KeywordArgumentExpression)) throw new SyntaxError("Expected identifier for parameter declaration");
					const parameterName = argument instanceof Identifier ? argument.value : argument.key.value;
					if (parameterNames.has(parameterName)) throw new SyntaxError(`Duplicate parameter name: ${parameterName}`);
					parameterNames.add(parameterName);
				}
				if (argument instanceof KeywordArgumentExpression) sawKeywordOrDefault = true;
				else if (sawKeywordOrDefault) throw new SyntaxError(mode === "call" ? "Positional arguments must come before keyword arguments" : "Non-default argument follows default argument");
				else if (sawSpreadArgument) throw new SyntaxError("Positional arguments must not follow `*` argument unpacking");
			}
			args.push(argument);
			if (is(TOKEN_TYPES.Comma)) ++current;
		}
		return args;
	}
	function parseMemberExpressionArgumentsList() {
		const slices = [];
		let isSlice = false;
		while (!is(TOKEN_TYPES.CloseSquareBracket)) if (is(TOKEN_TYPES.Colon)) {
			slices.push(void 0);
			++current;
			isSlice = true;
		} else {
			slices.push(parseExpression());
			if (is(TOKEN_TYPES.Colon)) {
				++current;
				isSlice = true;
			}
		}
		if (slices.length === 0) throw new SyntaxError(`Expected at least one argument for member/slice expression`);
		if (isSlice) {
			if (slices.length > 3) throw new SyntaxError(`Expected 0-3 arguments for slice expression`);
			return new SliceExpression(...slices);
		}
		return slices[0];
	}
	function parseMemberExpression(object) {
		while (is(TOKEN_TYPES.Dot) || is(TOKEN_TYPES.OpenSquareBracket)) {
			const operator = tokens[current];
			++current;
			let property;
			const computed = operator.type === TOKEN_TYPES.OpenSquareBracket;
			if (computed) {
				property = parseMemberExpressionArgumentsList();
				expect(TOKEN_TYPES.CloseSquareBracket, "Expected closing square bracket");
			} else {
				property = parsePrimaryExpression();
				if (property.type !== "Identifier" && property.type !== "IntegerLiteral") throw new SyntaxError(`Expected identifier or integer following dot operator`);
			}
			object = new MemberExpression(object, property, computed);
		}
		return object;
	}
	function parseMultiplicativeExpression() {
		let left = parsePowerExpression();
		while (is(TOKEN_TYPES.MultiplicativeBinaryOperator)) {
			const operator = tokens[current++];
			const right = parsePowerExpression();
			left = new BinaryExpression(operator, left, right);
		}
		return left;
	}
	function parsePowerExpression() {
		let left = parseTestExpression();
		while (is(TOKEN_TYPES.ExponentiationBinaryOperator)) {
			const operator = tokens[current++];
			const right = parseTestExpression();
			left = new BinaryExpression(operator, left, right);
		}
		return left;
	}
	function parseTestExpression() {
		let operand = parseFilterExpression();
		while (isIdentifier("is")) {
			++current;
			const negate = isIdentifier("not");
			if (negate) ++current;
			const filter = parsePrimaryExpression();
			if (!(filter instanceof Identifier)) throw new SyntaxError(`Expected identifier for the test`);
			operand = new TestExpression(operand, negate, filter);
		}
		return operand;
	}
	function parseFilterExpression() {
		let operand = parseUnarySignExpression();
		while (is(TOKEN_TYPES.Pipe)) {
			++current;
			let filter = parsePrimaryExpression();
			if (!(filter instanceof Identifier)) throw new SyntaxError(`Expected identifier for the filter`);
			if (is(TOKEN_TYPES.OpenParen)) filter = parseCallExpression(filter);
			operand = new FilterExpression(operand, filter);
		}
		return operand;
	}
	function parseUnarySignExpression() {
		const token = tokens[current];
		if (token && (token.type === TOKEN_TYPES.UnaryOperator || token.type === TOKEN_TYPES.AdditiveBinaryOperator) && (token.value === "-" || token.value === "+")) {
			const operator = tokens[current++];
			return new UnaryExpression(operator, parseUnarySignExpression());
		}
		return parseCallMemberExpression();
	}
	function parsePrimaryExpression() {
		const token = tokens[current++];
		switch (token.type) {
			case TOKEN_TYPES.NumericLiteral: {
				const num = token.value;
				return num.includes(".") ? new FloatLiteral(Number(num)) : new IntegerLiteral(Number(num));
			}
			case TOKEN_TYPES.StringLiteral: {
				let value = token.value;
				while (is(TOKEN_TYPES.StringLiteral)) value += tokens[current++].value;
				return new StringLiteral(value);
			}
			case TOKEN_TYPES.Identifier: return new Identifier(token.value);
			case TOKEN_TYPES.OpenParen: {
				const expression = parseExpressionSequence();
				expect(TOKEN_TYPES.CloseParen, "Expected closing parenthesis, got ${tokens[current].type} instead.");
				return expression;
			}
			case TOKEN_TYPES.OpenSquareBracket: {
				const values = [];
				while (!is(TOKEN_TYPES.CloseSquareBracket)) {
					values.push(parseExpression());
					if (is(TOKEN_TYPES.Comma)) ++current;
				}
				++current;
				return new ArrayLiteral(values);
			}
			case TOKEN_TYPES.OpenCurlyBracket: {
				const values = /* @__PURE__ */ new Map();
				while (!is(TOKEN_TYPES.CloseCurlyBracket)) {
					const key = parseExpression();
					expect(TOKEN_TYPES.Colon, "Expected colon between key and value in object literal");
					const value = parseExpression();
					values.set(key, value);
					if (is(TOKEN_TYPES.Comma)) ++current;
				}
				++current;
				return new ObjectLiteral(values);
			}
			default: throw new SyntaxError(`Unexpected token: ${token.type}`);
		}
	}
	while (current < tokens.length) program.body.push(parseAny());
	return program;
}
function slice(array, start, stop, step = 1) {
	const direction = Math.sign(step);
	if (direction >= 0) {
		start = (start ??= 0) < 0 ? Math.max(array.length + start, 0) : Math.min(start, array.length);
		stop = (stop ??= array.length) < 0 ? Math.max(array.length + stop, 0) : Math.min(stop, array.length);
	} else {
		start = (start ??= array.length - 1) < 0 ? Math.max(array.length + start, -1) : Math.min(start, array.length - 1);
		stop = (stop ??= -1) < -1 ? Math.max(array.length + stop, -1) : Math.min(stop, array.length - 1);
	}
	const result = [];
	for (let i = start; direction * i < direction * stop; i += step) result.push(array[i]);
	return result;
}
function titleCase(value) {
	return value.replace(/\b\w/g, (c) => c.toUpperCase());
}
function escapeRegExp(s) {
	return s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
function replace(str, oldvalue, newvalue, count) {
	if (count === 0) return str;
	let remaining = count == null || count < 0 ? Infinity : count;
	const pattern = oldvalue.length === 0 ? /* @__PURE__ */ new RegExp("(?=)", "gu") : new RegExp(escapeRegExp(oldvalue), "gu");
	return str.replaceAll(pattern, (match) => {
		if (remaining > 0) {
			--remaining;
			return newvalue;
		}
		return match;
	});
}
var BreakControl = class extends Error {};
var ContinueControl = class extends Error {};
var EMPTY_BUILTINS = /* @__PURE__ */ new Map();
var RuntimeValue = class {
	type = "RuntimeValue";
	value;
	/**
	* A collection of built-in functions for this type.
	*/
	get builtins() {
		return EMPTY_BUILTINS;
	}
	/**
	* Creates a new RuntimeValue.
	*/
	constructor(value = void 0) {
		this.value = value;
	}
	/**
	* Determines truthiness or falsiness of the runtime value.
	* This function should be overridden by subclasses if it has custom truthiness criteria.
	* @returns {BooleanValue} BooleanValue(true) if the value is truthy, BooleanValue(false) otherwise.
	*/
	__bool__() {
		return new BooleanValue(!!this.value);
	}
	toString() {
		return String(this.value);
	}
};
var IntegerValue = class extends RuntimeValue {
	type = "IntegerValue";
};
var FloatValue = class extends RuntimeValue {
	type = "FloatValue";
	toString() {
		if (Object.is(this.value, -0)) return "-0.0";
		return this.value % 1 === 0 ? this.value.toFixed(1) : this.value.toString();
	}
};
var StringValue = class extends RuntimeValue {
	type = "StringValue";
	_builtins;
	get builtins() {
		return this._builtins ??= /* @__PURE__ */ new Map([
			["upper", new FunctionValue(() => {
				return new StringValue(this.value.toUpperCase());
			})],
			["lower", new FunctionValue(() => {
				return new StringValue(this.value.toLowerCase());
			})],
			["strip", new FunctionValue(() => {
				return new StringValue(this.value.trim());
			})],
			["title", new FunctionValue(() => {
				return new StringValue(titleCase(this.value));
			})],
			["capitalize", new FunctionValue(() => {
				return new StringValue(this.value.charAt(0).toUpperCase() + this.value.slice(1));
			})],
			["length", new IntegerValue(this.value.length)],
			["rstrip", new FunctionValue(() => {
				return new StringValue(this.value.trimEnd());
			})],
			["lstrip", new FunctionValue(() => {
				return new StringValue(this.value.trimStart());
			})],
			["startswith", new FunctionValue((args) => {
				if (args.length === 0) throw new Error("startswith() requires at least one argument");
				const pattern = args[0];
				if (pattern instanceof StringValue) return new BooleanValue(this.value.startsWith(pattern.value));
				else if (pattern instanceof ArrayValue) {
					for (const item of pattern.value) {
						if (!(item instanceof StringValue)) throw new Error("startswith() tuple elements must be strings");
						if (this.value.startsWith(item.value)) return new BooleanValue(true);
					}
					return new BooleanValue(false);
				}
				throw new Error("startswith() argument must be a string or tuple of strings");
			})],
			["endswith", new FunctionValue((args) => {
				if (args.length === 0) throw new Error("endswith() requires at least one argument");
				const pattern = args[0];
				if (pattern instanceof StringValue) return new BooleanValue(this.value.endsWith(pattern.value));
				else if (pattern instanceof ArrayValue) {
					for (const item of pattern.value) {
						if (!(item instanceof StringValue)) throw new Error("endswith() tuple elements must be strings");
						if (this.value.endsWith(item.value)) return new BooleanValue(true);
					}
					return new BooleanValue(false);
				}
				throw new Error("endswith() argument must be a string or tuple of strings");
			})],
			["split", new FunctionValue((args) => {
				const sep = args[0] ?? new NullValue();
				if (!(sep instanceof StringValue || sep instanceof NullValue)) throw new Error("sep argument must be a string or null");
				const maxsplit = args[1] ?? new IntegerValue(-1);
				if (!(maxsplit instanceof IntegerValue)) throw new Error("maxsplit argument must be a number");
				let result = [];
				if (sep instanceof NullValue) {
					const text = this.value.trimStart();
					for (const { 0: match, index } of text.matchAll(/\S+/g)) {
						if (maxsplit.value !== -1 && result.length >= maxsplit.value && index !== void 0) {
							result.push(match + text.slice(index + match.length));
							break;
						}
						result.push(match);
					}
				} else {
					if (sep.value === "") throw new Error("empty separator");
					result = this.value.split(sep.value);
					if (maxsplit.value !== -1 && result.length > maxsplit.value) result.push(result.splice(maxsplit.value).join(sep.value));
				}
				return new ArrayValue(result.map((part) => new StringValue(part)));
			})],
			["replace", new FunctionValue((args) => {
				if (args.length < 2) throw new Error("replace() requires at least two arguments");
				const oldValue = args[0];
				const newValue = args[1];
				if (!(oldValue instanceof StringValue && newValue instanceof StringValue)) throw new Error("replace() arguments must be strings");
				let count;
				if (args.length > 2) {
					if (args[2].type === "KeywordArgumentsValue") count = args[2].value.get("count") ?? new NullValue();
					else count = args[2];
				} else count = new NullValue();
				if (!(count instanceof IntegerValue || count instanceof NullValue)) throw new Error("replace() count argument must be a number or null");
				return new StringValue(replace(this.value, oldValue.value, newValue.value, count.value));
			})]
		]);
	}
};
var BooleanValue = class extends RuntimeValue {
	type = "BooleanValue";
};
var NON_ASCII_CHARS = /[\x7f-\uffff]/g;
function makeAsciiSafe(str) {
	return str.replace(NON_ASCII_CHARS, (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0"));
}
function toJSON(input, options = {}, depth = 0, convertUndefinedToNull = true) {
	const { indent = null, ensureAscii = false, separators = null, sortKeys = false } = options;
	let itemSeparator;
	let keySeparator;
	if (separators) [itemSeparator, keySeparator] = separators;
	else if (indent) {
		itemSeparator = ",";
		keySeparator = ": ";
	} else {
		itemSeparator = ", ";
		keySeparator = ": ";
	}
	switch (input.type) {
		case "NullValue": return "null";
		case "UndefinedValue": return convertUndefinedToNull ? "null" : "undefined";
		case "IntegerValue":
		case "FloatValue":
		case "BooleanValue": return JSON.stringify(input.value);
		case "StringValue": {
			let result = JSON.stringify(input.value);
			if (ensureAscii) result = makeAsciiSafe(result);
			return result;
		}
		case "ArrayValue":
		case "NamespaceValue":
		case "ObjectValue": {
			const indentValue = indent ? " ".repeat(indent) : "";
			const basePadding = "\n" + indentValue.repeat(depth);
			const childrenPadding = basePadding + indentValue;
			if (input.type === "ArrayValue") {
				const core = input.value.map((x) => toJSON(x, options, depth + 1, convertUndefinedToNull));
				return indent && core.length > 0 ? `[${childrenPadding}${core.join(`${itemSeparator}${childrenPadding}`)}${basePadding}]` : `[${core.join(itemSeparator)}]`;
			} else {
				let entries = Array.from(input.value.entries());
				if (sortKeys) entries = entries.sort(([a], [b]) => a.localeCompare(b));
				const core = entries.map(([key, value]) => {
					let keyStr = JSON.stringify(key);
					if (ensureAscii) keyStr = makeAsciiSafe(keyStr);
					const v = `${keyStr}${keySeparator}${toJSON(value, options, depth + 1, convertUndefinedToNull)}`;
					return indent ? `${childrenPadding}${v}` : v;
				});
				return indent && core.length > 0 ? `{${core.join(itemSeparator)}${basePadding}}` : `{${core.join(itemSeparator)}}`;
			}
		}
		default: throw new Error(`Cannot convert to JSON: ${input.type}`);
	}
}
var ObjectValue = class extends RuntimeValue {
	type = "ObjectValue";
	_builtins;
	/**
	* NOTE: necessary to override since all JavaScript arrays are considered truthy,
	* while only non-empty Python arrays are consider truthy.
	*
	* e.g.,
	*  - JavaScript:  {} && 5 -> 5
	*  - Python:      {} and 5 -> {}
	*/
	__bool__() {
		return new BooleanValue(this.value.size > 0);
	}
	get builtins() {
		return this._builtins ??= /* @__PURE__ */ new Map([
			["get", new FunctionValue(([key, defaultValue]) => {
				if (!(key instanceof StringValue)) throw new Error(`Object key must be a string: got ${key.type}`);
				return this.value.get(key.value) ?? defaultValue ?? new NullValue();
			})],
			["items", new FunctionValue(() => this.items())],
			["keys", new FunctionValue(() => this.keys())],
			["values", new FunctionValue(() => this.values())],
			["dictsort", new FunctionValue((args) => {
				let kwargs = /* @__PURE__ */ new Map();
				const positionalArgs = args.filter((arg) => {
					if (arg instanceof KeywordArgumentsValue) {
						kwargs = arg.value;
						return false;
					}
					return true;
				});
				const caseSensitive = positionalArgs.at(0) ?? kwargs.get("case_sensitive") ?? new BooleanValue(false);
				if (!(caseSensitive instanceof BooleanValue)) throw new Error("case_sensitive must be a boolean");
				const by = positionalArgs.at(1) ?? kwargs.get("by") ?? new StringValue("key");
				if (!(by instanceof StringValue)) throw new Error("by must be a string");
				if (!["key", "value"].includes(by.value)) throw new Error("by must be either 'key' or 'value'");
				const reverse = positionalArgs.at(2) ?? kwargs.get("reverse") ?? new BooleanValue(false);
				if (!(reverse instanceof BooleanValue)) throw new Error("reverse must be a boolean");
				return new ArrayValue(Array.from(this.value.entries()).map(([key, value]) => new ArrayValue([new StringValue(key), value])).sort((a, b) => {
					const index = by.value === "key" ? 0 : 1;
					const aVal = a.value[index];
					const bVal = b.value[index];
					const result = compareRuntimeValues(aVal, bVal, caseSensitive.value);
					return reverse.value ? -result : result;
				}));
			})]
		]);
	}
	items() {
		return new ArrayValue(Array.from(this.value.entries()).map(([key, value]) => new ArrayValue([new StringValue(key), value])));
	}
	keys() {
		return new ArrayValue(Array.from(this.value.keys()).map((key) => new StringValue(key)));
	}
	values() {
		return new ArrayValue(Array.from(this.value.values()));
	}
	toString() {
		return toJSON(this, {}, 0, false);
	}
};
var KeywordArgumentsValue = class extends ObjectValue {
	type = "KeywordArgumentsValue";
};
var NamespaceValue = class extends RuntimeValue {
	type = "NamespaceValue";
	toString() {
		return toJSON(this, {}, 0, false);
	}
};
var ArrayValue = class extends RuntimeValue {
	type = "ArrayValue";
	_builtins;
	get builtins() {
		return this._builtins ??= /* @__PURE__ */ new Map([["length", new IntegerValue(this.value.length)]]);
	}
	/**
	* NOTE: necessary to override since all JavaScript arrays are considered truthy,
	* while only non-empty Python arrays are consider truthy.
	*
	* e.g.,
	*  - JavaScript:  [] && 5 -> 5
	*  - Python:      [] and 5 -> []
	*/
	__bool__() {
		return new BooleanValue(this.value.length > 0);
	}
	toString() {
		return toJSON(this, {}, 0, false);
	}
};
var TupleValue = class extends ArrayValue {
	type = "TupleValue";
};
var FunctionValue = class extends RuntimeValue {
	type = "FunctionValue";
};
var NullValue = class extends RuntimeValue {
	type = "NullValue";
};
var UndefinedValue = class extends RuntimeValue {
	type = "UndefinedValue";
};
function normalizeNamespaceEntry(pair) {
	let values;
	if (pair instanceof ArrayValue) values = pair.value;
	else if (pair instanceof StringValue) values = Array.from(pair.value, (char) => new StringValue(char));
	if (!values || values.length !== 2) throw new Error("namespace expected an object or an iterable of [key, value] pairs");
	const [key, value] = values;
	if (!(key instanceof StringValue)) throw new Error("namespace keys must be strings");
	return [key, value];
}
var _Environment = class {
	constructor(parent) {
		this.parent = parent;
	}
	/**
	* The variables declared in this environment.
	*/
	variables = /* @__PURE__ */ new Map([["namespace", new FunctionValue((args) => {
		const positional = args.slice();
		let kwargs;
		if (positional.at(-1) instanceof KeywordArgumentsValue) kwargs = positional.pop();
		if (positional.length > 1) throw new Error(`namespace expected at most 1 argument, got ${positional.length}`);
		const entries = /* @__PURE__ */ new Map();
		if (positional.length === 1) {
			const source = positional[0];
			if (source instanceof ObjectValue) for (const [key, value] of source.value) entries.set(key, value);
			else if (source instanceof ArrayValue) for (const pair of source.value) {
				const [key, value] = normalizeNamespaceEntry(pair);
				entries.set(key.value, value);
			}
			else throw new Error(`'${source.type}' object is not iterable`);
		}
		if (kwargs) for (const [key, value] of kwargs.value) entries.set(key, value);
		return new NamespaceValue(entries);
	})]]);
	tests = _Environment.TESTS;
	/**
	* Set the value of a variable in the current environment.
	*/
	set(name, value) {
		return this.declareVariable(name, convertToRuntimeValues(value));
	}
	declareVariable(name, value) {
		if (this.variables.has(name)) throw new SyntaxError(`Variable already declared: ${name}`);
		this.variables.set(name, value);
		return value;
	}
	/**
	* Set variable in the current scope.
	* See https://jinja.palletsprojects.com/en/3.0.x/templates/#assignments for more information.
	*/
	setVariable(name, value) {
		this.variables.set(name, value);
		return value;
	}
	/**
	* Resolve the environment in which the variable is declared.
	* @param {string} name The name of the variable.
	* @returns {Environment} The environment in which the variable is declared.
	*/
	resolve(name) {
		if (this.variables.has(name)) return this;
		if (this.parent) return this.parent.resolve(name);
		throw new Error(`Unknown variable: ${name}`);
	}
	lookupVariable(name) {
		try {
			return this.resolve(name).variables.get(name) ?? new UndefinedValue();
		} catch {
			return new UndefinedValue();
		}
	}
};
var Environment = _Environment;
/**
* The tests available in this environment.
*/
__publicField(Environment, "TESTS", /* @__PURE__ */ new Map([
	["boolean", (operand) => operand.type === "BooleanValue"],
	["callable", (operand) => operand instanceof FunctionValue],
	["odd", (operand) => {
		if (!(operand instanceof IntegerValue)) throw new Error(`cannot odd on ${operand.type}`);
		return operand.value % 2 !== 0;
	}],
	["even", (operand) => {
		if (!(operand instanceof IntegerValue)) throw new Error(`cannot even on ${operand.type}`);
		return operand.value % 2 === 0;
	}],
	["false", (operand) => operand.type === "BooleanValue" && !operand.value],
	["true", (operand) => operand.type === "BooleanValue" && operand.value],
	["none", (operand) => operand.type === "NullValue"],
	["string", (operand) => operand.type === "StringValue"],
	["number", (operand) => operand instanceof IntegerValue || operand instanceof FloatValue],
	["integer", (operand) => operand instanceof IntegerValue],
	["iterable", (operand) => operand.type === "ArrayValue" || operand.type === "StringValue"],
	["mapping", (operand) => operand instanceof ObjectValue],
	["sequence", (operand) => operand instanceof ArrayValue || operand instanceof ObjectValue || operand instanceof StringValue],
	["lower", (operand) => {
		const str = operand.value;
		return operand.type === "StringValue" && str === str.toLowerCase();
	}],
	["upper", (operand) => {
		const str = operand.value;
		return operand.type === "StringValue" && str === str.toUpperCase();
	}],
	["none", (operand) => operand.type === "NullValue"],
	["defined", (operand) => operand.type !== "UndefinedValue"],
	["undefined", (operand) => operand.type === "UndefinedValue"],
	["equalto", (a, b) => a.value === b.value],
	["eq", (a, b) => a.value === b.value]
]));
function isAttributeContainer(value) {
	return value instanceof ObjectValue || value instanceof NamespaceValue;
}
function isNumericLikeValue(value) {
	return value instanceof IntegerValue || value instanceof FloatValue || value instanceof BooleanValue;
}
function getNumericValue(value) {
	return value instanceof BooleanValue ? Number(value.value) : value.value;
}
function getAttributeValue(item, attributePath) {
	const parts = attributePath.split(".");
	let value = item;
	for (const part of parts) if (isAttributeContainer(value)) value = value.value.get(part) ?? new UndefinedValue();
	else if (value instanceof ArrayValue) {
		const index = parseInt(part, 10);
		if (!isNaN(index) && index >= 0 && index < value.value.length) value = value.value[index];
		else return new UndefinedValue();
	} else return new UndefinedValue();
	return value;
}
function compareRuntimeValues(a, b, caseSensitive = false) {
	if (a instanceof NullValue && b instanceof NullValue) return 0;
	if (a instanceof NullValue || b instanceof NullValue) throw new Error(`Cannot compare ${a.type} with ${b.type}`);
	if (a instanceof UndefinedValue && b instanceof UndefinedValue) return 0;
	if (a instanceof UndefinedValue || b instanceof UndefinedValue) throw new Error(`Cannot compare ${a.type} with ${b.type}`);
	if (isNumericLikeValue(a) && isNumericLikeValue(b)) {
		const aNum = getNumericValue(a);
		const bNum = getNumericValue(b);
		return aNum < bNum ? -1 : aNum > bNum ? 1 : 0;
	}
	if (a.type !== b.type) throw new Error(`Cannot compare different types: ${a.type} and ${b.type}`);
	switch (a.type) {
		case "StringValue": {
			let aStr = a.value;
			let bStr = b.value;
			if (!caseSensitive) {
				aStr = aStr.toLowerCase();
				bStr = bStr.toLowerCase();
			}
			return aStr < bStr ? -1 : aStr > bStr ? 1 : 0;
		}
		default: throw new Error(`Cannot compare type: ${a.type}`);
	}
}
function getParameterDescriptor(argument) {
	if (argument.type === "Identifier") return { name: argument.value };
	const keywordArgument = argument;
	return {
		name: keywordArgument.key.value,
		defaultValue: keywordArgument.value
	};
}
function isSpecialMacroArgument(name) {
	return name === "kwargs" || name === "varargs";
}
function findAccessedSpecialMacroArguments(parameters, body) {
	const declared = /* @__PURE__ */ new Set();
	const accessed = /* @__PURE__ */ new Set();
	const declareName = (name) => {
		if (isSpecialMacroArgument(name)) declared.add(name);
	};
	const declareTarget = (target) => {
		if (target.type === "Identifier") declareName(target.value);
		else if (target.type === "TupleLiteral") for (const item of target.value) declareTarget(item);
	};
	const declareArgument = (argument) => {
		declareName(getParameterDescriptor(argument).name);
	};
	const visitArgumentDefaults = (args) => {
		for (const argument of args) {
			const parameter = getParameterDescriptor(argument);
			if (parameter.defaultValue) visit(parameter.defaultValue);
		}
	};
	const visitFilter = (filter) => {
		if (filter.type === "CallExpression") visit(filter.args);
	};
	const visit = (node) => {
		if (Array.isArray(node)) {
			for (const item of node) visit(item);
			return;
		}
		if (node instanceof Map) {
			for (const [key, value] of node) {
				visit(key);
				visit(value);
			}
			return;
		}
		if (!(node instanceof Statement)) return;
		switch (node.type) {
			case "For": {
				const statement = node;
				declareTarget(statement.loopvar);
				if (statement.iterable.type === "SelectExpression") {
					const iterable = statement.iterable;
					visit(iterable.lhs);
					visit(statement.body);
					visit(statement.defaultBlock);
					visit(iterable.test);
					return;
				}
				visit(statement.iterable);
				visit(statement.body);
				visit(statement.defaultBlock);
				return;
			}
			case "Set": {
				const statement = node;
				declareTarget(statement.assignee);
				visit(statement.value);
				visit(statement.body);
				return;
			}
			case "Macro": {
				const statement = node;
				for (const argument of statement.args) declareArgument(argument);
				visitArgumentDefaults(statement.args);
				visit(statement.body);
				return;
			}
			case "CallStatement": {
				const statement = node;
				visit(statement.call);
				for (const argument of statement.callerArgs ?? []) declareArgument(argument);
				visitArgumentDefaults(statement.callerArgs ?? []);
				visit(statement.body);
				return;
			}
			case "FilterStatement": {
				const statement = node;
				visit(statement.body);
				visitFilter(statement.filter);
				return;
			}
			case "Identifier": {
				const name = node.value;
				if (isSpecialMacroArgument(name) && !declared.has(name)) accessed.add(name);
				return;
			}
			case "MemberExpression": {
				const expression = node;
				visit(expression.object);
				if (expression.computed) visit(expression.property);
				return;
			}
			case "FilterExpression": {
				const expression = node;
				visit(expression.operand);
				visitFilter(expression.filter);
				return;
			}
			case "TestExpression":
				visit(node.operand);
				return;
			case "SelectExpression": {
				const expression = node;
				visit(expression.test);
				visit(expression.lhs);
				return;
			}
			case "KeywordArgumentExpression":
				visit(node.value);
				return;
			default: for (const child of Object.values(node)) visit(child);
		}
	};
	for (const parameter of parameters) declareArgument(parameter);
	visit(body);
	return accessed;
}
var Interpreter = class {
	global;
	constructor(env) {
		this.global = env ?? new Environment();
	}
	/**
	* Run the program.
	*/
	run(program) {
		return this.evaluate(program, this.global);
	}
	/**
	* Evaluates expressions following the binary operation type.
	*/
	evaluateBinaryExpression(node, environment) {
		const left = this.evaluate(node.left, environment);
		switch (node.operator.value) {
			case "and": return left.__bool__().value ? this.evaluate(node.right, environment) : left;
			case "or": return left.__bool__().value ? left : this.evaluate(node.right, environment);
		}
		const right = this.evaluate(node.right, environment);
		switch (node.operator.value) {
			case "==": return new BooleanValue(left.value == right.value);
			case "!=": return new BooleanValue(left.value != right.value);
		}
		if (left instanceof UndefinedValue || right instanceof UndefinedValue) {
			if (right instanceof UndefinedValue && ["in", "not in"].includes(node.operator.value)) return new BooleanValue(node.operator.value === "not in");
			throw new Error(`Cannot perform operation ${node.operator.value} on undefined values`);
		} else if (left instanceof NullValue || right instanceof NullValue) throw new Error("Cannot perform operation on null values");
		else if (node.operator.value === "~") return new StringValue(left.value.toString() + right.value.toString());
		else if (node.operator.value === "**" && isNumericLikeValue(left) && isNumericLikeValue(right)) {
			const a = getNumericValue(left);
			const b = getNumericValue(right);
			if (a === 0 && b < 0) throw new Error("0.0 cannot be raised to a negative power");
			const result = a ** b;
			if (!Number.isFinite(result)) throw new Error("Exponentiation result is not a finite real number");
			return left instanceof FloatValue || right instanceof FloatValue || b < 0 ? new FloatValue(result) : new IntegerValue(result);
		} else if ((left instanceof IntegerValue || left instanceof FloatValue) && (right instanceof IntegerValue || right instanceof FloatValue)) {
			const a = left.value, b = right.value;
			switch (node.operator.value) {
				case "+":
				case "-":
				case "*": {
					const res = node.operator.value === "+" ? a + b : node.operator.value === "-" ? a - b : a * b;
					return left instanceof FloatValue || right instanceof FloatValue ? new FloatValue(res) : new IntegerValue(res);
				}
				case "/": return new FloatValue(a / b);
				case "//": {
					const res = Math.floor(a / b);
					return left instanceof FloatValue || right instanceof FloatValue ? new FloatValue(res) : new IntegerValue(res);
				}
				case "%": {
					const rem = a % b;
					return left instanceof FloatValue || right instanceof FloatValue ? new FloatValue(rem) : new IntegerValue(rem);
				}
				case "<": return new BooleanValue(a < b);
				case ">": return new BooleanValue(a > b);
				case ">=": return new BooleanValue(a >= b);
				case "<=": return new BooleanValue(a <= b);
			}
		} else if (left instanceof ArrayValue && right instanceof ArrayValue) switch (node.operator.value) {
			case "+": return new ArrayValue(left.value.concat(right.value));
		}
		else if (right instanceof ArrayValue) {
			const member = right.value.find((x) => x.value === left.value) !== void 0;
			switch (node.operator.value) {
				case "in": return new BooleanValue(member);
				case "not in": return new BooleanValue(!member);
			}
		}
		if (left instanceof StringValue || right instanceof StringValue) switch (node.operator.value) {
			case "+": return new StringValue(left.value.toString() + right.value.toString());
		}
		if (left instanceof StringValue && right instanceof StringValue) switch (node.operator.value) {
			case "in": return new BooleanValue(right.value.includes(left.value));
			case "not in": return new BooleanValue(!right.value.includes(left.value));
		}
		if (left instanceof StringValue && right instanceof ObjectValue) switch (node.operator.value) {
			case "in": return new BooleanValue(right.value.has(left.value));
			case "not in": return new BooleanValue(!right.value.has(left.value));
		}
		throw new SyntaxError(`Unknown operator "${node.operator.value}" between ${left.type} and ${right.type}`);
	}
	evaluateArguments(args, environment) {
		const positionalArguments = [];
		const keywordArguments = /* @__PURE__ */ new Map();
		const addKeywordArgument = (key, value) => {
			if (keywordArguments.has(key)) throw new Error(`Got multiple values for keyword argument '${key}'`);
			keywordArguments.set(key, value);
		};
		for (const argument of args) if (argument.type === "SpreadExpression") {
			const spreadNode = argument;
			const val = this.evaluate(spreadNode.argument, environment);
			if (!(val instanceof ArrayValue)) throw new Error(`Cannot unpack non-iterable type: ${val.type}`);
			for (const item of val.value) positionalArguments.push(item);
		} else if (argument.type !== "KeywordArgumentExpression" && argument.type !== "KeywordSpreadExpression") positionalArguments.push(this.evaluate(argument, environment));
		for (const argument of args) if (argument.type === "KeywordArgumentExpression") {
			const kwarg = argument;
			addKeywordArgument(kwarg.key.value, this.evaluate(kwarg.value, environment));
		} else if (argument.type === "KeywordSpreadExpression") {
			const spreadNode = argument;
			const val = this.evaluate(spreadNode.argument, environment);
			if (!(val instanceof ObjectValue)) throw new Error(`Argument after ** must be a mapping, not ${val.type}`);
			for (const [key, value] of val.value) addKeywordArgument(key, value);
		}
		return [positionalArguments, keywordArguments];
	}
	applyFilter(operand, filterNode, environment) {
		if (filterNode.type === "Identifier") {
			const filter = filterNode;
			if (filter.value === "safe") return operand;
			if (filter.value === "tojson") return new StringValue(toJSON(operand, {}));
			if (operand instanceof ArrayValue) switch (filter.value) {
				case "list": return operand;
				case "first": return operand.value[0];
				case "last": return operand.value[operand.value.length - 1];
				case "length": return new IntegerValue(operand.value.length);
				case "reverse": return new ArrayValue(operand.value.slice().reverse());
				case "sort": return new ArrayValue(operand.value.slice().sort((a, b) => compareRuntimeValues(a, b, false)));
				case "join": return new StringValue(operand.value.map((x) => x.value).join(""));
				case "string": return new StringValue(toJSON(operand, {}, 0, false));
				case "unique": {
					const seen = /* @__PURE__ */ new Set();
					const output = [];
					for (const item of operand.value) if (!seen.has(item.value)) {
						seen.add(item.value);
						output.push(item);
					}
					return new ArrayValue(output);
				}
				default: throw new Error(`Unknown ArrayValue filter: ${filter.value}`);
			}
			else if (operand instanceof StringValue) switch (filter.value) {
				case "length":
				case "upper":
				case "lower":
				case "title":
				case "capitalize": {
					const builtin = operand.builtins.get(filter.value);
					if (builtin instanceof FunctionValue) return builtin.value([], environment);
					else if (builtin instanceof IntegerValue) return builtin;
					else throw new Error(`Unknown StringValue filter: ${filter.value}`);
				}
				case "trim": return new StringValue(operand.value.trim());
				case "indent": return new StringValue(operand.value.split("\n").map((x, i) => i === 0 || x.length === 0 ? x : "    " + x).join("\n"));
				case "join":
				case "string": return operand;
				case "int": {
					const val = parseInt(operand.value, 10);
					return new IntegerValue(isNaN(val) ? 0 : val);
				}
				case "float": {
					const val = parseFloat(operand.value);
					return new FloatValue(isNaN(val) ? 0 : val);
				}
				default: throw new Error(`Unknown StringValue filter: ${filter.value}`);
			}
			else if (operand instanceof IntegerValue || operand instanceof FloatValue) switch (filter.value) {
				case "abs": return operand instanceof IntegerValue ? new IntegerValue(Math.abs(operand.value)) : new FloatValue(Math.abs(operand.value));
				case "int": return new IntegerValue(Math.floor(operand.value));
				case "float": return new FloatValue(operand.value);
				case "string": return new StringValue(operand.toString());
				default: throw new Error(`Unknown NumericValue filter: ${filter.value}`);
			}
			else if (operand instanceof ObjectValue) switch (filter.value) {
				case "items": return new ArrayValue(Array.from(operand.value.entries()).map(([key, value]) => new ArrayValue([new StringValue(key), value])));
				case "length": return new IntegerValue(operand.value.size);
				default: {
					const builtin = operand.builtins.get(filter.value);
					if (builtin) {
						if (builtin instanceof FunctionValue) return builtin.value([], environment);
						return builtin;
					}
					throw new Error(`Unknown ObjectValue filter: ${filter.value}`);
				}
			}
			else if (operand instanceof BooleanValue) switch (filter.value) {
				case "bool": return new BooleanValue(operand.value);
				case "int": return new IntegerValue(operand.value ? 1 : 0);
				case "float": return new FloatValue(operand.value ? 1 : 0);
				case "string": return new StringValue(operand.value ? "true" : "false");
				default: throw new Error(`Unknown BooleanValue filter: ${filter.value}`);
			}
			throw new Error(`Cannot apply filter "${filter.value}" to type: ${operand.type}`);
		} else if (filterNode.type === "CallExpression") {
			const filter = filterNode;
			if (filter.callee.type !== "Identifier") throw new Error(`Unknown filter: ${filter.callee.type}`);
			const filterName = filter.callee.value;
			if (filterName === "tojson") {
				const [, kwargs] = this.evaluateArguments(filter.args, environment);
				const indent = kwargs.get("indent") ?? new NullValue();
				if (!(indent instanceof IntegerValue || indent instanceof NullValue)) throw new Error("If set, indent must be a number");
				const ensureAscii = kwargs.get("ensure_ascii") ?? new BooleanValue(false);
				if (!(ensureAscii instanceof BooleanValue)) throw new Error("If set, ensure_ascii must be a boolean");
				const sortKeys = kwargs.get("sort_keys") ?? new BooleanValue(false);
				if (!(sortKeys instanceof BooleanValue)) throw new Error("If set, sort_keys must be a boolean");
				const separatorsArg = kwargs.get("separators") ?? new NullValue();
				let separators = null;
				if (separatorsArg instanceof ArrayValue || separatorsArg instanceof TupleValue) {
					if (separatorsArg.value.length !== 2) throw new Error("separators must be a tuple of two strings");
					const [itemSep, keySep] = separatorsArg.value;
					if (!(itemSep instanceof StringValue) || !(keySep instanceof StringValue)) throw new Error("separators must be a tuple of two strings");
					separators = [itemSep.value, keySep.value];
				} else if (!(separatorsArg instanceof NullValue)) throw new Error("If set, separators must be a tuple of two strings");
				return new StringValue(toJSON(operand, {
					indent: indent.value,
					ensureAscii: ensureAscii.value,
					sortKeys: sortKeys.value,
					separators
				}));
			} else if (filterName === "join") {
				let value;
				if (operand instanceof StringValue) value = Array.from(operand.value);
				else if (operand instanceof ArrayValue) value = operand.value.map((x) => x.value);
				else throw new Error(`Cannot apply filter "${filterName}" to type: ${operand.type}`);
				const [args, kwargs] = this.evaluateArguments(filter.args, environment);
				const separator = args.at(0) ?? kwargs.get("separator") ?? new StringValue("");
				if (!(separator instanceof StringValue)) throw new Error("separator must be a string");
				return new StringValue(value.join(separator.value));
			} else if (filterName === "int" || filterName === "float") {
				const [args, kwargs] = this.evaluateArguments(filter.args, environment);
				const defaultValue = args.at(0) ?? kwargs.get("default") ?? (filterName === "int" ? new IntegerValue(0) : new FloatValue(0));
				if (operand instanceof StringValue) {
					const val = filterName === "int" ? parseInt(operand.value, 10) : parseFloat(operand.value);
					return isNaN(val) ? defaultValue : filterName === "int" ? new IntegerValue(val) : new FloatValue(val);
				} else if (operand instanceof IntegerValue || operand instanceof FloatValue) return operand;
				else if (operand instanceof BooleanValue) return filterName === "int" ? new IntegerValue(operand.value ? 1 : 0) : new FloatValue(operand.value ? 1 : 0);
				else throw new Error(`Cannot apply filter "${filterName}" to type: ${operand.type}`);
			} else if (filterName === "default") {
				const [args, kwargs] = this.evaluateArguments(filter.args, environment);
				const defaultValue = args[0] ?? new StringValue("");
				const booleanValue = args[1] ?? kwargs.get("boolean") ?? new BooleanValue(false);
				if (!(booleanValue instanceof BooleanValue)) throw new Error("`default` filter flag must be a boolean");
				if (operand instanceof UndefinedValue || booleanValue.value && !operand.__bool__().value) return defaultValue;
				return operand;
			}
			if (operand instanceof ArrayValue) {
				switch (filterName) {
					case "sort": {
						const [args, kwargs] = this.evaluateArguments(filter.args, environment);
						const reverse = args.at(0) ?? kwargs.get("reverse") ?? new BooleanValue(false);
						if (!(reverse instanceof BooleanValue)) throw new Error("reverse must be a boolean");
						const caseSensitive = args.at(1) ?? kwargs.get("case_sensitive") ?? new BooleanValue(false);
						if (!(caseSensitive instanceof BooleanValue)) throw new Error("case_sensitive must be a boolean");
						const attribute = args.at(2) ?? kwargs.get("attribute") ?? new NullValue();
						if (!(attribute instanceof StringValue || attribute instanceof IntegerValue || attribute instanceof NullValue)) throw new Error("attribute must be a string, integer, or null");
						const getSortValue = (item) => {
							if (attribute instanceof NullValue) return item;
							return getAttributeValue(item, attribute instanceof IntegerValue ? String(attribute.value) : attribute.value);
						};
						return new ArrayValue(operand.value.slice().sort((a, b) => {
							const result = compareRuntimeValues(getSortValue(a), getSortValue(b), caseSensitive.value);
							return reverse.value ? -result : result;
						}));
					}
					case "selectattr":
					case "rejectattr": {
						const select = filterName === "selectattr";
						if (operand.value.some((item) => !isAttributeContainer(item))) throw new Error(`\`${filterName}\` can only be applied to array of objects`);
						if (filter.args.some((x) => x.type !== "StringLiteral")) throw new Error(`arguments of \`${filterName}\` must be strings`);
						const [attr, testName, value] = filter.args.map((x) => this.evaluate(x, environment));
						let testFunction;
						if (testName) {
							const test = environment.tests.get(testName.value);
							if (!test) throw new Error(`Unknown test: ${testName.value}`);
							testFunction = test;
						} else testFunction = (...x) => x[0].__bool__().value;
						return new ArrayValue(operand.value.filter((item) => {
							const a = item.value.get(attr.value);
							const result = a ? testFunction(a, value) : false;
							return select ? result : !result;
						}));
					}
					case "map": {
						const [, kwargs] = this.evaluateArguments(filter.args, environment);
						if (kwargs.has("attribute")) {
							const attr = kwargs.get("attribute");
							if (!(attr instanceof StringValue)) throw new Error("attribute must be a string");
							const defaultValue = kwargs.get("default");
							return new ArrayValue(operand.value.map((item) => {
								if (!isAttributeContainer(item)) throw new Error("items in map must be an object");
								const value = getAttributeValue(item, attr.value);
								return value instanceof UndefinedValue ? defaultValue ?? new UndefinedValue() : value;
							}));
						} else throw new Error("`map` expressions without `attribute` set are not currently supported.");
					}
				}
				throw new Error(`Unknown ArrayValue filter: ${filterName}`);
			} else if (operand instanceof StringValue) {
				switch (filterName) {
					case "indent": {
						const [args, kwargs] = this.evaluateArguments(filter.args, environment);
						const width = args.at(0) ?? kwargs.get("width") ?? new IntegerValue(4);
						if (!(width instanceof IntegerValue)) throw new Error("width must be a number");
						const first = args.at(1) ?? kwargs.get("first") ?? new BooleanValue(false);
						const blank = args.at(2) ?? kwargs.get("blank") ?? new BooleanValue(false);
						const lines = operand.value.split("\n");
						const indent = " ".repeat(width.value);
						return new StringValue(lines.map((x, i) => !first.value && i === 0 || !blank.value && x.length === 0 ? x : indent + x).join("\n"));
					}
					case "replace": {
						const replaceFn = operand.builtins.get("replace");
						if (!(replaceFn instanceof FunctionValue)) throw new Error("replace filter not available");
						const [args, kwargs] = this.evaluateArguments(filter.args, environment);
						return replaceFn.value([...args, new KeywordArgumentsValue(kwargs)], environment);
					}
				}
				throw new Error(`Unknown StringValue filter: ${filterName}`);
			} else if (operand instanceof ObjectValue) {
				const builtin = operand.builtins.get(filterName);
				if (builtin && builtin instanceof FunctionValue) {
					const [args, kwargs] = this.evaluateArguments(filter.args, environment);
					if (kwargs.size > 0) args.push(new KeywordArgumentsValue(kwargs));
					return builtin.value(args, environment);
				}
				throw new Error(`Unknown ObjectValue filter: ${filterName}`);
			} else throw new Error(`Cannot apply filter "${filterName}" to type: ${operand.type}`);
		}
		throw new Error(`Unknown filter: ${filterNode.type}`);
	}
	/**
	* Evaluates expressions following the filter operation type.
	*/
	evaluateFilterExpression(node, environment) {
		const operand = this.evaluate(node.operand, environment);
		return this.applyFilter(operand, node.filter, environment);
	}
	/**
	* Evaluates expressions following the test operation type.
	*/
	evaluateTestExpression(node, environment) {
		const operand = this.evaluate(node.operand, environment);
		const test = environment.tests.get(node.test.value);
		if (!test) throw new Error(`Unknown test: ${node.test.value}`);
		const result = test(operand);
		return new BooleanValue(node.negate ? !result : result);
	}
	/**
	* Evaluates expressions following the select operation type.
	*/
	evaluateSelectExpression(node, environment) {
		if (!this.evaluate(node.test, environment).__bool__().value) return new UndefinedValue();
		return this.evaluate(node.lhs, environment);
	}
	/**
	* Evaluates expressions following the unary operation type.
	*/
	evaluateUnaryExpression(node, environment) {
		const argument = this.evaluate(node.argument, environment);
		switch (node.operator.value) {
			case "not": return new BooleanValue(!argument.__bool__().value);
			case "+":
			case "-": {
				const sign = node.operator.value === "-" ? -1 : 1;
				if (argument instanceof IntegerValue || argument instanceof FloatValue || argument instanceof BooleanValue) {
					const result = sign * (argument instanceof BooleanValue ? argument.value ? 1 : 0 : argument.value);
					return argument instanceof FloatValue ? new FloatValue(result) : new IntegerValue(result);
				}
				throw new SyntaxError(`Unknown operator "${node.operator.value}" for ${argument.type}`);
			}
			default: throw new SyntaxError(`Unknown operator: ${node.operator.value}`);
		}
	}
	evaluateTernaryExpression(node, environment) {
		return this.evaluate(node.condition, environment).__bool__().value ? this.evaluate(node.trueExpr, environment) : this.evaluate(node.falseExpr, environment);
	}
	evalProgram(program, environment) {
		return this.evaluateBlock(program.body, environment);
	}
	evaluateBlock(statements, environment) {
		let result = "";
		for (const statement of statements) {
			const lastEvaluated = this.evaluate(statement, environment);
			if (lastEvaluated.type !== "NullValue" && lastEvaluated.type !== "UndefinedValue") result += lastEvaluated.toString();
		}
		return new StringValue(result);
	}
	evaluateIdentifier(node, environment) {
		return environment.lookupVariable(node.value);
	}
	evaluateCallExpression(expr, environment) {
		const [args, kwargs] = this.evaluateArguments(expr.args, environment);
		if (kwargs.size > 0) args.push(new KeywordArgumentsValue(kwargs));
		const fn = this.evaluate(expr.callee, environment);
		if (fn.type !== "FunctionValue") throw new Error(`Cannot call something that is not a function: got ${fn.type}`);
		return fn.value(args, environment);
	}
	evaluateSliceExpression(object, expr, environment) {
		if (!(object instanceof ArrayValue || object instanceof StringValue)) throw new Error("Slice object must be an array or string");
		const start = this.evaluate(expr.start, environment);
		const stop = this.evaluate(expr.stop, environment);
		const step = this.evaluate(expr.step, environment);
		if (!(start instanceof IntegerValue || start instanceof UndefinedValue)) throw new Error("Slice start must be numeric or undefined");
		if (!(stop instanceof IntegerValue || stop instanceof UndefinedValue)) throw new Error("Slice stop must be numeric or undefined");
		if (!(step instanceof IntegerValue || step instanceof UndefinedValue)) throw new Error("Slice step must be numeric or undefined");
		if (object instanceof ArrayValue) return new ArrayValue(slice(object.value, start.value, stop.value, step.value));
		else return new StringValue(slice(Array.from(object.value), start.value, stop.value, step.value).join(""));
	}
	evaluateMemberExpression(expr, environment) {
		const object = this.evaluate(expr.object, environment);
		let property;
		if (expr.computed) {
			if (expr.property.type === "SliceExpression") return this.evaluateSliceExpression(object, expr.property, environment);
			else property = this.evaluate(expr.property, environment);
		} else if (expr.property.type === "IntegerLiteral") property = new IntegerValue(expr.property.value);
		else property = new StringValue(expr.property.value);
		let value;
		if (isAttributeContainer(object)) {
			if (!(property instanceof StringValue)) throw new Error(`Cannot access property with non-string: got ${property.type}`);
			value = object.value.get(property.value) ?? (object instanceof ObjectValue ? object.builtins.get(property.value) : void 0);
		} else if (object instanceof ArrayValue || object instanceof StringValue) {
			if (property instanceof IntegerValue) {
				if (object instanceof StringValue) {
					const character = object.value.at(property.value);
					value = character === void 0 ? void 0 : new StringValue(character);
				} else value = object.value.at(property.value);
			} else if (property instanceof StringValue) value = object.builtins.get(property.value);
			else throw new Error(`Cannot access property with non-string/non-number: got ${property.type}`);
		} else {
			if (!(property instanceof StringValue)) throw new Error(`Cannot access property with non-string: got ${property.type}`);
			value = object.builtins.get(property.value);
		}
		return value instanceof RuntimeValue ? value : new UndefinedValue();
	}
	evaluateSet(node, environment) {
		const rhs = node.value ? this.evaluate(node.value, environment) : this.evaluateBlock(node.body, environment);
		if (node.assignee.type === "Identifier") {
			const variableName = node.assignee.value;
			environment.setVariable(variableName, rhs);
		} else if (node.assignee.type === "TupleLiteral") {
			const tuple = node.assignee;
			if (!(rhs instanceof ArrayValue)) throw new Error(`Cannot unpack non-iterable type in set: ${rhs.type}`);
			const arr = rhs.value;
			if (arr.length !== tuple.value.length) throw new Error(`Too ${tuple.value.length > arr.length ? "few" : "many"} items to unpack in set`);
			for (let i = 0; i < tuple.value.length; ++i) {
				const elem = tuple.value[i];
				if (elem.type !== "Identifier") throw new Error(`Cannot unpack to non-identifier in set: ${elem.type}`);
				environment.setVariable(elem.value, arr[i]);
			}
		} else if (node.assignee.type === "MemberExpression") {
			const member = node.assignee;
			const object = this.evaluate(member.object, environment);
			if (!(object instanceof NamespaceValue)) throw new Error("cannot assign attribute on non-namespace object");
			if (member.property.type !== "Identifier") throw new Error("Cannot assign to member with non-identifier property");
			object.value.set(member.property.value, rhs);
		} else throw new Error(`Invalid LHS inside assignment expression: ${JSON.stringify(node.assignee)}`);
		return new NullValue();
	}
	evaluateIf(node, environment) {
		const test = this.evaluate(node.test, environment);
		return this.evaluateBlock(test.__bool__().value ? node.body : node.alternate, environment);
	}
	evaluateFor(node, environment) {
		const scope = new Environment(environment);
		let test, iterable;
		if (node.iterable.type === "SelectExpression") {
			const select = node.iterable;
			iterable = this.evaluate(select.lhs, scope);
			test = select.test;
		} else iterable = this.evaluate(node.iterable, scope);
		if (!(iterable instanceof ArrayValue || iterable instanceof ObjectValue)) throw new Error(`Expected iterable or object type in for loop: got ${iterable.type}`);
		if (iterable instanceof ObjectValue) iterable = iterable.keys();
		const items = [];
		const scopeUpdateFunctions = [];
		for (let i = 0; i < iterable.value.length; ++i) {
			const loopScope = new Environment(scope);
			const current = iterable.value[i];
			let scopeUpdateFunction;
			if (node.loopvar.type === "Identifier") scopeUpdateFunction = (scope2) => scope2.setVariable(node.loopvar.value, current);
			else if (node.loopvar.type === "TupleLiteral") {
				const loopvar = node.loopvar;
				if (current.type !== "ArrayValue") throw new Error(`Cannot unpack non-iterable type: ${current.type}`);
				const c = current;
				if (loopvar.value.length !== c.value.length) throw new Error(`Too ${loopvar.value.length > c.value.length ? "few" : "many"} items to unpack`);
				scopeUpdateFunction = (scope2) => {
					for (let j = 0; j < loopvar.value.length; ++j) {
						if (loopvar.value[j].type !== "Identifier") throw new Error(`Cannot unpack non-identifier type: ${loopvar.value[j].type}`);
						scope2.setVariable(loopvar.value[j].value, c.value[j]);
					}
				};
			} else throw new Error(`Invalid loop variable(s): ${node.loopvar.type}`);
			if (test) {
				scopeUpdateFunction(loopScope);
				if (!this.evaluate(test, loopScope).__bool__().value) continue;
			}
			items.push(current);
			scopeUpdateFunctions.push(scopeUpdateFunction);
		}
		let result = "";
		let noIteration = true;
		for (let i = 0; i < items.length; ++i) {
			const loop = /* @__PURE__ */ new Map([
				["index", new IntegerValue(i + 1)],
				["index0", new IntegerValue(i)],
				["revindex", new IntegerValue(items.length - i)],
				["revindex0", new IntegerValue(items.length - i - 1)],
				["first", new BooleanValue(i === 0)],
				["last", new BooleanValue(i === items.length - 1)],
				["length", new IntegerValue(items.length)],
				["previtem", i > 0 ? items[i - 1] : new UndefinedValue()],
				["nextitem", i < items.length - 1 ? items[i + 1] : new UndefinedValue()]
			]);
			scope.setVariable("loop", new ObjectValue(loop));
			scopeUpdateFunctions[i](scope);
			try {
				const evaluated = this.evaluateBlock(node.body, scope);
				result += evaluated.value;
			} catch (err) {
				if (err instanceof ContinueControl) continue;
				if (err instanceof BreakControl) break;
				throw err;
			}
			noIteration = false;
		}
		if (noIteration) {
			const defaultEvaluated = this.evaluateBlock(node.defaultBlock, scope);
			result += defaultEvaluated.value;
		}
		return new StringValue(result);
	}
	/**
	* Bind every parameter name and special argument before evaluating defaults,
	* preventing unbound parameters from resolving in an outer scope.
	*/
	bindMacroArguments(displayName, parameters, specialArguments, args, scope) {
		const positionalArguments = args.slice();
		let keywordArguments = /* @__PURE__ */ new Map();
		if (positionalArguments.at(-1) instanceof KeywordArgumentsValue) keywordArguments = new Map(positionalArguments.pop().value);
		const pendingDefaults = [];
		for (let i = 0; i < parameters.length; ++i) {
			const { name, defaultValue } = getParameterDescriptor(parameters[i]);
			let value = positionalArguments[i];
			if (value === void 0 && keywordArguments.has(name)) {
				value = keywordArguments.get(name);
				keywordArguments.delete(name);
			}
			if (value === void 0 && defaultValue !== void 0) pendingDefaults.push([name, defaultValue]);
			scope.setVariable(name, value ?? new UndefinedValue());
		}
		if (specialArguments.has("kwargs")) scope.setVariable("kwargs", new ObjectValue(keywordArguments));
		else if (keywordArguments.size > 0) throw new Error(`macro ${displayName} takes no keyword argument '${keywordArguments.keys().next().value}'`);
		if (specialArguments.has("varargs")) scope.setVariable("varargs", new ArrayValue(positionalArguments.slice(parameters.length)));
		else if (positionalArguments.length > parameters.length) throw new Error(`macro ${displayName} takes not more than ${parameters.length} argument(s)`);
		for (const [name, defaultValue] of pendingDefaults) scope.setVariable(name, this.evaluate(defaultValue, scope));
	}
	/**
	* See https://jinja.palletsprojects.com/en/3.1.x/templates/#macros for more information.
	*/
	evaluateMacro(node, environment) {
		const specialArguments = findAccessedSpecialMacroArguments(node.args, node.body);
		environment.setVariable(node.name.value, new FunctionValue((args, scope) => {
			const macroScope = new Environment(scope);
			this.bindMacroArguments(`'${node.name.value}'`, node.args, specialArguments, args, macroScope);
			return this.evaluateBlock(node.body, macroScope);
		}));
		return new NullValue();
	}
	evaluateCallStatement(node, environment) {
		const parameters = node.callerArgs ?? [];
		const specialArguments = findAccessedSpecialMacroArguments(parameters, node.body);
		const callerFn = new FunctionValue((callerArguments) => {
			const callBlockEnv = new Environment(environment);
			this.bindMacroArguments("None", parameters, specialArguments, callerArguments, callBlockEnv);
			return this.evaluateBlock(node.body, callBlockEnv);
		});
		const [macroArgs, macroKwargs] = this.evaluateArguments(node.call.args, environment);
		macroArgs.push(new KeywordArgumentsValue(macroKwargs));
		const fn = this.evaluate(node.call.callee, environment);
		if (fn.type !== "FunctionValue") throw new Error(`Cannot call something that is not a function: got ${fn.type}`);
		const newEnv = new Environment(environment);
		newEnv.setVariable("caller", callerFn);
		return fn.value(macroArgs, newEnv);
	}
	evaluateFilterStatement(node, environment) {
		const rendered = this.evaluateBlock(node.body, environment);
		return this.applyFilter(rendered, node.filter, environment);
	}
	evaluate(statement, environment) {
		if (!statement) return new UndefinedValue();
		switch (statement.type) {
			case "Program": return this.evalProgram(statement, environment);
			case "Set": return this.evaluateSet(statement, environment);
			case "If": return this.evaluateIf(statement, environment);
			case "For": return this.evaluateFor(statement, environment);
			case "Macro": return this.evaluateMacro(statement, environment);
			case "CallStatement": return this.evaluateCallStatement(statement, environment);
			case "Break": throw new BreakControl();
			case "Continue": throw new ContinueControl();
			case "IntegerLiteral": return new IntegerValue(statement.value);
			case "FloatLiteral": return new FloatValue(statement.value);
			case "StringLiteral": return new StringValue(statement.value);
			case "ArrayLiteral": return new ArrayValue(statement.value.map((x) => this.evaluate(x, environment)));
			case "TupleLiteral": return new TupleValue(statement.value.map((x) => this.evaluate(x, environment)));
			case "ObjectLiteral": {
				const mapping = /* @__PURE__ */ new Map();
				for (const [key, value] of statement.value) {
					const evaluatedKey = this.evaluate(key, environment);
					if (!(evaluatedKey instanceof StringValue)) throw new Error(`Object keys must be strings: got ${evaluatedKey.type}`);
					mapping.set(evaluatedKey.value, this.evaluate(value, environment));
				}
				return new ObjectValue(mapping);
			}
			case "Identifier": return this.evaluateIdentifier(statement, environment);
			case "CallExpression": return this.evaluateCallExpression(statement, environment);
			case "MemberExpression": return this.evaluateMemberExpression(statement, environment);
			case "UnaryExpression": return this.evaluateUnaryExpression(statement, environment);
			case "BinaryExpression": return this.evaluateBinaryExpression(statement, environment);
			case "FilterExpression": return this.evaluateFilterExpression(statement, environment);
			case "FilterStatement": return this.evaluateFilterStatement(statement, environment);
			case "TestExpression": return this.evaluateTestExpression(statement, environment);
			case "SelectExpression": return this.evaluateSelectExpression(statement, environment);
			case "Ternary": return this.evaluateTernaryExpression(statement, environment);
			case "Comment": return new NullValue();
			default: throw new SyntaxError(`Unknown node type: ${statement.type}`);
		}
	}
};
function convertToRuntimeValues(input) {
	switch (typeof input) {
		case "number": return Number.isInteger(input) ? new IntegerValue(input) : new FloatValue(input);
		case "string": return new StringValue(input);
		case "boolean": return new BooleanValue(input);
		case "undefined": return new UndefinedValue();
		case "object": if (input === null) return new NullValue();
		else if (Array.isArray(input)) return new ArrayValue(input.map(convertToRuntimeValues));
		else return new ObjectValue(new Map(Object.entries(input).map(([key, value]) => [key, convertToRuntimeValues(value)])));
		case "function": return new FunctionValue((args, _scope) => {
			return convertToRuntimeValues(input(...args.map((x) => x.value)) ?? null);
		});
		default: throw new Error(`Cannot convert to runtime value: ${input}`);
	}
}
Object.freeze({
	CONDITIONAL: 0,
	LOGICAL_OR: 1,
	LOGICAL_AND: 2,
	LOGICAL_NOT: 3,
	COMPARISON: 4,
	ADDITIVE: 5,
	MULTIPLICATIVE: 6,
	EXPONENTIATION: 7,
	TEST: 8,
	FILTER: 9,
	UNARY_SIGN: 10,
	ATOM: 11
});
// src/tokenizer/chat-template.ts
/** The longest templates in use have some 20,000 characters. */
const MAX_TEMPLATE_LENGTH = 262144;
/** Beside the template's own length and four times the conversation's: characters a template may build in one string. */
const MAX_OUTPUT_BASE = 65536;
/** Beside the messages: elements a list may have. */
const MAX_LIST = 1e5;
/** `range` gives at most this many numbers. */
const MAX_RANGE = 1e4;
/**
* Work of one rendering, in evaluated nodes; a turn of a loop and long values weigh more. Templates in use take some 400
* nodes and 60 a message; the interpreter does some 100,000 a second on a slow machine.
*/
const MAX_WORK = 15e4;
/** A turn of a loop, even of one with an empty body, makes an environment and a dozen values. */
const TURN_WEIGHT = 2;
/** What a node yields weighs one more for each so many characters or elements. */
const VALUE_WEIGHT = 256;
const MONTHS = "January February March April May June July August September October November December".split(" ");
/** The directives that templates use for a date, in English as Python's C locale has them. */
function strftime(format) {
	const now = /* @__PURE__ */ new Date();
	const two = (value) => String(value).padStart(2, "0");
	const month = MONTHS[now.getMonth()] ?? "";
	const directives = {
		Y: String(now.getFullYear()),
		m: two(now.getMonth() + 1),
		d: two(now.getDate()),
		B: month,
		b: month.slice(0, 3),
		H: two(now.getHours()),
		M: two(now.getMinutes()),
		S: two(now.getSeconds()),
		"%": "%"
	};
	return String(format).replace(/%(.)/g, (whole, letter) => directives[letter] ?? whole);
}
function overLimit(file, what, limit) {
	return new EngineError("template-invalid", `${file}: the chat template ${what} beyond ${limit}`, {
		file,
		expected: `at most ${limit}`,
		actual: what
	});
}
/** Python's range, bounded before it is built. */
function boundedRange(file) {
	return (...bounds) => {
		const [first = 0, second, step = 1] = bounds;
		const [start, stop] = second === void 0 ? [0, first] : [first, second];
		const count = Math.max(0, Math.ceil((stop - start) / step));
		if (!(count <= 1e4)) throw overLimit(file, "counts", MAX_RANGE);
		return Array.from({ length: count }, (_, i) => start + i * step);
	};
}
/** Makes every node that the interpreter evaluates count against the bounds. */
function bound(interpreter, file, bounds) {
	const evaluate = interpreter.evaluate.bind(interpreter);
	const iterables = /* @__PURE__ */ new Set();
	let work = 0;
	interpreter.evaluate = (statement, environment) => {
		if (statement?.type === "For") {
			const { iterable } = statement;
			iterables.add(iterable.lhs ?? iterable);
		}
		work++;
		if (work > bounds.work) throw overLimit(file, "works", bounds.work);
		const result = evaluate(statement, environment);
		const value = result?.value;
		if (typeof value === "string") {
			if (value.length > bounds.text) throw overLimit(file, "writes characters", bounds.text);
			work += value.length / VALUE_WEIGHT;
		} else if (Array.isArray(value)) {
			if (value.length > bounds.list) throw overLimit(file, "lists elements", bounds.list);
			work += value.length * (iterables.has(statement) ? TURN_WEIGHT : 1 / VALUE_WEIGHT);
		}
		if (work > bounds.work) throw overLimit(file, "works", bounds.work);
		return result;
	};
}
/** Any failure inside the template as one typed error; the library's own words are kept. */
function guarded(file, run) {
	try {
		return run();
	} catch (cause) {
		if (cause instanceof EngineError) throw cause;
		const fault = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
		throw new EngineError("template-invalid", `${file}: chat template: ${fault}`, {
			file,
			actual: fault
		}, cause);
	}
}
/**
* Compiles a chat template. Throws "template-invalid" where it does not parse; the function returned throws it where the
* template fails, refuses the conversation (`raise_exception`), or exceeds its bounds.
* It sees what transformers' `apply_chat_template` gives it: messages, add_generation_prompt (true), the special tokens.
* @param file where it came from, for error messages
*/
function compileChatTemplate(template, tokens, file) {
	if (template.length > 262144) throw overLimit(file, "is long", MAX_TEMPLATE_LENGTH);
	const program = guarded(file, () => parse(tokenize(template, {
		lstrip_blocks: true,
		trim_blocks: true
	})));
	return (messages) => guarded(file, () => {
		const environment = new Environment();
		const variables = {
			true: true,
			True: true,
			false: false,
			False: false,
			none: null,
			None: null,
			range: boundedRange(file),
			strftime_now: strftime,
			raise_exception: (reason) => {
				throw new Error(String(reason));
			},
			...tokens,
			tools: null,
			documents: null,
			messages: messages.map(({ role, content }) => ({
				role,
				content
			})),
			add_generation_prompt: true
		};
		for (const [name, value] of Object.entries(variables)) environment.set(name, value);
		const input = messages.reduce((sum, message) => sum + message.content.length, 0);
		const interpreter = new Interpreter(environment);
		bound(interpreter, file, {
			work: MAX_WORK + 200 * messages.length + input / 16,
			text: MAX_OUTPUT_BASE + template.length + 4 * input,
			list: MAX_LIST + messages.length
		});
		const { value } = interpreter.run(program);
		return String(value);
	});
}
// src/tokenizer/vocabulary.ts
const TOKENIZER_FILE = "tokenizer.json";
const MAX_TOKEN_LENGTH = 4096;
function tokenizerFault(message, details = {}) {
	return new EngineError("tokenizer-invalid", `${TOKENIZER_FILE}: ${message}`, {
		file: TOKENIZER_FILE,
		...details
	});
}
function isRecord(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
/** Entries [token, id] of the model's vocabulary: an object for BPE, a list of [token, score] for Unigram. */
function* modelEntries(model) {
	const vocab = model["vocab"];
	if (Array.isArray(vocab)) for (const [id, entry] of vocab.entries()) yield [Array.isArray(entry) ? entry[0] : entry, id];
	else if (isRecord(vocab)) for (const token in vocab) yield [token, vocab[token]];
	else throw tokenizerFault("model.vocab is neither an object nor a list", { field: "model.vocab" });
}
/** Throws "tokenizer-invalid". @param additional contents of tokenizer_config.json's additional_special_tokens */
function readVocabulary(tokenizerJson, additional) {
	if (!isRecord(tokenizerJson) || !isRecord(tokenizerJson["model"])) throw tokenizerFault("is no tokenizer: it has no model", {
		field: "model",
		expected: "an object"
	});
	const tokens = [];
	const addedIds = /* @__PURE__ */ new Set();
	const specialIds = /* @__PURE__ */ new Set();
	const put = (token, id) => {
		if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) throw tokenizerFault(`the token of id ${String(id)} is no text`, { actual: typeof token });
		if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= 1048576) throw tokenizerFault(`token ${JSON.stringify(token.slice(0, 40))} has id ${String(id)}`, {
			token: token.slice(0, 40),
			expected: `0 to 1048575`,
			actual: String(id).slice(0, 40)
		});
		tokens[id] = token;
		return id;
	};
	for (const [token, id] of modelEntries(tokenizerJson["model"])) put(token, id);
	const added = tokenizerJson["added_tokens"] ?? [];
	if (!Array.isArray(added)) throw tokenizerFault("added_tokens is no list", { field: "added_tokens" });
	for (const entry of added) {
		if (!isRecord(entry)) throw tokenizerFault("an entry of added_tokens is no object", { field: "added_tokens" });
		const id = put(entry["content"], entry["id"]);
		addedIds.add(id);
		if (entry["special"] === true || additional.includes(entry["content"])) specialIds.add(id);
	}
	return {
		tokens,
		addedIds,
		specialIds
	};
}
// src/tokenizer/decoder.ts
const METASPACE = "▁";
const NO_STRIP = {
	text: "",
	count: 0
};
/** GPT-2's table: printable Latin-1 characters stand for themselves, the other bytes for U+0100 and on. */
function byteLevelTable() {
	const table = /* @__PURE__ */ new Map();
	let next = 256;
	for (let byte = 0; byte < 256; byte++) {
		const printable = byte > 32 && byte < 127 || byte > 160 && byte !== 173;
		table.set(String.fromCodePoint(printable ? byte : next++), byte);
	}
	return table;
}
function unsupported(what) {
	return tokenizerFault(`decoder ${what} is not supported`, {
		field: "decoder",
		actual: what
	});
}
function mergeSteps(steps) {
	const replacements = [];
	let byteFallback = false;
	let fused = false;
	let strip = NO_STRIP;
	for (const step of steps) {
		const type = isRecord(step) ? step["type"] : void 0;
		if (!isRecord(step)) throw unsupported("of another shape");
		if (type === "ByteFallback") byteFallback = true;
		else if (type === "Fuse") fused = true;
		else if (type === "Replace") {
			const pattern = isRecord(step["pattern"]) ? step["pattern"]["String"] : void 0;
			const to = step["content"];
			if (typeof pattern !== "string" || pattern === "" || typeof to !== "string") throw unsupported("Replace by regex");
			replacements.push({
				from: pattern,
				to
			});
		} else if (type === "Strip") {
			const { content, start, stop } = step;
			if (!fused || typeof content !== "string" || content === "" || typeof start !== "number" || start > 16 || stop !== 0) throw unsupported("Strip");
			strip = {
				text: content,
				count: start
			};
		} else throw unsupported(String(type).slice(0, 40));
	}
	return {
		kind: "pieces",
		replacements,
		byteFallback,
		strip
	};
}
function parseSpelling(decoder) {
	if (!isRecord(decoder)) throw unsupported(decoder === null || decoder === void 0 ? "(none)" : typeof decoder);
	if (decoder["type"] === "ByteLevel") return {
		kind: "byte-level",
		replacements: [],
		byteFallback: false,
		strip: NO_STRIP
	};
	if (decoder["type"] === "Metaspace") {
		const from = typeof decoder["replacement"] === "string" ? decoder["replacement"] : METASPACE;
		const strip = decoder["prepend_scheme"] !== "never" && decoder["add_prefix_space"] !== false ? {
			text: " ",
			count: 1
		} : NO_STRIP;
		return {
			kind: "pieces",
			replacements: [{
				from,
				to: " "
			}],
			byteFallback: false,
			strip
		};
	}
	if (decoder["type"] === "Sequence" && Array.isArray(decoder["decoders"])) {
		const steps = decoder["decoders"];
		if (steps.length > 16) throw unsupported(`Sequence of ${steps.length}`);
		const only = steps.length === 1 ? steps[0] : void 0;
		return only === void 0 ? mergeSteps(steps) : isStep(only) ? mergeSteps(steps) : parseSpelling(only);
	}
	throw unsupported(String(decoder["type"]).slice(0, 40));
}
function isStep(step) {
	return isRecord(step) && [
		"Replace",
		"ByteFallback",
		"Fuse",
		"Strip"
	].includes(String(step["type"]));
}
/** The bytes of a byte-level token; one that is not spelled so stands for itself. */
function bytesOfSpelling(token, table) {
	const bytes = [];
	for (const character of token) {
		const byte = table.get(character);
		if (byte === void 0) return new TextEncoder().encode(token);
		bytes.push(byte);
	}
	return Uint8Array.from(bytes);
}
/**
* Reads tokenizer.json's decoder; throws "tokenizer-invalid" for one that cannot be streamed.
* What `push` and `end` return, put together, is what decoding all ids at once gives.
*/
function compileDecoder(decoder, vocabulary) {
	const spelling = parseSpelling(decoder);
	const table = byteLevelTable();
	const byteOf = (token) => {
		if (!spelling.byteFallback || !/^<0x[0-9A-Fa-f]{2}>$/.test(token)) return void 0;
		return parseInt(token.slice(3, 5), 16);
	};
	return () => {
		const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
		let toStrip = spelling.strip.count;
		const flush = () => utf8.decode();
		const stripped = (text) => {
			while (toStrip > 0 && text !== "") if (!text.startsWith(spelling.strip.text)) toStrip = 0;
			else {
				text = text.slice(spelling.strip.text.length);
				toStrip--;
			}
			return text;
		};
		const push = (id) => {
			const token = vocabulary.tokens[id];
			if (token === void 0 || vocabulary.specialIds.has(id)) return "";
			if (vocabulary.addedIds.has(id)) return flush() + token;
			if (spelling.kind === "byte-level") return utf8.decode(bytesOfSpelling(token, table), { stream: true });
			const byte = byteOf(token);
			if (byte !== void 0) return utf8.decode(Uint8Array.of(byte), { stream: true });
			return flush() + spelling.replacements.reduce((text, { from, to }) => text.replaceAll(from, to), token);
		};
		return {
			push: (id) => stripped(push(id)),
			end: () => {
				const rest = stripped(flush());
				toStrip = spelling.strip.count;
				return rest;
			}
		};
	};
}
// src/tokenizer/patterns.ts
/** The longest in use have some 400 characters. */
const MAX_PATTERN = 4096;
/** Steps within steps of a normalizer or pre-tokenizer; in use there are two. */
const MAX_DEPTH = 8;
/** `*`, `+` and `{n,}`: without an upper bound. */
const UNBOUNDED = /^(?:[*+]|\{\d+,\})/;
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;
/**
* Whether a group whose body can vary (an alternation, a quantifier) is repeated without bound: "(a+)+", "(a|a)*". That is
* what makes a backtracking matcher's work double with each character, and no tokenizer in use needs it.
*/
function repeatsVaryingGroup(pattern) {
	const varies = [false];
	let justClosed;
	for (let i = 0; i < pattern.length;) {
		const rest = pattern.slice(i, i + 24);
		const quantifier = QUANTIFIER.exec(rest)?.[0];
		if (quantifier !== void 0) {
			if (justClosed && UNBOUNDED.test(rest)) return true;
			varies[varies.length - 1] = true;
			i += quantifier.length;
			continue;
		}
		justClosed = void 0;
		const character = pattern[i];
		if (character === "\\") i++;
		else if (character === "[") i = endOfClass(pattern, i);
		else if (character === "(") {
			varies.push(false);
			if (pattern[i + 1] === "?") i++;
		} else if (character === "|") varies[varies.length - 1] = true;
		else if (character === ")" && varies.length > 1) {
			justClosed = varies.pop() ?? false;
			if (justClosed) varies[varies.length - 1] = true;
		}
		i++;
	}
	return false;
}
/** Index of the bracket that closes the class opened at `start`; classes may be nested. */
function endOfClass(pattern, start) {
	let depth = 0;
	for (let i = start; i < pattern.length; i++) if (pattern[i] === "\\") i++;
	else if (pattern[i] === "[") depth++;
	else if (pattern[i] === "]" && --depth === 0) return i;
	return pattern.length;
}
/** Throws "tokenizer-invalid" where a step of `part` holds a pattern that may hang. */
function checkPatterns(part, field, depth = 0) {
	if (depth > MAX_DEPTH) throw tokenizerFault(`${field} is nested too deep`, {
		field,
		expected: MAX_DEPTH
	});
	if (Array.isArray(part)) for (const step of part) checkPatterns(step, field, depth + 1);
	else if (isRecord(part)) {
		for (const [key, value] of Object.entries(part)) if (key !== "Regex") checkPatterns(value, field, depth + 1);
		else if (typeof value !== "string" || value.length > MAX_PATTERN || repeatsVaryingGroup(value)) {
			const actual = String(value).slice(0, 80);
			throw tokenizerFault(`${field} has a pattern that may never end: ${actual}`, {
				field,
				actual
			});
		}
	}
}
// src/tokenizer/tokenizer.ts
const CONFIG_FILE = "tokenizer_config.json";
/** Content of a token that a config names as text or as {content}. */
function tokenContent(value) {
	const content = isRecord(value) ? value["content"] : value;
	return typeof content === "string" ? content : void 0;
}
function templateTokens(config) {
	const tokens = {};
	for (const key of [
		"bos_token",
		"eos_token",
		"pad_token",
		"unk_token"
	]) {
		const content = tokenContent(config[key]);
		if (content !== void 0) tokens[key] = content;
	}
	return tokens;
}
/** The template's text: one string, or the one named "default" in a list. */
function templateText(config) {
	const template = config["chat_template"];
	if (typeof template === "string") return template;
	if (!Array.isArray(template)) return void 0;
	const named = template.find((entry) => isRecord(entry) && entry["name"] === "default");
	const text = isRecord(named) ? named["template"] : void 0;
	return typeof text === "string" ? text : void 0;
}
/** Undefined where the repository has none. */
function chatTemplateOf(files, config) {
	const tokens = templateTokens(config);
	if (files.chatTemplate !== void 0) return compileChatTemplate(files.chatTemplate, tokens, "chat_template.jinja");
	const text = templateText(config);
	return text === void 0 ? void 0 : compileChatTemplate(text, tokens, CONFIG_FILE);
}
function createLibrary(json, config) {
	const type = isRecord(json) && isRecord(json["model"]) ? json["model"]["type"] : void 0;
	if (type !== "BPE" && type !== "Unigram") throw tokenizerFault(`model type ${String(type).slice(0, 40)} is not supported (only BPE, Unigram)`, {
		field: "model.type",
		expected: "BPE, Unigram",
		actual: String(type).slice(0, 40)
	});
	try {
		return new Tokenizer_default({
			added_tokens: [],
			...json
		}, config);
	} catch (cause) {
		const fault = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
		throw new EngineError("tokenizer-invalid", `${TOKENIZER_FILE}: ${fault}`, {
			file: TOKENIZER_FILE,
			actual: fault
		}, cause);
	}
}
/**
* Throws EngineError "tokenizer-invalid" or "template-invalid", naming file and fault.
* @param modelVocabSize rows of the model's embedding: a tokenizer with ids beyond is another model's
*/
function loadTokenizer(files, modelVocabSize) {
	const config = isRecord(files.tokenizerConfig) ? files.tokenizerConfig : {};
	const additional = Array.isArray(config["additional_special_tokens"]) ? config["additional_special_tokens"].flatMap((token) => tokenContent(token) ?? []) : [];
	const vocabulary = readVocabulary(files.tokenizerJson, additional);
	const vocabSize = vocabulary.tokens.length;
	if (modelVocabSize !== void 0 && vocabSize > modelVocabSize) throw tokenizerFault(`has ids to ${vocabSize - 1}, the model's vocabulary ends at ${modelVocabSize - 1}`, {
		expected: modelVocabSize,
		actual: vocabSize
	});
	const json = files.tokenizerJson;
	for (const field of ["normalizer", "pre_tokenizer"]) checkPatterns(json[field], field);
	const library = createLibrary(json, config);
	const makeDecoder = compileDecoder(json["decoder"], vocabulary);
	const template = chatTemplateOf(files, config);
	const renderChat = (messages) => {
		if (template !== void 0) return template(messages);
		throw new EngineError("template-invalid", `${CONFIG_FILE}: there is no chat template`, {
			file: CONFIG_FILE,
			actual: "no chat_template"
		});
	};
	const encode = (text, { specialTokens = true } = {}) => {
		if (text === "" && !specialTokens) return [];
		const { ids } = library.encode(text, { add_special_tokens: specialTokens });
		if (ids.some((id) => !Number.isInteger(id))) throw tokenizerFault("has no token for part of the text");
		return ids;
	};
	return {
		encode,
		decode: (ids) => {
			const decoder = makeDecoder();
			return ids.map((id) => decoder.push(id)).join("") + decoder.end();
		},
		encodeChat: (messages, begun = "") => encode(renderChat(messages) + begun, { specialTokens: false }),
		renderChat,
		hasChatTemplate: template !== void 0,
		streamDecoder: makeDecoder,
		vocabSize,
		specialIds: vocabulary.specialIds
	};
}
// src/engines/model-text.ts
function withoutTokenizer(source) {
	const missing = () => {
		throw new EngineError("file-missing", `${source.name}: tokenizer.json is missing`, {
			file: "tokenizer.json",
			model: source.name
		});
	};
	return {
		encodeChat: missing,
		renderChat: missing,
		encode: missing,
		decode: missing,
		streamDecoder: () => ({
			push: () => "",
			end: () => ""
		})
	};
}
/** Throws "tokenizer-invalid" and "template-invalid"; without a tokenizer.json, its functions throw "file-missing". */
async function loadModelText(source, vocabSize) {
	if (await source.size("tokenizer.json") === void 0) return withoutTokenizer(source);
	return loadTokenizer(await readTokenizerFiles(source), vocabSize);
}
// src/gpu/kernels/dequant-f16.wgsl?raw
var dequant_f16_default = "// q0f16: nothing quantised. A pack is 8 halves in 4 words; there is no scale and no zero point.\nconst PACK4 = 2u;            // vec4s of values in a pack\nconst ZERO = 0.0;\nconst UNIT4 = 1u;            // vec4s in a unit, here two words\nconst UNITS_PER_PACK = 2u;\nconst TILE4 = 8u;            // vec4s along K in a tile of the GEMM\nconst SWIZZLE = 7u;          // spreads a tile's rows over the banks of workgroup memory\n\nalias Pack = array<vec4<f32>, 2>;\nalias Unit = array<vec4<f32>, 1>;\n\nfn prescale(x: ptr<function, Pack>) -> f32 {\n  return 0.0;\n}\n\n// Sum over the pack of weight * activation.\nfn pack_dot(q: vec4<u32>, x: ptr<function, Pack>) -> f32 {\n  return dot(vec4<f32>(unpack2x16float(q.x), unpack2x16float(q.y)), (*x)[0])\n       + dot(vec4<f32>(unpack2x16float(q.z), unpack2x16float(q.w)), (*x)[1]);\n}\n\n// The 4 values of words 2 * unit and 2 * unit + 1.\nfn unit_values(q: vec4<u32>, unit: u32) -> Unit {\n  let words = select(q.zw, q.xy, unit == 0u);\n  return Unit(vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y)));\n}\n";
// src/gpu/kernels/dequant-q3.wgsl?raw
var dequant_q3_default = "// q3f16_1: a pack is one group, 40 codes of 3 bits in 4 words of 10, low bits first, top 2 bits 0; value = (code - 3) * scale.\nconst PACK4 = 10u;           // vec4s of values in a pack\nconst ZERO = 3.0;            // the code that stands for 0\nconst UNIT4 = 5u;            // vec4s in a unit: 20 values are the least piece made of whole vec4s and whole words\nconst UNITS_PER_PACK = 2u;\nconst TILE4 = 5u;            // vec4s along K in a tile of the GEMM: 10 would not fit 16 KiB\nconst SWIZZLE = 0u;          // rows of 5 fall on different banks by themselves\n\nalias Pack = array<vec4<f32>, 10>;\nalias Unit = array<vec4<f32>, 5>;\n\n// Bits of codes 0-3, 4-7 of a word; 8, 9 of it and 0, 1 of the next; 2-5, 6-9 of the next.\nconst BITS_A = vec4<u32>(0x7u, 0x38u, 0x1c0u, 0xe00u);\nconst BITS_B = vec4<u32>(0x7000u, 0x38000u, 0x1c0000u, 0xe00000u);\nconst BITS_C = vec4<u32>(0x7000000u, 0x38000000u, 0x7u, 0x38u);\nconst BITS_D = vec4<u32>(0x1c0u, 0xe00u, 0x7000u, 0x38000u);\nconst BITS_E = vec4<u32>(0x1c0000u, 0xe00000u, 0x7000000u, 0x38000000u);\nconst PLACE_A = vec4<f32>(0x1p0, 0x1p-3, 0x1p-6, 0x1p-9);\nconst PLACE_B = vec4<f32>(0x1p-12, 0x1p-15, 0x1p-18, 0x1p-21);\nconst PLACE_C = vec4<f32>(0x1p-24, 0x1p-27, 0x1p0, 0x1p-3);\nconst PLACE_D = vec4<f32>(0x1p-6, 0x1p-9, 0x1p-12, 0x1p-15);\nconst PLACE_E = vec4<f32>(0x1p-18, 0x1p-21, 0x1p-24, 0x1p-27);\n\n// Divides each activation by its code's place value, a power of two and so exact: codes then need no shift.\n// Returns the sum of the activations, by which the zero point is taken out once for all rows.\nfn prescale(x: ptr<function, Pack>) -> f32 {\n  let sum = (*x)[0] + (*x)[1] + (*x)[2] + (*x)[3] + (*x)[4] + (*x)[5] + (*x)[6] + (*x)[7] + (*x)[8] + (*x)[9];\n  (*x)[0] *= PLACE_A;\n  (*x)[1] *= PLACE_B;\n  (*x)[2] *= PLACE_C;\n  (*x)[3] *= PLACE_D;\n  (*x)[4] *= PLACE_E;\n  (*x)[5] *= PLACE_A;\n  (*x)[6] *= PLACE_B;\n  (*x)[7] *= PLACE_C;\n  (*x)[8] *= PLACE_D;\n  (*x)[9] *= PLACE_E;\n  return dot(sum, vec4<f32>(1.0));\n}\n\n// Sum over the pack of code * activation, activations prescaled.\nfn pack_dot(q: vec4<u32>, x: ptr<function, Pack>) -> f32 {\n  let sum = vec4<f32>(q.xxxx & BITS_A) * (*x)[0] + vec4<f32>(q.xxxx & BITS_B) * (*x)[1]\n          + vec4<f32>(q.xxyy & BITS_C) * (*x)[2] + vec4<f32>(q.yyyy & BITS_D) * (*x)[3]\n          + vec4<f32>(q.yyyy & BITS_E) * (*x)[4] + vec4<f32>(q.zzzz & BITS_A) * (*x)[5]\n          + vec4<f32>(q.zzzz & BITS_B) * (*x)[6] + vec4<f32>(q.zzww & BITS_C) * (*x)[7]\n          + vec4<f32>(q.wwww & BITS_D) * (*x)[8] + vec4<f32>(q.wwww & BITS_E) * (*x)[9];\n  return dot(sum, vec4<f32>(1.0));\n}\n\n// code - 3 for the 20 codes of words 2 * unit and 2 * unit + 1.\nfn unit_values(q: vec4<u32>, unit: u32) -> Unit {\n  let words = select(q.zw, q.xy, unit == 0u);\n  return Unit(\n    vec4<f32>(words.xxxx & BITS_A) * PLACE_A - ZERO,\n    vec4<f32>(words.xxxx & BITS_B) * PLACE_B - ZERO,\n    vec4<f32>(words.xxyy & BITS_C) * PLACE_C - ZERO,\n    vec4<f32>(words.yyyy & BITS_D) * PLACE_D - ZERO,\n    vec4<f32>(words.yyyy & BITS_E) * PLACE_E - ZERO);\n}\n";
// src/gpu/kernels/dequant-q4.wgsl?raw
var dequant_q4_default = "// q4f16_1, q4f32_1: a pack is one group, 32 codes of 4 bits in 4 words, low bits first; value = (code - 7) * scale.\nconst PACK4 = 8u;            // vec4s of values in a pack\nconst ZERO = 7.0;            // the code that stands for 0\nconst UNIT4 = 2u;            // vec4s in a unit: the least piece made of whole vec4s, here a word\nconst UNITS_PER_PACK = 4u;\nconst TILE4 = 8u;            // vec4s along K in a tile of the GEMM\nconst SWIZZLE = 7u;          // spreads a tile's rows over the banks of workgroup memory\n\nalias Pack = array<vec4<f32>, 8>;\nalias Unit = array<vec4<f32>, 2>;\n\nconst LOW = vec4<u32>(0xfu, 0xf0u, 0xf00u, 0xf000u);\nconst HIGH = vec4<u32>(0xf0000u, 0xf00000u, 0xf000000u, 0xf0000000u);\nconst LOW_PLACE = vec4<f32>(0x1p0, 0x1p-4, 0x1p-8, 0x1p-12);\nconst HIGH_PLACE = vec4<f32>(0x1p-16, 0x1p-20, 0x1p-24, 0x1p-28);\n\n// Divides each activation by its code's place value, a power of two and so exact: codes then need no shift.\n// Returns the sum of the activations, by which the zero point is taken out once for all rows.\nfn prescale(x: ptr<function, Pack>) -> f32 {\n  let sum = (*x)[0] + (*x)[1] + (*x)[2] + (*x)[3] + (*x)[4] + (*x)[5] + (*x)[6] + (*x)[7];\n  (*x)[0] *= LOW_PLACE;\n  (*x)[1] *= HIGH_PLACE;\n  (*x)[2] *= LOW_PLACE;\n  (*x)[3] *= HIGH_PLACE;\n  (*x)[4] *= LOW_PLACE;\n  (*x)[5] *= HIGH_PLACE;\n  (*x)[6] *= LOW_PLACE;\n  (*x)[7] *= HIGH_PLACE;\n  return dot(sum, vec4<f32>(1.0));\n}\n\n// Sum over the pack of code * activation, activations prescaled.\nfn pack_dot(q: vec4<u32>, x: ptr<function, Pack>) -> f32 {\n  let sum = vec4<f32>(vec4<u32>(q.x) & LOW) * (*x)[0] + vec4<f32>(vec4<u32>(q.x) & HIGH) * (*x)[1]\n          + vec4<f32>(vec4<u32>(q.y) & LOW) * (*x)[2] + vec4<f32>(vec4<u32>(q.y) & HIGH) * (*x)[3]\n          + vec4<f32>(vec4<u32>(q.z) & LOW) * (*x)[4] + vec4<f32>(vec4<u32>(q.z) & HIGH) * (*x)[5]\n          + vec4<f32>(vec4<u32>(q.w) & LOW) * (*x)[6] + vec4<f32>(vec4<u32>(q.w) & HIGH) * (*x)[7];\n  return dot(sum, vec4<f32>(1.0));\n}\n\n// code - 7 for the 8 codes of word `unit`.\nfn unit_values(q: vec4<u32>, unit: u32) -> Unit {\n  let word = vec4<u32>(q[unit]);\n  let low = (word >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u);\n  let high = (word >> vec4<u32>(16u, 20u, 24u, 28u)) & vec4<u32>(15u);\n  return Unit(vec4<f32>(low) - ZERO, vec4<f32>(high) - ZERO);\n}\n";
// src/gpu/kernels/scale-bf16.wgsl?raw
var scale_bf16_default = "// Scales lie as bfloat16, two a word: the upper half of a float32.\nfn scale_of(word: u32, index: u32) -> f32 {\n  return bitcast<f32>(select(word << 16u, word & 0xffff0000u, (index & 1u) == 1u));\n}\n";
// src/gpu/kernels/scale-f16.wgsl?raw
var scale_f16_default = "// Scales lie as halves, two a word.\nfn scale_of(word: u32, index: u32) -> f32 {\n  return unpack2x16float(word)[index & 1u];\n}\n";
// src/gpu/kernels/dequant.ts
const WEIGHT_FORMATS = {
	q4f16_1: {
		scheme: "q4f16_1",
		code: dequant_q4_default + scale_f16_default,
		packValues: 32,
		unitValues: 8,
		align: 32,
		scaleBytes: 2
	},
	q4f32_1: {
		scheme: "q4f32_1",
		code: dequant_q4_default + scale_bf16_default,
		packValues: 32,
		unitValues: 8,
		align: 32,
		scaleBytes: 2
	},
	q3f16_1: {
		scheme: "q3f16_1",
		code: dequant_q3_default + scale_f16_default,
		packValues: 40,
		unitValues: 20,
		align: 40,
		scaleBytes: 2
	},
	q0f16: {
		scheme: "q0f16",
		code: dequant_f16_default + "// Nothing is quantised; the scales' binding holds the weights again.\nfn scale_of(word: u32, index: u32) -> f32 {\n  return 1.0;\n}\n",
		packValues: 8,
		unitValues: 4,
		align: 32,
		scaleBytes: 0
	}
};
/** Packs in a row of `columns` values; the last may be short, its rest is 0. */
function packsOf(format, columns) {
	return Math.ceil(columns / format.packValues);
}
/** Length of a vector of `columns` activations with its padding. */
function strideOf(format, columns) {
	return Math.ceil(columns / format.align) * format.align;
}
// src/engines/wgsl/accounting.ts
function matrixBytes({ chunks }) {
	return chunks.reduce((sum, { weightBytes, scaleBytes }) => sum + weightBytes + scaleBytes, 0);
}
/** Bytes of weights that one token's dispatches read, each binding once: the kernels visit every element once. */
function readWeightBytes(plan) {
	const { config, format, layers, lmHead } = plan;
	const matrices = layers.flatMap((layer) => Object.values(layer));
	const row = packsOf(format, config.hiddenSize) * (16 + format.scaleBytes);
	const norms = (2 * config.numHiddenLayers + 1) * plan.strides.hidden * 4;
	return [...matrices, lmHead].reduce((sum, matrix) => sum + matrixBytes(matrix), row + norms);
}
/** Bytes on disk that a token needs: every matrix and norm once, the logits' matrix once, one row of the embedding. */
function neededWeightBytes(directory, plan) {
	const { config } = plan;
	let bytes = 0;
	for (const { name, byteLength } of directory.tensors.values()) {
		const embedding = name.startsWith("model.embed_tokens.");
		if (embedding) bytes += byteLength / config.vocabSize;
		if (!embedding || config.tieWordEmbeddings) bytes += byteLength;
	}
	return bytes;
}
// src/gpu/kernels/attention-decode.wgsl?raw
var attention_decode_default = "// Attention of one new token, after its QKV projection: turns its query and key (RoPE), appends key and value to the cache,\n// and attends over one split of the positions held. Grid: x = key-value heads * BLOCKS, y = splits; up to 4 query heads that\n// share a key-value head are the 4 components of every vec4, so that the cache is read once for them.\noverride HEADS: u32;\noverride KV_HEADS: u32;\noverride THREADS: u32;        // at least HEAD_DIM / 2\noverride STRIDE: u32;         // floats from one split's part to the next's\nconst NONE = -3.0e38;         // stands for minus infinity, which WGSL doesn't promise to keep\n\n@group(0) @binding(0) var<storage, read> qkv: array<f32>;                   // [HEADS + 2 KV_HEADS, HEAD_DIM]\n@group(0) @binding(1) var<storage, read_write> keys: array<vec4<u32>>;      // [positions, KV_HEADS, HEAD_DIM / 8] of 8 halves\n@group(0) @binding(2) var<storage, read_write> values: array<u32>;          // [positions, KV_HEADS, HEAD_DIM / 2] of 2 halves\n@group(0) @binding(3) var<storage, read> turns: array<vec2<f32>>;           // [256 + positions / 256, HEAD_DIM / 2]\n@group(0) @binding(4) var<storage, read> state: array<u32>;                 // position, ...\n@group(0) @binding(5) var<storage, read_write> parts: array<f32>;           // [splits, STRIDE]: sum of exp * value, [HEADS, HEAD_DIM]\n@group(0) @binding(6) var<storage, read_write> stats: array<vec2<f32>>;     // [splits, HEADS]: largest score, sum of exp\n\nvar<workgroup> query: array<vec4<f32>, HEAD_DIM>;\nvar<workgroup> new_key: array<vec4<u32>, HEAD_DIM / 8>;\nvar<workgroup> new_value: array<u32, HEAD_DIM / 2>;\nvar<workgroup> shares: array<vec4<f32>, THREADS>;\nvar<workgroup> scratch: array<vec4<f32>, THREADS>;\nvar<workgroup> slice_sums: array<vec4<f32>, THREADS>;\n\n// Element d of the head at `base`, turned.\nfn turned(base: u32, d: u32, position: u32) -> f32 {\n  let half = HEAD_DIM / 2u;\n  if (d < half) {\n    let t = turn(position, d);\n    return qkv[base + d] * t.x - qkv[base + d + half] * t.y;\n  }\n  let t = turn(position, d - half);\n  return qkv[base + d] * t.x + qkv[base + d - half] * t.y;\n}\n\n@compute @workgroup_size(THREADS)\nfn main(\n  @builtin(workgroup_id) group: vec3<u32>,\n  @builtin(num_workgroups) groups: vec3<u32>,\n  @builtin(local_invocation_index) thread: u32,\n) {\n  let shared_by = HEADS / KV_HEADS;\n  let blocks = (shared_by + 3u) / 4u;\n  let kv_head = group.x / blocks;\n  let block = group.x % blocks;\n  // Heads past the last are computed as copies of it and not written.\n  let in_group = min(vec4<u32>(block * 4u) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(shared_by - 1u));\n  let head = vec4<u32>(kv_head * shared_by) + in_group;\n  let wanted = min(4u, shared_by - block * 4u);\n\n  let position = state[0];\n  let length = position + 1u;\n  let per_split = split_length(length);\n  let begin = min(group.y * per_split, length);\n  let end = min(begin + per_split, length);\n\n  let scale = inverseSqrt(f32(HEAD_DIM));\n  for (var d = thread; d < HEAD_DIM; d += THREADS) {\n    query[d] = scale * vec4<f32>(\n      turned(head.x * HEAD_DIM, d, position), turned(head.y * HEAD_DIM, d, position),\n      turned(head.z * HEAD_DIM, d, position), turned(head.w * HEAD_DIM, d, position));\n  }\n  if (end == length) {\n    // The new token's own entry: read from here, because another workgroup may be the one that stores it.\n    let key_base = (HEADS + kv_head) * HEAD_DIM;\n    for (var i = thread; i < HEAD_DIM / 8u; i += THREADS) {\n      let d = i * 8u;\n      let key = vec4<u32>(\n        pack2x16float(vec2<f32>(turned(key_base, d, position), turned(key_base, d + 1u, position))),\n        pack2x16float(vec2<f32>(turned(key_base, d + 2u, position), turned(key_base, d + 3u, position))),\n        pack2x16float(vec2<f32>(turned(key_base, d + 4u, position), turned(key_base, d + 5u, position))),\n        pack2x16float(vec2<f32>(turned(key_base, d + 6u, position), turned(key_base, d + 7u, position))));\n      new_key[i] = key;\n      if (block == 0u && begin < end) {\n        keys[(position * KV_HEADS + kv_head) * (HEAD_DIM / 8u) + i] = key;\n      }\n    }\n    let value_base = (HEADS + KV_HEADS + kv_head) * HEAD_DIM;\n    for (var i = thread; i < HEAD_DIM / 2u; i += THREADS) {\n      let value = pack2x16float(vec2<f32>(qkv[value_base + 2u * i], qkv[value_base + 2u * i + 1u]));\n      new_value[i] = value;\n      if (block == 0u && begin < end) {\n        values[(position * KV_HEADS + kv_head) * (HEAD_DIM / 2u) + i] = value;\n      }\n    }\n  }\n  workgroupBarrier();\n\n  let words = HEAD_DIM / 2u;\n  let slices = THREADS / words;\n  let word = thread % words;\n  let slice = thread / words;\n  var largest = vec4<f32>(NONE);\n  var sum = vec4<f32>();\n  var even = vec4<f32>();\n  var odd = vec4<f32>();\n  for (var tile = begin; tile < end; tile += THREADS) {\n    let mine = tile + thread;\n    var score = vec4<f32>(NONE);\n    if (mine < end) {\n      score = vec4<f32>();\n      let row = (mine * KV_HEADS + kv_head) * (HEAD_DIM / 8u);\n      for (var i = 0u; i < HEAD_DIM / 8u; i++) {\n        var key: vec4<u32>;\n        if (mine == position) {\n          key = new_key[i];\n        } else {\n          key = keys[row + i];\n        }\n        let a = unpack2x16float(key.x);\n        let b = unpack2x16float(key.y);\n        let c = unpack2x16float(key.z);\n        let e = unpack2x16float(key.w);\n        score += query[8u * i] * a.x + query[8u * i + 1u] * a.y + query[8u * i + 2u] * b.x + query[8u * i + 3u] * b.y\n               + query[8u * i + 4u] * c.x + query[8u * i + 5u] * c.y + query[8u * i + 6u] * e.x + query[8u * i + 7u] * e.y;\n      }\n    }\n    scratch[thread] = score;\n    for (var step = THREADS / 2u; step > 0u; step >>= 1u) {\n      workgroupBarrier();\n      if (thread < step) {\n        scratch[thread] = max(scratch[thread], scratch[thread + step]);\n      }\n    }\n    workgroupBarrier();\n    let now = max(largest, scratch[0]);\n    let fade = exp(largest - now);\n    largest = now;\n    shares[thread] = select(vec4<f32>(), exp(score - now), mine < end);\n    workgroupBarrier();\n    sum *= fade;\n    even *= fade;\n    odd *= fade;\n    if (slice < slices) {\n      let held = min(THREADS, end - tile);\n      for (var i = slice; i < held; i += slices) {\n        var packed: u32;\n        if (tile + i == position) {\n          packed = new_value[word];\n        } else {\n          packed = values[((tile + i) * KV_HEADS + kv_head) * words + word];\n        }\n        let value = unpack2x16float(packed);\n        let share = shares[i];\n        sum += share;\n        even += share * value.x;\n        odd += share * value.y;\n      }\n    }\n  }\n  workgroupBarrier();\n  shares[thread] = even;\n  scratch[thread] = odd;\n  slice_sums[thread] = sum;\n  workgroupBarrier();\n  if (slice != 0u) {\n    return;\n  }\n  for (var s = 1u; s < slices; s++) {\n    even += shares[s * words + word];\n    odd += scratch[s * words + word];\n    sum += slice_sums[s * words + word];\n  }\n  for (var i = 0u; i < wanted; i++) {\n    let at = group.y * STRIDE + head[i] * HEAD_DIM + 2u * word;\n    parts[at] = even[i];\n    parts[at + 1u] = odd[i];\n    if (word == 0u) {\n      stats[group.y * HEADS + head[i]] = vec2<f32>(largest[i], sum[i]);\n    }\n  }\n}\n";
// src/gpu/kernels/attention-prefill.wgsl?raw
var attention_prefill_default = "// Causal attention of a chunk of tokens, after RoPE and append: flash attention, no matrix of scores in memory. A workgroup\n// takes 4 NV tokens of one head; each token is a component of NV vec4s. Grid: x = tokens / (4 NV), y = heads.\noverride HEADS: u32;\noverride KV_HEADS: u32;\noverride HEAD_DIM: u32;\noverride THREADS: u32;        // at least HEAD_DIM / 2\noverride NV: u32;             // 4, or 2 where larger heads need the room\noverride OUT_STRIDE: u32;     // floats from one token's row in out to the next's\nconst NONE = -3.0e38;         // stands for minus infinity, which WGSL doesn't promise to keep\n\n@group(0) @binding(0) var<storage, read> qkv: array<f32>;             // [tokens, HEADS + 2 KV_HEADS, HEAD_DIM], queries turned\n@group(0) @binding(1) var<storage, read> keys: array<vec4<u32>>;      // [positions, KV_HEADS, HEAD_DIM / 8] of 8 halves\n@group(0) @binding(2) var<storage, read> values: array<u32>;          // [positions, KV_HEADS, HEAD_DIM / 2] of 2 halves\n@group(0) @binding(3) var<uniform> chunk: vec4<u32>;                  // position of the first token, tokens\n@group(0) @binding(4) var<storage, read_write> out: array<f32>;       // [tokens, OUT_STRIDE]: [HEADS, HEAD_DIM]\n\nvar<workgroup> query: array<vec4<f32>, HEAD_DIM * NV>;\nvar<workgroup> shares: array<vec4<f32>, THREADS * NV>;\nvar<workgroup> scratch: array<vec4<f32>, THREADS * NV>;\n\n@compute @workgroup_size(THREADS)\nfn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {\n  let head = group.y;\n  let kv_head = head / (HEADS / KV_HEADS);\n  let tokens = chunk.y;\n  let token0 = group.x * 4u * NV;\n  let row_floats = (HEADS + 2u * KV_HEADS) * HEAD_DIM;\n  let scale = inverseSqrt(f32(HEAD_DIM));\n  for (var i = thread; i < HEAD_DIM * NV; i += THREADS) {\n    // Tokens past the chunk's end are copies of the last one, not written.\n    let rows = min(vec4<u32>(token0 + 4u * (i % NV)) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(tokens - 1u)) * row_floats;\n    let at = rows + head * HEAD_DIM + i / NV;\n    query[i] = scale * vec4<f32>(qkv[at.x], qkv[at.y], qkv[at.z], qkv[at.w]);\n  }\n  workgroupBarrier();\n\n  let words = HEAD_DIM / 2u;\n  let slices = THREADS / words;\n  let word = thread % words;\n  let slice = thread / words;\n  // Past what the last token here may see, nothing is read.\n  let end = chunk.x + min(token0 + 4u * NV, tokens);\n  var largest: array<vec4<f32>, 4>;\n  var sum: array<vec4<f32>, 4>;\n  var even: array<vec4<f32>, 4>;\n  var odd: array<vec4<f32>, 4>;\n  for (var n = 0u; n < NV; n++) {\n    largest[n] = vec4<f32>(NONE);\n  }\n  for (var tile = 0u; tile < end; tile += THREADS) {\n    let mine = tile + thread;\n    // By hand: SwiftShader does not clear an array declared in a loop a second time.\n    var score: array<vec4<f32>, 4>;\n    for (var n = 0u; n < NV; n++) {\n      score[n] = vec4<f32>();\n    }\n    if (mine < end) {\n      let row = (mine * KV_HEADS + kv_head) * (HEAD_DIM / 8u);\n      for (var i = 0u; i < HEAD_DIM / 8u; i++) {\n        let key = keys[row + i];\n        let a = unpack2x16float(key.x);\n        let b = unpack2x16float(key.y);\n        let c = unpack2x16float(key.z);\n        let e = unpack2x16float(key.w);\n        for (var n = 0u; n < NV; n++) {\n          let q = 8u * i * NV + n;\n          score[n] += query[q] * a.x + query[q + NV] * a.y + query[q + 2u * NV] * b.x + query[q + 3u * NV] * b.y\n            + query[q + 4u * NV] * c.x + query[q + 5u * NV] * c.y + query[q + 6u * NV] * e.x + query[q + 7u * NV] * e.y;\n        }\n      }\n    }\n    for (var n = 0u; n < NV; n++) {\n      let sees = vec4<u32>(chunk.x + token0 + 4u * n) + vec4<u32>(0u, 1u, 2u, 3u) >= vec4<u32>(mine);\n      score[n] = select(vec4<f32>(NONE), score[n], sees & vec4<bool>(mine < end));\n      scratch[thread * NV + n] = score[n];\n    }\n    for (var step = THREADS / 2u; step > 0u; step >>= 1u) {\n      workgroupBarrier();\n      if (thread < step) {\n        for (var n = 0u; n < NV; n++) {\n          let at = thread * NV + n;\n          scratch[at] = max(scratch[at], scratch[at + step * NV]);\n        }\n      }\n    }\n    workgroupBarrier();\n    for (var n = 0u; n < NV; n++) {\n      let now = max(largest[n], scratch[n]);\n      let fade = exp(largest[n] - now);\n      largest[n] = now;\n      shares[thread * NV + n] = select(vec4<f32>(), exp(score[n] - now), score[n] > vec4<f32>(NONE));\n      sum[n] *= fade;\n      even[n] *= fade;\n      odd[n] *= fade;\n    }\n    workgroupBarrier();\n    if (slice < slices) {\n      let held = min(THREADS, end - tile);\n      for (var i = slice; i < held; i += slices) {\n        let value = unpack2x16float(values[((tile + i) * KV_HEADS + kv_head) * words + word]);\n        for (var n = 0u; n < NV; n++) {\n          let share = shares[i * NV + n];\n          sum[n] += share;\n          even[n] += share * value.x;\n          odd[n] += share * value.y;\n        }\n      }\n    }\n  }\n  // The slices' sums meet: first the values, then, in the query's room, the shares.\n  workgroupBarrier();\n  for (var n = 0u; n < NV; n++) {\n    shares[thread * NV + n] = even[n];\n    scratch[thread * NV + n] = odd[n];\n    if (word == 0u && slice < slices) {\n      query[slice * NV + n] = sum[n];\n    }\n  }\n  workgroupBarrier();\n  if (slice != 0u) {\n    return;\n  }\n  for (var n = 0u; n < NV; n++) {\n    for (var s = 1u; s < slices; s++) {\n      even[n] += shares[(s * words + word) * NV + n];\n      odd[n] += scratch[(s * words + word) * NV + n];\n      sum[n] += query[s * NV + n];\n    }\n    for (var i = 0u; i < 4u && token0 + 4u * n + i < tokens; i++) {\n      let at = (token0 + 4u * n + i) * OUT_STRIDE + head * HEAD_DIM + 2u * word;\n      out[at] = even[n][i] / sum[n][i];\n      out[at + 1u] = odd[n][i] / sum[n][i];\n    }\n  }\n}\n";
// src/gpu/kernels/merge.wgsl?raw
var merge_default = "// After attention over many splits while decoding: their weighted mean, once, before a plain output projection.\noverride HEADS: u32;\noverride HEAD_DIM: u32;\noverride STRIDE: u32;         // floats from one split's part to the next's\n\n@group(0) @binding(0) var<storage, read> parts: array<f32>;          // [splits, STRIDE]\n@group(0) @binding(1) var<storage, read> stats: array<vec2<f32>>;    // [splits, HEADS]: largest score, sum of exp\n@group(0) @binding(2) var<storage, read> state: array<u32>;          // position, ...\n@group(0) @binding(3) var<storage, read_write> out: array<f32>;      // [HEADS * HEAD_DIM]\n\n@compute @workgroup_size(64)\nfn main(@builtin(global_invocation_id) id: vec3<u32>) {\n  if (id.x >= HEADS * HEAD_DIM) {\n    return;\n  }\n  let splits = split_count(state[0] + 1u);\n  let head = id.x / HEAD_DIM;\n  var largest = -3.0e38;\n  for (var s = 0u; s < splits; s++) {\n    largest = max(largest, stats[s * HEADS + head].x);\n  }\n  var sum = 0.0;\n  var total = 0.0;\n  for (var s = 0u; s < splits; s++) {\n    let stat = stats[s * HEADS + head];\n    let factor = exp(stat.x - largest);\n    sum += factor * stat.y;\n    total += factor * parts[s * STRIDE + id.x];\n  }\n  out[id.x] = total / sum;\n}\n";
// src/gpu/kernels/rope-append.wgsl?raw
var rope_append_default = "// Prefill, after the QKV projection: turns queries in place (RoPE), turns keys into the cache, copies values into the cache.\n// Grid: x = tokens of the chunk, y = heads of queries, keys and values.\noverride HEADS: u32;\noverride KV_HEADS: u32;\n\n@group(0) @binding(0) var<storage, read_write> qkv: array<f32>;       // [tokens, HEADS + 2 KV_HEADS, HEAD_DIM]\n@group(0) @binding(1) var<storage, read_write> keys: array<u32>;      // [positions, KV_HEADS, HEAD_DIM / 2] of 2 halves\n@group(0) @binding(2) var<storage, read_write> values: array<u32>;    // as keys\n@group(0) @binding(3) var<storage, read> turns: array<vec2<f32>>;     // [256 + positions / 256, HEAD_DIM / 2]\n@group(0) @binding(4) var<uniform> chunk: vec4<u32>;                  // position of the first token, tokens\n\n@compute @workgroup_size(64)\nfn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {\n  let head = group.y;\n  let position = chunk.x + group.x;\n  let base = (group.x * (HEADS + 2u * KV_HEADS) + head) * HEAD_DIM;\n  let half = HEAD_DIM / 2u;\n  if (head >= HEADS + KV_HEADS) {\n    let row = (position * KV_HEADS + head - HEADS - KV_HEADS) * half;\n    for (var i = thread; i < half; i += 64u) {\n      values[row + i] = pack2x16float(vec2<f32>(qkv[base + 2u * i], qkv[base + 2u * i + 1u]));\n    }\n    return;\n  }\n  let row = (position * KV_HEADS + head - HEADS) * half;\n  for (var i = thread; i < half / 2u; i += 64u) {\n    let d = 2u * i;\n    let t0 = turn(position, d);\n    let t1 = turn(position, d + 1u);\n    let low = vec2<f32>(qkv[base + d], qkv[base + d + 1u]);\n    let high = vec2<f32>(qkv[base + half + d], qkv[base + half + d + 1u]);\n    let cosine = vec2<f32>(t0.x, t1.x);\n    let sine = vec2<f32>(t0.y, t1.y);\n    let first = low * cosine - high * sine;\n    let second = high * cosine + low * sine;\n    if (head < HEADS) {\n      qkv[base + d] = first.x;\n      qkv[base + d + 1u] = first.y;\n      qkv[base + half + d] = second.x;\n      qkv[base + half + d + 1u] = second.y;\n    } else {\n      keys[row + i] = pack2x16float(first);\n      keys[row + half / 2u + i] = pack2x16float(second);\n    }\n  }\n}\n";
// src/gpu/kernels/splits.wgsl?raw
var splits_default = "// How the positions held are split over workgroups while decoding; src/gpu/kernels/splits.ts counts the same way.\noverride SPLIT: u32;          // positions a split takes before there are more splits\noverride MAX_SPLITS: u32;\n\nfn split_count(length: u32) -> u32 {\n  return min((length + SPLIT - 1u) / SPLIT, MAX_SPLITS);\n}\n\n// Positions of each split; the last ones may have fewer, or none.\nfn split_length(length: u32) -> u32 {\n  let count = split_count(length);\n  return (length + count - 1u) / count;\n}\n";
// src/gpu/kernels/turn.wgsl?raw
var turn_default = "// RoPE's angles from a small exact table: pos = 256 * high + low, and the turn by pos is the product of two entries as complex\n// numbers. WGSL's own cos and sin are promised to 2^-11 only, and to nothing at angles beyond pi.\noverride HEAD_DIM: u32;\n\n// (cos, sin) of position * frequency[pair].\nfn turn(position: u32, pair: u32) -> vec2<f32> {\n  let half = HEAD_DIM / 2u;\n  let low = turns[(position & 255u) * half + pair];\n  let high = turns[(256u + (position >> 8u)) * half + pair];\n  return vec2<f32>(low.x * high.x - low.y * high.y, low.x * high.y + low.y * high.x);\n}\n";
// src/gpu/kernels/attention.ts
/** bindings: qkv, keys, values, turns, state, parts, stats */
const attentionDecodeKernel = {
	name: "attention-decode",
	code: turn_default + splits_default + attention_decode_default,
	bindings: [
		"read",
		"write",
		"write",
		"read",
		"read",
		"write",
		"write"
	]
};
/** bindings: parts, stats, state, out */
const mergeKernel = {
	name: "merge",
	code: splits_default + merge_default,
	bindings: [
		"read",
		"read",
		"read",
		"write"
	]
};
/** bindings: qkv, keys, values, turns, chunk */
const ropeAppendKernel = {
	name: "rope-append",
	code: turn_default + rope_append_default,
	bindings: [
		"write",
		"write",
		"write",
		"read",
		"uniform"
	]
};
/** bindings: qkv, keys, values, chunk, out */
const attentionPrefillKernel = {
	name: "attention-prefill",
	code: attention_prefill_default,
	bindings: [
		"read",
		"read",
		"read",
		"uniform",
		"write"
	]
};
/** A thread for each pair of elements of a head. */
function threadsFor(headDim) {
	return headDim <= 128 ? 64 : 128;
}
function attentionDecodeConstants({ heads, kvHeads, headDim }, stride) {
	return {
		HEADS: heads,
		KV_HEADS: kvHeads,
		HEAD_DIM: headDim,
		THREADS: threadsFor(headDim),
		STRIDE: stride
	};
}
function attentionDecodeGrid({ heads, kvHeads }, splits) {
	return [
		kvHeads * Math.ceil(heads / kvHeads / 4),
		splits,
		1
	];
}
function ropeAppendGrid({ heads, kvHeads }, tokens) {
	return [
		tokens,
		heads + 2 * kvHeads,
		1
	];
}
/** Tokens a workgroup of prefill's attention takes. */
function tokensEach(headDim) {
	return headDim <= 128 ? 16 : 8;
}
function attentionPrefillConstants({ heads, kvHeads, headDim }, stride) {
	return {
		HEADS: heads,
		KV_HEADS: kvHeads,
		HEAD_DIM: headDim,
		THREADS: threadsFor(headDim),
		NV: tokensEach(headDim) / 4,
		OUT_STRIDE: stride
	};
}
function attentionPrefillGrid({ heads, headDim }, tokens) {
	return [
		Math.ceil(tokens / tokensEach(headDim)),
		heads,
		1
	];
}
// src/gpu/kernels/embed.wgsl?raw
var embed_default = "// The first step of the forward pass: each token's row of the embedding, dequantised. Grid: x = units / 64, y = tokens. An\n// embedding over the binding limit lies in chunks of rows, a dispatch each: a token in another chunk is left alone.\noverride PACKS: u32;          // packs in a row\noverride COLUMNS: u32;        // values in a row; past them x stays 0, though code 0 stands for another value\noverride STRIDE4: u32;        // vec4s from one token's row in x to the next's\noverride FIRST: u32;          // row of the embedding where this chunk starts\noverride ROWS: u32;           // rows in this chunk\noverride TOKENS_AT: u32;      // index of the first token\n\n@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>;     // [ROWS, PACKS]\n@group(0) @binding(1) var<storage, read> scales: array<u32>;            // [ROWS, PACKS], two a word\n@group(0) @binding(2) var<storage, read> tokens: array<u32>;\n@group(0) @binding(3) var<storage, read_write> x: array<vec4<f32>>;     // [tokens, STRIDE4]\n\n@compute @workgroup_size(64)\nfn main(@builtin(global_invocation_id) id: vec3<u32>) {\n  let pack = id.x / UNITS_PER_PACK;\n  let unit = id.x % UNITS_PER_PACK;\n  let row = tokens[TOKENS_AT + id.y] - FIRST;\n  if (pack >= PACKS || row >= ROWS) {\n    return;\n  }\n  let at = row * PACKS + pack;\n  var values = unit_values(weights[at], unit);\n  let scale = scale_of(scales[at >> 1u], at);\n  for (var i = 0u; i < UNIT4; i++) {\n    let column = vec4<u32>((id.x * UNIT4 + i) * 4u) + vec4<u32>(0u, 1u, 2u, 3u);\n    x[id.y * STRIDE4 + id.x * UNIT4 + i] = select(vec4<f32>(), values[i] * scale, column < vec4<u32>(COLUMNS));\n  }\n}\n";
// src/gpu/kernels/embed.ts
/** bindings: weights, scales, tokens, x */
function embedKernel(format) {
	return {
		name: "embed",
		code: format.code + embed_default,
		bindings: [
			"read",
			"read",
			"read",
			"write"
		]
	};
}
function embedGrid(format, columns, tokens) {
	const units = packsOf(format, columns) * format.packValues / format.unitValues;
	return [
		Math.ceil(units / 64),
		tokens,
		1
	];
}
// src/gpu/kernels/gemm.wgsl?raw
var gemm_default = "// Prefill's projections: out = x W^T, out += x W^T, or out = silu(out) * (x W^T) for a chunk of tokens. Tiles of 16, 32 or 64\n// tokens by 64 rows of W; W is dequantised into workgroup memory, sums are f32. The matrix's shape is a uniform, not a constant,\n// so that one pipeline serves all matrices of a model.\noverride THREADS: u32;        // 8 wide; a multiple of 64\noverride ROWS_EACH: u32;      // tokens a thread: 2 or 4\n\nstruct Shape {\n  packs: u32,        // packs in a row of W\n  rows: u32,         // rows of W\n  x_stride4: u32,    // vec4s from one token's row in x to the next's\n  out_stride: u32,   // floats from one token's row in out to the next's\n  epilogue: u32,     // 0 store, 1 add, 2 silu(out) * result\n}\n\n@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>;  // [rows, packs]\n@group(0) @binding(1) var<storage, read> scales: array<u32>;         // [rows, packs], two a word\n@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;        // [tokens, x_stride4], zeros past the end of a row\n@group(0) @binding(3) var<uniform> chunk: vec4<u32>;                 // position of the first token, tokens\n@group(0) @binding(4) var<uniform> shape: Shape;\n@group(0) @binding(5) var<storage, read_write> out: array<f32>;      // [tokens, out_stride]\n\nvar<workgroup> tile_x: array<vec4<f32>, THREADS / 8 * ROWS_EACH * TILE4>;\nvar<workgroup> tile_w: array<vec4<f32>, 64 * TILE4>;\n\nfn slot(row: u32, k4: u32) -> u32 {\n  return row * TILE4 + (k4 ^ (row & SWIZZLE));\n}\n\nfn write(row: u32, column: u32, sums: vec4<f32>) {\n  if (row >= chunk.y) {\n    return;\n  }\n  for (var j = 0u; j < 4u; j++) {\n    let c = column + 8u * j;\n    if (c < shape.rows) {\n      let at = row * shape.out_stride + c;\n      if (shape.epilogue == 0u) {\n        out[at] = sums[j];\n      } else if (shape.epilogue == 1u) {\n        out[at] += sums[j];\n      } else {\n        let gate = out[at];\n        out[at] = gate / (1.0 + exp(min(-gate, 80.0))) * sums[j];\n      }\n    }\n  }\n}\n\n@compute @workgroup_size(THREADS)\nfn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {\n  let units = TILE4 / UNIT4;\n  let high = THREADS / 8u;\n  let rows = high * ROWS_EACH;\n  let row0 = group.y * rows;\n  let column0 = group.x * 64u;\n  let tx = thread % 8u;\n  let ty = thread / 8u;\n  let tiles = (shape.packs * PACK4 + TILE4 - 1u) / TILE4;\n  // Of each token, columns tx, tx + 8, tx + 16, tx + 24 and the four after.\n  var sum0 = vec4<f32>();\n  var sum1 = vec4<f32>();\n  var sum2 = vec4<f32>();\n  var sum3 = vec4<f32>();\n  var more0 = vec4<f32>();\n  var more1 = vec4<f32>();\n  var more2 = vec4<f32>();\n  var more3 = vec4<f32>();\n  for (var tile = 0u; tile < tiles; tile++) {\n    for (var i = thread; i < rows * TILE4; i += THREADS) {\n      let row = i / TILE4;\n      let k4 = i % TILE4;\n      var value = vec4<f32>();\n      if (row0 + row < chunk.y) {\n        value = x[(row0 + row) * shape.x_stride4 + tile * TILE4 + k4];\n      }\n      tile_x[slot(row, k4)] = value;\n    }\n    for (var i = thread; i < 64u * units; i += THREADS) {\n      let row = i / units;\n      let unit = i % units;\n      let pack = (tile * units + unit) / UNITS_PER_PACK;\n      let at = min(column0 + row, shape.rows - 1u) * shape.packs + min(pack, shape.packs - 1u);\n      var values = unit_values(weights[at], (tile * units + unit) % UNITS_PER_PACK);\n      let scale = select(0.0, scale_of(scales[at >> 1u], at), pack < shape.packs);\n      for (var j = 0u; j < UNIT4; j++) {\n        tile_w[slot(row, unit * UNIT4 + j)] = values[j] * scale;\n      }\n    }\n    workgroupBarrier();\n    for (var k4 = 0u; k4 < TILE4; k4++) {\n      let b0 = tile_w[slot(tx, k4)];\n      let b1 = tile_w[slot(tx + 8u, k4)];\n      let b2 = tile_w[slot(tx + 16u, k4)];\n      let b3 = tile_w[slot(tx + 24u, k4)];\n      let b4 = tile_w[slot(tx + 32u, k4)];\n      let b5 = tile_w[slot(tx + 40u, k4)];\n      let b6 = tile_w[slot(tx + 48u, k4)];\n      let b7 = tile_w[slot(tx + 56u, k4)];\n      let a0 = tile_x[slot(ty, k4)];\n      sum0 += vec4<f32>(dot(a0, b0), dot(a0, b1), dot(a0, b2), dot(a0, b3));\n      more0 += vec4<f32>(dot(a0, b4), dot(a0, b5), dot(a0, b6), dot(a0, b7));\n      let a1 = tile_x[slot(ty + high, k4)];\n      sum1 += vec4<f32>(dot(a1, b0), dot(a1, b1), dot(a1, b2), dot(a1, b3));\n      more1 += vec4<f32>(dot(a1, b4), dot(a1, b5), dot(a1, b6), dot(a1, b7));\n      if (ROWS_EACH > 2u) {\n        let a2 = tile_x[slot(ty + 2u * high, k4)];\n        sum2 += vec4<f32>(dot(a2, b0), dot(a2, b1), dot(a2, b2), dot(a2, b3));\n        more2 += vec4<f32>(dot(a2, b4), dot(a2, b5), dot(a2, b6), dot(a2, b7));\n        let a3 = tile_x[slot(ty + 3u * high, k4)];\n        sum3 += vec4<f32>(dot(a3, b0), dot(a3, b1), dot(a3, b2), dot(a3, b3));\n        more3 += vec4<f32>(dot(a3, b4), dot(a3, b5), dot(a3, b6), dot(a3, b7));\n      }\n    }\n    workgroupBarrier();\n  }\n  let row = row0 + ty;\n  let column = column0 + tx;\n  write(row, column, sum0);\n  write(row, column + 32u, more0);\n  write(row + high, column, sum1);\n  write(row + high, column + 32u, more1);\n  if (ROWS_EACH > 2u) {\n    write(row + 2u * high, column, sum2);\n    write(row + 2u * high, column + 32u, more2);\n    write(row + 3u * high, column, sum3);\n    write(row + 3u * high, column + 32u, more3);\n  }\n}\n";
// src/gpu/kernels/rmsnorm.wgsl?raw
var rmsnorm_default = "// Prefill, before the QKV and gate/up projections: out = x / rms(x) * norm, a workgroup a token.\noverride COLUMNS: f32;        // values in a row, for the mean of its squares\noverride STRIDE4: u32;        // vec4s in a row with its padding of zeros\noverride EPSILON: f32;\n\n@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;           // [tokens, STRIDE4]\n@group(0) @binding(1) var<storage, read> norm: array<vec4<f32>>;        // [STRIDE4]\n@group(0) @binding(2) var<storage, read_write> out: array<vec4<f32>>;   // [tokens, STRIDE4]\n\nvar<workgroup> squares: array<f32, 64>;\n\n@compute @workgroup_size(64)\nfn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {\n  let base = group.x * STRIDE4;\n  var sum = 0.0;\n  for (var i = thread; i < STRIDE4; i += 64u) {\n    sum += dot(x[base + i], x[base + i]);\n  }\n  squares[thread] = sum;\n  for (var step = 32u; step > 0u; step >>= 1u) {\n    workgroupBarrier();\n    if (thread < step) {\n      squares[thread] += squares[thread + step];\n    }\n  }\n  workgroupBarrier();\n  let factor = inverseSqrt(squares[0] / COLUMNS + EPSILON);\n  for (var i = thread; i < STRIDE4; i += 64u) {\n    out[base + i] = x[base + i] * factor * norm[i];\n  }\n}\n";
// src/gpu/kernels/gemm.ts
/** What is done with x W^T: written, added to out, or multiplied with silu(out). */
const EPILOGUE = {
	store: 0,
	add: 1,
	swiglu: 2
};
/** Bindings: weights, scales, x, chunk, shape, out */
function gemmKernel(format) {
	return {
		name: "gemm",
		code: format.code + gemm_default,
		bindings: [
			"read",
			"read",
			"read",
			"uniform",
			"uniform",
			"write"
		]
	};
}
/** bindings: x, norm, out; grid: a workgroup a token */
const rmsNormKernel = {
	name: "rmsnorm",
	code: rmsnorm_default,
	bindings: [
		"read",
		"read",
		"write"
	]
};
function gemmTile(tokens) {
	return tokens <= 16 ? 16 : tokens <= 32 ? 32 : 64;
}
function gemmConstants(tile) {
	return {
		16: {
			THREADS: 64,
			ROWS_EACH: 2
		},
		32: {
			THREADS: 64,
			ROWS_EACH: 4
		},
		64: {
			THREADS: 128,
			ROWS_EACH: 4
		}
	}[tile];
}
/**
* The uniform `shape` of a matrix [rows, columns].
* @param outStride floats from one token's row of the result to the next's
*/
function gemmShape(format, rows, columns, outStride, epilogue) {
	const stride4 = strideOf(format, columns) / 4;
	return Uint32Array.of(packsOf(format, columns), rows, stride4, outStride, epilogue, 0, 0, 0);
}
function gemmGrid(rows, tokens, tile) {
	return [
		Math.ceil(rows / 64),
		Math.ceil(tokens / tile),
		1
	];
}
// src/gpu/kernel.ts
/**
* Spreads `workgroups` over two dimensions, because one holds 65,535 at most (128,256 rows at one a workgroup would not fit).
* The kernel computes its index as `id.y * num_workgroups.x + id.x` and returns where that is past the end.
* @param limit the device's maxComputeWorkgroupsPerDimension
*/
function spreadGrid(workgroups, limit) {
	if (workgroups <= limit) return [
		workgroups,
		1,
		1
	];
	const rows = Math.ceil(workgroups / limit);
	return [
		Math.ceil(workgroups / rows),
		rows,
		1
	];
}
// src/gpu/kernels/gemv-gate-up.wgsl?raw
var gemv_gate_up_default = "// One token through the first half of the MLP: out = silu(gate rmsnorm(x)) * (up rmsnorm(x)), in one dispatch.\noverride PACKS: u32;          // packs in a row of either matrix\noverride ROWS: u32;           // rows of either matrix\noverride COLUMNS: f32;        // values in x, for the mean of its squares\noverride EPSILON: f32;\nconst SUMS = 9u;              // 4 rows of each, and the squares of x\n\n@group(0) @binding(0) var<storage, read> gate_weights: array<vec4<u32>>;  // [ROWS, PACKS]\n@group(0) @binding(1) var<storage, read> gate_scales: array<u32>;         // [ROWS, PACKS], two a word\n@group(0) @binding(2) var<storage, read> up_weights: array<vec4<u32>>;    // [ROWS, PACKS]\n@group(0) @binding(3) var<storage, read> up_scales: array<u32>;           // [ROWS, PACKS], two a word\n@group(0) @binding(4) var<storage, read> x: array<vec4<f32>>;             // [PACKS * PACK4], zeros past the end\n@group(0) @binding(5) var<storage, read> norm: array<vec4<f32>>;          // as x\n@group(0) @binding(6) var<storage, read_write> out: array<f32>;           // [ROWS]\n\n@compute @workgroup_size(THREADS)\nfn main(\n  @builtin(workgroup_id) group: vec3<u32>,\n  @builtin(num_workgroups) groups: vec3<u32>,\n  @builtin(local_invocation_index) thread: u32,\n) {\n  let lane = thread % LANES;\n  let row = ((group.y * groups.x + group.x) * (THREADS / LANES) + thread / LANES) * 4u;\n  let first = min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(ROWS - 1u)) * PACKS;\n  var gates = vec4<f32>();\n  var ups = vec4<f32>();\n  var squares = 0.0;\n  for (var pack = lane; pack < PACKS; pack += LANES) {\n    var values: Pack;\n    for (var i = 0u; i < PACK4; i++) {\n      let value = x[pack * PACK4 + i];\n      squares += dot(value, value);\n      values[i] = value * norm[pack * PACK4 + i];\n    }\n    let zero = ZERO * prescale(&values);\n    let at = first + pack;\n    let gate_dots = vec4<f32>(\n      pack_dot(gate_weights[at.x], &values), pack_dot(gate_weights[at.y], &values),\n      pack_dot(gate_weights[at.z], &values), pack_dot(gate_weights[at.w], &values));\n    let gate_scale = vec4<f32>(\n      scale_of(gate_scales[at.x >> 1u], at.x), scale_of(gate_scales[at.y >> 1u], at.y),\n      scale_of(gate_scales[at.z >> 1u], at.z), scale_of(gate_scales[at.w >> 1u], at.w));\n    gates += gate_scale * (gate_dots - zero);\n    let up_dots = vec4<f32>(\n      pack_dot(up_weights[at.x], &values), pack_dot(up_weights[at.y], &values),\n      pack_dot(up_weights[at.z], &values), pack_dot(up_weights[at.w], &values));\n    let up_scale = vec4<f32>(\n      scale_of(up_scales[at.x >> 1u], at.x), scale_of(up_scales[at.y >> 1u], at.y),\n      scale_of(up_scales[at.z >> 1u], at.z), scale_of(up_scales[at.w >> 1u], at.w));\n    ups += up_scale * (up_dots - zero);\n  }\n  keep_rows(0u, thread, gates);\n  keep_rows(4u, thread, ups);\n  keep_sum(8u, thread, squares);\n  workgroupBarrier();\n  for (var i = lane; i < 4u && row + i < ROWS; i += LANES) {\n    let factor = inverseSqrt(total_of(8u, thread) / COLUMNS + EPSILON);\n    let gate = total_of(i, thread) * factor;\n    // The bound keeps exp finite: infinity is not promised to behave in WGSL.\n    out[row + i] = gate / (1.0 + exp(min(-gate, 80.0))) * (total_of(4u + i, thread) * factor);\n  }\n}\n";
// src/gpu/kernels/gemv-merge.wgsl?raw
var gemv_merge_default = "// The output projection while decoding: out += W attention, where attention still lies in a few splits. Each workgroup\n// merges them while loading, which saves a dispatch; with many splits `merge` does it once instead.\noverride PACKS: u32;          // packs in a row of W\noverride ROWS: u32;           // rows of W\noverride HEADS: u32;\noverride HEAD_DIM: u32;\noverride STRIDE4: u32;        // vec4s from one split to the next\nconst SUMS = 4u;\n\n@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>;   // [ROWS, PACKS]\n@group(0) @binding(1) var<storage, read> scales: array<u32>;          // [ROWS, PACKS], two a word\n@group(0) @binding(2) var<storage, read> parts: array<vec4<f32>>;     // [splits, STRIDE4], zeros past HEADS * HEAD_DIM\n@group(0) @binding(3) var<storage, read> stats: array<vec2<f32>>;     // [splits, HEADS]: largest score, sum of exp\n@group(0) @binding(4) var<storage, read> state: array<u32>;           // position, ...\n@group(0) @binding(5) var<storage, read_write> out: array<f32>;       // [ROWS]\n\nvar<workgroup> shares: array<vec4<f32>, HEADS>;                       // share of each split in each head\n\n@compute @workgroup_size(THREADS)\nfn main(\n  @builtin(workgroup_id) group: vec3<u32>,\n  @builtin(num_workgroups) groups: vec3<u32>,\n  @builtin(local_invocation_index) thread: u32,\n) {\n  let splits = split_count(state[0] + 1u);\n  for (var head = thread; head < HEADS; head += THREADS) {\n    var largest = -3.0e38;\n    for (var s = 0u; s < splits; s++) {\n      largest = max(largest, stats[s * HEADS + head].x);\n    }\n    var share = vec4<f32>();\n    var sum = 0.0;\n    for (var s = 0u; s < splits; s++) {\n      let stat = stats[s * HEADS + head];\n      let factor = exp(stat.x - largest);\n      share[s] = factor;\n      sum += factor * stat.y;\n    }\n    shares[head] = share / sum;\n  }\n  workgroupBarrier();\n\n  let lane = thread % LANES;\n  let row = ((group.y * groups.x + group.x) * (THREADS / LANES) + thread / LANES) * 4u;\n  let first = min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(ROWS - 1u)) * PACKS;\n  var rows = vec4<f32>();\n  for (var pack = lane; pack < PACKS; pack += LANES) {\n    var values: Pack;\n    for (var i = 0u; i < PACK4; i++) {\n      let at = pack * PACK4 + i;\n      let share = shares[min(at * 4u / HEAD_DIM, HEADS - 1u)];\n      var value = share.x * parts[at];\n      for (var s = 1u; s < splits; s++) {\n        value += share[s] * parts[s * STRIDE4 + at];\n      }\n      values[i] = value;\n    }\n    let zero = ZERO * prescale(&values);\n    let at = first + pack;\n    let dots = vec4<f32>(\n      pack_dot(weights[at.x], &values), pack_dot(weights[at.y], &values),\n      pack_dot(weights[at.z], &values), pack_dot(weights[at.w], &values));\n    let scale = vec4<f32>(\n      scale_of(scales[at.x >> 1u], at.x), scale_of(scales[at.y >> 1u], at.y),\n      scale_of(scales[at.z >> 1u], at.z), scale_of(scales[at.w >> 1u], at.w));\n    rows += scale * (dots - zero);\n  }\n  keep_rows(0u, thread, rows);\n  workgroupBarrier();\n  for (var i = lane; i < 4u && row + i < ROWS; i += LANES) {\n    out[row + i] += total_of(i, thread);\n  }\n}\n";
// src/gpu/kernels/gemv.wgsl?raw
var gemv_default = "// One token through a matrix: out = W x, out = W rmsnorm(x) or out += W x. Decoding's QKV, O and down projections and the\n// logits. RMSNorm costs no pass of its own: its factor is common to all columns, so it is applied to the finished sums.\noverride PACKS: u32;          // packs in a row of W\noverride ROWS: u32;           // rows of W\noverride NORM: bool = false;\noverride ADD: bool = false;\noverride COLUMNS: f32 = 1.0;  // values in x, for the mean of its squares\noverride EPSILON: f32 = 1e-5;\nconst SUMS = 5u;              // 4 rows, and the squares of x\n\n@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>;  // [ROWS, PACKS]\n@group(0) @binding(1) var<storage, read> scales: array<u32>;         // [ROWS, PACKS], two a word\n@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;        // [PACKS * PACK4], zeros past the end\n@group(0) @binding(3) var<storage, read> norm: array<vec4<f32>>;     // as x; not read unless NORM\n@group(0) @binding(4) var<storage, read_write> out: array<f32>;      // [ROWS]\n\n@compute @workgroup_size(THREADS)\nfn main(\n  @builtin(workgroup_id) group: vec3<u32>,\n  @builtin(num_workgroups) groups: vec3<u32>,\n  @builtin(local_invocation_index) thread: u32,\n) {\n  let lane = thread % LANES;\n  let row = ((group.y * groups.x + group.x) * (THREADS / LANES) + thread / LANES) * 4u;\n  let first = min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(ROWS - 1u)) * PACKS;\n  var rows = vec4<f32>();\n  var squares = 0.0;\n  for (var pack = lane; pack < PACKS; pack += LANES) {\n    var values: Pack;\n    for (var i = 0u; i < PACK4; i++) {\n      var value = x[pack * PACK4 + i];\n      if (NORM) {\n        squares += dot(value, value);\n        value *= norm[pack * PACK4 + i];\n      }\n      values[i] = value;\n    }\n    let zero = ZERO * prescale(&values);\n    let at = first + pack;\n    let dots = vec4<f32>(\n      pack_dot(weights[at.x], &values), pack_dot(weights[at.y], &values),\n      pack_dot(weights[at.z], &values), pack_dot(weights[at.w], &values));\n    let scale = vec4<f32>(\n      scale_of(scales[at.x >> 1u], at.x), scale_of(scales[at.y >> 1u], at.y),\n      scale_of(scales[at.z >> 1u], at.z), scale_of(scales[at.w >> 1u], at.w));\n    rows += scale * (dots - zero);\n  }\n  keep_rows(0u, thread, rows);\n  keep_sum(4u, thread, squares);\n  workgroupBarrier();\n  for (var i = lane; i < 4u && row + i < ROWS; i += LANES) {\n    var y = total_of(i, thread);\n    if (NORM) {\n      y *= inverseSqrt(total_of(4u, thread) / COLUMNS + EPSILON);\n    }\n    if (ADD) {\n      out[row + i] += y;\n    } else {\n      out[row + i] = y;\n    }\n  }\n}\n";
// src/gpu/kernels/lanes.wgsl?raw
var lanes_default = "// LANES neighbouring threads share a block of rows. Each keeps its partial sums in workgroup memory; after one barrier a row's\n// are added up by one of them, which costs less than a tree with a barrier a step.\noverride THREADS: u32 = 64u;\noverride LANES: u32 = 32u;   // power of two, divides THREADS\n\n// [SUMS, THREADS + 1]: the odd stride keeps rows on different banks.\nvar<workgroup> lane_sums: array<f32, SUMS * (THREADS + 1)>;\n\nfn keep_sum(sum: u32, thread: u32, value: f32) {\n  lane_sums[sum * (THREADS + 1u) + thread] = value;\n}\n\nfn keep_rows(sum: u32, thread: u32, rows: vec4<f32>) {\n  keep_sum(sum, thread, rows.x);\n  keep_sum(sum + 1u, thread, rows.y);\n  keep_sum(sum + 2u, thread, rows.z);\n  keep_sum(sum + 3u, thread, rows.w);\n}\n\n// The sum over the lanes that `thread` shares its rows with, after a barrier.\nfn total_of(sum: u32, thread: u32) -> f32 {\n  let first = sum * (THREADS + 1u) + thread - thread % LANES;\n  var total = 0.0;\n  for (var i = 0u; i < LANES; i++) {\n    total += lane_sums[first + i];\n  }\n  return total;\n}\n";
// src/gpu/kernels/gemv.ts
/** Rows of W whose sums a thread holds. */
const ROWS_EACH = 4;
const DEFAULT_GEMV = {
	threads: 64,
	lanes: 16,
	packs: 4
};
/** bindings: weights, scales, x, norm, out */
function gemvKernel(format) {
	return {
		name: "gemv",
		code: format.code + lanes_default + gemv_default,
		bindings: [
			"read",
			"read",
			"read",
			"read",
			"write"
		]
	};
}
/** bindings: gate weights, gate scales, up weights, up scales, x, norm, out */
function gemvGateUpKernel(format) {
	return {
		name: "gemv-gate-up",
		code: format.code + lanes_default + gemv_gate_up_default,
		bindings: [
			"read",
			"read",
			"read",
			"read",
			"read",
			"read",
			"write"
		]
	};
}
/** bindings: weights, scales, parts, stats, state, out */
function gemvMergeKernel(format) {
	return {
		name: "gemv-merge",
		code: format.code + lanes_default + splits_default + gemv_merge_default,
		bindings: [
			"read",
			"read",
			"read",
			"read",
			"read",
			"write"
		]
	};
}
/** Constants that all three share, for a matrix [rows, columns]. */
function gemvConstants(format, rows, columns, tuning = DEFAULT_GEMV) {
	const packs = packsOf(format, columns);
	const shared = 2 ** Math.floor(Math.log2(Math.max(1, packs / tuning.packs)));
	const lanes = Math.min(tuning.lanes, tuning.threads, shared);
	return {
		PACKS: packs,
		ROWS: rows,
		THREADS: tuning.threads,
		LANES: lanes
	};
}
/** Workgroups for the constants of a product. */
function gemvGrid(constants, limit) {
	const { ROWS = 0, THREADS = 1, LANES = 1 } = constants;
	return spreadGrid(Math.ceil(ROWS / (THREADS / LANES * ROWS_EACH)), limit);
}
// src/gpu/kernels/sample-adjust.wgsl?raw
var sample_adjust_default = "// Sampling, before its first stage, where an answer has biases, penalties of its own tokens or a constraint: the logits as the\n// other stages shall see them. The model's own stay as they are. Grid: x = vocab / 256.\noverride VOCAB: u32;\nconst BANNED = -1.0e30;       // below any logit, and finite; src/llama/sampling.ts has the same\n\n@group(0) @binding(0) var<storage, read> logits: array<f32>;              // [VOCAB]\n@group(0) @binding(1) var<storage, read_write> notes: array<vec2<f32>>;   // [VOCAB]: bias, times the answer has the token\n@group(0) @binding(2) var<storage, read> allowed: array<u32>;             // [VOCAB / 32] bits, read where there is a constraint\n@group(0) @binding(3) var<uniform> sampling: Sampling;\n@group(0) @binding(4) var<storage, read> state: array<u32>;               // position, token drawn last, finite\n@group(0) @binding(5) var<storage, read_write> adjusted: array<f32>;      // [VOCAB]\n\n@compute @workgroup_size(256)\nfn main(@builtin(global_invocation_id) at: vec3<u32>) {\n  let id = at.x;\n  if (id >= VOCAB) {\n    return;\n  }\n  var note = notes[id];\n  // The token drawn last is the answer's, unless it is the prompt's end. One thread has each token: no race.\n  if (id == state[1] && state[0] >= sampling.answer_from) {\n    note.y += 1.0;\n    notes[id] = note;\n  }\n  let penalty = note.y * sampling.frequency + select(0.0, sampling.presence, note.y > 0.0);\n  let banned = sampling.constrained != 0u && ((allowed[id >> 5u] >> (id & 31u)) & 1u) == 0u;\n  adjusted[id] = select(logits[id] + note.x - penalty, BANNED, banned);\n}\n";
// src/gpu/kernels/best-of.wgsl?raw
var best_of_default = "// The largest of 256 threads' values, the lowest id on a tie: by 16 threads of 16 values each, then 16 values. Two barriers,\n// where a tree takes eight.\nvar<workgroup> best: array<f32, 256>;\nvar<workgroup> best_id: array<u32, 256>;\n\nstruct Best {\n  value: f32,\n  id: u32,\n}\n\nfn better(a: Best, b: Best) -> Best {\n  if (b.value > a.value || (b.value == a.value && b.id < a.id)) {\n    return b;\n  }\n  return a;\n}\n\n// Called by all 256 threads; whole in each.\nfn best_of(thread: u32, mine: Best) -> Best {\n  best[thread] = mine.value;\n  best_id[thread] = mine.id;\n  workgroupBarrier();\n  var found = mine;\n  if (thread < 16u) {\n    found = Best(best[thread * 16u], best_id[thread * 16u]);\n    for (var i = thread * 16u + 1u; i < thread * 16u + 16u; i++) {\n      found = better(found, Best(best[i], best_id[i]));\n    }\n  }\n  workgroupBarrier();\n  if (thread < 16u) {\n    best[thread] = found.value;\n    best_id[thread] = found.id;\n  }\n  workgroupBarrier();\n  found = Best(best[0], best_id[0]);\n  for (var i = 1u; i < 16u; i++) {\n    found = better(found, Best(best[i], best_id[i]));\n  }\n  return found;\n}\n";
// src/gpu/kernels/sample-bins.wgsl?raw
var sample_bins_default = "// Sampling above temperature 0, second stage, over all workgroups: how many tokens, and how much probability, lie in each of\n// 256 ranges of distance below the largest logit.\noverride VOCAB: u32;\n\n@group(0) @binding(0) var<storage, read> logits: array<f32>;              // [VOCAB]\n@group(0) @binding(1) var<storage, read> seen: array<u32>;                // [VOCAB / 32] bits: the token is in the context\n@group(0) @binding(2) var<uniform> sampling: Sampling;\n@group(0) @binding(3) var<storage, read> blocks: array<vec4<f32>>;        // [BLOCKS]: largest, sum of exp, its id's bits\n@group(0) @binding(4) var<storage, read_write> bins: array<atomic<u32>>;  // [4, 256]: tokens, mass, sum of ids, sum of keys\n\nvar<workgroup> counts: array<atomic<u32>, 256>;\nvar<workgroup> masses: array<atomic<u32>, 256>;\nvar<workgroup> ids: array<atomic<u32>, 256>;\nvar<workgroup> keys: array<atomic<u32>, 256>;\n\n@compute @workgroup_size(256)\nfn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {\n  let scale = largest_and_total(thread);\n  for (var i = 0u; i < 4u; i++) {\n    let id = group.x * 1024u + i * 256u + thread;\n    if (id < VOCAB) {\n      let logit = penalized(logits[id], seen[id >> 5u], id, sampling.penalty);\n      let distance = (scale.x - logit) / sampling.temperature;\n      let key = key_of(distance);\n      let bin = key >> 24u;\n      atomicAdd(&counts[bin], 1u);\n      atomicAdd(&masses[bin], mass_of(distance, scale.y));\n      atomicAdd(&ids[bin], id);\n      atomicAdd(&keys[bin], key);\n    }\n  }\n  workgroupBarrier();\n  let count = atomicLoad(&counts[thread]);\n  if (count > 0u) {\n    atomicAdd(&bins[thread], count);\n    atomicAdd(&bins[256u + thread], atomicLoad(&masses[thread]));\n    atomicAdd(&bins[512u + thread], atomicLoad(&ids[thread]));\n    atomicAdd(&bins[768u + thread], atomicLoad(&keys[thread]));\n  }\n}\n";
// src/gpu/kernels/sample-blocks.wgsl?raw
var sample_blocks_default = "// Sampling, first stage, over all workgroups: the best logit of each block of 1024, and the block's sum of exp for what follows.\noverride VOCAB: u32;\n\n@group(0) @binding(0) var<storage, read> logits: array<f32>;              // [VOCAB]\n@group(0) @binding(1) var<storage, read> seen: array<u32>;                // [VOCAB / 32] bits: the token is in the context\n@group(0) @binding(2) var<uniform> sampling: Sampling;\n@group(0) @binding(3) var<storage, read_write> blocks: array<vec4<f32>>;  // [VOCAB / 1024]: largest, sum of exp, its id's bits\n@group(0) @binding(4) var<storage, read_write> bins: array<u32>;          // [4, 256], cleared here for the next stage\n\nvar<workgroup> sums: array<f32, 256>;\n\n@compute @workgroup_size(256)\nfn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {\n  var values: vec4<f32>;\n  var mine = Best(-3.0e38, VOCAB);\n  for (var i = 0u; i < 4u; i++) {\n    let id = group.x * 1024u + i * 256u + thread;\n    values[i] = -3.0e38;\n    if (id < VOCAB) {\n      values[i] = penalized(logits[id], seen[id >> 5u], id, sampling.penalty);\n      if (values[i] > mine.value || mine.id == VOCAB) {\n        mine = Best(values[i], id);\n      }\n    }\n  }\n  let largest = best_of(thread, mine);\n  if (group.x == 0u) {\n    for (var i = 0u; i < 4u; i++) {\n      bins[i * 256u + thread] = 0u;\n    }\n  }\n  var sum = 0.0;\n  if (sampling.temperature > 0.0) {\n    let e = exp((values - vec4<f32>(largest.value)) / sampling.temperature);\n    sums[thread] = e.x + e.y + e.z + e.w;\n    workgroupBarrier();\n    if (thread < 16u) {\n      for (var i = thread * 16u; i < thread * 16u + 16u; i++) {\n        sum += sums[i];\n      }\n    }\n    workgroupBarrier();\n    if (thread < 16u) {\n      sums[thread] = sum;\n    }\n    workgroupBarrier();\n    sum = 0.0;\n    for (var i = 0u; i < 16u; i++) {\n      sum += sums[i];\n    }\n  }\n  if (thread == 0u) {\n    blocks[group.x] = vec4<f32>(largest.value, sum, bitcast<f32>(largest.id), 0.0);\n  }\n}\n";
// src/gpu/kernels/sample-greedy.wgsl?raw
var sample_greedy_default = "// Sampling at temperature 0, second and last stage, one workgroup: the largest logit, the lowest id on a tie. Hands the token\n// and the next position to the next forward pass.\noverride BLOCKS: u32;\n\n@group(0) @binding(0) var<storage, read> blocks: array<vec4<f32>>;        // [BLOCKS]: largest, sum of exp, its id's bits\n@group(0) @binding(1) var<storage, read_write> seen: array<u32>;          // [VOCAB / 32] bits: the token is in the context\n@group(0) @binding(2) var<storage, read_write> state: array<u32>;         // position, token, finite\n\n@compute @workgroup_size(256)\nfn main(@builtin(local_invocation_index) thread: u32) {\n  var mine = Best(-3.0e38, 0xffffffffu);\n  for (var i = thread; i < BLOCKS; i += 256u) {\n    let block = blocks[i];\n    if (block.x > mine.value || mine.id == 0xffffffffu) {\n      mine = Best(block.x, bitcast<u32>(block.z));\n    }\n  }\n  let largest = best_of(thread, mine);\n  if (thread == 0u) {\n    let token = largest.id;\n    seen[token >> 5u] |= 1u << (token & 31u);\n    state[0] += 1u;\n    state[1] = token;\n    state[2] = u32(abs(largest.value) < 3.0e38);\n  }\n}\n";
// src/gpu/kernels/sample-logprobs.wgsl?raw
var sample_logprobs_default = "// After a draw, where probabilities are asked for, one workgroup: log softmax of the model's own logits, for the token drawn\n// and for the likeliest, by falling logit, the lower id first on a tie.\noverride VOCAB: u32;\n\n@group(0) @binding(0) var<storage, read> logits: array<f32>;              // [VOCAB]\n@group(0) @binding(1) var<uniform> sampling: Sampling;\n@group(0) @binding(2) var<storage, read> state: array<u32>;               // position, token, finite\n@group(0) @binding(3) var<storage, read_write> out: array<vec2<u32>>;     // [1 + TOP]: id, bits of the logarithm\n\nvar<workgroup> best: array<f32, 256>;\nvar<workgroup> best_id: array<u32, 256>;\nvar<workgroup> sums: array<f32, 256>;\nvar<workgroup> winner: vec2<u32>;\n\n// This thread's first token, in the order, after the one given; id VOCAB where it has none.\nfn next_after(thread: u32, value: f32, id: u32) {\n  var found = -3.0e38;\n  var found_id = VOCAB;\n  for (var i = thread; i < VOCAB; i += 256u) {\n    let own = logits[i];\n    let after = own < value || (own == value && i > id);\n    if (after && (own > found || found_id == VOCAB)) {\n      found = own;\n      found_id = i;\n    }\n  }\n  best[thread] = found;\n  best_id[thread] = found_id;\n}\n\n@compute @workgroup_size(256)\nfn main(@builtin(local_invocation_index) thread: u32) {\n  next_after(thread, 3.0e38, 0u);\n  var value = best[thread];\n  var id = best_id[thread];\n  var largest = 0.0;\n  var log_total = 0.0;\n  for (var rank = 0u; rank <= sampling.logprobs; rank++) {\n    // The best of all threads, in a tree of its own copies.\n    for (var step = 128u; step > 0u; step >>= 1u) {\n      workgroupBarrier();\n      if (thread < step) {\n        let other = best[thread + step];\n        let other_id = best_id[thread + step];\n        if (other_id != VOCAB && (best_id[thread] == VOCAB || other > best[thread] || (other == best[thread] && other_id < best_id[thread]))) {\n          best[thread] = other;\n          best_id[thread] = other_id;\n        }\n      }\n    }\n    if (thread == 0u) {\n      winner = vec2<u32>(best_id[0], bitcast<u32>(best[0]));\n    }\n    let won = workgroupUniformLoad(&winner);\n    if (rank == 0u) {\n      largest = bitcast<f32>(won.y);\n      var part = 0.0;\n      for (var i = thread; i < VOCAB; i += 256u) {\n        part += exp(logits[i] - largest);\n      }\n      sums[thread] = part;\n      for (var step = 128u; step > 0u; step >>= 1u) {\n        workgroupBarrier();\n        if (thread < step) {\n          sums[thread] += sums[thread + step];\n        }\n      }\n      workgroupBarrier();\n      log_total = largest + log(sums[0]);\n      if (thread == 0u) {\n        let token = min(state[1], VOCAB - 1u);\n        out[0] = vec2<u32>(token, bitcast<u32>(logits[token] - log_total));\n      }\n    }\n    if (thread == 0u && rank < sampling.logprobs) {\n      out[1u + rank] = vec2<u32>(won.x, bitcast<u32>(bitcast<f32>(won.y) - log_total));\n    }\n    if (id == won.x && id != VOCAB) {\n      next_after(thread, value, id);\n      value = best[thread];\n      id = best_id[thread];\n    } else {\n      best[thread] = value;\n      best_id[thread] = id;\n    }\n  }\n}\n";
// src/gpu/kernels/sample-pick.wgsl?raw
var sample_pick_default = "// Sampling above temperature 0, last stage, one workgroup. All filters keep the beginning of the order of falling logit (the\n// lower id first on a tie), so each is a mass at which the order is cut; the draw is a cut by mass too. A cut is found 8 bits of\n// the key at a time, then 8 of the id, reading only blocks that can hold such tokens, and ends where one token is left.\n// Semantics and generator: src/llama/sampling.ts.\noverride VOCAB: u32;\n\n@group(0) @binding(0) var<storage, read> logits: array<f32>;              // [VOCAB]\n@group(0) @binding(1) var<storage, read_write> seen: array<u32>;          // [VOCAB / 32] bits: the token is in the context\n@group(0) @binding(2) var<uniform> sampling: Sampling;\n@group(0) @binding(3) var<storage, read> blocks: array<vec4<f32>>;        // [BLOCKS]: largest, sum of exp, its id's bits\n@group(0) @binding(4) var<storage, read> bins: array<u32>;                // [4, 256]: tokens, mass, sum of ids, sum of keys\n@group(0) @binding(5) var<storage, read_write> state: array<u32>;         // position, token, finite\n\nvar<workgroup> block_keys: array<u32, BLOCKS>;     // the least key in each block\nvar<workgroup> counts: array<atomic<u32>, 256>;\nvar<workgroup> masses: array<atomic<u32>, 256>;\nvar<workgroup> ids: array<atomic<u32>, 256>;\nvar<workgroup> keys: array<atomic<u32>, 256>;\nvar<workgroup> sums: array<u32, 256>;\nvar<workgroup> crossing: u32;                      // the bin where the target is passed, plus one; 0: none\nvar<workgroup> crossing_before: u32;               // sum over the bins before it\nvar<workgroup> last: atomic<u32>;                  // the last bin that holds a token\nvar<workgroup> chosen: Chosen;\nvar<workgroup> within: atomic<u32>;\n\nstruct Chosen {\n  bin: u32,\n  count: u32,\n  mass: u32,\n  id: u32,\n  before: u32,      // sum over the bins before\n}\n\nstruct Cut {\n  id: u32,\n  through: u32,     // mass of the order's beginning, this token included\n}\n\nfn pcg_hash(value: u32) -> u32 {\n  let state = value * 747796405u + 2891336453u;\n  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;\n  return (word >> 22u) ^ word;\n}\n\nfn distance_of(id: u32, largest: f32) -> f32 {\n  return (largest - penalized(logits[id], seen[id >> 5u], id, sampling.penalty)) / sampling.temperature;\n}\n\n// The first token of the order up to which more than `target_sum` tokens, or units of mass, have passed.\nfn cut_at(by_mass: bool, target_sum: u32, scale: vec2<f32>, thread: u32) -> Cut {\n  var key = 0u;           // digits chosen so far\n  var id = 0u;\n  var passed = 0u;        // tokens or mass before the chosen range\n  var passed_mass = 0u;\n  for (var level = 0u; level < 7u; level++) {\n    let shift = 24u - 8u * (level % 4u) - select(0u, 8u, level > 3u);\n    workgroupBarrier();\n    if (level == 0u) {\n      atomicStore(&counts[thread], bins[thread]);\n      atomicStore(&masses[thread], bins[256u + thread]);\n      atomicStore(&ids[thread], bins[512u + thread]);\n      atomicStore(&keys[thread], bins[768u + thread]);\n    } else {\n      atomicStore(&counts[thread], 0u);\n      atomicStore(&masses[thread], 0u);\n      atomicStore(&ids[thread], 0u);\n      atomicStore(&keys[thread], 0u);\n      workgroupBarrier();\n      // Bits of key and id that are already chosen.\n      let key_mask = select(0xffffffffu, 0xffffffffu << (shift + 8u), level < 4u);\n      let id_mask = select(0u, 0xffffffffu << ((shift + 8u) & 31u), level > 4u);\n      for (var block = 0u; block < BLOCKS; block++) {\n        if (block_keys[block] > (key | ~key_mask)) {\n          continue;\n        }\n        for (var i = 0u; i < 4u; i++) {\n          let token = block * 1024u + i * 256u + thread;\n          if (token >= VOCAB) {\n            continue;\n          }\n          let distance = distance_of(token, scale.x);\n          let own = key_of(distance);\n          if ((own & key_mask) == key && (token & id_mask) == id) {\n            let bin = (select(token, own, level < 4u) >> shift) & 255u;\n            atomicAdd(&counts[bin], 1u);\n            atomicAdd(&masses[bin], mass_of(distance, scale.y));\n            atomicAdd(&ids[bin], token);\n            atomicAdd(&keys[bin], own);\n          }\n        }\n      }\n    }\n    workgroupBarrier();\n\n    // Running sums over the bins; the first that exceeds the target is chosen, or the last with tokens in it.\n    let count = atomicLoad(&counts[thread]);\n    let mass = atomicLoad(&masses[thread]);\n    sums[thread] = select(count, mass, by_mass);\n    if (thread == 0u) {\n      crossing = 0u;\n      atomicStore(&last, 0u);\n      atomicStore(&within, 0u);\n    }\n    workgroupBarrier();\n    if (thread < 16u) {\n      var running = 0u;\n      for (var i = thread * 16u; i < thread * 16u + 16u; i++) {\n        running += sums[i];\n        sums[i] = running;\n      }\n    }\n    workgroupBarrier();\n    var earlier = 0u;\n    for (var i = 15u; i < (thread & ~15u); i += 16u) {\n      earlier += sums[i];\n    }\n    let own_sum = select(count, mass, by_mass);\n    let through = earlier + sums[thread];\n    let before = through - own_sum;\n    if (passed + through > target_sum && passed + before <= target_sum) {\n      crossing = thread + 1u;\n      crossing_before = before;\n    }\n    if (count > 0u) {\n      atomicMax(&last, thread);\n    }\n    workgroupBarrier();\n    if (thread == 0u) {\n      var bin = crossing - 1u;\n      var sum_before = crossing_before;\n      if (crossing == 0u) {\n        bin = atomicLoad(&last);\n        sum_before = 0u;\n        for (var i = 15u; i < (bin & ~15u); i += 16u) {\n          sum_before += sums[i];\n        }\n        if ((bin & 15u) > 0u) {\n          sum_before += sums[bin - 1u];\n        }\n      }\n      chosen = Chosen(bin, atomicLoad(&counts[bin]), atomicLoad(&masses[bin]), atomicLoad(&ids[bin]), sum_before);\n    }\n    let pick = workgroupUniformLoad(&chosen);\n    let bin = pick.bin;\n    passed += pick.before;\n    if (by_mass) {\n      passed_mass = passed;\n    } else {\n      if (thread < bin) {\n        atomicAdd(&within, mass);\n      }\n      workgroupBarrier();\n      passed_mass += atomicLoad(&within);\n    }\n    if (level == 6u || pick.count == 1u) {\n      return Cut(pick.id, passed_mass + pick.mass);\n    }\n    if (level < 4u) {\n      key |= bin << shift;\n    } else {\n      id |= bin << shift;\n    }\n  }\n  return Cut(0u, 0u);\n}\n\n// Mass of the tokens no farther than min-p allows.\nfn mass_within(scale: vec2<f32>, thread: u32) -> u32 {\n  let bound = key_of(sampling.min_distance);\n  workgroupBarrier();\n  atomicStore(&within, 0u);\n  workgroupBarrier();\n  if (thread < (bound >> 24u)) {\n    atomicAdd(&within, bins[256u + thread]);\n  }\n  for (var block = 0u; block < BLOCKS; block++) {\n    if (block_keys[block] > bound) {\n      continue;\n    }\n    for (var i = 0u; i < 4u; i++) {\n      let token = block * 1024u + i * 256u + thread;\n      if (token < VOCAB) {\n        let distance = distance_of(token, scale.x);\n        if ((key_of(distance) >> 24u) == (bound >> 24u) && distance <= sampling.min_distance) {\n          atomicAdd(&within, mass_of(distance, scale.y));\n        }\n      }\n    }\n  }\n  workgroupBarrier();\n  return atomicLoad(&within);\n}\n\n@compute @workgroup_size(256)\nfn main(@builtin(local_invocation_index) thread: u32) {\n  let scale = largest_and_total(thread);\n  for (var block = thread; block < BLOCKS; block += 256u) {\n    block_keys[block] = key_of((scale.x - blocks[block].x) / sampling.temperature);\n  }\n  atomicStore(&within, 0u);\n  workgroupBarrier();\n  atomicAdd(&within, bins[256u + thread]);\n  workgroupBarrier();\n  var kept = atomicLoad(&within);\n  if (sampling.top_k > 0u && sampling.top_k < VOCAB) {\n    kept = cut_at(false, sampling.top_k - 1u, scale, thread).through;\n  }\n  if (sampling.top_p < 1.0) {\n    let wanted = max(1u, u32(ceil(sampling.top_p * f32(kept))));\n    kept = min(kept, cut_at(true, wanted - 1u, scale, thread).through);\n  }\n  if (sampling.min_distance < 64.0) {\n    kept = min(kept, mass_within(scale, thread));\n  }\n  // The counter of the draw: tokens in the context before it.\n  let step = state[0] + 1u;\n  let uniform_draw = f32(pcg_hash(step + sampling.seed_hash) >> 8u) * 0x1p-24;\n  let at = min(u32(uniform_draw * f32(kept)), max(kept, 1u) - 1u);\n  let token = min(cut_at(true, at, scale, thread).id, VOCAB - 1u);\n  workgroupBarrier();\n  if (thread == 0u) {\n    seen[token >> 5u] |= 1u << (token & 31u);\n    state[0] = step;\n    state[1] = token;\n    state[2] = u32(abs(scale.x) < 3.0e38 && scale.y < 3.0e38);\n  }\n}\n";
// src/gpu/kernels/sampling-mass.wgsl?raw
var sampling_mass_default = "// Tokens in order of falling logit without sorting: a token's distance below the largest logit becomes an integer key, its\n// probability an integer mass. Integers add up to the same sum in any order, so the same seed draws the same token.\noverride BLOCKS: u32;         // blocks of 1024 logits\n\nvar<workgroup> scale_scratch: array<f32, 256>;\nvar<workgroup> scale_sixteen: array<f32, 16>;\n\n// 2^26 steps a unit of distance, to 64: beyond, probabilities are below 2^-92.\nfn key_of(distance: f32) -> u32 {\n  return u32(min(max(distance, 0.0) * 0x1p26, 4294967040.0));\n}\n\n// Probability in units of 2^-31.\nfn mass_of(distance: f32, total: f32) -> u32 {\n  return u32(exp(-distance) / total * 0x1p31 + 0.5);\n}\n\n// Reductions go by 16 threads of 16 values each, then 16 values: two barriers, where a tree of 256 takes eight.\nfn largest_of(thread: u32, value: f32) -> f32 {\n  scale_scratch[thread] = value;\n  workgroupBarrier();\n  var largest = value;\n  if (thread < 16u) {\n    for (var i = 0u; i < 16u; i++) {\n      largest = max(largest, scale_scratch[thread * 16u + i]);\n    }\n    scale_sixteen[thread] = largest;\n  }\n  workgroupBarrier();\n  for (var i = 0u; i < 16u; i++) {\n    largest = max(largest, scale_sixteen[i]);\n  }\n  return largest;\n}\n\nfn sum_of(thread: u32, value: f32) -> f32 {\n  scale_scratch[thread] = value;\n  workgroupBarrier();\n  var sum = 0.0;\n  if (thread < 16u) {\n    for (var i = 0u; i < 16u; i++) {\n      sum += scale_scratch[thread * 16u + i];\n    }\n    scale_sixteen[thread] = sum;\n  }\n  workgroupBarrier();\n  sum = 0.0;\n  for (var i = 0u; i < 16u; i++) {\n    sum += scale_sixteen[i];\n  }\n  return sum;\n}\n\n// The largest logit, and the sum over all tokens of exp((logit - largest) / temperature). Called by all 256 threads.\nfn largest_and_total(thread: u32) -> vec2<f32> {\n  var mine = -3.0e38;\n  for (var i = thread; i < BLOCKS; i += 256u) {\n    mine = max(mine, blocks[i].x);\n  }\n  let largest = largest_of(thread, mine);\n  workgroupBarrier();\n  var part = 0.0;\n  for (var i = thread; i < BLOCKS; i += 256u) {\n    part += blocks[i].y * exp((blocks[i].x - largest) / sampling.temperature);\n  }\n  return vec2<f32>(largest, sum_of(thread, part));\n}\n";
// src/gpu/kernels/sampling.wgsl?raw
var sampling_default = "// What the sampling kernels share: the settings, and a logit as the sampler sees it.\nstruct Sampling {\n  penalty: f32,\n  temperature: f32,     // 0: greedy\n  top_p: f32,           // 1: all\n  min_distance: f32,    // min-p as a distance: -ln(minP)\n  top_k: u32,           // 0: all\n  seed_hash: u32,       // pcgHash(seed)\n  answer_from: u32,     // tokens of the prompt\n  constrained: u32,     // 1: only what `allowed` holds may be drawn\n  frequency: f32,\n  presence: f32,\n  logprobs: u32,        // how many of the likeliest tokens are reported\n  unused: u32,\n}\n\n// The repetition penalty, where the token is in the context.\nfn penalized(logit: f32, seen_word: u32, id: u32, penalty: f32) -> f32 {\n  if (((seen_word >> (id & 31u)) & 1u) == 0u) {\n    return logit;\n  }\n  return select(logit * penalty, logit / penalty, logit > 0.0);\n}\n";
// src/gpu/kernels/sample.ts
/** Logits of a block of the first stage. */
const SAMPLE_BLOCK = 1024;
/** Words of the histogram between the stages. */
const SAMPLE_BINS = 1024;
/** Bytes that report a token's probability and the likeliest ones': pairs of id and logarithm. */
const LOGPROBS_BYTES = 168;
/** Constants: VOCAB. Bindings: logits, seen, sampling, blocks, bins; grid: vocab / SAMPLE_BLOCK */
const sampleBlocksKernel = {
	name: "sample-blocks",
	code: sampling_default + best_of_default + sample_blocks_default,
	bindings: [
		"read",
		"read",
		"uniform",
		"write",
		"write"
	]
};
/** Constants: BLOCKS. Bindings: blocks, seen, state; grid: 1 */
const sampleGreedyKernel = {
	name: "sample-greedy",
	code: best_of_default + sample_greedy_default,
	bindings: [
		"read",
		"write",
		"write"
	]
};
/** Constants: VOCAB, BLOCKS. Bindings: logits, seen, sampling, blocks, bins; grid: vocab / SAMPLE_BLOCK */
const sampleBinsKernel = {
	name: "sample-bins",
	code: sampling_default + sampling_mass_default + sample_bins_default,
	bindings: [
		"read",
		"read",
		"uniform",
		"read",
		"write"
	]
};
/** Constants: VOCAB, BLOCKS. Bindings: logits, seen, sampling, blocks, bins, state; grid: 1 */
const samplePickKernel = {
	name: "sample-pick",
	code: sampling_default + sampling_mass_default + sample_pick_default,
	bindings: [
		"read",
		"write",
		"uniform",
		"read",
		"read",
		"write"
	]
};
/** Constants: VOCAB. Bindings: logits, notes, allowed, sampling, state, adjusted; grid: vocab / 256 */
const sampleAdjustKernel = {
	name: "sample-adjust",
	code: sampling_default + sample_adjust_default,
	bindings: [
		"read",
		"write",
		"read",
		"uniform",
		"read",
		"write"
	]
};
/** Constants: VOCAB. Bindings: logits, sampling, state, out; grid: 1 */
const sampleLogprobsKernel = {
	name: "sample-logprobs",
	code: sampling_default + sample_logprobs_default,
	bindings: [
		"read",
		"uniform",
		"read",
		"write"
	]
};
/** @param length positions held, the new one included */
function splitCount(length, split = 128, maxSplits = 32) {
	return Math.min(Math.ceil(length / split), maxSplits);
}
// src/engines/wgsl/pipelines.ts
/** Compiles everything, so that no prompt waits for a compiler. */
async function compilePipelines(device, plan, onPipeline = () => void 0) {
	const { config, format, strides } = plan;
	const limit = device.limits.maxComputeWorkgroupsPerDimension;
	const layer = plan.layers[0];
	let done = 0;
	let total = 0;
	async function compile(kernel, constants) {
		total++;
		const pipeline = await device.pipeline(kernel, constants);
		onPipeline(++done, total);
		return pipeline;
	}
	const products = (kernel, matrix, more) => Promise.all(matrix.chunks.map(async ({ rows }) => {
		const constants = gemvConstants(format, rows, matrix.columns);
		return {
			pipeline: await compile(kernel, {
				...constants,
				...more
			}),
			grid: gemvGrid(constants, limit)
		};
	}));
	const embeds = (tokensAt) => Promise.all(plan.embed.chunks.map(({ first, rows }) => compile(embedKernel(format), {
		PACKS: packsOf(format, config.hiddenSize),
		COLUMNS: config.hiddenSize,
		STRIDE4: strides.hidden / 4,
		FIRST: first,
		ROWS: rows,
		TOKENS_AT: tokensAt
	})));
	const heads = {
		heads: config.numAttentionHeads,
		kvHeads: config.numKeyValueHeads,
		headDim: config.headDim
	};
	const splits = {
		SPLIT: 128,
		MAX_SPLITS: plan.maxSplits
	};
	const norm = {
		COLUMNS: config.hiddenSize,
		EPSILON: config.rmsNormEps
	};
	const headConstants = {
		HEADS: heads.heads,
		HEAD_DIM: heads.headDim
	};
	const gemv = gemvKernel(format);
	const blockCount = Math.ceil(config.vocabSize / SAMPLE_BLOCK);
	const [embed, qkv, attention, merge, oMerging, o, gateUp, down, logits] = await Promise.all([
		embeds(1),
		products(gemv, layer.qkv, {
			NORM: 1,
			...norm
		}),
		compile(attentionDecodeKernel, {
			...attentionDecodeConstants(heads, strides.attention),
			...splits
		}),
		compile(mergeKernel, {
			...headConstants,
			...splits,
			STRIDE: strides.attention
		}),
		products(gemvMergeKernel(format), layer.o, {
			...headConstants,
			...splits,
			STRIDE4: strides.attention / 4
		}),
		products(gemv, layer.o, { ADD: 1 }),
		products(gemvGateUpKernel(format), layer.gate, norm),
		products(gemv, layer.down, { ADD: 1 }),
		products(gemv, plan.lmHead, {
			NORM: 1,
			...norm
		})
	]);
	const [prefillEmbed, rmsNorm, append, attentionPrefill, blocks, greedy, bins, pick, gemm16, gemm32, gemm64] = await Promise.all([
		embeds(0),
		compile(rmsNormKernel, {
			...norm,
			STRIDE4: strides.hidden / 4
		}),
		compile(ropeAppendKernel, {
			...headConstants,
			KV_HEADS: heads.kvHeads
		}),
		compile(attentionPrefillKernel, attentionPrefillConstants(heads, strides.attention)),
		compile(sampleBlocksKernel, { VOCAB: config.vocabSize }),
		compile(sampleGreedyKernel, { BLOCKS: blockCount }),
		compile(sampleBinsKernel, {
			VOCAB: config.vocabSize,
			BLOCKS: blockCount
		}),
		compile(samplePickKernel, {
			VOCAB: config.vocabSize,
			BLOCKS: blockCount
		}),
		compile(gemmKernel(format), gemmConstants(16)),
		compile(gemmKernel(format), gemmConstants(32)),
		compile(gemmKernel(format), gemmConstants(64))
	]);
	return {
		decode: {
			embed,
			qkv,
			attention,
			merge,
			oMerging,
			o,
			gateUp,
			down,
			logits
		},
		prefill: {
			embed: prefillEmbed,
			norm: rmsNorm,
			append,
			attention: attentionPrefill
		},
		gemms: {
			16: gemm16,
			32: gemm32,
			64: gemm64
		},
		sample: {
			blocks,
			greedy,
			bins,
			pick
		}
	};
}
// src/engines/wgsl/speculation.ts
const SMOOTH = .3;
/** Tokens without guessing after it did not pay; doubled each time, until it pays again. */
const PAUSE = 32;
function speculationPace() {
	let plainTime;
	let verifyTime;
	let gain = 4;
	let pause = 0;
	let nextPause = PAUSE;
	const smooth = (old, now) => old === void 0 ? now : old + SMOOTH * (now - old);
	return {
		plain(milliseconds) {
			plainTime = smooth(plainTime, milliseconds);
		},
		verified(milliseconds, tokens) {
			verifyTime = smooth(verifyTime, milliseconds);
			gain = smooth(gain, tokens);
			if (plainTime === void 0) return;
			if (verifyTime < gain * plainTime) nextPause = PAUSE;
			else {
				pause = nextPause;
				nextPause *= 2;
				gain = Math.max(gain, verifyTime / plainTime);
			}
		},
		passed(tokens) {
			pause = Math.max(0, pause - tokens);
		},
		get pays() {
			return pause === 0 && plainTime !== void 0;
		}
	};
}
// src/engines/wgsl/plan.ts
/** Work space for prefill stays under this (engine.md: 64 MiB besides 5 % of weights and cache). */
const PREFILL_BYTES = 40 * 2 ** 20;
const MAX_PREFILL_TOKENS = 512;
/** A chunk of rows starts at a multiple of this, so that its part of an f32 result can be bound (offsets of 256 bytes). */
const CHUNK_ROWS = 64;
/** Kernels of the sampler: blocks, bins, pick. */
const SAMPLER_DISPATCHES = 3;
/**
* Embedding and logits may take so many dispatches besides 6 a layer and the sampler's (engine.md: 6 L + 8). Where matrices in
* many chunks take more, attention is held to few splits, whose merge needs no dispatch of its own.
*/
const SPARE_DISPATCHES = 5;
/** Where nobody says how long: the cache grows as needed up to this. */
const DEFAULT_CONTEXT = 8192;
function tooLow(limit, what, needed, allowed, more = {}) {
	return new EngineError("limit-too-low", `${what} needs ${limit} ${needed}, this device has ${allowed}`, {
		limit,
		what,
		expected: needed,
		actual: allowed,
		...more
	});
}
function planMatrix(tensor, tensorRow, rows, columns, format, limits) {
	const packs = packsOf(format, columns);
	const rowBytes = packs * 16;
	const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
	const fitting = Math.floor(limit / rowBytes);
	const rowsEach = fitting >= rows ? rows : Math.floor(fitting / CHUNK_ROWS) * CHUNK_ROWS;
	if (rowsEach === 0) throw tooLow("maxStorageBufferBindingSize", tensor, rowBytes * CHUNK_ROWS, limit);
	const chunks = [];
	for (let first = 0; first < rows; first += rowsEach) {
		const count = Math.min(rowsEach, rows - first);
		chunks.push({
			first,
			rows: count,
			weightBytes: count * rowBytes,
			scaleBytes: Math.ceil(count * packs * format.scaleBytes / 4) * 4
		});
	}
	return {
		tensor,
		tensorRow,
		rows,
		columns,
		chunks
	};
}
/** Most tokens whose keys, or values, of one layer fit one binding. */
function longestContext(config, limits) {
	const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
	return Math.floor(limit / (config.numKeyValueHeads * config.headDim * 2));
}
/** Floats of prefill's work space a token. */
function prefillFloats(strides) {
	return 2 * strides.hidden + strides.qkv + strides.attention + strides.inner;
}
function checkShape(config) {
	const { headDim } = config;
	if (headDim % 8 !== 0 || headDim < 16 || headDim > 256) throw new EngineError("config-unsupported", `head_dim ${headDim} is not a multiple of 8 from 16 to 256`, {
		field: "head_dim",
		expected: "a multiple of 8 from 16 to 256",
		actual: headDim
	});
}
/**
* Plans a model for a device's limits without touching the device.
* @param contextLength tokens; without it, as many as model and device allow up to 8,192
* Throws "limit-too-low" where a binding cannot hold what must be in one, "config-unsupported" for a head_dim no kernel takes.
*/
function planModel(config, scheme, limits, contextLength) {
	checkShape(config);
	const format = WEIGHT_FORMATS[scheme.name];
	const longest = Math.min(config.maxPositionEmbeddings, longestContext(config, limits));
	const context = Math.min(contextLength ?? Math.min(longest, DEFAULT_CONTEXT), config.maxPositionEmbeddings);
	const tokenBytes = config.numKeyValueHeads * config.headDim * 2;
	if (context > longest) {
		const allowed = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
		throw tooLow("maxStorageBufferBindingSize", `a context of ${context}`, context * tokenBytes, allowed, { fits: longest });
	}
	const matrix = (tensor, tensorRow, rows, columns) => planMatrix(tensor, tensorRow, rows, columns, format, limits);
	const { hiddenSize, intermediateSize, vocabSize, numHiddenLayers } = config;
	const attention = config.numAttentionHeads * config.headDim;
	const qkv = qkvRows(config);
	const embed = matrix("model.embed_tokens", 0, vocabSize, hiddenSize);
	const layers = Array.from({ length: numHiddenLayers }, (_, i) => {
		const block = `model.layers.${i}`;
		return {
			qkv: matrix(`${block}.self_attn.qkv_proj`, 0, qkv, hiddenSize),
			o: matrix(`${block}.self_attn.o_proj`, 0, hiddenSize, attention),
			gate: matrix(`${block}.mlp.gate_up_proj`, 0, intermediateSize, hiddenSize),
			up: matrix(`${block}.mlp.gate_up_proj`, intermediateSize, intermediateSize, hiddenSize),
			down: matrix(`${block}.mlp.down_proj`, 0, hiddenSize, intermediateSize)
		};
	});
	const strides = {
		hidden: strideOf(format, hiddenSize),
		attention: strideOf(format, attention),
		inner: strideOf(format, intermediateSize),
		qkv
	};
	const fitting = Math.floor(PREFILL_BYTES / (prefillFloats(strides) * 4) / 64) * 64;
	const lmHead = config.tieWordEmbeddings ? embed : matrix("lm_head", 0, vocabSize, hiddenSize);
	const plan = {
		config,
		format,
		contextLength: context,
		embed,
		lmHead,
		layers,
		maxSplits: embed.chunks.length + lmHead.chunks.length > SPARE_DISPATCHES ? 4 : 32,
		prefillTokens: Math.max(64, Math.min(MAX_PREFILL_TOKENS, fitting, Math.ceil(context / 64) * 64)),
		strides,
		buffers: [],
		weightBytes: 0,
		kvBytes: 0,
		workBytes: 0,
		dispatchesPerToken: 0
	};
	listBuffers(plan);
	plan.dispatchesPerToken = countDispatches(plan, context);
	return plan;
}
/** Tokens that speculation has verified at once: the last one drawn, and a draft. */
const MAX_VERIFIED = 8;
/** Floats from one verified token's logits to the next's: a row can be bound by itself (offsets of 256 bytes). */
function verifyStride(vocabSize) {
	return Math.ceil(vocabSize / 64) * 64;
}
/**
* The uniforms of prefill's projections: for each chunk of qkv, o, gate, up, down, and of the logits. Every layer has the same.
*/
function gemmShapes(plan) {
	const { format, strides } = plan;
	const { qkv, o, gate, up, down } = plan.layers[0];
	return [
		[
			qkv,
			strides.qkv,
			EPILOGUE.store
		],
		[
			o,
			strides.hidden,
			EPILOGUE.add
		],
		[
			gate,
			strides.inner,
			EPILOGUE.store
		],
		[
			up,
			strides.inner,
			EPILOGUE.swiglu
		],
		[
			down,
			strides.hidden,
			EPILOGUE.add
		],
		[
			plan.lmHead,
			verifyStride(plan.config.vocabSize),
			EPILOGUE.store
		]
	].flatMap(([{ columns, chunks }, outStride, epilogue]) => chunks.map(({ rows }) => gemmShape(format, rows, columns, outStride, epilogue)));
}
/** Sizes in bytes of the buffers that are neither weights nor cache. */
function workBuffers(plan) {
	const { config, strides, prefillTokens } = plan;
	const half = config.headDim / 2;
	return {
		hidden: strides.hidden * 4,
		qkv: strides.qkv * 4,
		parts: plan.maxSplits * strides.attention * 4,
		stats: plan.maxSplits * config.numAttentionHeads * 8,
		attention: strides.attention * 4,
		inner: strides.inner * 4,
		turns: (256 + Math.ceil(plan.contextLength / 256)) * half * 8,
		blocks: Math.ceil(config.vocabSize / SAMPLE_BLOCK) * 16,
		bins: SAMPLE_BINS * 4,
		shapes: gemmShapes(plan).length * 256,
		verifyLogits: MAX_VERIFIED * verifyStride(config.vocabSize) * 4,
		prefillTokens: prefillTokens * 4,
		prefillHidden: prefillTokens * strides.hidden * 4,
		prefillNormed: prefillTokens * strides.hidden * 4,
		prefillQkv: prefillTokens * strides.qkv * 4,
		prefillAttention: prefillTokens * strides.attention * 4,
		prefillInner: prefillTokens * strides.inner * 4
	};
}
const SLOT_BYTES = 184;
const READBACK_BYTES = 1472;
/** Sizes in bytes of what each session has besides its cache. */
function sessionBuffers(plan) {
	const { vocabSize } = plan.config;
	return {
		logits: vocabSize * 4,
		seen: Math.ceil(vocabSize / 32) * 4,
		allowed: Math.ceil(vocabSize / 32) * 4,
		notes: vocabSize * 8,
		adjusted: vocabSize * 4,
		logprobs: LOGPROBS_BYTES,
		state: 16,
		sampling: 48,
		chunk: 16,
		readbackA: READBACK_BYTES,
		readbackB: READBACK_BYTES,
		readbackC: READBACK_BYTES
	};
}
/** Bytes of a layer's keys (or values) for so many tokens. */
function cacheBytes(config, tokens) {
	return tokens * config.numKeyValueHeads * config.headDim * 2;
}
function matricesOf(plan) {
	const list = [plan.embed, ...plan.layers.flatMap((layer) => Object.values(layer))];
	return plan.lmHead === plan.embed ? list : [...list, plan.lmHead];
}
function listBuffers(plan) {
	const { config, buffers } = plan;
	for (const { tensor, tensorRow, chunks } of matricesOf(plan)) for (const { first, weightBytes, scaleBytes } of chunks) {
		const rows = `rows ${tensorRow + first}`;
		buffers.push({
			label: `${tensor} ${rows} weights`,
			kind: "weights",
			bytes: weightBytes
		});
		if (scaleBytes > 0) buffers.push({
			label: `${tensor} ${rows} scales`,
			kind: "weights",
			bytes: scaleBytes
		});
	}
	const norms = 2 * config.numHiddenLayers + 1;
	for (let i = 0; i < norms; i++) buffers.push({
		label: `norm ${i}`,
		kind: "weights",
		bytes: plan.strides.hidden * 4
	});
	for (let i = 0; i < config.numHiddenLayers; i++) for (const part of ["keys", "values"]) {
		const bytes = cacheBytes(config, plan.contextLength);
		buffers.push({
			label: `layer ${i} ${part}`,
			kind: "kv",
			bytes
		});
	}
	const work = {
		...workBuffers(plan),
		...sessionBuffers(plan)
	};
	for (const [label, bytes] of Object.entries(work)) buffers.push({
		label,
		kind: "work",
		bytes
	});
	const total = (kind) => buffers.reduce((sum, buffer) => sum + (buffer.kind === kind ? buffer.bytes : 0), 0);
	plan.weightBytes = total("weights");
	plan.kvBytes = total("kv");
	plan.workBytes = total("work");
}
/** Dispatches of a token that makes the cache hold `length` tokens, drawn with the full sampler. */
function countDispatches(plan, length) {
	const merges = splitCount(length, 128, plan.maxSplits) > 4 ? 1 : 0;
	return plan.layers.reduce((sum, { qkv, o, gate, down }) => sum + qkv.chunks.length + 1 + merges + o.chunks.length + gate.chunks.length + down.chunks.length, 0) + plan.embed.chunks.length + plan.lmHead.chunks.length + SAMPLER_DISPATCHES;
}
// src/gpu/readback.ts
/** @param buffers MAP_READ buffers of one size; their owner destroys them */
function readbackRing(device, buffers) {
	const at = (index) => buffers[index % buffers.length];
	const words = new Uint32Array((buffers[0]?.size ?? 0) / 4);
	return {
		copy: (commands, index, from, bytes, offset) => commands.copy(from, 0, at(index), offset, bytes),
		async read(index) {
			const buffer = at(index);
			try {
				await Promise.race([buffer.mapAsync(GPUMapMode.READ), device.lost]);
				device.check();
				words.set(new Uint32Array(buffer.getMappedRange()));
				buffer.unmap();
				return words;
			} catch (error) {
				throw await device.explain(error, "reading a token");
			}
		}
	};
}
// src/engines/allowed-tokens.ts
function allowedTokens(constraint, vocabSize) {
	const bits = new Uint32Array(Math.ceil(vocabSize / 32));
	const beyond = vocabSize % 32;
	constraint.reset();
	return {
		async next() {
			if (await constraint.mask(bits) === false) return void 0;
			if (beyond > 0) bits[bits.length - 1] &= 2 ** beyond - 1;
			if (bits.every((word) => word === 0)) throw new EngineError("constraint-empty", "The constraint allows no token");
			return bits;
		},
		accept(id) {
			constraint.accept(id);
			return constraint.finished;
		}
	};
}
// src/engines/answer-text.ts
/** Length of the longest end of `text` that is the beginning, but not the whole, of a stop string. */
function heldBack(text, stopStrings) {
	let longest = 0;
	for (const stop of stopStrings) for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) if (text.endsWith(stop.slice(0, length))) {
		longest = length;
		break;
	}
	return longest;
}
/** @param stopStrings empty ones are ignored; where several match, the one that begins first counts */
function answerText(decoder, stopStrings = []) {
	const stops = stopStrings.filter((stop) => stop !== "");
	let waiting = "";
	let text = "";
	let stopped = false;
	function take(piece, atEnd) {
		waiting += piece;
		const found = stops.map((stop) => waiting.indexOf(stop)).filter((index) => index >= 0);
		stopped = found.length > 0;
		const shown = stopped ? waiting.slice(0, Math.min(...found)) : waiting.slice(0, waiting.length - (atEnd ? 0 : heldBack(waiting, stops)));
		waiting = stopped ? "" : waiting.slice(shown.length);
		text += shown;
		return shown;
	}
	return {
		push: (id) => stopped ? "" : take(decoder.push(id), false),
		end: () => stopped ? "" : take(decoder.end(), true),
		get stopped() {
			return stopped;
		},
		get text() {
			return text;
		}
	};
}
// src/engines/options.ts
function invalid(option, expected, actual) {
	return new EngineError("option-invalid", `${option} should be ${expected}, is ${actual}`, {
		option,
		expected,
		actual: String(actual)
	});
}
/** Throws "option-invalid" unless there is a token and all are ids of the vocabulary. */
function checkTokens(tokens, vocabSize) {
	if (tokens.length === 0) throw invalid("tokens", "at least one token", 0);
	for (const id of tokens) if (!Number.isInteger(id) || id < 0 || id >= vocabSize) throw invalid("tokens", `ids from 0 to ${vocabSize - 1}`, id);
}
/** Biases at most: API users send a few words' tokens, and each is looked at once an answer. */
const MAX_BIASES = 1024;
const MAX_BIAS = 1e3;
/**
* The sampler's options, whole; throws "option-invalid" for one out of its range, for a `maxTokens` that is no count, or for
* more `logprobs` than there are.
*/
function checkSampler(options, vocabSize = Infinity) {
	const sampler = {
		...GREEDY,
		...options.sampler
	};
	const { temperature, topK, topP, minP, repetitionPenalty, seed } = sampler;
	const { frequencyPenalty, presencePenalty, logitBias } = sampler;
	const { maxTokens, logprobs = 0 } = options;
	if (!(Number.isInteger(maxTokens) && maxTokens >= 0)) throw invalid("maxTokens", "a count", maxTokens);
	if (!(temperature >= 0 && Number.isFinite(temperature))) throw invalid("temperature", "0 or more", temperature);
	if (!(Number.isInteger(topK) && topK >= 0)) throw invalid("topK", "a count, or 0", topK);
	if (!(topP > 0 && topP <= 1)) throw invalid("topP", "above 0 and at most 1", topP);
	if (!(minP >= 0 && minP < 1)) throw invalid("minP", "from 0 to below 1", minP);
	if (!(repetitionPenalty > 0 && Number.isFinite(repetitionPenalty))) throw invalid("repetitionPenalty", "above 0", repetitionPenalty);
	if (!(Math.abs(frequencyPenalty) <= 2)) throw invalid("frequencyPenalty", "from -2 to 2", frequencyPenalty);
	if (!(Math.abs(presencePenalty) <= 2)) throw invalid("presencePenalty", "from -2 to 2", presencePenalty);
	if (logitBias.length > MAX_BIASES) throw invalid("logitBias", `at most ${MAX_BIASES} tokens`, logitBias.length);
	for (const [id, bias] of logitBias) {
		if (!(Number.isInteger(id) && id >= 0 && id < vocabSize)) throw invalid("logitBias", `of ids from 0 to ${vocabSize - 1}`, id);
		if (!(Math.abs(bias) <= MAX_BIAS)) throw invalid("logitBias", `from -${MAX_BIAS} to ${MAX_BIAS}`, bias);
	}
	if (!(Number.isInteger(logprobs) && logprobs >= 0 && logprobs <= 20)) throw invalid("logprobs", `a count up to 20`, logprobs);
	if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) throw invalid("seed", "an unsigned 32-bit", seed);
	return sampler;
}
// src/engines/wgsl/decode-graph.ts
function products(list, matrix, bind) {
	return list.map(({ pipeline, grid }, i) => ({
		pipeline,
		grid,
		bindGroup: bind(matrix.chunks[i], pipeline, i)
	}));
}
function buildDecodeGraph(model, session, cache) {
	const { device, plan, pipelines, weights, work } = model;
	const { config, format } = plan;
	const decode = pipelines.decode;
	const heads = {
		heads: config.numAttentionHeads,
		kvHeads: config.numKeyValueHeads,
		headDim: config.headDim
	};
	/** The rows of a chunk in a vector of results. */
	const rowsOf = (buffer, { first, rows }) => ({
		buffer,
		offset: first * 4,
		size: rows * 4
	});
	const embed = decode.embed.map((pipeline, i) => {
		const chunk = weights.embed.chunks[i];
		return {
			pipeline,
			bindGroup: device.bindGroup(pipeline, [
				chunk.weights,
				chunk.scales,
				session.state,
				work.hidden
			]),
			grid: embedGrid(format, config.hiddenSize, 1)
		};
	});
	const layers = weights.layers.map((layer, i) => {
		const { keys, values } = cache.layers[i];
		return {
			qkv: products(decode.qkv, layer.qkv, (chunk, pipeline) => device.bindGroup(pipeline, [
				chunk.weights,
				chunk.scales,
				work.hidden,
				layer.inputNorm,
				rowsOf(work.qkv, chunk)
			])),
			attention: device.bindGroup(decode.attention, [
				work.qkv,
				keys,
				values,
				work.turns,
				session.state,
				work.parts,
				work.stats
			]),
			merge: {
				pipeline: decode.merge,
				bindGroup: device.bindGroup(decode.merge, [
					work.parts,
					work.stats,
					session.state,
					work.attention
				]),
				grid: [
					Math.ceil(heads.heads * heads.headDim / 64),
					1,
					1
				]
			},
			oMerging: products(decode.oMerging, layer.o, (chunk, pipeline) => device.bindGroup(pipeline, [
				chunk.weights,
				chunk.scales,
				work.parts,
				work.stats,
				session.state,
				rowsOf(work.hidden, chunk)
			])),
			o: products(decode.o, layer.o, (chunk, pipeline) => device.bindGroup(pipeline, [
				chunk.weights,
				chunk.scales,
				work.attention,
				work.attention,
				rowsOf(work.hidden, chunk)
			])),
			gateUp: products(decode.gateUp, layer.gate, (chunk, pipeline, index) => {
				const up = layer.up.chunks[index];
				return device.bindGroup(pipeline, [
					chunk.weights,
					chunk.scales,
					up.weights,
					up.scales,
					work.hidden,
					layer.postAttentionNorm,
					rowsOf(work.inner, chunk)
				]);
			}),
			down: products(decode.down, layer.down, (chunk, pipeline) => device.bindGroup(pipeline, [
				chunk.weights,
				chunk.scales,
				work.inner,
				work.inner,
				rowsOf(work.hidden, chunk)
			]))
		};
	});
	const logits = products(decode.logits, weights.lmHead, (chunk, pipeline) => device.bindGroup(pipeline, [
		chunk.weights,
		chunk.scales,
		work.hidden,
		weights.norm,
		rowsOf(session.logits, chunk)
	]));
	const lists = /* @__PURE__ */ new Map();
	function list(splits) {
		const few = splits <= 4;
		const grid = attentionDecodeGrid(heads, splits);
		return [
			...embed,
			...layers.flatMap(({ qkv, attention, merge, oMerging, o, gateUp, down }) => [
				...qkv,
				{
					pipeline: decode.attention,
					bindGroup: attention,
					grid
				},
				...few ? oMerging : [merge, ...o],
				...gateUp,
				...down
			]),
			...logits
		];
	}
	return {
		dispatches(position) {
			const splits = splitCount(position + 1, 128, plan.maxSplits);
			let dispatches = lists.get(splits);
			if (dispatches === void 0) {
				dispatches = list(splits);
				lists.set(splits, dispatches);
			}
			return dispatches;
		},
		logits
	};
}
// src/engines/wgsl/kv-cache.ts
/** Room grows in steps of this many tokens at least, and by half. */
const STEP = 256;
function createKVCache(device, plan) {
	const { config, contextLength } = plan;
	const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
	let capacity = 0;
	let layers = [];
	function dispose() {
		for (const { keys, values } of layers) {
			device.destroyBuffer(keys);
			device.destroyBuffer(values);
		}
		layers = [];
		capacity = 0;
	}
	async function grow(old, label, tokens) {
		const bytes = cacheBytes(config, tokens);
		let buffer;
		try {
			return await device.guard(`allocating ${bytes} bytes for ${label}`, () => {
				const created = device.createBuffer(label, bytes, usage);
				buffer = created;
				if (old !== void 0) {
					device.submit("grow", (commands) => commands.copy(old, 0, created, 0, old.size));
					device.destroyBuffer(old);
				}
				return created;
			});
		} catch (error) {
			if (buffer !== void 0) device.destroyBuffer(buffer);
			throw error;
		}
	}
	async function reserve(tokens) {
		if (tokens <= capacity) return false;
		const wanted = Math.max(Math.ceil(tokens / STEP) * STEP, Math.ceil(capacity * 1.5 / STEP) * STEP);
		const next = Math.min(wanted, contextLength);
		try {
			for (let i = 0; i < config.numHiddenLayers; i++) {
				const layer = layers[i];
				const keys = await grow(layer?.keys, `layer ${i} keys`, next);
				if (layer !== void 0) layer.keys = keys;
				let values;
				try {
					values = await grow(layer?.values, `layer ${i} values`, next);
				} catch (error) {
					if (layer === void 0) device.destroyBuffer(keys);
					throw error;
				}
				if (layer !== void 0) layer.values = values;
				else layers.push({
					keys,
					values
				});
			}
		} catch (error) {
			dispose();
			if (error instanceof EngineError && error.reason === "out-of-memory") {
				const details = {
					...error.details,
					contextLength: next,
					bytes: 2 * config.numHiddenLayers * cacheBytes(config, next)
				};
				throw new EngineError("out-of-memory", `No memory for a context of ${next}: ${error.message}`, details, error);
			}
			throw error;
		}
		capacity = next;
		return true;
	}
	return {
		get capacity() {
			return capacity;
		},
		get layers() {
			return layers;
		},
		reserve,
		dispose
	};
}
// src/engines/wgsl/prefill-graph.ts
function buildPrefillGraph(model, session, cache) {
	const { device, plan, pipelines, weights, work } = model;
	const { config, format } = plan;
	const prefill = pipelines.prefill;
	const heads = {
		heads: config.numAttentionHeads,
		kvHeads: config.numKeyValueHeads,
		headDim: config.headDim
	};
	const embed = prefill.embed.map((pipeline, i) => {
		const { weights: codes, scales } = weights.embed.chunks[i];
		return {
			pipeline,
			bindGroup: device.bindGroup(pipeline, [
				codes,
				scales,
				work.prefillTokens,
				work.prefillHidden
			])
		};
	});
	const layers = weights.layers.map((layer, i) => {
		const { keys, values } = cache.layers[i];
		const norm = (weight) => device.bindGroup(prefill.norm, [
			work.prefillHidden,
			weight,
			work.prefillNormed
		]);
		return {
			weights: layer,
			inputNorm: norm(layer.inputNorm),
			append: device.bindGroup(prefill.append, [
				work.prefillQkv,
				keys,
				values,
				work.turns,
				session.chunk
			]),
			attention: device.bindGroup(prefill.attention, [
				work.prefillQkv,
				keys,
				values,
				session.chunk,
				work.prefillAttention
			]),
			postAttentionNorm: norm(layer.postAttentionNorm)
		};
	});
	/** The uniform of a matrix's chunk: they lie in one buffer, in the order of `gemmShapes`. */
	let shapes = 0;
	const bind = (matrix, x, out) => matrix.chunks.map((chunk) => {
		const shape = {
			buffer: work.shapes,
			offset: 256 * shapes++,
			size: 32
		};
		const target = {
			buffer: out,
			offset: chunk.first * 4,
			size: out.size - chunk.first * 4
		};
		const buffers = [
			chunk.weights,
			chunk.scales,
			x,
			session.chunk,
			shape,
			target
		];
		return {
			bindGroup: device.bindGroup(pipelines.gemms[64], buffers),
			rows: chunk.rows
		};
	});
	const projections = weights.layers.map(({ qkv, o, gate, up, down }) => {
		shapes = 0;
		return {
			qkv: bind(qkv, work.prefillNormed, work.prefillQkv),
			o: bind(o, work.prefillAttention, work.prefillHidden),
			gate: bind(gate, work.prefillNormed, work.prefillInner),
			up: bind(up, work.prefillNormed, work.prefillInner),
			down: bind(down, work.prefillInner, work.prefillHidden)
		};
	});
	function dispatches(tokens) {
		const tile = gemmTile(tokens);
		const pipeline = pipelines.gemms[tile];
		const project = (layer, which) => projections[layer][which].map(({ bindGroup, rows }) => ({
			pipeline,
			bindGroup,
			grid: gemmGrid(rows, tokens, tile)
		}));
		const perToken = [
			tokens,
			1,
			1
		];
		return [...embed.map((group) => ({
			...group,
			grid: embedGrid(format, config.hiddenSize, tokens)
		})), ...layers.flatMap((layer, i) => [
			{
				pipeline: prefill.norm,
				bindGroup: layer.inputNorm,
				grid: perToken
			},
			...project(i, "qkv"),
			{
				pipeline: prefill.append,
				bindGroup: layer.append,
				grid: ropeAppendGrid(heads, tokens)
			},
			{
				pipeline: prefill.attention,
				bindGroup: layer.attention,
				grid: attentionPrefillGrid(heads, tokens)
			},
			...project(i, "o"),
			{
				pipeline: prefill.norm,
				bindGroup: layer.postAttentionNorm,
				grid: perToken
			},
			...project(i, "gate"),
			...project(i, "up"),
			...project(i, "down")
		])];
	}
	return { dispatches };
}
// src/llama/sampling.ts
/**
* The PCG output hash of 32 bits (Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 2020): one LCG step, then
* the RXS-M-XS permutation. Arithmetic is modulo 2^32.
*
*   state = v * 747796405 + 2891336453
*   word  = ((state >> ((state >> 28) + 4)) ^ state) * 277803737
*   hash  = (word >> 22) ^ word
*/
function pcgHash(value) {
	const state = Math.imul(value >>> 0, 747796405) + 2891336453 >>> 0;
	const word = Math.imul((state >>> (state >>> 28) + 4 ^ state) >>> 0, 277803737) >>> 0;
	return (word >>> 22 ^ word) >>> 0;
}
// src/engines/wgsl/sampler.ts
/** The uniform of sampling.wgsl. */
function samplingSettings(options, drawing) {
	const words = /* @__PURE__ */ new Uint32Array(12);
	const floats = new Float32Array(words.buffer);
	floats[0] = options.repetitionPenalty;
	floats[1] = options.temperature;
	floats[2] = options.topP;
	floats[3] = options.minP > 0 ? -Math.log(options.minP) : 3e38;
	words[4] = options.topK;
	words[5] = pcgHash(options.seed);
	words[6] = drawing.answerFrom;
	words[7] = drawing.constrained ? 1 : 0;
	floats[8] = options.frequencyPenalty;
	floats[9] = options.presencePenalty;
	words[10] = drawing.logprobs ?? 0;
	return words;
}
/** A bit for each token of the vocabulary: whether it is in the context. */
function seenBits(vocabSize, context) {
	const bits = new Uint32Array(Math.ceil(vocabSize / 32));
	for (const id of context) bits[id >> 5] |= 1 << (id & 31);
	return bits;
}
/** [vocab] pairs: a token's bias, and how often the answer has it (not yet). */
function biasNotes(vocabSize, biases) {
	const notes = new Float32Array(vocabSize * 2);
	for (const [id, bias] of biases) notes[id * 2] += bias;
	return notes;
}
function createSampler(model, session) {
	const { device, pipelines, plan, work } = model;
	const { vocabSize } = plan.config;
	const { blocks, greedy, bins, pick } = pipelines.sample;
	const grid = [
		work.blocks.size / 16,
		1,
		1
	];
	const once = [
		1,
		1,
		1
	];
	const { logits, seen, sampling, state, adjusted, notes, allowed } = session;
	const stage = (pipeline, buffers, over) => ({
		pipeline,
		bindGroup: device.bindGroup(pipeline, buffers),
		grid: over
	});
	const drawFrom = (source) => {
		const first = stage(blocks, [
			source,
			seen,
			sampling,
			work.blocks,
			work.bins
		], grid);
		return {
			greedy: [first, stage(greedy, [
				work.blocks,
				seen,
				state
			], once)],
			drawn: [
				first,
				stage(bins, [
					source,
					seen,
					sampling,
					work.blocks,
					work.bins
				], grid),
				stage(pick, [
					source,
					seen,
					sampling,
					work.blocks,
					work.bins,
					state
				], once)
			]
		};
	};
	const plain = drawFrom(logits);
	/** Stages that few answers need: compiled and bound when the first one does. */
	const rare = /* @__PURE__ */ new Map();
	async function rarely(kernel, buffers, over) {
		let made = rare.get(kernel);
		if (made === void 0) {
			made = stage(await device.pipeline(kernel, { VOCAB: vocabSize }), buffers, over);
			rare.set(kernel, made);
		}
		return made;
	}
	let fromAdjusted;
	let stages = [];
	/** Lists of a forward pass and the stages after it, for the stages at hand. */
	let lists = /* @__PURE__ */ new WeakMap();
	const everyToken = new Uint32Array(Math.ceil(vocabSize / 32)).fill(4294967295);
	let allowsAll = false;
	const rows = [];
	let restorable = false;
	let greedily = true;
	let penalizes = false;
	/** The buffer `seen` without what was drawn in vain; kept up by `restore`. */
	let context = /* @__PURE__ */ new Uint32Array(0);
	return {
		get restorable() {
			return restorable;
		},
		async begin(options, tokens, { constrained, logprobs }) {
			const { temperature, frequencyPenalty, presencePenalty, logitBias } = options;
			const adjusts = constrained || frequencyPenalty !== 0 || presencePenalty !== 0 || logitBias.length > 0;
			const wanted = [];
			if (adjusts) {
				const buffers = [
					logits,
					notes,
					allowed,
					sampling,
					state,
					adjusted
				];
				wanted.push(await rarely(sampleAdjustKernel, buffers, [
					Math.ceil(vocabSize / 256),
					1,
					1
				]));
				fromAdjusted ??= drawFrom(adjusted);
				device.writeBuffer(notes, 0, biasNotes(vocabSize, logitBias));
			}
			const draws = adjusts && fromAdjusted ? fromAdjusted : plain;
			wanted.push(...temperature === 0 ? draws.greedy : draws.drawn);
			if (logprobs !== void 0) wanted.push(await rarely(sampleLogprobsKernel, [
				logits,
				sampling,
				state,
				session.logprobs
			], once));
			const drawing = {
				answerFrom: tokens.length,
				constrained,
				logprobs
			};
			device.writeBuffer(sampling, 0, samplingSettings(options, drawing));
			const counted = options.repetitionPenalty === 1 ? [] : tokens;
			context = seenBits(vocabSize, counted);
			device.writeBuffer(seen, 0, context);
			restorable = !adjusts && logprobs === void 0;
			greedily = temperature === 0;
			penalizes = options.repetitionPenalty !== 1;
			device.writeBuffer(state, 0, Uint32Array.of(tokens.length - 1, tokens.at(-1) ?? 0, 1, 0));
			if (wanted.length !== stages.length || wanted.some((each, i) => each !== stages[i])) {
				stages = wanted;
				lists = /* @__PURE__ */ new WeakMap();
			}
			allowsAll = false;
		},
		allow(bits) {
			if (bits === void 0 && allowsAll) return;
			device.writeBuffer(allowed, 0, bits ?? everyToken);
			allowsAll = bits === void 0;
		},
		afterRow(row, source) {
			rows[row] ??= drawFrom(source);
			return greedily ? rows[row].greedy : rows[row].drawn;
		},
		restore(position, token, drawn) {
			device.writeBuffer(state, 0, Uint32Array.of(position, token, 1, 0));
			if (!penalizes) return;
			for (const id of drawn) {
				const word = id >> 5;
				device.writeBuffer(seen, word * 4, context.slice(word, word + 1));
			}
		},
		accept(id) {
			context[id >> 5] |= 1 << (id & 31);
		},
		after(forward) {
			let list = lists.get(forward);
			if (list === void 0) {
				list = [...forward, ...stages];
				lists.set(forward, list);
			}
			return list;
		}
	};
}
// src/engines/wgsl/lookup.ts
/** So many tokens must agree: with fewer, most guesses are wrong. */
const MATCH = 3;
function createLookup(prompt) {
	const tokens = [];
	/** Hash of MATCH tokens -> where what followed them last begins. A collision is found out when it is used. */
	const followers = /* @__PURE__ */ new Map();
	function hashBefore(end) {
		let hash = 0;
		for (let i = end - MATCH; i < end; i++) hash = Math.imul(hash, 2654435761) + tokens[i] | 0;
		return hash;
	}
	function push(id) {
		const end = tokens.length;
		if (end >= MATCH) followers.set(hashBefore(end), end);
		tokens.push(id);
	}
	for (const id of prompt) push(id);
	return {
		push,
		draft(most) {
			const end = tokens.length;
			if (end < MATCH) return [];
			const from = followers.get(hashBefore(end));
			if (from === void 0) return [];
			for (let i = 1; i <= MATCH; i++) if (tokens[from - i] !== tokens[end - i]) return [];
			return tokens.slice(from, from + most);
		}
	};
}
// src/engines/wgsl/token-stream.ts
/** Submits not yet read: one runs while the other is read. */
const IN_FLIGHT = 2;
/** A submit's time that is aimed at: about a frame, so that text flows, and a stop is heard within two of them. */
const SUBMIT_MILLISECONDS = 20;
const NONE = [];
function drawnAt(words, slot, logprobs) {
	const at = slot * SLOT_BYTES / 4;
	if (words[at + 2] === 0) throw new EngineError("internal", "The model gave logits that are not finite");
	const id = words[at + 1];
	if (logprobs === void 0) return { id };
	const floats = new Float32Array(words.buffer);
	const pair = (rank) => {
		const word = at + 4 + rank * 2;
		return {
			id: words[word],
			logprob: floats[word + 1]
		};
	};
	return {
		id,
		logprobs: {
			...pair(0),
			top: Array.from({ length: logprobs }, (_, i) => pair(i + 1))
		}
	};
}
/**
* Guesses, looked up in the context, are computed in one pass and drawn from in turn. The draws are those that decoding one by
* one would make (each hangs on its position alone), so a guess that agrees with its draw is the answer's next token, and the
* first draw that differs is too: what comes after it counts for nothing and is taken back.
*/
function speculate({ device, ring, buffers, sampler, limit }, guessing) {
	const { prompt, always, counts } = guessing;
	const lookup = createLookup(prompt);
	const pace = speculationPace();
	const drawn = [];
	return {
		pace,
		push(id) {
			lookup.push(id);
			sampler.accept(id);
			drawn.push(id);
			pace.passed(1);
		},
		/** Guesses at what follows the last token drawn. The answer's end, and room in the batch, bound them. */
		draft() {
			if (drawn.length === 0 || !(always || pace.pays)) return [];
			return lookup.draft(Math.min(7, limit - drawn.length - 1));
		},
		/** @returns the tokens that count: the guesses that were drawn, and the draw after them */
		async verify(draft, index) {
			const began = performance.now();
			const graph = guessing.graph();
			const position = prompt.length + drawn.length - 1;
			const batch = [drawn.at(-1), ...draft];
			device.writeBuffer(guessing.tokens, 0, Uint32Array.from(batch));
			device.writeBuffer(buffers.chunk, 0, Uint32Array.of(position, batch.length, 0, 0));
			device.submit("verify", (commands) => {
				commands.pass(graph.dispatches(batch.length));
				batch.forEach((_, row) => {
					commands.pass(sampler.afterRow(row, graph.rows[row]));
					ring.copy(commands, index, buffers.state, 16, row * SLOT_BYTES);
				});
			});
			const words = await ring.read(index);
			const found = batch.map((_, row) => drawnAt(words, row, void 0).id);
			const agreeing = draft.findIndex((id, i) => id !== found[i]);
			const count = agreeing < 0 ? found.length : agreeing + 1;
			const kept = found.slice(0, count);
			kept.forEach((id) => this.push(id));
			if (count < found.length) sampler.restore(position + count, kept[count - 1], found.slice(count));
			counts.drafted += draft.length;
			counts.accepted += count - 1;
			pace.verified(performance.now() - began, count);
			return kept;
		}
	};
}
/**
* Several tokens a submit where the GPU is quick, one where it is not.
* @param mostAhead tokens a submit at most, 1 to MAX_AHEAD
*/
function tokenStream(parts, mostAhead, guessing) {
	const { device, ring, buffers, sampler, limit, logprobs, forward } = parts;
	/** Tokens of each submit not yet read, oldest first. */
	const counts = [];
	let submitted = 0;
	let read = 0;
	let encoded = 0;
	let ahead = 1;
	let ready = [];
	let arrived = 0;
	let measured = false;
	const speculation = guessing && speculate(parts, guessing);
	function submit() {
		const index = submitted++;
		const count = Math.min(ahead, limit - encoded);
		device.submit("tokens", (commands) => {
			for (let i = 0; i < count; i++) {
				commands.pass(sampler.after(encoded === 0 ? NONE : forward(encoded - 1)));
				ring.copy(commands, index, buffers.state, 16, i * SLOT_BYTES);
				if (logprobs !== void 0) ring.copy(commands, index, buffers.logprobs, LOGPROBS_BYTES, i * SLOT_BYTES + 16);
				encoded++;
			}
		});
		counts.push(count);
	}
	/** By the time that the last submit's tokens took: the GPU works through one submit after another without a pause. */
	function adapt(tokens) {
		const now = performance.now();
		if (measured) {
			const fitting = Math.floor(SUBMIT_MILLISECONDS * tokens / Math.max(.1, now - arrived));
			ahead = Math.max(1, Math.min(fitting, ahead * 2, mostAhead));
		}
		if (measured) speculation?.pace.plain((now - arrived) / tokens);
		arrived = now;
		measured = true;
	}
	/** Tokens drawn one after another, or found by guessing. */
	async function more() {
		const draft = speculation?.draft() ?? [];
		if (draft.length > 0 && submitted === read) {
			measured = false;
			const kept = await speculation.verify(draft, submitted++);
			read++;
			encoded += kept.length;
			return kept.map((id) => ({ id }));
		}
		while (encoded < limit && submitted - read < (draft.length > 0 ? 0 : IN_FLIGHT)) submit();
		const words = await ring.read(read++);
		const count = counts.shift() ?? 0;
		adapt(count);
		const list = Array.from({ length: count }, (_, i) => drawnAt(words, i, logprobs));
		if (speculation) for (const { id } of list) speculation.push(id);
		return list;
	}
	return {
		async next() {
			device.check();
			if (ready.length === 0) ready = await more();
			return ready.shift();
		},
		async end() {
			while (read < submitted) await ring.read(read++);
			return encoded - 1;
		}
	};
}
/**
* One token at a time, drawn among those that a constraint allows. The token's own forward pass is submitted with it: the GPU
* computes the next logits while the constraint looks at the token and finds out what may follow.
*/
function constrainedStream(parts, allowed) {
	const { device, ring, buffers, sampler, limit, logprobs, forward } = parts;
	let drawn = 0;
	let passed = 0;
	return {
		async next() {
			device.check();
			sampler.allow(await allowed.next());
			const index = drawn++;
			device.submit("draw", (commands) => {
				commands.pass(sampler.after(NONE));
				ring.copy(commands, index, buffers.state, 16, 0);
				if (logprobs !== void 0) ring.copy(commands, index, buffers.logprobs, LOGPROBS_BYTES, 16);
			});
			if (drawn < limit && !parts.aborted()) {
				device.submit("forward", (commands) => commands.pass(forward(index)));
				passed++;
			}
			return drawnAt(await ring.read(index), 0, logprobs);
		},
		end: () => Promise.resolve(passed)
	};
}
// src/engines/wgsl/verify-graph.ts
function buildVerifyGraph(model, session, prefill) {
	const { device, plan, pipelines, weights, work } = model;
	const { vocabSize } = plan.config;
	const norm = device.bindGroup(pipelines.prefill.norm, [
		work.prefillHidden,
		weights.norm,
		work.prefillNormed
	]);
	const { qkv, o, gate, up, down } = plan.layers[0];
	const before = [
		qkv,
		o,
		gate,
		up,
		down
	].reduce((sum, { chunks }) => sum + chunks.length, 0);
	const tile = gemmTile(MAX_VERIFIED);
	const logits = weights.lmHead.chunks.map((chunk, i) => {
		const shape = {
			buffer: work.shapes,
			offset: 256 * (before + i),
			size: 32
		};
		const out = {
			buffer: work.verifyLogits,
			offset: chunk.first * 4,
			size: work.verifyLogits.size - chunk.first * 4
		};
		const buffers = [
			chunk.weights,
			chunk.scales,
			work.prefillNormed,
			session.chunk,
			shape,
			out
		];
		const pipeline = pipelines.gemms[tile];
		return {
			pipeline,
			bindGroup: device.bindGroup(pipeline, buffers),
			rows: chunk.rows
		};
	});
	const lists = /* @__PURE__ */ new Map();
	return {
		rows: Array.from({ length: MAX_VERIFIED }, (_, row) => ({
			buffer: work.verifyLogits,
			offset: row * verifyStride(vocabSize) * 4,
			size: vocabSize * 4
		})),
		dispatches(tokens) {
			let list = lists.get(tokens);
			if (list === void 0) {
				list = [
					...prefill.dispatches(tokens),
					{
						pipeline: pipelines.prefill.norm,
						bindGroup: norm,
						grid: [
							tokens,
							1,
							1
						]
					},
					...logits.map(({ pipeline, bindGroup, rows }) => ({
						pipeline,
						bindGroup,
						grid: gemmGrid(rows, tokens, tile)
					}))
				];
				lists.set(tokens, list);
			}
			return list;
		}
	};
}
// src/llama/rope.ts
/**
* Angle per position of each pair, radians: [headDim / 2]. Pair d of position p turns by p * f[d].
* Source: RoFormer (arXiv 2104.09864); llama3 scaling as in transformers' `_compute_llama3_parameters`: wavelengths
* beyond the original context are stretched by `factor`, short ones kept, those between blended.
*/
function ropeFrequencies(config) {
	const half = config.headDim / 2;
	const frequencies = new Float64Array(half);
	const scaling = config.ropeScaling;
	for (let d = 0; d < half; d++) {
		const frequency = config.ropeTheta ** (-2 * d / config.headDim);
		if (scaling === null) {
			frequencies[d] = frequency;
			continue;
		}
		const wavelength = 2 * Math.PI / frequency;
		const blend = (scaling.originalMaxPositionEmbeddings / wavelength - scaling.lowFreqFactor) / (scaling.highFreqFactor - scaling.lowFreqFactor);
		const smooth = Math.min(1, Math.max(0, blend));
		frequencies[d] = (1 - smooth) * frequency / scaling.factor + smooth * frequency;
	}
	return frequencies;
}
// src/engines/wgsl/workspace.ts
/** Creates buffers of the sizes given, all or none. Throws "out-of-memory". */
async function createBuffers(device, sizes, usageOf) {
	const created = [];
	try {
		return await device.guard("allocating work space", () => {
			const entries = Object.entries(sizes).map(([name, bytes]) => {
				const buffer = device.createBuffer(name, bytes, usageOf(name));
				created.push(buffer);
				return [name, buffer];
			});
			return Object.fromEntries(entries);
		});
	} catch (error) {
		created.forEach((buffer) => device.destroyBuffer(buffer));
		throw error;
	}
}
/**
* cos and sin of position * frequency for positions 0..255 and for the multiples of 256, [entry, headDim / 2] pairs: any
* position's turn is the product of two entries (turn.wgsl).
*/
function turnTable(frequencies, positions) {
	const half = frequencies.length;
	const high = Math.ceil(positions / 256);
	const table = new Float32Array((256 + high) * half * 2);
	for (let entry = 0; entry < 256 + high; entry++) {
		const position = entry < 256 ? entry : (entry - 256) * 256;
		for (let d = 0; d < half; d++) {
			const angle = position * frequencies[d];
			table[(entry * half + d) * 2] = Math.cos(angle);
			table[(entry * half + d) * 2 + 1] = Math.sin(angle);
		}
	}
	return table;
}
async function createWorkspace(device, plan) {
	const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
	const buffers = await createBuffers(device, workBuffers(plan), (name) => usage | (name === "shapes" ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE));
	const shapes = new Uint32Array(buffers.shapes.size / 4);
	gemmShapes(plan).forEach((shape, i) => shapes.set(shape, i * 256 / 4));
	device.writeBuffer(buffers.shapes, 0, shapes);
	device.writeBuffer(buffers.turns, 0, turnTable(ropeFrequencies(plan.config), plan.contextLength));
	return {
		...buffers,
		dispose: () => Object.values(buffers).forEach((buffer) => device.destroyBuffer(buffer))
	};
}
// src/engines/wgsl/session.ts
/** A prefill chunk's time that is aimed at: short enough to stop at once, and for watchdogs of slow GPUs. */
const CHUNK_MILLISECONDS = 250;
const FIRST_CHUNK = 128;
/** A prompt's rest of so many tokens is decoded instead. */
const FEW_TOKENS = 2;
/** Chunks are multiples of the largest tile. */
const CHUNK_STEP = 64;
function commonPrefix(a, b) {
	const end = Math.min(a.length, b.length);
	let i = 0;
	while (i < end && a[i] === b[i]) i++;
	return i;
}
function createWgslSession(model, text, stopTokenIds) {
	const { device, plan, work } = model;
	const { contextLength, config } = plan;
	const cache = createKVCache(device, plan);
	/** Tokens whose keys and values the cache holds. */
	let held = [];
	/** The logits in the buffer follow the token at this index of `held`, plus one; -1 where they follow none. */
	let logitsAt = -1;
	let busy = false;
	let disposed = false;
	let making;
	let made;
	let chunkTokens = Math.min(FIRST_CHUNK, plan.prefillTokens);
	let graphs;
	/** Buffers of the session, on first use: `createSession` is synchronous, allocation is not. */
	async function make() {
		const buffers = await createBuffers(device, sessionBuffers(plan), (name) => {
			if (name.startsWith("readback")) return GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
			return (name === "chunk" || name === "sampling" ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC) | GPUBufferUsage.COPY_DST;
		});
		return {
			buffers,
			ring: readbackRing(device, [
				buffers.readbackA,
				buffers.readbackB,
				buffers.readbackC
			]),
			sampler: createSampler(model, buffers)
		};
	}
	async function ready() {
		if (made !== void 0) return made;
		making ??= make();
		try {
			made = await making;
		} finally {
			making = void 0;
		}
		if (disposed) free();
		checkAlive();
		return made;
	}
	function free() {
		cache.dispose();
		held = [];
		logitsAt = -1;
		graphs = void 0;
		if (made !== void 0) Object.values(made.buffers).forEach((buffer) => device.destroyBuffer(buffer));
		made = void 0;
	}
	async function reserve(tokens) {
		const { buffers } = await ready();
		try {
			if (await cache.reserve(tokens)) graphs = void 0;
		} catch (error) {
			held = [];
			logitsAt = -1;
			graphs = void 0;
			throw error;
		}
		graphs ??= {
			decode: buildDecodeGraph(model, buffers, cache),
			prefill: buildPrefillGraph(model, buffers, cache)
		};
		return graphs;
	}
	async function prefill(tokens, room, options) {
		device.check();
		checkTokens(tokens, config.vocabSize);
		if (tokens.length > contextLength) throw new EngineError("context-full", `${tokens.length} tokens do not fit a context of ${contextLength}`, {
			tokens: tokens.length,
			contextLength
		});
		options.signal?.throwIfAborted();
		const { buffers } = await ready();
		const { decode, prefill: graph } = await reserve(room);
		const common = commonPrefix(held, tokens);
		if (common === tokens.length && logitsAt === common) {
			held.length = common;
			return {
				reused: common,
				prefilled: 0
			};
		}
		const reused = Math.min(common, tokens.length - 1);
		held.length = reused;
		logitsAt = -1;
		for (let start = reused; start < tokens.length;) {
			if (tokens.length - start <= FEW_TOKENS) {
				for (; start < tokens.length; start++) {
					device.writeBuffer(buffers.state, 0, Uint32Array.of(start, tokens[start] ?? 0, 1, 0));
					device.submit("prefill", (commands) => commands.pass(decode.dispatches(start)));
				}
				await device.idle();
				checkAlive();
				held = [...tokens];
				logitsAt = held.length;
				options.onPrefill?.(tokens.length - reused, tokens.length - reused);
				break;
			}
			const chunk = tokens.slice(start, start + chunkTokens);
			const began = performance.now();
			const last = start + chunk.length === tokens.length;
			device.writeBuffer(work.prefillTokens, 0, Uint32Array.from(chunk));
			device.writeBuffer(buffers.chunk, 0, Uint32Array.of(start, chunk.length, 0, 0));
			device.submit("prefill", (commands) => {
				commands.pass(graph.dispatches(chunk.length));
				if (last) {
					const row = plan.strides.hidden * 4;
					commands.copy(work.prefillHidden, (chunk.length - 1) * row, work.hidden, 0, row);
					commands.pass(decode.logits);
				}
			});
			await device.idle();
			checkAlive();
			if (chunk.length === chunkTokens) {
				const fitting = chunk.length * CHUNK_MILLISECONDS / Math.max(1, performance.now() - began);
				const steps = Math.max(1, Math.floor(Math.min(fitting, chunkTokens * 2) / CHUNK_STEP));
				chunkTokens = Math.min(steps * CHUNK_STEP, plan.prefillTokens);
			}
			held.push(...chunk);
			start += chunk.length;
			if (last) logitsAt = held.length;
			options.onPrefill?.(start - reused, tokens.length - reused);
			if (!last) options.signal?.throwIfAborted();
		}
		return {
			reused,
			prefilled: tokens.length - reused
		};
	}
	function checkAlive() {
		device.check();
		if (disposed) throw new EngineError("internal", "The session was disposed of");
	}
	async function run(tokens, options) {
		const started = performance.now();
		const sampler = checkSampler(options, config.vocabSize);
		const { signal, logprobs } = options;
		const allowed = options.constraint && allowedTokens(options.constraint, config.vocabSize);
		const limit = Math.max(0, Math.min(options.maxTokens, contextLength - tokens.length));
		const answer = answerText(text.streamDecoder(), options.stopStrings);
		const stops = /* @__PURE__ */ new Set([...stopTokenIds, ...options.stopTokens ?? []]);
		const ids = [];
		const probabilities = [];
		const guessed = {
			drafted: 0,
			accepted: 0
		};
		let first = started;
		let last = started;
		let prefillSeconds = 0;
		let synced = {
			reused: 0,
			prefilled: 0
		};
		const finish = (finishReason) => {
			if (first === started) first = last = performance.now();
			const usage = {
				promptTokens: tokens.length,
				reusedTokens: synced.reused,
				completionTokens: ids.length,
				timeToFirstToken: (first - started) / 1e3,
				prefillTokensPerSecond: prefillSeconds > 0 ? synced.prefilled / prefillSeconds : 0,
				decodeTokensPerSecond: ids.length > 1 && last > first ? (ids.length - 1) * 1e3 / (last - first) : 0,
				contextUsed: held.length,
				contextLength
			};
			const speculation = guessed.drafted > 0 && { speculation: guessed };
			const result = {
				tokenIds: ids,
				text: answer.text,
				finishReason,
				usage,
				...speculation
			};
			return logprobs === void 0 ? result : {
				...result,
				logprobs: probabilities
			};
		};
		try {
			synced = await prefill(tokens, Math.min(contextLength, tokens.length + limit), options);
		} catch (error) {
			if (signal?.aborted && !(error instanceof EngineError)) return finish("abort");
			throw error;
		}
		prefillSeconds = synced.prefilled > 0 ? (performance.now() - started) / 1e3 : 0;
		if (signal?.aborted) return finish("abort");
		if (limit === 0) return finish("length");
		const { buffers, ring, sampler: sampling } = await ready();
		const now = await reserve(tokens.length);
		const { decode } = now;
		const verifyGraph = () => now.verify ??= buildVerifyGraph(model, buffers, now.prefill);
		await sampling.begin(sampler, tokens, {
			constrained: allowed !== void 0,
			logprobs
		});
		checkAlive();
		logitsAt = -1;
		const forward = (index) => decode.dispatches(tokens.length + index);
		const aborted = () => signal?.aborted === true;
		const parts = {
			device,
			ring,
			buffers,
			sampler: sampling,
			limit,
			logprobs,
			aborted,
			forward
		};
		const mostAhead = options.stopStrings?.length ? 1 : 8;
		const guessing = options.speculation !== "off" && sampling.restorable && limit > 2 && {
			graph: verifyGraph,
			tokens: work.prefillTokens,
			prompt: tokens,
			always: options.speculation === "always",
			counts: guessed
		};
		const stream = allowed ? constrainedStream(parts, allowed) : tokenStream(parts, mostAhead, guessing || void 0);
		const known = [];
		let reason;
		try {
			while (reason === void 0) {
				const drawn = await stream.next();
				const { id } = drawn;
				checkAlive();
				known.push(id);
				if (signal?.aborted) break;
				last = performance.now();
				if (known.length === 1) first = last;
				if (stops.has(id)) {
					reason = "stop";
					break;
				}
				ids.push(id);
				if (drawn.logprobs) probabilities.push(drawn.logprobs);
				const piece = answer.push(id);
				if (answer.stopped || allowed?.accept(id)) reason = "stop";
				else if (ids.length === limit) reason = "length";
				if (piece !== "") options.onText?.(piece, ids.length);
				if (signal?.aborted) break;
			}
		} finally {
			const passed = await stream.end();
			if (made !== void 0) held.push(...known.slice(0, passed));
		}
		checkAlive();
		if (signal?.aborted || reason === void 0) return finish("abort");
		const rest = answer.end();
		if (rest !== "") options.onText?.(rest, ids.length);
		return finish(reason);
	}
	/** One call at a time. */
	async function alone(call) {
		checkAlive();
		if (busy) throw new EngineError("engine-busy", "The session is at work on another call");
		busy = true;
		try {
			return await call();
		} catch (error) {
			if (disposed && !(error instanceof EngineError && error.reason === "device-lost")) checkAlive();
			throw error;
		} finally {
			busy = false;
		}
	}
	return {
		get position() {
			return held.length;
		},
		get disposed() {
			return disposed;
		},
		sync: (tokens, options = {}) => alone(() => prefill(tokens, tokens.length, options)),
		generate: (tokens, options) => alone(() => run(tokens, options)),
		logits: () => alone(async () => {
			if (logitsAt !== held.length) await prefill([...held], held.length, {});
			const { buffers } = await ready();
			return new Float32Array(await device.readBuffer(buffers.logits, 0, config.vocabSize * 4));
		}),
		dispose() {
			disposed = true;
			free();
		}
	};
}
// src/format/float16.ts
const float64 = /* @__PURE__ */ new Float64Array(1);
const words64 = new Uint32Array(float64.buffer);
const float32 = /* @__PURE__ */ new Float32Array(1);
const word32 = new Uint32Array(float32.buffer);
/** The smallest normal half, and halfway from the largest half to what the next would be: from there a half is infinite. */
const SMALLEST_NORMAL = 2 ** -14;
const INFINITE_FROM = 65520;
/** Value of a half's 16 bits. */
function decodeFloat16(half) {
	const sign = half & 32768 ? -1 : 1;
	const exponent = half >>> 10 & 31;
	const fraction = half & 1023;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
/** Upper word of a double in the normal range of halves, its fraction rounded to ten bits, ties to even. */
function roundedUpperWord(value) {
	float64[0] = value;
	const upper = words64[1];
	const rest = upper & 1023;
	const up = rest > 512 || rest === 512 && (words64[0] !== 0 || (upper & 1024) !== 0);
	return (upper & -1024) + (up ? 1024 : 0);
}
/** The half nearest to a double, ties to even; beyond the largest half, infinity. */
function encodeFloat16(value) {
	if (Number.isNaN(value)) return 32256;
	const magnitude = Math.abs(value);
	const sign = value < 0 || Object.is(value, -0) ? 32768 : 0;
	if (magnitude >= INFINITE_FROM) return sign | 31744;
	if (magnitude < SMALLEST_NORMAL) return sign | roundToEven(magnitude * 2 ** 24);
	return sign | (roundedUpperWord(magnitude) >>> 10) - 1032192;
}
/** Nearest integer, ties to even, of a number of magnitude below 2^52. */
function roundToEven(value) {
	const floor = Math.floor(value);
	const rest = value - floor;
	if (rest < .5) return floor;
	if (rest > .5) return floor + 1;
	return floor % 2 === 0 ? floor : floor + 1;
}
/** The bfloat16 nearest to a float32, ties to even. */
function encodeBfloat16(value) {
	if (Number.isNaN(value)) return 32704;
	float32[0] = value;
	const word = word32[0];
	return (word + 32767 + (word >>> 16 & 1)) / 65536 & 65535;
}
// src/engines/wgsl/weights.ts
/** Bytes read from the source at once. */
const SLICE_BYTES = 16 * 2 ** 20;
/** Bytes written to the queue before the GPU is waited for, so that its staging stays bounded. */
const QUEUED_BYTES = 32 * 2 ** 20;
/** 16-bit floats with all exponent bits set are infinite or not numbers. */
const EXPONENT = {
	float16: 31744,
	bfloat16: 32640
};
function halfKind(directory, tensor) {
	const record = directory.tensors.get(tensor);
	if (record?.dtype === "float16") return "float16";
	if (record?.bfloat16) return "bfloat16";
	const actual = record?.dtype ?? "nothing";
	throw new EngineError("dtype-unsupported", `${tensor} is ${actual}, not float16 or bfloat16`, {
		tensor,
		expected: "float16, bfloat16",
		actual
	});
}
function checkFinite(halves, kind, tensor, first) {
	const mask = EXPONENT[kind];
	for (let i = 0; i < halves.length; i++) if ((halves[i] & mask) === mask) throw new EngineError("tensor-not-finite", `${tensor}: value ${first + i} is not a finite number`, {
		tensor,
		index: first + i
	});
}
/** `bytes` as halves; copies only where they are not aligned. */
function halvesOf(bytes) {
	const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
	return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
}
function paddedToWords(bytes) {
	if (bytes.byteLength % 4 === 0) return bytes;
	const padded = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
	padded.set(bytes);
	return padded;
}
/** Rows of `from` bytes spread to rows of `to` bytes: q0f16 rows that do not end on 16 bytes. */
function spreadRows(bytes, from, to) {
	if (from === to) return bytes;
	const rows = bytes.byteLength / from;
	const spread = new Uint8Array(rows * to);
	for (let row = 0; row < rows; row++) spread.set(bytes.subarray(row * from, (row + 1) * from), row * to);
	return spread;
}
/**
* Loads everything the plan names. What was allocated is freed again when it throws: "out-of-memory", "device-lost",
* "tensor-not-finite", what the source throws, or the signal's reason.
*/
async function loadWeights(device, directory, plan, options = {}) {
	const buffers = [];
	const { format } = plan;
	let total = 0;
	for (const { byteLength } of directory.tensors.values()) total += byteLength;
	let done = 0;
	let queued = 0;
	async function allocate(label, bytes) {
		const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
		return device.guard(`allocating ${bytes} bytes for ${label}`, () => {
			const buffer = device.createBuffer(label, bytes, usage);
			buffers.push(buffer);
			return buffer;
		});
	}
	async function write(buffer, offset, data) {
		options.signal?.throwIfAborted();
		device.check();
		device.writeBuffer(buffer, offset, paddedToWords(data));
		queued += data.byteLength;
		if (queued >= QUEUED_BYTES) {
			queued = 0;
			await device.idle();
		}
	}
	/** Rows [first, first + rows) of a tensor; `from` and `to` are a row's bytes on disk and on the GPU. */
	async function upload(tensor, buffer, first, rows, from, to, check) {
		const rowsEach = Math.max(2, Math.floor(SLICE_BYTES / from / 2) * 2);
		for (let row = 0; row < rows; row += rowsEach) {
			const count = Math.min(rowsEach, rows - row);
			const bytes = await readTensor(directory, tensor, (first + row) * from, count * from);
			if (check !== void 0) checkFinite(halvesOf(bytes), check, tensor, (first + row) * from / 2);
			await write(buffer, row * to, spreadRows(bytes, from, to));
			done += bytes.byteLength;
			options.onBytes?.(done, total);
		}
	}
	async function matrix(planned) {
		const { tensor, tensorRow, rows, columns } = planned;
		const packs = packsOf(format, columns);
		const chunks = [];
		for (const chunk of planned.chunks) {
			const first = tensorRow + chunk.first;
			const name = format.scaleBytes === 0 ? `${tensor}.weight` : `${tensor}.q_weight`;
			const weights = await allocate(name, chunk.weightBytes);
			const from = format.scaleBytes === 0 ? columns * 2 : packs * 16;
			const check = format.scaleBytes === 0 ? "float16" : void 0;
			await upload(name, weights, first, chunk.rows, from, packs * 16, check);
			let scales = weights;
			if (format.scaleBytes !== 0) {
				const scaleName = `${tensor}.q_scale`;
				scales = await allocate(scaleName, chunk.scaleBytes);
				const kind = halfKind(directory, scaleName);
				await upload(scaleName, scales, first, chunk.rows, packs * 2, packs * 2, kind);
			}
			chunks.push({
				...chunk,
				weights,
				scales
			});
		}
		return {
			rows,
			columns,
			chunks
		};
	}
	async function norm(tensor) {
		const name = `${tensor}.weight`;
		const bytes = await readTensor(directory, name);
		const halves = halvesOf(bytes);
		const kind = halfKind(directory, name);
		checkFinite(halves, kind, name, 0);
		const values = new Float32Array(plan.strides.hidden);
		const words = new Uint32Array(values.buffer);
		halves.forEach((half, i) => {
			if (kind === "bfloat16") words[i] = half << 16;
			else values[i] = decodeFloat16(half);
		});
		const buffer = await allocate(name, values.byteLength);
		await write(buffer, 0, new Uint8Array(values.buffer));
		done += bytes.byteLength;
		options.onBytes?.(done, total);
		return buffer;
	}
	const dispose = () => buffers.forEach((buffer) => device.destroyBuffer(buffer));
	try {
		const embed = await matrix(plan.embed);
		const layers = [];
		for (const [i, layer] of plan.layers.entries()) layers.push({
			inputNorm: await norm(`model.layers.${i}.input_layernorm`),
			qkv: await matrix(layer.qkv),
			o: await matrix(layer.o),
			postAttentionNorm: await norm(`model.layers.${i}.post_attention_layernorm`),
			gate: await matrix(layer.gate),
			up: await matrix(layer.up),
			down: await matrix(layer.down)
		});
		const finalNorm = await norm("model.norm");
		const lmHead = plan.lmHead === plan.embed ? embed : await matrix(plan.lmHead);
		await device.idle();
		return {
			embed,
			layers,
			norm: finalNorm,
			lmHead,
			dispose
		};
	} catch (error) {
		dispose();
		throw error;
	}
}
// src/engines/wgsl/engine.ts
/**
* Loads a model directory onto the device. The device stays the caller's: `dispose` frees what the engine made, no more.
* Throws EngineError: what the directory's readers throw, "limit-too-low", "out-of-memory", "device-lost",
* "tensor-not-finite"; and the signal's reason when aborted. Nothing stays allocated then.
*/
async function createWgslEngine(options) {
	const { source, device, modelId, contextLength, signal } = options;
	device.check();
	const directory = await openModelDirectory(source);
	const text = await loadModelText(source, directory.config.vocabSize);
	const plan = planModel(directory.config, directory.scheme, device.limits, contextLength);
	signal?.throwIfAborted();
	const onProgress = options.onProgress ?? (() => void 0);
	const [compiled, loaded, prepared] = await Promise.allSettled([
		compilePipelines(device, plan, (done, total) => onProgress("pipelines", done, total)),
		loadWeights(device, directory, plan, {
			signal,
			onBytes: (done, total) => onProgress("weights", done, total)
		}),
		createWorkspace(device, plan)
	]);
	const free = () => {
		if (loaded.status === "fulfilled") loaded.value.dispose();
		if (prepared.status === "fulfilled") prepared.value.dispose();
	};
	if (loaded.status === "rejected" || compiled.status === "rejected" || prepared.status === "rejected") {
		free();
		throw [
			loaded,
			compiled,
			prepared
		].find((part) => part.status === "rejected")?.reason;
	}
	if (signal?.aborted) {
		free();
		throw signal.reason;
	}
	const model = {
		device,
		plan,
		pipelines: compiled.value,
		weights: loaded.value,
		work: prepared.value
	};
	const sessions = /* @__PURE__ */ new Set();
	let disposed = false;
	return {
		get info() {
			return {
				engine: "wgsl",
				modelId,
				contextLength: plan.contextLength,
				vocabSize: plan.config.vocabSize,
				adapter: device.info,
				gpuBytes: device.counters.gpuBytes
			};
		},
		counters: device.counters,
		plan,
		weightBytesPerToken: readWeightBytes(plan),
		quantizedWeightBytes: neededWeightBytes(directory, plan),
		lost: device.lost,
		encodeChat: (messages, begun) => text.encodeChat(messages, begun),
		encode: (string) => text.encode(string),
		decode: (tokens) => text.decode(tokens),
		createSession() {
			if (disposed) throw new EngineError("internal", "The engine was disposed of");
			const session = createWgslSession(model, text, directory.stopTokenIds);
			sessions.add(session);
			return session;
		},
		dispose() {
			disposed = true;
			sessions.forEach((session) => session.dispose());
			sessions.clear();
			free();
		}
	};
}
// tests/gpu/random.ts
/** A generator with a fresh seed, printed under `name`. */
function freshRandom(name) {
	const seed = Number(process.env["YUPANA_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
	console.log(`${name}: YUPANA_SEED=${seed}`);
	return seededRandom(seed);
}
function seededRandom(seed) {
	let state = seed >>> 0;
	const word = () => {
		state = state + 1831565813 >>> 0;
		let t = Math.imul(state ^ state >>> 15, state | 1);
		t ^= t + Math.imul(t ^ t >>> 7, t | 61);
		return (t ^ t >>> 14) >>> 0;
	};
	const next = () => word() / 2 ** 32;
	return {
		seed,
		next,
		integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
		normals: (count, deviation = 1) => Float32Array.from({ length: count }, () => deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
		words: (count) => Uint32Array.from({ length: count }, word)
	};
}
// src/llama/forward.ts
/** y[row] = sum over columns of w[row, column] * x[column]; w [rows, columns]. Four sums at once keep the processor busy. */
function matvec(w, x) {
	const columns = x.length;
	const fours = columns - columns % 4;
	const y = new Float64Array(w.length / columns);
	for (let row = 0, at = 0; row < y.length; row++) {
		let [a, b, c, d] = [
			0,
			0,
			0,
			0
		];
		let column = 0;
		for (; column < fours; column += 4, at += 4) {
			a += w[at] * x[column];
			b += w[at + 1] * x[column + 1];
			c += w[at + 2] * x[column + 2];
			d += w[at + 3] * x[column + 3];
		}
		for (; column < columns; column++, at++) a += w[at] * x[column];
		y[row] = a + b + (c + d);
	}
	return y;
}
/** Root mean square norm (arXiv 1910.07467): x / sqrt(mean(x^2) + eps) * weight. */
function rmsNorm(x, weight, eps) {
	const meanSquare = x.reduce((sum, value) => sum + value * value, 0) / x.length;
	const scale = 1 / Math.sqrt(meanSquare + eps);
	return x.map((value, i) => value * scale * weight[i]);
}
/** Turns each head of x [heads * headDim] by its position, in place. */
function rotate(x, frequencies, position) {
	const half = frequencies.length;
	for (let head = 0; head < x.length; head += 2 * half) for (let d = 0; d < half; d++) {
		const angle = position * frequencies[d];
		const a = x[head + d];
		const b = x[head + d + half];
		x[head + d] = a * Math.cos(angle) - b * Math.sin(angle);
		x[head + d + half] = b * Math.cos(angle) + a * Math.sin(angle);
	}
}
function addTo(x, y) {
	for (let i = 0; i < x.length; i++) x[i] = x[i] + y[i];
}
/**
* Attention of one position: q [heads * headDim] over keys and values, each [kvHeads * headDim] a position. Query head h
* reads KV head floor(h / (heads / kvHeads)).
*/
function attend(q, keys, values, config) {
	const { headDim, numAttentionHeads, numKeyValueHeads } = config;
	const out = new Float64Array(q.length);
	for (let head = 0; head < numAttentionHeads; head++) {
		const at = head * headDim;
		const kvAt = Math.floor(head * numKeyValueHeads / numAttentionHeads) * headDim;
		const scores = keys.map((key) => {
			let dot = 0;
			for (let d = 0; d < headDim; d++) dot += q[at + d] * key[kvAt + d];
			return dot / Math.sqrt(headDim);
		});
		const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
		const weights = scores.map((score) => Math.exp(score - largest));
		const total = weights.reduce((sum, weight) => sum + weight, 0);
		for (const [p, value] of values.entries()) {
			const weight = weights[p] / total;
			for (let d = 0; d < headDim; d++) out[at + d] = out[at + d] + weight * value[kvAt + d];
		}
	}
	return out;
}
/** silu(gate) * up, of gateUp [2 * intermediate]. */
function swiglu(gateUp) {
	const size = gateUp.length / 2;
	return Float64Array.from({ length: size }, (_, i) => {
		const gate = gateUp[i];
		return gate / (1 + Math.exp(-gate)) * gateUp[size + i];
	});
}
/** A forward pass over the given weights, at position 0. */
function createForwardPass(config, weights) {
	const frequencies = ropeFrequencies(config);
	const querySize = config.numAttentionHeads * config.headDim;
	const keySize = config.numKeyValueHeads * config.headDim;
	const cache = weights.layers.map(() => ({
		keys: [],
		values: []
	}));
	let position = 0;
	return {
		get position() {
			return position;
		},
		step(token) {
			const x = weights.embedTokens.slice(token * config.hiddenSize, (token + 1) * config.hiddenSize);
			for (const [i, layer] of weights.layers.entries()) {
				const { keys, values } = cache[i];
				const qkv = matvec(layer.qkv, rmsNorm(x, layer.inputNorm, config.rmsNormEps));
				const q = qkv.slice(0, querySize);
				const k = qkv.slice(querySize, querySize + keySize);
				rotate(q, frequencies, position);
				rotate(k, frequencies, position);
				keys.push(k);
				values.push(qkv.slice(querySize + keySize));
				addTo(x, matvec(layer.o, attend(q, keys, values, config)));
				const gateUp = matvec(layer.gateUp, rmsNorm(x, layer.postAttentionNorm, config.rmsNormEps));
				addTo(x, matvec(layer.down, swiglu(gateUp)));
			}
			position++;
			return rmsNorm(x, weights.norm, config.rmsNormEps);
		},
		logits: (hidden) => matvec(weights.lmHead, hidden),
		truncate(length) {
			position = Math.min(position, length);
			for (const { keys, values } of cache) {
				keys.length = position;
				values.length = position;
			}
		}
	};
}
// tests/gpu/weights.ts
/** Weights of about unit variance over `columns`, so that products are of the order of their input. */
function randomMatrix(random, scheme, rows, columns) {
	const quant = SCHEMES[scheme];
	const size = 1 / Math.sqrt(columns);
	if (quant.group === 0) {
		const packs = packsOf(WEIGHT_FORMATS[scheme], columns);
		const halves = new Uint16Array(rows * packs * 8);
		const values = new Float64Array(rows * columns);
		for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
			const half = encodeFloat16((random.next() - .5) * 3 * size);
			halves[row * packs * 8 + column] = half;
			values[row * columns + column] = decodeFloat16(half);
		}
		return {
			rows,
			columns,
			weights: new Uint32Array(halves.buffer),
			scales: /* @__PURE__ */ new Uint16Array(2),
			values
		};
	}
	const groups = groupsOf(quant, columns);
	const perRow = wordsOf(quant, columns);
	const words = new Uint32Array(rows * perRow);
	const last = 2 * quant.zero;
	for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
		const at = row * perRow + Math.floor(column / quant.perWord);
		words[at] = (words[at] | random.integer(0, last) << column % quant.perWord * quant.bits) >>> 0;
	}
	const scales = new Uint16Array(rows * groups);
	const decoded = new Float64Array(rows * groups);
	const asFloat = /* @__PURE__ */ new Float32Array(1);
	const asWord = new Uint32Array(asFloat.buffer);
	for (let i = 0; i < scales.length; i++) {
		const scale = (.2 + random.next()) * (size / quant.zero) * 2;
		if (quant.scaleType === "float32") {
			scales[i] = encodeBfloat16(scale);
			asWord[0] = scales[i] << 16;
			decoded[i] = asFloat[0];
		} else {
			scales[i] = encodeFloat16(scale);
			decoded[i] = decodeFloat16(scales[i]);
		}
	}
	return {
		rows,
		columns,
		weights: words,
		scales,
		values: dequantize(quant, words, decoded, rows, columns)
	};
}
// tests/gpu/random-model.ts
function configJson(shape, scheme) {
	return {
		model_type: "llama",
		quantization: scheme,
		context_window_size: shape.context ?? 512,
		model_config: {
			hidden_size: shape.hidden,
			intermediate_size: shape.inner,
			num_attention_heads: shape.heads,
			num_key_value_heads: shape.kvHeads,
			head_dim: shape.headDim,
			num_hidden_layers: shape.layers ?? 2,
			rms_norm_eps: 1e-5,
			vocab_size: shape.vocab,
			tie_word_embeddings: shape.tied ?? false,
			position_embedding_base: 1e4,
			rope_scaling: shape.llama3 ? {
				rope_type: "llama3",
				factor: 8,
				low_freq_factor: 1,
				high_freq_factor: 4,
				original_max_position_embeddings: 64
			} : null,
			context_window_size: shape.context ?? 512
		},
		conv_template: { stop_token_ids: [] }
	};
}
/** A source over byte arrays by name. */
function memorySource(name, files) {
	return {
		name,
		size: (path) => Promise.resolve(files.get(path)?.byteLength),
		read: (path, offset, length) => {
			const file = files.get(path);
			if (file === void 0 || offset + length > file.byteLength) throw new Error(`no ${path} at ${offset}`);
			return Promise.resolve(file.slice(offset, offset + length));
		}
	};
}
function randomModel(random, shape, scheme) {
	const json = configJson(shape, scheme);
	const config = parseMlcConfig(json);
	const quant = SCHEMES[scheme];
	const values = /* @__PURE__ */ new Map();
	const parts = [];
	const records = [];
	let offset = 0;
	const add = (name, dims, dtype, data) => {
		const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
		const entry = {
			name,
			shape: dims,
			dtype,
			format: "f32-to-bf16",
			nbytes: bytes.byteLength,
			byteOffset: offset
		};
		records.push(entry);
		parts.push(bytes);
		offset += bytes.byteLength;
	};
	for (const tensor of llamaTensors(config)) {
		const [rows, columns] = tensor.shape;
		const [stored, scaleTensor] = storedTensors(quant, tensor);
		if (columns === void 0) {
			const bfloat = quant.scaleType === "float32";
			const words = new Uint16Array(rows);
			const norm = new Float64Array(rows);
			const float = /* @__PURE__ */ new Float32Array(1);
			const bits = new Uint32Array(float.buffer);
			for (let i = 0; i < rows; i++) {
				const value = .6 + .8 * random.next();
				words[i] = bfloat ? encodeBfloat16(value) : encodeFloat16(value);
				bits[0] = words[i] << 16;
				norm[i] = bfloat ? float[0] : decodeFloat16(words[i]);
			}
			add(stored.name, stored.shape, stored.dtype, words);
			values.set(tensor.name, norm);
			continue;
		}
		const matrix = randomMatrix(random, scheme, rows, columns);
		values.set(tensor.name, matrix.values);
		if (scaleTensor === void 0) {
			const packed = new Uint16Array(matrix.weights.buffer);
			const stride = packed.length / rows;
			const plain = new Uint16Array(rows * columns);
			for (let row = 0; row < rows; row++) plain.set(packed.subarray(row * stride, row * stride + columns), row * columns);
			add(stored.name, stored.shape, stored.dtype, plain);
		} else {
			add(stored.name, stored.shape, stored.dtype, matrix.weights);
			add(scaleTensor.name, scaleTensor.shape, scaleTensor.dtype, matrix.scales);
		}
	}
	const shard = new Uint8Array(offset);
	let at = 0;
	for (const part of parts) {
		shard.set(part, at);
		at += part.byteLength;
	}
	const cache = {
		metadata: {},
		records: [{
			dataPath: "params_shard_0.bin",
			format: "raw-shard",
			nbytes: offset,
			records
		}]
	};
	const text = (object) => new TextEncoder().encode(JSON.stringify(object));
	const files = /* @__PURE__ */ new Map([
		["mlc-chat-config.json", text(json)],
		["tensor-cache.json", text(cache)],
		["params_shard_0.bin", shard]
	]);
	const value = (name) => values.get(name);
	return {
		source: memorySource("random", files),
		config,
		forward: () => createForwardPass(config, {
			embedTokens: value("model.embed_tokens"),
			layers: Array.from({ length: config.numHiddenLayers }, (_, i) => {
				const block = `model.layers.${i}`;
				return {
					inputNorm: value(`${block}.input_layernorm`),
					qkv: value(`${block}.self_attn.qkv_proj`),
					o: value(`${block}.self_attn.o_proj`),
					postAttentionNorm: value(`${block}.post_attention_layernorm`),
					gateUp: value(`${block}.mlp.gate_up_proj`),
					down: value(`${block}.mlp.down_proj`)
				};
			}),
			norm: value("model.norm"),
			lmHead: value(config.tieWordEmbeddings ? "model.embed_tokens" : "lm_head")
		})
	};
}
// src/gpu/counters.ts
function zeroCounters() {
	return {
		dispatches: 0,
		computePasses: 0,
		submits: 0,
		createBindGroup: 0,
		createBuffer: 0,
		createPipeline: 0,
		writeBuffer: 0,
		writtenBytes: 0,
		readbackBytes: 0,
		gpuBytes: 0,
		peakGpuBytes: 0
	};
}
// src/gpu/errors.ts
/** A GPUError from an error scope or the uncaptured event. `what` says what was being done. */
function gpuError(error, what) {
	const name = error.constructor.name;
	return new EngineError(name === "GPUOutOfMemoryError" ? "out-of-memory" : "internal", `${what}: ${error.message}`, {
		what,
		error: name
	});
}
function lostError(info) {
	return new EngineError("device-lost", `The GPU device was lost (${info.reason}): ${info.message}`, { why: info.reason });
}
/** The compiler's first complaint with its line, column and text, as an editor would show it. */
function compileError(kernel, code, messages) {
	const errors = messages.filter((message) => message.type === "error");
	const first = errors[0];
	if (first === void 0) return void 0;
	const lines = code.split("\n");
	return new EngineError("internal", `WGSL does not compile\n${errors.map(({ message, lineNum, linePos }) => {
		return `${kernel}.wgsl:${lineNum}:${linePos} ${message}\n  ${lines[lineNum - 1] ?? ""}\n  ${" ".repeat(Math.max(0, linePos - 1))}^`;
	}).join("\n")}`, {
		kernel,
		line: first.lineNum,
		column: first.linePos,
		text: (lines[first.lineNum - 1] ?? "").trim()
	});
}
// src/gpu/device.ts
/** Opens the adapter's device. Throws "adapter-missing". Keep `gpu` alive as long as the device (Dawn in Node needs it). */
async function openDevice(gpu, options = {}) {
	const adapter = await gpu.requestAdapter(options.powerPreference === void 0 ? {} : { powerPreference: options.powerPreference });
	if (adapter === null) throw new EngineError("adapter-missing", "WebGPU has no adapter here");
	const requiredLimits = {};
	if (options.limits === "adapter") {
		requiredLimits["maxBufferSize"] = adapter.limits.maxBufferSize;
		requiredLimits["maxStorageBufferBindingSize"] = adapter.limits.maxStorageBufferBindingSize;
	}
	let raw;
	try {
		raw = await adapter.requestDevice({ requiredLimits });
	} catch (error) {
		throw new EngineError("adapter-missing", `The adapter gave no device: ${String(error)}`, {}, error);
	}
	const { vendor, architecture, description } = adapter.info;
	return countedDevice(raw, {
		vendor,
		architecture,
		description,
		features: []
	});
}
function countedDevice(raw, info) {
	const counters = zeroCounters();
	const live = /* @__PURE__ */ new Set();
	const layouts = /* @__PURE__ */ new Map();
	const modules = /* @__PURE__ */ new Map();
	const pipelines = /* @__PURE__ */ new Map();
	let failure;
	const lost = raw.lost.then((loss) => {
		const error = lostError(loss);
		failure = error;
		return error;
	});
	raw.addEventListener("uncapturederror", (event) => {
		failure ??= gpuError(event.error, "GPU");
	});
	function check() {
		if (failure !== void 0) throw failure;
	}
	async function explain(error, what) {
		if (error instanceof EngineError) return error;
		await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, 0))]);
		return failure ?? new EngineError("internal", `${what}: ${String(error)}`, { what }, error);
	}
	async function guard(what, work) {
		check();
		for (const filter of [
			"validation",
			"internal",
			"out-of-memory"
		]) raw.pushErrorScope(filter);
		let result;
		let thrown;
		try {
			result = work();
		} catch (error) {
			thrown = { error };
		}
		const scopes = [
			raw.popErrorScope(),
			raw.popErrorScope(),
			raw.popErrorScope()
		];
		try {
			const error = (await Promise.all(scopes)).find((found) => found !== null);
			if (error) throw gpuError(error, what);
			if (thrown) throw thrown.error;
		} catch (error) {
			throw await explain(error, what);
		}
		check();
		return result;
	}
	function createBuffer(label, bytes, usage) {
		const size = Math.max(4, Math.ceil(bytes / 4) * 4);
		const buffer = raw.createBuffer({
			label,
			size,
			usage
		});
		live.add(buffer);
		counters.createBuffer++;
		counters.gpuBytes += size;
		counters.peakGpuBytes = Math.max(counters.peakGpuBytes, counters.gpuBytes);
		return buffer;
	}
	function destroyBuffer(buffer) {
		if (!live.delete(buffer)) return;
		counters.gpuBytes -= buffer.size;
		buffer.destroy();
	}
	function bindGroupLayout(bindings) {
		const key = bindings.join();
		let layout = layouts.get(key);
		if (layout === void 0) {
			const types = {
				read: "read-only-storage",
				write: "storage",
				uniform: "uniform"
			};
			layout = raw.createBindGroupLayout({ entries: bindings.map((kind, binding) => ({
				binding,
				visibility: GPUShaderStage.COMPUTE,
				buffer: { type: types[kind] }
			})) });
			layouts.set(key, layout);
		}
		return layout;
	}
	function shaderModule(kernel) {
		let module = modules.get(kernel.code);
		if (module === void 0) {
			module = createModule(kernel);
			modules.set(kernel.code, module);
		}
		return module;
	}
	async function createModule(kernel) {
		raw.pushErrorScope("validation");
		const module = raw.createShaderModule({
			label: kernel.name,
			code: kernel.code
		});
		const scope = raw.popErrorScope();
		const compilation = await module.getCompilationInfo();
		await scope;
		const error = compileError(kernel.name, kernel.code, compilation.messages);
		if (error !== void 0) throw error;
		return module;
	}
	async function compile(kernel, constants) {
		check();
		try {
			const module = await shaderModule(kernel);
			const layout = bindGroupLayout(kernel.bindings);
			counters.createPipeline++;
			return {
				kernel,
				gpu: await raw.createComputePipelineAsync({
					label: kernel.name,
					layout: raw.createPipelineLayout({ bindGroupLayouts: [layout] }),
					compute: {
						module,
						entryPoint: "main",
						constants
					}
				}),
				layout
			};
		} catch (error) {
			throw await explain(error, `pipeline ${kernel.name} ${JSON.stringify(constants)}`);
		}
	}
	function pipeline(kernel, constants) {
		const key = `${kernel.code}\n${JSON.stringify(Object.entries(constants).sort())}`;
		let compiled = pipelines.get(key);
		if (compiled === void 0) {
			compiled = compile(kernel, constants);
			pipelines.set(key, compiled);
			compiled.catch(() => pipelines.delete(key));
		}
		return compiled;
	}
	function bindGroup(of, buffers) {
		counters.createBindGroup++;
		return raw.createBindGroup({
			label: of.kernel.name,
			layout: of.layout,
			entries: buffers.map((item, binding) => ({
				binding,
				resource: "buffer" in item ? item : { buffer: item }
			}))
		});
	}
	function submit(label, encode) {
		const encoder = raw.createCommandEncoder({ label });
		encode({
			pass(dispatches) {
				const pass = encoder.beginComputePass();
				counters.computePasses++;
				for (const { pipeline: { gpu }, bindGroup: group, grid } of dispatches) {
					pass.setPipeline(gpu);
					pass.setBindGroup(0, group);
					pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
					counters.dispatches++;
				}
				pass.end();
			},
			copy(from, fromOffset, to, toOffset, bytes) {
				encoder.copyBufferToBuffer(from, fromOffset, to, toOffset, bytes);
				if (to.usage & GPUBufferUsage.MAP_READ) counters.readbackBytes += bytes;
			}
		});
		raw.queue.submit([encoder.finish()]);
		counters.submits++;
	}
	async function idle() {
		check();
		try {
			await Promise.race([raw.queue.onSubmittedWorkDone(), lost]);
		} catch (error) {
			throw await explain(error, "waiting for the GPU");
		}
		check();
	}
	async function readBuffer(buffer, offset, bytes) {
		check();
		const staging = createBuffer("readback", bytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
		try {
			submit("readback", (commands) => commands.copy(buffer, offset, staging, 0, staging.size));
			await staging.mapAsync(GPUMapMode.READ);
			return staging.getMappedRange().slice(0, bytes);
		} catch (error) {
			throw await explain(error, "readback");
		} finally {
			destroyBuffer(staging);
		}
	}
	return {
		raw,
		info,
		limits: raw.limits,
		counters,
		lost,
		check,
		explain,
		guard,
		createBuffer,
		destroyBuffer,
		writeBuffer(buffer, offset, data) {
			raw.queue.writeBuffer(buffer, offset, data);
			counters.writeBuffer++;
			counters.writtenBytes += data.byteLength;
		},
		pipeline,
		bindGroup,
		submit,
		idle,
		readBuffer,
		close() {
			for (const buffer of [...live]) destroyBuffer(buffer);
			pipelines.clear();
			modules.clear();
			raw.destroy();
		}
	};
}
// tests/gpu/rig.ts
Object.assign(globalThis, globals);
/** Dawn frees an adapter and its devices with the GPU object that made them: kept for the process. */
const gpu = create(["disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension"]);
/** A device with no limit above the base ones; fails, and does not skip, where there is no adapter. */
async function openRig(options) {
	return openDevice(gpu, options);
}
// tests/gpu/speculation.test.ts
const ROOT = path.resolve(import.meta.dirname, "../..");
const SHAPE = {
	hidden: 64,
	inner: 96,
	heads: 4,
	kvHeads: 2,
	headDim: 32,
	vocab: 300,
	tied: true,
	context: 1024
};
let device;
beforeAll(async () => {
	device = await openRig();
});
afterAll(() => device.close());
/** The answer with guesses forced, compared with the answer without any. */
async function both(engine, prompt, options) {
	const [guessing, plain] = [engine.createSession(), engine.createSession()];
	const fast = await guessing.generate(prompt, {
		...options,
		speculation: "always"
	});
	const slow = await plain.generate(prompt, {
		...options,
		speculation: "off"
	});
	expect(fast.tokenIds).toEqual(slow.tokenIds);
	expect(fast.finishReason).toBe(slow.finishReason);
	expect(slow.speculation).toBeUndefined();
	const next = [
		...prompt,
		...fast.tokenIds,
		1
	];
	const [a, b] = [await guessing.generate(next, { maxTokens: 6 }), await plain.generate(next, { maxTokens: 6 })];
	expect(a.tokenIds).toEqual(b.tokenIds);
	guessing.dispose();
	plain.dispose();
	return fast.speculation ?? {
		drafted: 0,
		accepted: 0
	};
}
describe$1.each([
	"gqa-tied",
	"mha-untied-tail",
	"semilla"
])("%s", (name) => {
	it("greedy tokens of the goldens", async () => {
		const folder = name === "semilla" ? "public/models/semilla-q4f16_1" : `tests/golden/${name}/mlc`;
		const engine = await createWgslEngine({
			source: folderSource(path.join(ROOT, folder)),
			device,
			modelId: name
		});
		const { cases } = JSON.parse(readFileSync(path.join(ROOT, "tests/golden", name, "golden.json"), "utf8"));
		for (const { promptIds, greedyIds } of cases) {
			const session = engine.createSession();
			const options = {
				maxTokens: greedyIds.length,
				speculation: "always"
			};
			expect((await session.generate(promptIds, options)).tokenIds).toEqual(greedyIds);
			session.dispose();
		}
		const { promptIds, greedyIds } = cases[0];
		const { drafted, accepted } = await both(engine, [
			...promptIds,
			...greedyIds,
			...promptIds
		].slice(-200), { maxTokens: 48 });
		console.log(`${name}: ${accepted} of ${drafted} guesses right`);
		engine.dispose();
	});
});
describe$1("random weights", () => {
	let engine;
	beforeAll(async () => {
		engine = await createWgslEngine({
			source: randomModel(seededRandom(5), SHAPE, "q4f16_1").source,
			device,
			modelId: "tiny"
		});
	});
	afterAll(() => engine.dispose());
	it.each([
		["greedy", {}],
		["drawn", {
			temperature: .4,
			seed: 5
		}],
		["drawn with filters and a penalty", {
			temperature: .6,
			topK: 20,
			topP: .9,
			repetitionPenalty: 1.05,
			seed: 8
		}]
	])("%s: repeating prompts, right and wrong guesses", async (_, sampler) => {
		const random = freshRandom("speculation");
		const total = {
			drafted: 0,
			accepted: 0
		};
		for (let round = 0; round < 3; round++) {
			const letters = Array.from({ length: 2 + round }, () => random.integer(0, SHAPE.vocab - 1));
			const prompt = Array.from({ length: 40 }, () => letters[random.integer(0, letters.length - 1)]);
			const logitless = await both(engine, prompt, {
				maxTokens: 60,
				sampler
			});
			total.drafted += logitless.drafted;
			total.accepted += logitless.accepted;
		}
		console.log(`random weights: ${total.accepted} of ${total.drafted} guesses right`);
	});
	it("a loop is guessed right: fewer submits than tokens; a stop token among the guesses ends it", async () => {
		const session = engine.createSession();
		const prompt = [
			7,
			8,
			9,
			10,
			11,
			12,
			7,
			8,
			9
		];
		const whole = await session.generate(prompt, {
			maxTokens: 200,
			speculation: "off"
		});
		const before = engine.counters.submits;
		const fast = await session.generate(prompt, {
			maxTokens: 200,
			speculation: "always"
		});
		expect(fast.tokenIds).toEqual(whole.tokenIds);
		console.log(`a loop: ${JSON.stringify(fast.speculation)}, ${engine.counters.submits - before} submits`);
		expect(fast.speculation.accepted).toBeGreaterThan(0);
		const stop = whole.tokenIds[150];
		const at = whole.tokenIds.indexOf(stop);
		expect(await session.generate(prompt, {
			maxTokens: 200,
			stopTokens: [stop],
			speculation: "always"
		})).toMatchObject({
			tokenIds: whole.tokenIds.slice(0, at),
			finishReason: "stop"
		});
		session.dispose();
	});
	it("is not tried where draws cannot be taken back", async () => {
		const session = engine.createSession();
		const prompt = [
			7,
			8,
			9,
			10,
			7,
			8,
			9
		];
		for (const options of [{ logprobs: 1 }, { sampler: { presencePenalty: 1 } }]) expect((await session.generate(prompt, {
			maxTokens: 30,
			speculation: "always",
			...options
		})).speculation).toBeUndefined();
		session.dispose();
	});
});
// tests/gpu/.mini-entry.ts
await runAll();
export {};
