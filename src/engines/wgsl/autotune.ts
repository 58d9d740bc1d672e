// Chooses variants and knobs for one adapter and one model by timing the model's own matrices, each shape alone. Timings are
// of many repetitions, because timestamps are coarse; a choice must win by more than its noise; and where the numbers change,
// the model's own logits say whether they may.

import type { TuneReport } from '../../engine.ts';
import type { Dispatch } from '../../gpu/kernel.ts';
import type { Device } from '../../gpu/device.ts';
import { gemvConstants, gemvGateUpKernel, gemvGrid, gemvKernel } from '../../gpu/kernels/gemv.ts';
import type { GemvTuning } from '../../gpu/kernels/gemv.ts';
import { LOGITS_BAR, variantMissing, VARIANTS } from '../../gpu/kernels/variants.ts';
import { computesOnCpu } from '../software-adapter.ts';
import { buildDecodeGraph } from './decode-graph.ts';
import type { Model } from './decode-graph.ts';
import { createKVCache } from './kv-cache.ts';
import { compilePipelines } from './pipelines.ts';
import type { ModelPipelines } from './pipelines.ts';
import { sessionBuffers } from './plan.ts';
import { buildPrefillGraph } from './prefill-graph.ts';
import { DEFAULT_TUNING, PRODUCT_NAMES } from './tuning.ts';
import type { EngineTuning, ProductName } from './tuning.ts';
import { createBuffers } from './workspace.ts';

export interface TuneOptions {
  /** Seconds to measure for; what is begun is finished. */
  seconds?: number;
  /** Also where timing says nothing: on adapters that compute on the CPU. For tests. */
  force?: boolean;
  /** Whether activations may be rounded to 8 bits where that is faster and the model's logits allow it. */
  eightBit?: boolean;
  signal?: AbortSignal;
}

/** What was chosen and why: plain data, to be kept, sent and shown. */
export interface TuneResult {
  tuning: EngineTuning;
  /** `useless`: this adapter computes on the CPU; `default`: nothing was surely faster. */
  outcome: 'tuned' | 'default' | 'useless';
  seconds: number;
  /** Times faster than the default, of each product; 1 where the default stayed. */
  gains: Record<ProductName, number>;
  /** max |difference| / max |logit| of the choice against f32, where numbers change; 0 where they don't. */
  error: number;
  /** Numbers that were faster, but not exact enough for this model. */
  refused: boolean;
}

/** What of it the seam reports: each product's variant in words, in place of its knobs. */
export function reportOf({ tuning, gains, ...report }: TuneResult): TuneReport {
  const products = PRODUCT_NAMES.map((name) => {
    const { reduction, math } = tuning.products[name];
    const variant = [math, ...(reduction === 'subgroups' ? ['subgroups'] : [])].join(' ');
    return { name, variant, gain: gains[name] };
  });
  return { ...report, products };
}

const SECONDS = 0.6;
/** A sample takes at least so long: a submit's own cost, and timers of 0.1 ms, must not count. */
const SAMPLE_SECONDS = 0.003;
const SAMPLES = 4;
const MOST_REPETITIONS = 64;
/** A candidate must be faster by this, and by more than the samples differ. */
const LEAST_GAIN = 0.03;
/** Prompt and answer that judge the numbers. */
const PROBE_PREFILL = 48;
const PROBE_DECODE = 6;

interface Timing {
  least: number;
  spread: number;
}

