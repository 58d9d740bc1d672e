// The hostile texts everywhere else a stranger's words are shown: as an imported chat with its titles, documents, sources and
// opinions, as a file's name and content, as a model's card, as what would be donated. Answers are in markdown.test.ts.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { XSS_CORPUS } from '../../src/app/markdown/xss-corpus.ts';
import { openProfile, serveApp, watchErrors, type Profile } from './harness.ts';

interface WatchedWindow extends Window {
  hits: string[];
}
declare const window: WatchedWindow;

const short = (text: string, limit: number): string => text.slice(0, limit);
/** Of a conversation: its list shows this many at once without scrolling. */
const TITLES = 60;

function hostileFile(): string {
  const nodes: Record<string, object> = {};
  let parentId: string | null = null;
  for (const [i, payload] of XSS_CORPUS.entries()) {
    const name = short(payload, 200);
    nodes[`q${i}`] = {
      id: `q${i}`,
      parentId,
      role: 'user',
      content: payload,
      createdAt: i,
      attachments: [
        { id: `f${i}`, name, kind: 'markdown', bytes: 1, chars: payload.length, content: payload },
      ],
      sources: {
        language: 'es',
        how: 'ranked',
        share: 0.5,
        from: [`f${i}`],
        passages: [{ name, page: name, heading: name, text: payload }],
      },
    };
    nodes[`a${i}`] = {
      id: `a${i}`,
      parentId: `q${i}`,
      role: 'assistant',
      content: payload,
      createdAt: i,
      modelId: name,
      finishReason: 'stop',
      feedback: { rating: 'down', reasons: [name, 'false'], note: payload },
    };
    parentId = `a${i}`;
  }
  const base = { schema: 1, createdAt: 1, modelId: '<img src=x onerror=alert(1)>' };
  const conversations: object[] = XSS_CORPUS.map((payload, i) => ({
    ...base,
    id: `t${i}`,
    title: short(payload, 500),
    updatedAt: i,
    system: payload,
    persona: short(payload, 200),
    tags: [short(payload, 60)],
    currentLeaf: 'q',
    nodes: { q: { id: 'q', parentId: null, role: 'user', content: payload, createdAt: 1 } },
  }));
  conversations.push({
    ...base,
    persona: XSS_CORPUS.slice(0, 3).join(' '),
    tags: XSS_CORPUS.slice(0, 40).map((payload) => short(payload, 60)),
    id: 'all',
    title: XSS_CORPUS.slice(0, 8).join(' '),
    updatedAt: 1e12,
    currentLeaf: parentId,
    nodes,
  });
  return JSON.stringify({ format: 'yupana', schema: 1, conversations });
}

