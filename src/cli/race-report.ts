// A race as people read it: Markdown, a column a runner.

import { spreadOf } from '../engines/bench/pace.ts';
import type { Spread } from '../engines/bench/pace.ts';
import { COLUMNS } from '../race/protocol.ts';
import type { ColumnName, GpuCalls } from '../race/protocol.ts';
import type { Machine } from './bench-machine.ts';
import type { Traffic } from './race-server.ts';

export interface RaceFigures {
  how: string;
  prefillTokensPerSecond: Spread;
  decodeTokensPerSecond: Spread;
  /** Seconds: from loading out of the browser's storage to the first token. */
  warmFirstToken: number;
  promptTokens: number;
  /** Asked of WebGPU for each decoded token; undefined where nothing was. */
  callsPerToken?: Record<Exclude<keyof GpuCalls, 'bytes' | 'peakBytes'>, number>;
  peakGpuBytes: number;
  /** JavaScript and WebAssembly of the page and its workers after the answers, by the browser; undefined where it does not tell. */
  memoryBytes?: number;
  code: Traffic;
  model: Traffic;
  /** The warm-up's answer. */
  text: string;
}

export type RaceColumn = { column: ColumnName; figures: RaceFigures } | { column: ColumnName; why: string };

export interface RaceReport {
  model: string;
  parameters: number;
  browser: string;
  adapter: string;
  machine: Machine;
  tokens: number;
  columns: RaceColumn[];
}

const number = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2);
const spread = ({ median, min, max }: Spread): string => `${number(median)} (${number(min)}-${number(max)})`;
const megabytes = (bytes: number): string => `${number(bytes / 1e6)} MB`;

const ROWS: [string, (figures: RaceFigures, all: RaceReport) => string][] = [
  ['decode tokens/s', ({ decodeTokensPerSecond }) => spread(decodeTokensPerSecond)],
  ['prefill tokens/s', ({ prefillTokensPerSecond }) => spread(prefillTokensPerSecond)],
  ['prompt tokens', ({ promptTokens }) => String(promptTokens)],
  ['first token from a warm store, s', ({ warmFirstToken }) => number(warmFirstToken)],
  ['weights moved', ({ model }) => `${megabytes(model.bytes)} in ${model.requests} requests`],
  ['JavaScript and wasm moved', ({ code }) => `${megabytes(code.bytes)} in ${code.requests} requests`],
  ['memory, JavaScript and wasm', ({ memoryBytes }) => (memoryBytes ? megabytes(memoryBytes) : 'not told')],
  ['memory, GPU buffers at most', ({ peakGpuBytes }) => (peakGpuBytes ? megabytes(peakGpuBytes) : '-')],
  ['dispatches a token', ({ callsPerToken }) => (callsPerToken ? number(callsPerToken.dispatches) : '-')],
  ['passes a token', ({ callsPerToken }) => (callsPerToken ? number(callsPerToken.passes) : '-')],
  ['submits a token', ({ callsPerToken }) => (callsPerToken ? number(callsPerToken.submits) : '-')],
  ['bind groups a token', ({ callsPerToken }) => (callsPerToken ? number(callsPerToken.bindGroups) : '-')],
  ['buffer writes a token', ({ callsPerToken }) => (callsPerToken ? number(callsPerToken.writes) : '-')],
  ['readbacks a token', ({ callsPerToken }) => (callsPerToken ? number(callsPerToken.maps) : '-')],
  ["answer begins as Yupana's", (figures, all) => sameAnswer(figures, all)],
  ['how', ({ how }) => how.replaceAll('|', '/')],
];

/** Characters that agree with our answer, of ours: kernels that round differently part ways somewhere. */
function sameAnswer(figures: RaceFigures, { columns }: RaceReport): string {
  const ours = columns.find((column) => 'figures' in column && column.column.startsWith('yupana'));
  if (!ours || !('figures' in ours)) return '-';
  const { text } = ours.figures;
  let same = 0;
  while (same < text.length && text[same] === figures.text[same]) same++;
  return same === text.length ? 'whole' : `${same} of ${text.length} characters`;
}

export function raceMarkdown(report: RaceReport): string {
  const ran = report.columns.filter((column) => 'figures' in column);
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  const { machine } = report;
  return [
    `## ${report.model}, ${number(report.parameters / 1e6)} M parameters, ${machine.date}`,
    '',
    `${report.browser}, ${report.adapter}; ${machine.system}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, load before ${machine.loadBefore}. Answers of ${report.tokens} tokens; medians (least-most).`,
    '',
    line(['', ...ran.map(({ column }) => COLUMNS[column])]),
    line(['---', ...ran.map(() => '---')]),
    ...ROWS.map(([name, cell]) => line([name, ...ran.map(({ figures }) => cell(figures, report))])),
    '',
    ...report.columns.flatMap((column) =>
      'why' in column ? [`- ${COLUMNS[column.column]}: did not run. ${column.why}`] : [],
    ),
    '',
  ].join('\n');
}

export const spreads = (
  runs: readonly { promptTokens: number; tokens: number; firstToken: number; decode: number }[],
): Pick<RaceFigures, 'prefillTokensPerSecond' | 'decodeTokensPerSecond'> => ({
  prefillTokensPerSecond: spreadOf(runs.map((run) => run.promptTokens / run.firstToken)),
  decodeTokensPerSecond: spreadOf(runs.map((run) => (run.tokens - 1) / run.decode)),
});