/** The dispatches of one product through every layer, as decoding has them; what they write is garbage afterwards. */
async function dispatchesOf(model: Model, name: ProductName, knobs: GemvTuning): Promise<Dispatch[]> {
  const { device, plan, weights, work } = model;
  const { config, format } = plan;
  const limit = device.limits.maxComputeWorkgroupsPerDimension;
  const norm = { COLUMNS: config.hiddenSize, EPSILON: config.rmsNormEps };
  const planned = name === 'logits' ? plan.lmHead : plan.layers[0]![name === 'gateUp' ? 'gate' : name];
  const gateUp = name === 'gateUp';
  const kernel = gateUp ? gemvGateUpKernel(format, knobs) : gemvKernel(format, knobs);
  const normed = name === 'qkv' || name === 'logits';
  const more: Record<string, number> = gateUp ? norm : normed ? { NORM: 1, ...norm } : { ADD: 1 };
  const compiled = await Promise.all(
    planned.chunks.map(async ({ rows }) => {
      const constants = gemvConstants(format, rows, planned.columns, knobs);
      return {
        pipeline: await device.pipeline(kernel, { ...constants, ...more }),
        grid: gemvGrid(constants, limit),
      };
    }),
  );
  const at = (buffer: GPUBuffer, first: number, rows: number) => ({
    buffer,
    offset: first * 4,
    size: rows * 4,
  });
  const layers = name === 'logits' ? [undefined] : weights.layers;
  return layers.flatMap((layer) =>
    compiled.map(({ pipeline, grid }, i) => {
      const bind = (buffers: Parameters<Device['bindGroup']>[1]) => ({
        pipeline,
        grid,
        bindGroup: device.bindGroup(pipeline, buffers),
      });
      if (layer === undefined) {
        const { weights: codes, scales, first, rows } = weights.lmHead.chunks[i]!;
        return bind([codes, scales, work.hidden, weights.norm, at(work.batchLogits, first, rows)]);
      }
      const {
        weights: codes,
        scales,
        first,
        rows,
      } = layer[name === 'gateUp' ? 'gate' : (name as 'qkv')].chunks[i]!;
      switch (name) {
        case 'qkv':
          return bind([codes, scales, work.hidden, layer.inputNorm, at(work.qkv, first, rows)]);
        case 'gateUp': {
          const up = layer.up.chunks[i]!;
          const out = at(work.inner, first, rows);
          return bind([codes, scales, up.weights, up.scales, work.hidden, layer.postAttentionNorm, out]);
        }
        case 'o':
          return bind([codes, scales, work.attention, work.attention, at(work.hidden, first, rows)]);
        default:
          return bind([codes, scales, work.inner, work.inner, at(work.hidden, first, rows)]);
      }
    }),
  );
}

async function seconds(
  device: Device,
  dispatches: readonly Dispatch[],
  repetitions: number,
): Promise<number> {
  const list = Array.from({ length: repetitions }, () => dispatches).flat();
  const started = performance.now();
  device.submit('tune', (commands) => commands.pass(list));
  await device.idle();
  return (performance.now() - started) / 1000;
}

async function time(device: Device, dispatches: readonly Dispatch[]): Promise<Timing> {
  let repetitions = 1;
  while (
    (await seconds(device, dispatches, repetitions)) < SAMPLE_SECONDS &&
    repetitions < MOST_REPETITIONS
  ) {
    repetitions *= 2;
  }
  const samples: number[] = [];
  for (let i = 0; i < SAMPLES; i++)
    samples.push((await seconds(device, dispatches, repetitions)) / repetitions);
  samples.sort((a, b) => a - b);
  return { least: samples[0]!, spread: samples[SAMPLES >> 1]! - samples[0]! };
}

/** Whether `a` is faster than `b` beyond doubt. */
export function surelyFaster(a: Timing, b: Timing): boolean {
  return b.least - a.least > Math.max(LEAST_GAIN * b.least, a.spread, b.spread);
}

/** What is tried from the best knobs so far, one step after another. */
function stepsFrom(model: Model, eightBit: boolean): ((best: GemvTuning) => GemvTuning[])[] {
  const offered = Object.values(VARIANTS).filter(
    (variant) =>
      variantMissing(variant, model.plan.format, model.device) === null &&
      (variant.math !== 'i8' || eightBit),
  );
  return [
    (best) => offered.map((variant) => ({ ...best, ...variant })),
    (best) => ([2, 8] as const).map((rows) => ({ ...best, rows })),
    (best) => [
      { ...best, threads: 128 },
      { ...best, threads: 256 },
      { ...best, lanes: 32 },
      { ...best, lanes: 8 },
    ],
  ];
}

