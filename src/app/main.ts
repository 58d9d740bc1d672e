// The page's composition root: what no policy closes first, then the theme, then the clients of both workers, then the app.

import './kit/close-doors.ts';
import './kit/theme.ts';
import './app.css';
import './print.css';
import { mount } from 'svelte';
import { createDownloadClient } from '../wire/download-client.ts';
import { createEngineClient } from '../wire/engine-client.ts';
import { eitherEngine } from '../wire/either-engine.ts';
import downloadWorkerUrl from '../threads/download.ts?worker&url';
import engineWorkerUrl from '../threads/engine.ts?worker&url';
import webLlmWorkerUrl from '../threads/engine-web-llm.ts?worker&url';
import AppView from './shell/App.svelte';
import { asEngineError } from './kit/faults.ts';
import { loadThreads } from './features/machine/late.ts';
import { keepScript } from './features/models/import/kept-script.ts';
import { App } from './shell/app.svelte.ts';
import { scriptURL } from './kit/trusted.ts';
import { LANGUAGES } from './text/format.ts';
import { OWN_WORDS } from './text/languages.ts';

const app = new App({
  engine: eitherEngine({
    yupana: createEngineClient(() => {
      const worker = new Worker(scriptURL(engineWorkerUrl), { type: 'module', name: 'engine' });
      // Only where the CPU computes does it ask for threads.
      worker.addEventListener('message', ({ ports: [port] }) => {
        if (port) void loadThreads().then(({ startThread }) => startThread(worker, port));
      });
      return worker;
    }),
    'web-llm': createEngineClient(() => {
      // From here on it is there without a line too.
      keepScript(webLlmWorkerUrl).catch((error: unknown) => console.warn('the script is not kept:', error));
      return new Worker(scriptURL(webLlmWorkerUrl), { type: 'module', name: 'engine-web-llm' });
    }),
  }),
  download: createDownloadClient(
    () => new Worker(scriptURL(downloadWorkerUrl), { type: 'module', name: 'download' }),
  ),
});

/** The chosen language comes first: nothing is painted that would be in another. */
async function open(): Promise<void> {
  try {
    await app.prefs.load();
  } catch (error) {
    console.error(error);
    for (const code of LANGUAGES) {
      const said = document.createElement('p');
      said.lang = code;
      said.textContent = OWN_WORDS[code].unreachable;
      document.body.append(said);
    }
    return;
  }
  mount(AppView, { target: document.body, props: { app } });
  await app.start();
}
void open();

// A rejection that nobody handled is still said, never swallowed.
window.addEventListener('unhandledrejection', (event) => app.page.complain(asEngineError(event.reason)));

if (import.meta.env.PROD)
  window.addEventListener('load', () => {
    app.updates.register().catch((error: unknown) => console.warn('no service worker:', error));
  });
