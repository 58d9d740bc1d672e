// Answers in a real browser, under the app's own policies: nothing hostile runs or fetches, links ask first, formulas are
// MathML, the streamed page equals the finished one.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openProfile, watchErrors, type Profile } from './harness.ts';
import { serveMarkdownPage, type TryPage } from './markdown-page.ts';

interface TryWindow extends Window {
  yupanaTry: TryPage;
  hits: string[];
}
declare const window: TryWindow;

let server: { url: string; close: () => Promise<void> };
let profile: Profile;

beforeAll(async () => {
  server = await serveMarkdownPage();
  profile = await openProfile({ webgpu: false });
});

afterAll(async () => {
  await profile?.close();
  await server?.close();
});

/** A page on which the formulas' and grammars' chunks are here already, so that any further request is a payload's. */
async function openPage(): Promise<{ page: Page; errors: string[] }> {
  const page = await profile.context.newPage();
  const errors = watchErrors(page);
  await page.addInitScript(() => {
    window.hits = [];
    for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'] as const) {
      Object.defineProperty(window, name, { value: () => window.hits.push(name) });
    }
    document.addEventListener('securitypolicyviolation', (event) => {
      window.hits.push(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  await page.goto(server.url);
  await page.evaluate(() => window.yupanaTry.show('\\(x\\)\n\n```js\nlet a = 1;\n```'));
  await page.waitForSelector('math');
  await page.waitForSelector('pre .keyword');
  return { page, errors };
}

describe('hostile texts', () => {
  test('0 of them run, fetch, or leave anything on the page that could', async () => {
    const { page, errors } = await openPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    const outcome = await page.evaluate(async () => {
      const { show, XSS_CORPUS, XSS_PLACES } = window.yupanaTry;
      const allowed = new Set(
        (
          'div p h4 h5 h6 ul ol li blockquote hr table thead tbody tr th td pre code figure figcaption button svg path span ' +
          'strong em s br math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle msub msup msubsup munder mover ' +
          'munderover mmultiscripts mprescripts none mtable mtr mtd mphantom mpadded menclose'
        ).split(' '),
      );
      const wrong: string[] = [];
      const host = document.querySelector('main');
      if (!host) throw new Error('no main');
      let shown = 0;
      const check = (what: string): void => {
        shown++;
        for (const element of host.querySelectorAll('*')) {
          if (!allowed.has(element.localName)) wrong.push(`<${element.localName}> from ${what}`);
          for (const { name, value } of element.attributes) {
            const bad =
              /^on|^(?:id|name|href|src|srcset|srcdoc|action|formaction|data|poster|background|is)$|^xlink:/.test(
                name,
              ) ||
              (name === 'style' && /url|expression|@/.test(value));
            if (bad) wrong.push(`${name}="${value}" from ${what}`);
          }
        }
      };
      const poke = (): void => {
        for (const element of host.querySelectorAll('*')) {
          for (const type of [
            'mouseover',
            'focus',
            'pointerenter',
            'error',
            'load',
            'toggle',
            'animationstart',
            'wheel',
          ]) {
            element.dispatchEvent(new Event(type));
          }
        }
      };
      for (const payload of XSS_CORPUS) {
        for (const place of XSS_PLACES) {
          show(place(payload));
          check(place(payload));
          poke();
        }
        for (let end = 1; end <= payload.length; end += 4) show(payload.slice(0, end), true);
        check(`${payload} (streamed)`);
        await new Promise((resolve) => setTimeout(resolve));
      }
      // A moment for anything that would load or fire late.
      await new Promise((resolve) => setTimeout(resolve, 500));
      const ran = window.hits;
      return {
        payloads: XSS_CORPUS.length,
        distinct: new Set(XSS_CORPUS).size,
        shown,
        wrong: wrong.slice(0, 20),
        ran,
      };
    });
    console.log(
      `${outcome.payloads} payloads, ${outcome.shown} pages, ${outcome.ran.length} ran, ${requests.length} requests`,
    );
    expect(outcome.distinct).toBe(outcome.payloads);
    expect(outcome.payloads).toBeGreaterThanOrEqual(200);
    expect(outcome.wrong).toEqual([]);
    expect(outcome.ran).toEqual([]);
    expect(requests).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  test('the watch would see it: a picture and a handler put there by hand', async () => {
    const { page } = await openPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    const hits = await page.evaluate(async () => {
      const img = document.createElement('img');
      img.src = '/xss/hand.png';
      document.querySelector('main')?.append(img);
      try {
        img.insertAdjacentHTML('afterend', '<img src=x onerror=alert(1)>');
      } catch {
        window.hits.push('trusted types');
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
      return window.hits;
    });
    expect(requests.some((url) => url.endsWith('/xss/hand.png'))).toBe(true);
    expect(hits).toContain('trusted types');
    expect(hits.some((hit) => hit.startsWith('policy: require-trusted-types-for'))).toBe(true);
    await page.close();
  });

  test('every link that is offered asks first, with an allowed scheme', async () => {
    const { page } = await openPage();
    const hrefs = await page.evaluate(async () => {
      const { show, XSS_CORPUS } = window.yupanaTry;
      const seen: { href: string; rel: string; target: string; shown: string }[] = [];
      // A busy machine opens and closes a dialog late: waited for, not timed.
      const until = async (holds: () => boolean) => {
        for (let i = 0; i < 500 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
      };
      for (const payload of XSS_CORPUS) {
        show(payload);
        for (const link of document.querySelectorAll<HTMLElement>('main [role=link]')) {
          link.click();
          await until(() => document.querySelector('dialog[open] a') !== null);
          const anchor = document.querySelector('dialog a');
          seen.push({
            href: anchor?.getAttribute('href') ?? 'none',
            rel: anchor?.getAttribute('rel') ?? '',
            target: anchor?.getAttribute('target') ?? '',
            shown: document.querySelector('dialog .address')?.textContent ?? '',
          });
          document.querySelector<HTMLElement>('dialog button')?.click();
          // The browser says "closed" in a task of its own, later than any person could click again.
          await until(() => document.querySelector('dialog[open]') === null);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
      return seen;
    });
    expect(hrefs.length).toBeGreaterThan(10);
    for (const { href, rel, target, shown } of hrefs) {
      expect(href).toMatch(/^(?:https?:\/\/|mailto:)/);
      expect([rel, target, shown]).toEqual(['noopener noreferrer', '_blank', href]);
    }
    await page.close();
  });
});

describe('what is shown', () => {
  test('the sample: streamed character by character, it ends as the page shown at once', async () => {
    const { page, errors } = await openPage();
    const [streamed, whole] = await page.evaluate(async () => {
      const { show, SAMPLE } = window.yupanaTry;
      const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));
      const html = (): string =>
        (document.querySelector('main .markdown')?.innerHTML ?? '').replace(/<!--.*?-->/g, '');
      for (let end = 1; end <= SAMPLE.length; end++) show(SAMPLE.slice(0, end), true);
      show(SAMPLE, false);
      await settle();
      const first = html();
      show('', false);
      show(SAMPLE, false);
      await settle();
      return [first, html()];
    });
    expect(streamed).toBe(whole);
    expect(errors).toEqual([]);
    const text = await page.locator('main').innerText();
    expect(text).toContain('El kit cuesta $12.500 y la lupa US$8; con descuento, $10.000.');
    expect(text).toContain('<script>alert("hola")</script>');
    expect(text).toContain('igual que <b> y *esto*.');
    expect(await page.locator('main math').count()).toBe(6);
    expect(await page.locator('main math[display=block]').count()).toBe(2);
    expect(await page.locator('main th[scope=col]').count()).toBe(3);
    expect(await page.locator('main h4, main h5, main h6').count()).toBe(3);
    expect(await page.locator('main pre .keyword').count()).toBeGreaterThan(2);
    await page.close();
  });

  test('no white space comes between nodes', async () => {
    const { page } = await openPage();
    await page.evaluate(() => window.yupanaTry.show('a**b**_c_`d`[e](https://f.cl)\\(g\\)~~h~~.'));
    expect(await page.locator('main p').textContent()).toBe('ab_c_degh.');
    await page.close();
  });

  test('blocks that are finished are not touched while the answer goes on', async () => {
    const { page } = await openPage();
    const touched = await page.evaluate(() => {
      const { show, SAMPLE } = window.yupanaTry;
      let text = `${SAMPLE}\n\nSigue`;
      show(text, true);
      const last = document.querySelector('main .markdown')?.lastElementChild?.lastElementChild;
      let elsewhere = 0;
      const observer = new MutationObserver(() => undefined);
      observer.observe(document.querySelector('main') ?? document, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
      for (const token of [' el', ' **te', 'xto**', ' y', ' más', ' `có', 'digo`', '.']) {
        text += token;
        show(text, true);
        for (const { target } of observer.takeRecords()) if (!last?.contains(target)) elsewhere++;
      }
      observer.disconnect();
      return elsewhere;
    });
    expect(touched).toBe(0);
    await page.close();
  });

  test('a link opens by keyboard, is copied, and gives the focus back', async () => {
    const { page } = await openPage();
    await profile.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() => window.yupanaTry.show('Ver [la guía](https://ejemplo.org/a?b=1).'));
    const link = page.getByRole('link', { name: 'la guía' });
    await link.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    expect(await dialog.locator('.address').textContent()).toBe('https://ejemplo.org/a?b=1');
    await dialog.getByRole('button', { name: 'Copiar la dirección' }).click();
    await dialog.getByText('Copiado').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('https://ejemplo.org/a?b=1');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('link');
    await page.close();
  });

  test('code is copied as it was written', async () => {
    const { page } = await openPage();
    await profile.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() => window.yupanaTry.show('```js\nconst a = "<b>";\n\n  a;\n```'));
    await page.getByRole('button', { name: 'Copiar el código' }).click();
    await page.getByRole('status').getByText('Copiado').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('const a = "<b>";\n\n  a;');
    await page.close();
  });
});