async function tuneProduct(
  model: Model,
  name: ProductName,
  until: number,
  { eightBit = false, signal }: TuneOptions,
): Promise<{ knobs: GemvTuning; gain: number }> {
  let knobs = DEFAULT_TUNING.products[name];
  const first = await time(model.device, await dispatchesOf(model, name, knobs));
  let best = first;
  for (const step of stepsFrom(model, eightBit)) {
    if (performance.now() > until) break;
    const from = JSON.stringify(knobs);
    const candidates = step(knobs).filter((candidate) => JSON.stringify(candidate) !== from);
    // A driver that doesn't compile a candidate costs that candidate, and not the load.
    const lists = await Promise.allSettled(
      candidates.map((candidate) => dispatchesOf(model, name, candidate)),
    );
    for (const [i, list] of lists.entries()) {
      signal?.throwIfAborted();
      if (performance.now() > until) break;
      if (list.status === 'rejected') continue;
      const timing = await time(model.device, list.value);
      if (surelyFaster(timing, best)) {
        best = timing;
        knobs = candidates[i]!;
      }
    }
  }
  return { knobs, gain: first.least / best.least };
}

/** Logits after a prompt and after each of some tokens more, by the pipelines given; and the seconds of the prompt. */
async function probe(
  model: Model,
  pipelines: ModelPipelines,
): Promise<{ logits: Float32Array[]; prefill: Timing }> {
  const { device, plan, work } = model;
  const { vocabSize } = plan.config;
  const prompt = Math.min(PROBE_PREFILL, plan.contextLength - PROBE_DECODE);
  const token = (i: number): number => (i * 2654435761) % vocabSize;
  const session = await createBuffers(device, sessionBuffers(plan), (name) => {
    if (name.startsWith('readback')) return GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const uniform = ['chunk', 'sampling', 'batch'].includes(name) ? GPUBufferUsage.UNIFORM : 0;
    return GPUBufferUsage.STORAGE | uniform | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  });
  const cache = createKVCache(device, plan);
  try {
    await cache.reserve(prompt + PROBE_DECODE);
    const decode = buildDecodeGraph({ ...model, pipelines }, session, cache);
    const prefill = buildPrefillGraph({ ...model, pipelines }, session, cache)
      .layers(prompt)
      .flat();
    const read = async () => new Float32Array(await device.readBuffer(session.logits, 0, vocabSize * 4));
    device.writeBuffer(
      work.prefillTokens,
      0,
      Uint32Array.from({ length: prompt }, (_, i) => token(i)),
    );
    device.writeBuffer(session.chunk, 0, Uint32Array.of(0, prompt, 0, 0));
    const timing = await time(device, prefill);
    device.submit('tune', (commands) => {
      commands.pass(prefill);
      const row = plan.strides.hidden * 4;
      commands.copy(work.prefillHidden, (prompt - 1) * row, work.hidden, 0, row);
      commands.pass(decode.logits);
    });
    const logits = [await read()];
    for (let position = prompt; position < prompt + PROBE_DECODE; position++) {
      device.writeBuffer(session.state, 0, Uint32Array.of(position, token(position), 1, 0));
      device.submit('tune', (commands) => commands.pass(decode.dispatches(position)));
      logits.push(await read());
    }
    return { logits, prefill: timing };
  } finally {
    Object.values(session).forEach((buffer) => device.destroyBuffer(buffer));
    cache.dispose();
  }
}

/**
 * How far logits are from those in f32, as docs/budgets.md has it: max |difference| / max |logit|; infinite where another token
 * is best although the margin exceeds twice what `bar` allows, or where they are not finite.
 */
export function logitsError(
  found: readonly Float32Array[],
  exact: readonly Float32Array[],
  bar: number,
): number {
  let error = 0;
  for (const [i, wanted] of exact.entries()) {
    const logits = found[i]!;
    let largest = 0;
    let difference = 0;
    let [first, second, chosen] = [0, -1, 0];
    for (let id = 0; id < wanted.length; id++) {
      if (!Number.isFinite(logits[id]!)) return Infinity;
      largest = Math.max(largest, Math.abs(wanted[id]!));
      difference = Math.max(difference, Math.abs(wanted[id]! - logits[id]!));
      if (logits[id]! > logits[chosen]!) chosen = id;
      if (wanted[id]! > wanted[first]!) [first, second] = [id, first];
      else if (id !== first && (second < 0 || wanted[id]! > wanted[second]!)) second = id;
    }
    const margin = second < 0 ? 0 : wanted[first]! - wanted[second]!;
    if (chosen !== first && margin > 2 * bar * largest) return Infinity;
    if (largest > 0) error = Math.max(error, difference / largest);
  }
  return error;
}

