import { createEngine, createWorkerEngine } from 'yupana';

const out = /** @type {HTMLOutputElement} */ (document.querySelector('output'));
const messages = [{ role: /** @type {const} */ ('user'), content: '¿Cuál es la capital de Bolivia?' }];
// Vite and webpack see this line and bundle the worker; for esbuild it is an entry of its own.
const spawn = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

const engine = await createWorkerEngine(spawn, './model/', {
  initProgressCallback: ({ progress }) => (out.dataset['progress'] = progress.toFixed(2)),
});
const chunks = await engine.chat.completions.create({
  messages,
  temperature: 0,
  max_tokens: 40,
  stream: true,
});
for await (const { choices } of chunks) out.append(choices[0]?.delta.content ?? '');
await engine.unload();

const here = await createEngine('./model/'); // stored now: not a line is fetched
const answer = await here.chat.completions.create({ messages, temperature: 0, max_tokens: 40 });
out.dataset['again'] = answer.choices[0]?.message.content ?? '';
out.dataset['tokens'] = String(answer.usage.total_tokens);
out.dataset['done'] = 'true';
