// A page with one answer on it, for the tests in a real browser. No part of the app imports it.

import { flushSync, mount } from 'svelte';
import '../app.css';
import { es } from '../text/es/dictionary.ts';
import Markdown from './Markdown.svelte';
import { SAMPLE } from './sample.ts';
import { XSS_CORPUS, XSS_PLACES } from './xss-corpus.ts';

const props = $state({ text: '', streaming: false, labels: es.markdown });
const target = document.querySelector('main');
if (!target) throw new Error('the page has no <main>');
mount(Markdown, { target, props });

/** Shows a text at once. */
function show(text: string, streaming = false): void {
  flushSync(() => {
    props.text = text;
    props.streaming = streaming;
  });
}

Object.assign(window, { yupanaTry: { show, SAMPLE, XSS_CORPUS, XSS_PLACES } });