const inF32 = (tuning: EngineTuning): EngineTuning => ({
  products: Object.fromEntries(
    PRODUCT_NAMES.map((name) => [name, { ...tuning.products[name], math: 'f32' as const }]),
  ) as EngineTuning['products'],
  tiles: 'f32',
});

/** The fastest of a choice and its exacter forms that the model's own logits allow; the default where they allow none. */
async function judged(
  model: Model,
  tuning: EngineTuning,
): Promise<Pick<TuneResult, 'tuning' | 'error' | 'refused'>> {
  const halves = model.device.features.has('shader-f16');
  const f32 = inF32(tuning);
  const forms: EngineTuning[] = halves
    ? [{ ...tuning, tiles: 'f16' }, tuning, { ...f32, tiles: 'f16' }, f32]
    : [tuning, f32];
  const distinct = [...new Map(forms.map((form) => [JSON.stringify(form), form])).values()].filter(
    (form) => !isDefault(form),
  );
  let refused = false;
  const exact = distinct.length > 0 ? await probe(model, model.pipelines) : undefined;
  for (const form of distinct) {
    const maths = PRODUCT_NAMES.map((name) => form.products[name].math);
    const bar = LOGITS_BAR[maths.includes('i8') ? 'i8' : 'f16'];
    const pipelines = await compilePipelines(model.device, model.plan, form).catch(() => undefined);
    const found = pipelines && (await probe(model, pipelines));
    const error = found && exact ? logitsError(found.logits, exact.logits, bar) : Infinity;
    if (!found || !exact || error > bar) refused = true;
    else if (form.tiles === 'f32' || surelyFaster(found.prefill, exact.prefill)) {
      return { tuning: form, error, refused };
    } else if (isDefault({ ...form, tiles: 'f32' })) break;
  }
  return { tuning: DEFAULT_TUNING, error: 0, refused };
}

function isDefault(tuning: EngineTuning): boolean {
  return JSON.stringify(tuning) === JSON.stringify(DEFAULT_TUNING);
}

/**
 * Tunes a loaded model whose pipelines are the default ones. Nobody may use the model meanwhile: its work space is used. Leaves
 * nothing allocated but compiled pipelines.
 */
export async function autotune(model: Model, options: TuneOptions = {}): Promise<TuneResult> {
  const started = performance.now();
  const gains: Record<ProductName, number> = { qkv: 1, o: 1, gateUp: 1, down: 1, logits: 1 };
  const done = (rest: Pick<TuneResult, 'tuning' | 'outcome' | 'error' | 'refused'>): TuneResult => ({
    ...rest,
    seconds: (performance.now() - started) / 1000,
    gains,
  });
  if (computesOnCpu(model.device.info) && !options.force) {
    return done({ tuning: DEFAULT_TUNING, outcome: 'useless', error: 0, refused: false });
  }
  const end = started + (options.seconds ?? SECONDS) * 1000;
  const products = { ...DEFAULT_TUNING.products };
  for (const [i, name] of PRODUCT_NAMES.entries()) {
    // What is left is shared by the products left.
    const until = performance.now() + Math.max(0, end - performance.now()) / (PRODUCT_NAMES.length - i);
    const { knobs, gain } = await tuneProduct(model, name, until, options);
    products[name] = knobs;
    gains[name] = gain;
  }
  options.signal?.throwIfAborted();
  const { tuning, error, refused } = await judged(model, { products, tiles: 'f32' });
  for (const name of PRODUCT_NAMES) {
    // Sent back to exacter numbers, or to the default: what was measured was another choice.
    if (JSON.stringify(tuning.products[name]) !== JSON.stringify(products[name])) gains[name] = 1;
  }
  return done({ tuning, outcome: isDefault(tuning) ? 'default' : 'tuned', error, refused });
}
