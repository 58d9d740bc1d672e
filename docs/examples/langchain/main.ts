import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { createEngine } from 'yupana';
import { ChatYupana } from './chat-model.ts';

const out = document.querySelector('output') as HTMLOutputElement;
const engine = await createEngine('./model/');
const model = new ChatYupana({ engine, sampling: { temperature: 0, max_tokens: 40 } });

const prompt = ChatPromptTemplate.fromMessages([['human', '¿Cuál es la capital de {country}?']]);
const chain = prompt.pipe(model).pipe(new StringOutputParser());
for await (const piece of await chain.stream({ country: 'Bolivia' })) out.append(piece);

const { content, usage_metadata: usage } = await model.invoke('¿Cuál es la capital de Bolivia?');
out.dataset['again'] = String(content);
out.dataset['tokens'] = String(usage?.total_tokens);
out.dataset['done'] = 'true';