describe('hostile texts on every surface', () => {
  let server: Awaited<ReturnType<typeof serveApp>>;
  let profile: Profile;
  let page: Page;
  let errors: string[];
  const requests: string[] = [];

  beforeAll(async () => {
    server = await serveApp();
    profile = await openProfile({ webgpu: false, width: 1100, height: 800 });
    page = await profile.context.newPage();
    errors = watchErrors(page);
    await page.addInitScript(() => {
      window.hits = [];
      for (const name of ['alert', 'confirm', 'prompt', 'open'] as const)
        Object.defineProperty(window, name, { value: () => window.hits.push(name) });
      document.addEventListener('securitypolicyviolation', (event) => {
        window.hits.push(`policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    // The card is a chunk of the build: this one stands for what a stranger's model could bring.
    await profile.context.route(/assets\/semilla-[^/]*\.js$/, (route) =>
      route.fulfill({
        contentType: 'text/javascript; charset=utf-8',
        body: `export default ${JSON.stringify(`## Español\n\n${XSS_CORPUS.join('\n\n')}`)}`,
      }),
    );
    await page.goto(`${server.url}#/models`);
    await page.locator('details').first().waitFor();
    await page.waitForLoadState('networkidle');
  });
  afterAll(async () => {
    await profile.close();
    await server.close();
  });

  /** Anything on the page that could run or fetch, poked as a hand and a pointer would. */
  const dangerous = () =>
    page.evaluate(() => {
      const found: string[] = [];
      for (const element of document.querySelectorAll('body *')) {
        if (
          /^(script|iframe|frame|object|embed|base|link|style|audio|video|portal|foreignObject)$/i.test(
            element.localName,
          )
        )
          found.push(`<${element.localName}>`);
        for (const { name, value } of element.attributes) {
          const runs =
            /^on/i.test(name) || /^(?:srcdoc|formaction|action|ping|background|poster)$/.test(name);
          const leads =
            /^(?:href|src|srcset|data|xlink:href)$/.test(name) &&
            !/^(?:#|\.\/favicon|\.\/icons|blob:)/.test(value);
          // The app's own links to a model's licence and the like.
          if (runs || (leads && /javascript|data:|vbscript|evil|xss/i.test(value)))
            found.push(`${name}="${value}"`);
        }
        for (const type of ['mouseover', 'pointerenter', 'error', 'load', 'toggle', 'animationstart'])
          element.dispatchEvent(new Event(type));
      }
      return found;
    });

  const nothingRan = async (): Promise<void> => {
    expect(await dangerous()).toEqual([]);
    await page.waitForTimeout(300); // for anything that would load or fire late
    expect(await page.evaluate(() => window.hits.filter((hit) => !/connect-src/.test(hit)))).toEqual([]);
  };

  it('as the text of a model’s card', async () => {
    await page.locator('summary').filter({ hasText: 'Ficha' }).first().click();
    await expect.poll(() => page.locator('main').innerText(), { timeout: 120_000 }).toContain('alert(1)');
    await nothingRan();
    // It brings the shell's own files into its cache meanwhile: those are no payload's.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    profile.context.on('request', (request) => requests.push(request.url()));
  });

  it('as an imported chat: its texts, its titles, its files, their sources, its opinions', async () => {
    await page.goto(`${server.url}#/settings`);
    await page.locator('input[type=file][aria-label="Traer de un archivo"]').setInputFiles({
      name: 'hostil.json',
      mimeType: 'application/json',
      buffer: Buffer.from(hostileFile()),
    });
    await page.getByText(/Se agregaron \d+ conversaciones/).waitFor({ timeout: 120_000 });
    await page.goto(`${server.url}#/chat/all`);
    await expect.poll(() => page.locator('li.answer').count(), { timeout: 120_000 }).toBe(XSS_CORPUS.length);
    expect(XSS_CORPUS.length).toBeGreaterThanOrEqual(200);
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    await nothingRan();
    expect(await page.locator('#conversations li').count()).toBeGreaterThan(TITLES / 4);
  });

  it('as tags that the list is filtered by, as the names of personas and of conversations in the palette', async () => {
    const tags = page.getByRole('group', { name: 'Filtrar la lista' }).getByRole('button');
    await expect.poll(() => tags.count()).toBeGreaterThan(30);
    await nothingRan();
    const personas = XSS_CORPUS.slice(0, 60).map((payload, i) => ({
      id: `p${i}`,
      name: short(payload, 80),
      text: payload,
    }));
    await page.goto(`${server.url}#/settings`);
    await page.locator('#settings-personas input[type=file]').setInputFiles({
      name: 'personas.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify({ yupanaPersonas: 1, personas })),
    });
    await expect.poll(() => page.locator('#settings-personas li').count()).toBeGreaterThan(30);
    await nothingRan();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('<');
    await expect.poll(() => page.getByRole('option').count()).toBeGreaterThan(5);
    await nothingRan();
    await page.keyboard.press('Escape');
    await page.goto(`${server.url}#/chat/all`);
    await page.locator('li.answer').first().waitFor();
    await page.getByRole('button', { name: /^Instrucciones de esta conversación/ }).click();
    await expect.poll(() => page.getByRole('menuitemradio').count()).toBeGreaterThan(30);
    await nothingRan();
    await page.keyboard.press('Escape');
  });

  it('as what would be donated', async () => {
    await page.getByRole('button', { name: 'Guardar o imprimir' }).click();
    await page.getByRole('button', { name: 'Donar a Latam-GPT' }).click();
    await expect.poll(() => page.locator('dialog ol li').count(), { timeout: 120_000 }).toBeGreaterThan(200);
    await nothingRan();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  it('as the name of a file, and as what is in it', async () => {
    await page.goto(`${server.url}#/chat/t0`);
    const chooser = page.locator('form input[type=file]');
    const chips = page.locator('li[data-state]');
    for (let from = 0; from < XSS_CORPUS.length; from += 10) {
      const batch = XSS_CORPUS.slice(from, from + 10);
      await chooser.setInputFiles(
        batch.map((payload, i) => ({
          // Without what a path is made of: names come from a file system.
          name: `${short(payload.replace(/[/\\\0\n]/g, ' '), 100)} ${i}.${i % 2 ? 'md' : 'html'}`,
          mimeType: 'text/plain',
          buffer: Buffer.from(payload),
        })),
      );
      await expect
        .poll(() => chips.evaluateAll((all) => all.map((chip) => chip.getAttribute('data-state'))), {
          timeout: 120_000,
        })
        .toEqual(batch.map((_, i) => (i % 2 ? 'ready' : 'failed')));
      expect(await dangerous()).toEqual([]);
      await page.evaluate(async () => {
        for (let chip = document.querySelector<HTMLElement>('li[data-state] button'); chip;) {
          chip.click();
          await new Promise((resolve) => setTimeout(resolve));
          chip = document.querySelector<HTMLElement>('li[data-state] button');
        }
      });
    }
    await nothingRan();
  });

  it('no request was made by any of it', () => {
    console.log(`${XSS_CORPUS.length} payloads on 9 surfaces, ${requests.length} requests`);
    expect(requests.filter((url) => !url.startsWith('blob:'))).toEqual([]);
    expect(errors.filter((text) => !/Content Security Policy/.test(text))).toEqual([]);
  });
});
