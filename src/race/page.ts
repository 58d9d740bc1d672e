// The race's page: one runner a visit, driven by `npm run race`. Served under a policy of its own; never part of the app.

import './gpu-calls.js';
import { callsBetween, countInBlobWorkers, gpuCalls } from './count.ts';
import type { ColumnName, RaceOrder, RacePrompt, RaceRun, Runner } from './protocol.ts';

interface Contestant {
  download(order: RaceOrder): Promise<void>;
  load(order: RaceOrder): Promise<Runner>;
}

/** Each is fetched only where it runs, so that what it transfers is its own. */
async function contestant(column: ColumnName): Promise<Contestant> {
  if (column.startsWith('yupana')) {
    const { downloadForYupana, loadYupana } = await import('./yupana.ts');
    return { download: downloadForYupana, load: loadYupana };
  }
  if (column.startsWith('wllama')) {
    const { downloadForWllama, loadWllama } = await import('./wllama.ts');
    return { download: downloadForWllama, load: loadWllama };
  }
  const { downloadForWebLlm, loadWebLlm } = await import('./web-llm.ts');
  return { download: downloadForWebLlm, load: loadWebLlm };
}

/** Warm-ups after the first, at most, and the share of the last one's time that a settled one still takes. */
const MOST_WARM_UPS = 4;
const SETTLED = 0.9;

countInBlobWorkers();

globalThis.race = {
  async download(order) {
    await (await contestant(order.column)).download(order);
  },
  async run(order) {
    const { load } = await contestant(order.column);
    const started = performance.now();
    const runner = await load(order);
    const answer = async (prompt: RacePrompt, tokens: number): Promise<RaceRun> => {
      const run = await runner.answer(prompt, tokens);
      if (run.tokens !== tokens) throw new Error(`the answer has ${run.tokens} tokens, not ${tokens}`);
      return run;
    };
    const [first, ...rest] = order.prompts;
    const last = rest.pop();
    if (!first || !last) throw new Error('a race needs at least two prompts');
    const loaded = (performance.now() - started) / 1000;
    const warm = await answer(first, order.tokens);
    // Browsers compile large WebAssembly twice, and well only after a while: nobody is measured before its pace has settled.
    let pace = warm.decode;
    for (let more = 0; more < MOST_WARM_UPS; more++) {
      const { decode } = await answer(first, order.tokens);
      const settled = decode > SETTLED * pace;
      pace = decode;
      if (settled) break;
    }
    const runs: RaceRun[] = [];
    for (const prompt of rest) runs.push(await answer(prompt, order.tokens));
    const halfTokens = Math.max(1, order.tokens >> 1);
    const before = await gpuCalls();
    runs.push(await answer(last, order.tokens));
    const between = await gpuCalls();
    await answer(first, halfTokens);
    const after = await gpuCalls();
    return {
      warmFirstToken: loaded + warm.firstToken,
      warm,
      runs,
      calls: {
        whole: callsBetween(before, between),
        half: callsBetween(between, after),
        tokens: order.tokens,
        halfTokens,
      },
      how: runner.how,
    };
  },
};
