// Lighthouse on the built app, as `npm run soak -- lighthouse` runs it: the first screen, and the settings of somebody who
// has chosen nothing yet. Prints the scores; fails below the bar.

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import lighthouse from 'lighthouse';
import { chromium } from 'playwright-core';
import { ensureBrowser } from './browser.mjs';
import { root } from './install.mjs';
import { serve } from './serve.mjs';

const BAR = 95;
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const PORT = 9_377;

const server = await serve({ dir: path.join(root, 'dist'), port: 0, host: 'localhost' });
const profile = mkdtempSync(path.join(os.tmpdir(), 'yupana-lighthouse-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: ensureBrowser(),
  args: [`--remote-debugging-port=${PORT}`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
});
let failed = false;
try {
  for (const [name, hash] of [
    ['first run', ''],
    ['settings', '#/settings'],
  ]) {
    const result = await lighthouse(
      `${server.url}${hash}`,
      { port: PORT, output: 'json', logLevel: 'error', onlyCategories: CATEGORIES },
      {
        extends: 'lighthouse:default',
        settings: {
          formFactor: 'desktop',
          screenEmulation: { mobile: false, width: 1366, height: 768, deviceScaleFactor: 1, disabled: false },
          // As Lighthouse's own desktop preset: a school's line, a processor as it is.
          throttling: {
            rttMs: 40,
            throughputKbps: 10_240,
            cpuSlowdownMultiplier: 1,
            requestLatencyMs: 0,
            downloadThroughputKbps: 0,
            uploadThroughputKbps: 0,
          },
        },
      },
    );
    if (!result) throw new Error('Lighthouse gave no result');
    const { categories, audits, lighthouseVersion } = result.lhr;
    const scores = CATEGORIES.map((id) => `${id} ${Math.round((categories[id]?.score ?? 0) * 100)}`);
    console.log(`lighthouse ${lighthouseVersion}, ${name}: ${scores.join(', ')}`);
    for (const id of CATEGORIES) {
      if (Math.round((categories[id]?.score ?? 0) * 100) < BAR) failed = true;
      for (const { id: audit } of categories[id]?.auditRefs ?? []) {
        const found = audits[audit];
        if (found && found.score !== null && found.score < 0.9) {
          console.log(`  ${id}: ${audit} ${found.score} ${found.displayValue ?? ''} ${found.title}`);
          if (process.env.YUPANA_DETAILS) console.log(JSON.stringify(found.details)?.slice(0, 1500));
        }
      }
    }
  }
} finally {
  await context.close();
  await server.close();
  rmSync(profile, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
