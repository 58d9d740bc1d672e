// A measurement as people read it: Markdown.

import type { BenchContext, BenchResult } from '../engines/bench/bench.ts';
import type { KernelTime } from '../engines/bench/kernels.ts';
import type { MaskingCost } from '../engines/bench/masking.ts';
import type { Spread } from '../engines/bench/pace.ts';
import type { QuotingGain } from '../engines/bench/quoting.ts';
import type { Machine } from './bench-machine.ts';

export interface BenchReport extends BenchResult {
  /** What holding an answer to a form adds. */
  held?: MaskingCost;
  /** What guessing gains in an answer that quotes. */
  quoted?: QuotingGain;
  scheme: string;
  layers: number;
  machine: Machine;
  /** JavaScript's heap above what it was: most while loading, and at the end. */
  jsHeap: { peakWhileLoading: number; atTheEnd: number; budget: number };
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(3);
}

function spread({ median, min, max }: Spread): string {
  return `${number(median)} (${number(min)}-${number(max)})`;
}

function megabytes(bytes: number): string {
  return `${number(bytes / 1e6)} MB`;
}

function table(rows: string[][]): string {
  const [head = [], ...body] = rows;
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function paces(report: BenchReport): string {
  const versus = report.versus;
  const head = [
    'context',
    'prefill tokens/s',
    'first token s',
    'decode tokens/s',
    'read a token',
    'of copying',
  ];
  const theirs = versus ? [`${versus} prefill`, 'ratio', `${versus} decode`, 'ratio'] : [];
  const row = (pace: BenchContext) => [
    String(pace.context),
    spread(pace.prefillTokensPerSecond),
    spread(pace.timeToFirstToken),
    spread(pace.decodeTokensPerSecond),
    pace.bytesPerToken === undefined ? '' : megabytes(pace.bytesPerToken),
    pace.bandwidthShare === undefined ? '' : `${number(100 * pace.bandwidthShare)} %`,
    ...(pace.versus && pace.ratio
      ? [
          spread(pace.versus.prefillTokensPerSecond),
          `${pace.ratio.prefill.toFixed(2)} x`,
          spread(pace.versus.decodeTokensPerSecond),
          `${pace.ratio.decode.toFixed(2)} x`,
        ]
      : []),
  ];
  return table([[...head, ...theirs], ...report.contexts.map(row)]);
}

/** Of adapters that compute on the CPU. */
function cpuTable(report: BenchReport): string[] {
  const head = ['context', 'CPU s, prompt', 'CPU s, a token'];
  const theirs = report.versus
    ? [`${report.versus}: prompt`, 'ratio', `${report.versus}: a token`, 'ratio']
    : [];
  const rows = report.contexts.flatMap(({ context, cpuSeconds, versus, cpuRatio }) => {
    if (!cpuSeconds) return [];
    const own = [String(context), number(cpuSeconds.prefill), number(cpuSeconds.decodePerToken)];
    if (!versus?.cpuSeconds || !cpuRatio) return [own];
    const { prefill, decodePerToken } = versus.cpuSeconds;
    const compared = [
      number(prefill),
      `${cpuRatio.prefill.toFixed(2)} x`,
      number(decodePerToken),
      `${cpuRatio.decode.toFixed(2)} x`,
    ];
    return [[...own, ...compared]];
  });
  return rows.length === 0 ? [] : [table([[...head, ...theirs], ...rows])];
}

function kernelTable(of: string, times: readonly KernelTime[]): string {
  const total = times.reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = [...times]
    .sort((a, b) => b.seconds - a.seconds)
    .map(({ name, dispatches, seconds }) => [
      name,
      String(dispatches),
      number(seconds * 1000),
      `${number((100 * seconds) / total)} %`,
    ]);
  return table([[of, 'dispatches', 'ms', 'of all'], ...rows]);
}

const percent = (part: number): string => `${part < 0 ? '' : '+'}${(100 * part).toFixed(1)} %`;

function heldTable({ free, held, added, processor }: MaskingCost): string {
  return table([
    ['of a decoded token', 'free', 'held to a JSON schema', 'added'],
    ['ms', spread(free), spread(held), percent(added)],
    ...(processor
      ? [['processor ms', number(processor.free), number(processor.held), percent(processor.added)]]
      : []),
  ]);
}

function quotedTable({ plain, guessed, ratio, drafted, accepted, tokensPerPass }: QuotingGain): string {
  return table([
    ['of an answer that quotes', 'plain', 'with guesses', 'ratio', 'guesses right', 'tokens a pass'],
    [
      'ms a token',
      spread(plain),
      spread(guessed),
      `${ratio.toFixed(2)} x`,
      `${accepted} of ${drafted}`,
      tokensPerPass.toFixed(2),
    ],
  ]);
}

/** One model's section. */
export function markdown(report: BenchReport): string {
  const { machine, counters, copyBandwidth, gpuMemory, jsHeap, kernels } = report;
  const repetitions = Math.min(...report.contexts.map((context) => context.decodeTokensPerSecond.count));
  const counts = Object.entries<number>({ ...counters }).map(([key, value]) => [
    key,
    Number.isInteger(value) ? String(value) : value.toFixed(2),
  ]);
  return [
    `## ${report.modelId}${report.versus === undefined ? '' : `, beside ${report.versus}`}${report.cacheBits ? ', keys and values in 8 bits' : ''}`,
    `Engine ${report.engine}, ${report.scheme}, ${report.layers} layers. ${machine.date}, ${machine.runtime}, ${machine.system}, ${machine.cores} cores, ` +
      `${machine.memoryGigabytes} GB, load ${machine.loadBefore} before. Medians (least-most) of ${repetitions} or more repetitions ` +
      `of ${report.tokens} tokens.`,
    paces(report),
    ...cpuTable(report),
    (copyBandwidth === undefined
      ? ''
      : `A kernel that copies reads and writes ${number(copyBandwidth / 1e9)} GB/s. `) +
      `JavaScript's heap, tokenizer and what is not collected yet included: ${megabytes(jsHeap.peakWhileLoading)} more at most ` +
      `while loading (budget without them: ${megabytes(jsHeap.budget)}), ${megabytes(jsHeap.atTheEnd)} more at the end.` +
      (gpuMemory === undefined
        ? ''
        : ` GPU buffers: ${megabytes(gpuMemory.peak)} of ${megabytes(gpuMemory.budget)} allowed.`),
    ...(counts.length > 0 ? [table([['of a decoded token', ''], ...counts])] : []),
    ...(report.held ? [heldTable(report.held)] : []),
    ...(report.quoted ? [quotedTable(report.quoted)] : []),
    ...(kernels
      ? [kernelTable('kernel, decoding', kernels.decode), kernelTable('kernel, of a prompt', kernels.prefill)]
      : []),
  ].join('\n\n');
}

/** The file of an adapter: every model measured on it. */
export function resultsPage(adapter: string, reports: readonly BenchReport[]): string {
  return `# ${adapter}\n\n${reports.map(markdown).join('\n\n')}\n`;
}
