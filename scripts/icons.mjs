// Draws the icons from the board's one geometry: writes public/icons/*.svg and public/favicon.svg, then their PNGs with
// a headless Chromium. Run by hand when the mark changes: node scripts/icons.mjs

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { runnerImport } from 'vite';
import { findBrowser } from './browser.mjs';
import { root } from './install.mjs';

const COCHINEAL = '#9b2335';
const MAIZE = '#e3a72f';
const PAPER = '#f6efe0';

/** @type {{ module: typeof import('../src/app/kit/yupana.ts') }} */
const { module: yupana } = await runnerImport(path.join(root, 'src/app/kit/yupana.ts'));

/**
 * The board on a cochineal ground.
 * @param {number} scale share of the icon's height that the board takes
 * @param {number} corner radius of the ground, of 512; 0 where the system cuts its own shape
 */
function icon(scale, corner) {
  const s = (512 * scale) / yupana.HEIGHT;
  const x = (512 - yupana.WIDTH * s) / 2;
  const y = (512 - yupana.HEIGHT * s) / 2;
  const seeds = yupana.SEEDS.map(
    (seed) => `<circle cx="${seed.x}" cy="${seed.y}" r="${yupana.SEED_RADIUS}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">
<rect width="512" height="512" rx="${corner}" fill="${COCHINEAL}"/>
<g transform="translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${s.toFixed(4)})">
<path d="${yupana.RULES}" fill="none" stroke="${PAPER}" stroke-width="1.5" stroke-linecap="round"/>
<g fill="${MAIZE}">${seeds.join('')}</g>
</g>
</svg>
`;
}

/** A tab shows 16 pixels: one row of the board is left of it, its seeds stacked, 5, 3, 2 and 1. */
function favicon() {
  const seeds = [5, 3, 2, 1].flatMap((count, column) =>
    Array.from(
      { length: count },
      (_, i) => `<circle cx="${6.2 + column * 6.5}" cy="${27 - i * 5.4}" r="2.35"/>`,
    ),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="6" fill="${COCHINEAL}"/>
<g fill="${MAIZE}">${seeds.join('')}</g>
</svg>
`;
}

const icons = path.join(root, 'public/icons');
await mkdir(icons, { recursive: true });
await writeFile(path.join(icons, 'icon.svg'), icon(0.8, 96));
await writeFile(path.join(icons, 'maskable.svg'), icon(0.6, 0));
await writeFile(path.join(root, 'public/favicon.svg'), favicon());
// In the page itself as well: browsers ask for a linked favicon again on every change of address, while chatting too.
const html = path.join(root, 'index.html');
const data = encodeURIComponent(favicon().replaceAll('\n', '')).replaceAll("'", '%27');
await writeFile(
  html,
  (await readFile(html, 'utf8')).replace(/(<link rel="icon" href=")[^"]*/, `$1data:image/svg+xml,${data}`),
);

const executablePath = findBrowser();
if (!executablePath)
  throw new Error('No Chromium-family browser found: the SVGs are written, the PNGs are not.');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
for (const [name, drawing, size] of /** @type {const} */ ([
  ['icon-192.png', icon(0.8, 96), 192],
  ['icon-512.png', icon(0.8, 96), 512],
  ['maskable-512.png', icon(0.6, 0), 512],
])) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(
    `<body style="margin:0">${drawing.replace('<svg ', '<svg style="display:block" ')}</body>`,
  );
  await page.screenshot({ path: path.join(icons, name), omitBackground: true });
  await page.close();
}
await browser.close();
