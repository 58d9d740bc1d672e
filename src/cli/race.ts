// npm run -s race -- --model <checkpoint dir>: every engine that runs in a browser on the same weights, in one Chromium.

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { ensureBrowser } from '../../scripts/browser.mjs';
import { EngineError } from '../failures.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import { COLUMNS } from '../race/protocol.ts';
import type { ColumnName, GpuCalls, RaceOrder, RacePrompt, RaceResult } from '../race/protocol.ts';
import { describeMachine } from './bench-machine.ts';
import { parseCommand, WrongUse, type CommandCall } from './command.ts';
import { folderSource } from './folder-source.ts';
import { choiceOption, integerOption } from './options.ts';
import { partialOf, settled, sweepPartials } from './partials.ts';
import { GGUF_NAME, LIBRARY_NAME, MOST_PROMPTS, prepareRace, racePrompts } from './race-files.ts';
import type { RaceFolders } from './race-files.ts';
import { raceMarkdown, spreads } from './race-report.ts';
import type { RaceColumn, RaceFigures, RaceReport } from './race-report.ts';
import { serveRace } from './race-server.ts';

const ALL = Object.keys(COLUMNS) as ColumnName[];
/** Of a page's printed errors in the report. */
const MOST_ERRORS = 3;
export const HELP = `usage: race --model <hugging face checkpoint dir> [--prompt 128] [--tokens 64] [--repetitions 3] [--threads N]
            [--columns ${ALL.join(',')}]
            [--webllm-lib <file.wasm> --webllm <version>] [--adapter default|swiftshader] [--save] [--json]
--webllm-lib  web-llm's compiled library for this very model in q4f16_1; --webllm the version it was built for
--adapter     swiftshader computes WebGPU on the processor; the default where Linux has no GPU driver
--save        adds the table to tests/bench/results/race.md and race.json
Run it on a machine that does nothing else.
`;

interface Arguments {
  model: string;
  prompt: number;
  tokens: number;
  repetitions: number;
  threads: number;
  columns: ColumnName[];
  library: string | undefined;
  webLlm: string | undefined;
  software: boolean;
  save: boolean;
  json: boolean;
}

function parseArguments(argv: string[]): Arguments {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseCommand({
    args: argv,
    options: {
      model: text,
      prompt: { ...text, default: '128' },
      tokens: { ...text, default: '64' },
      repetitions: { ...text, default: '3' },
      threads: { ...text, default: String(Math.min(8, os.availableParallelism())) },
      columns: { ...text, default: ALL.join() },
      'webllm-lib': text,
      webllm: text,
      adapter: text,
      save: flag,
      json: flag,
    },
  });
  if (values.model === undefined) throw new WrongUse('--model <hugging face checkpoint dir> is missing');
  const adapter =
    values.adapter === undefined
      ? undefined
      : choiceOption('adapter', values.adapter, ['default', 'swiftshader']);
  return {
    model: values.model,
    prompt: integerOption('prompt', values.prompt, 8, 4096),
    tokens: integerOption('tokens', values.tokens, 4, 1024),
    // One more warms up.
    repetitions: integerOption('repetitions', values.repetitions, 1, MOST_PROMPTS - 1),
    threads: integerOption('threads', values.threads, 1, 8),
    columns: values.columns.split(',').map((name) => choiceOption('columns', name, ALL)),
    library: values['webllm-lib'],
    webLlm: values.webllm,
    software: adapter ? adapter === 'swiftshader' : process.platform === 'linux' && !existsSync('/dev/dri'),
    save: values.save,
    json: values.json,
  };
}

/** Why a column cannot even begin, in words. */
async function obstacle(column: ColumnName, args: Arguments, root: string): Promise<string | undefined> {
  if ((column === 'yupana-cpu' || column === 'wllama-cpu') && args.threads < 2)
    return 'There is one thread: see the column of one thread.';
  if (column !== 'web-llm') return undefined;
  if (args.library === undefined)
    return 'It needs a library compiled for this model; nobody publishes one. Give it with --webllm-lib.';
  const text = await readFile(path.join(root, 'node_modules/@mlc-ai/web-llm/package.json'), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return args.webLlm === version
    ? undefined
    : `The library is for web-llm ${args.webLlm ?? '(--webllm says which)'}, installed is ${version}.`;
}

async function openBrowser(folder: string, software: boolean): Promise<BrowserContext> {
  const { chromium } = await import('playwright-core');
  return chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: ensureBrowser(),
    headless: true,
    args: [
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--enable-unsafe-webgpu',
      // Measures memory when asked, not when the collector next comes by.
      '--enable-blink-features=ForceEagerMeasureMemory',
      ...(process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...(software
        ? [
            '--use-webgpu-adapter=swiftshader',
            '--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension',
          ]
        : []),
    ],
  });
}

/** @param errors gets what the page and its workers print as errors: a runner may fail in words of its own there alone */
async function openPage(context: BrowserContext, url: string, errors: string[]): Promise<Page> {
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text().trim());
  });
  await page.goto(url);
  await page.waitForFunction(() => typeof globalThis.race === 'object');
  return page;
}

async function memoryOf(page: Page): Promise<number | undefined> {
  return page.evaluate(async () => {
    const measure = (
      performance as { measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }> }
    ).measureUserAgentSpecificMemory?.bind(performance);
    return (await measure?.())?.bytes;
  });
}

