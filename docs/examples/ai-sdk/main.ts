import { generateText, streamText } from 'ai';
import { createEngine } from 'yupana';
import { yupanaModel } from './provider.ts';

const out = document.querySelector('output') as HTMLOutputElement;
const engine = await createEngine('./model/');
const model = yupanaModel(engine);

const { textStream } = streamText({ model, prompt: '¿Cuál es la capital de Bolivia?', temperature: 0 });
for await (const piece of textStream) out.append(piece);

const { text, usage } = await generateText({
  model,
  messages: [{ role: 'user', content: '¿Cuál es la capital de Bolivia?' }],
  temperature: 0,
});
out.dataset['again'] = text;
out.dataset['tokens'] = String(usage.totalTokens);
out.dataset['done'] = 'true';
