// Processor time of the page's main thread in each frame while an answer streams at 100 tokens a second, from the browser's
// own trace: at the beginning of an answer, far into a long one, and beside plain text as the baseline of the same run.
// Run: npm run soak -- frames

import os from 'node:os';
import type { CDPSession, Page } from 'playwright-core';
import { openProfile } from '../e2e/harness.ts';
import { serveMarkdownPage, type TryPage } from '../e2e/markdown-page.ts';

declare const window: Window & { yupanaTry: TryPage };

const SECONDS = 8;
const TOKENS_PER_SECOND = 100;
/** Characters of a token: what Spanish text takes on average. */
const TOKEN_CHARS = 4;
const FRAME_MS = 1000 / 60;

interface TraceEvent {
  name: string;
  ph: string;
  ts: number;
  /** Processor time of the thread: says the same on a busy machine. */
  tdur?: number;
  tid: number;
  args?: { name?: string };
}

interface Trace {
  dataCollected: { value: TraceEvent[] };
}

/** Streams for SECONDS after `before` characters; returns the main thread's milliseconds of every frame. */
async function busyFrames(page: Page, before: number, markdown: boolean): Promise<number[]> {
  const client: CDPSession = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  client.on('Tracing.dataCollected', (data) => {
    events.push(...(data as unknown as Trace['dataCollected']).value);
  });
  await page.evaluate(
    ({ before, markdown }) => {
      const { show, SAMPLE } = window.yupanaTry;
      const text = SAMPLE.repeat(Math.ceil(before / SAMPLE.length)).slice(0, before);
      if (markdown) show(text, true);
      else document.querySelector('main')?.replaceChildren(text);
    },
    { before, markdown },
  );
  await page.waitForTimeout(1_000);
  await client.send('Tracing.start', {
    traceConfig: {
      includedCategories: ['disabled-by-default-devtools.timeline', '__metadata'],
      excludedCategories: ['*'],
    },
  });
  await page.evaluate(
    async ({ before, markdown, seconds, rate, chars }) => {
      const { show, SAMPLE } = window.yupanaTry;
      const whole = SAMPLE.repeat(Math.ceil((before + seconds * rate * chars) / SAMPLE.length + 1));
      const main = document.querySelector('main');
      const plain = main?.firstChild;
      const start = performance.now();
      await new Promise<void>((done) => {
        const frame = (): void => {
          const seen = performance.now() - start;
          if (seen > seconds * 1000) return done();
          const end = before + Math.floor((seen / 1000) * rate) * chars;
          if (markdown) show(whole.slice(0, end), true);
          else if (plain) plain.textContent = whole.slice(0, end);
          scrollTo(0, document.documentElement.scrollHeight);
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      });
    },
    { before, markdown, seconds: SECONDS, rate: TOKENS_PER_SECOND, chars: TOKEN_CHARS },
  );
  const complete = new Promise((resolve) => client.once('Tracing.tracingComplete', resolve));
  await client.send('Tracing.end');
  await complete;
  await client.detach();
  return perFrame(events);
}

function perFrame(events: readonly TraceEvent[]): number[] {
  const mains = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ tid }) => tid),
  );
  const tasks = events.filter(
    ({ name, tid, tdur }) => name === 'RunTask' && mains.has(tid) && tdur !== undefined,
  );
  const first = Math.min(...tasks.map(({ ts }) => ts));
  const frames = new Array<number>(Math.floor((SECONDS * 1000) / FRAME_MS)).fill(0);
  for (const { ts, tdur = 0 } of tasks) {
    const at = Math.floor((ts - first) / 1000 / FRAME_MS);
    if (at < frames.length) frames[at] = (frames[at] ?? 0) + tdur / 1000;
  }
  return frames.sort((a, b) => a - b);
}

const at = (sorted: readonly number[], part: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN).toFixed(1).padStart(7);

const server = await serveMarkdownPage();
const profile = await openProfile({ webgpu: false });
console.log(
  `${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.cpus().length} cores; ${TOKENS_PER_SECOND} tokens/s, ${SECONDS} s each; ` +
    'milliseconds of the main thread in a frame of 16.7',
);
console.log('                                  median     p95     p99     max   frames over 16.7 ms');
for (const markdown of [false, true]) {
  for (const before of [0, 10_000, 100_000]) {
    const page = await profile.context.newPage();
    await page.goto(server.url);
    const sorted = await busyFrames(page, before, markdown);
    const label = `${markdown ? 'markdown' : 'plain text'}, after ${before.toLocaleString('en')} characters`;
    const late = sorted.filter((ms) => ms > FRAME_MS).length;
    console.log(
      `${label.padEnd(34)}${at(sorted, 0.5)} ${at(sorted, 0.95)} ${at(sorted, 0.99)} ${at(sorted, 1)}   ${late} of ${sorted.length}`,
    );
    await page.close();
  }
}
await profile.close();
await server.close();