function callsPerToken({
  whole,
  half,
  tokens,
  halfTokens,
}: RaceResult['calls']): RaceFigures['callsPerToken'] {
  if (whole.dispatches === 0) return undefined;
  const each = (key: keyof GpuCalls): number => (whole[key] - half[key]) / (tokens - halfTokens);
  return {
    dispatches: each('dispatches'),
    passes: each('passes'),
    submits: each('submits'),
    bindGroups: each('bindGroups'),
    buffers: each('buffers'),
    writes: each('writes'),
    maps: each('maps'),
  };
}

async function runColumn(
  column: ColumnName,
  context: BrowserContext,
  folders: RaceFolders,
  args: Arguments,
  prompts: RacePrompt[],
): Promise<RaceFigures> {
  const errors: string[] = [];
  // A server of its own is an origin of its own: nobody finds another's storage.
  const server = await serveRace(folders);
  try {
    const order: RaceOrder = {
      column,
      modelBase: `${server.url}model/resolve/main/`,
      ggufUrl: `${server.url}gguf/${GGUF_NAME}`,
      contextLength: args.prompt + args.tokens + 32,
      threads: args.threads,
      prompts,
      tokens: args.tokens,
      ...(args.library !== undefined && { webLlmLib: `${server.url}lib/${LIBRARY_NAME}` }),
    };
    let page = await openPage(context, server.url, errors);
    await page.evaluate((what) => globalThis.race.download(what), order);
    await page.close();
    page = await openPage(context, server.url, errors);
    const result = await page.evaluate((what) => globalThis.race.run(what), order);
    const memoryBytes = await memoryOf(page);
    await page.close();
    const calls = callsPerToken(result.calls);
    if (column === 'wllama-webgpu' && !calls) {
      throw new Error('It fell back to the processor without saying so: WebGPU was not asked for anything.');
    }
    return {
      how: result.how,
      ...spreads(result.runs),
      warmFirstToken: result.warmFirstToken,
      promptTokens: result.warm.promptTokens,
      ...(calls && { callsPerToken: calls }),
      peakGpuBytes: result.calls.whole.peakBytes,
      ...(memoryBytes !== undefined && { memoryBytes }),
      ...server.traffic(),
      text: result.warm.text,
    };
  } catch (error) {
    const said = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error([said, ...errors.slice(0, MOST_ERRORS)].join(' / '), { cause: error });
  } finally {
    await server.close();
  }
}

async function race(args: Arguments, root: string, folder: string, signal: AbortSignal): Promise<RaceReport> {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const machine = describeMachine();
  const source = folderSource(args.model);
  const { config, tensors } = await openCheckpoint(source);
  const prompts = await racePrompts(source, config.vocabSize, args.repetitions + 1, args.prompt);
  say('converting, building the page');
  const folders = await prepareRace(root, folder, source, args.library, signal);
  const context = await openBrowser(folder, args.software);
  const stop = (): void => void context.close();
  signal.addEventListener('abort', stop);
  try {
    const columns: RaceColumn[] = [];
    for (const column of args.columns) {
      signal.throwIfAborted();
      const why = await obstacle(column, args, root);
      say(`${COLUMNS[column]}${why === undefined ? '' : `: ${why}`}`);
      if (why !== undefined) columns.push({ column, why });
      else {
        try {
          columns.push({ column, figures: await runColumn(column, context, folders, args, prompts) });
        } catch (error) {
          const said = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
          say(`  ${said}`);
          columns.push({ column, why: said });
        }
      }
    }
    return {
      model:
        path.basename(path.resolve(args.model)) === 'hf'
          ? path.basename(path.dirname(path.resolve(args.model)))
          : path.basename(path.resolve(args.model)),
      parameters: tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
      browser: `Chromium ${context.browser()?.version() ?? ''}`.trim(),
      adapter: args.software ? 'WebGPU on SwiftShader (the processor)' : "the system's WebGPU adapter",
      machine,
      tokens: args.tokens,
      columns,
    };
  } finally {
    signal.removeEventListener('abort', stop);
    await context.close().catch(() => undefined);
  }
}

/** Puts the report in the place of an earlier one of the same model on the same adapter. */
async function save(folder: string, report: RaceReport): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'race.json');
  const names = await readdir(folder);
  const earlier = names.includes('race.json')
    ? (JSON.parse(await readFile(file, 'utf8')) as RaceReport[])
    : [];
  const same = (other: RaceReport): boolean =>
    other.model === report.model && other.adapter === report.adapter;
  const reports = [...earlier.filter((other) => !same(other)), report];
  await writeFile(file, `${JSON.stringify(reports, null, 2)}\n`);
  const page = [
    '# Races',
    '',
    'By `npm run -s race`. What WebGPU does on a software adapter says nothing about GPUs. Memory is what the browser measures of the page',
    'and its workers. For our CPU engine on one thread that is less than its weights, so it is not all of it: why was not found out.',
    '',
  ];
  await writeFile(path.join(folder, 'race.md'), [...page, ...reports.map(raceMarkdown)].join('\n'));
}

/** @returns 0: it ran, whatever columns did. Throws WrongUse, EngineError */
export async function main(argv: string[], call?: CommandCall): Promise<number> {
  const args = parseArguments(argv);
  const signal = call?.signal ?? new AbortController().signal;
  const root = process.env['YUPANA_ROOT'];
  if (root === undefined) throw new EngineError('internal', 'YUPANA_ROOT is not set: run it by npm run race');
  sweepPartials(os.tmpdir());
  const folder = partialOf(path.join(os.tmpdir(), 'race'));
  await mkdir(folder);
  try {
    const report = await race(args, root, folder, signal);
    if (args.save) await save(path.join(root, 'tests/bench/results'), report);
    process.stdout.write(args.json ? `${JSON.stringify(report, null, 2)}\n` : `${raceMarkdown(report)}\n`);
    return 0;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    settled(folder);
  }
}
