import { expect, test } from 'vitest';
import { EngineError } from '../failures.ts';
import type { EngineInfo } from '../engine.ts';
import { eitherEngine } from './either-engine.ts';
import type { Counted } from './count.ts';
import type { EngineClient, EngineKind } from './engine-client.ts';

function fakes() {
  const log: string[] = [];
  const lost: Partial<Record<EngineKind, (error: EngineError) => void>> = {};
  const client = (kind: EngineKind): EngineClient =>
    ({
      load: (id: string) => {
        log.push(`${kind} loads ${id}`);
        return Promise.resolve({ modelId: id } as EngineInfo);
      },
      countMany: (conversations: readonly Counted[]) => {
        log.push(`${kind} counts what begins with ${conversations[0]?.begun}`);
        return Promise.resolve({ tokens: [1], contextLength: 2 });
      },
      unload: () => {
        log.push(`${kind} unloads`);
        return Promise.resolve();
      },
      onLost: (callback: (error: EngineError) => void) => {
        lost[kind] = callback;
        return () => undefined;
      },
      dispose: () => log.push(`${kind} ends`),
    }) as unknown as EngineClient;
  return { log, lost, client: eitherEngine({ yupana: client('yupana'), 'web-llm': client('web-llm') }) };
}

test('a load goes to the engine it names, and the other lets go first', async () => {
  const { log, client } = fakes();
  await client.load('a');
  await client.load('b', { engine: 'web-llm' });
  await client.countMany([{ messages: [], begun: 'Hola' }]);
  await client.load('c', { engine: 'yupana' });
  expect(log).toEqual([
    'yupana loads a',
    'yupana unloads',
    'yupana ends',
    'web-llm loads b',
    'web-llm counts what begins with Hola',
    'web-llm unloads',
    'web-llm ends',
    'yupana loads c',
  ]);
});

test('only the engine in use can be lost', async () => {
  const { lost, client } = fakes();
  const heard: string[] = [];
  client.onLost((error) => heard.push(error.message));
  await client.load('a', { engine: 'web-llm' });
  lost.yupana?.(new EngineError('worker-gone', 'ended on purpose'));
  lost['web-llm']?.(new EngineError('device-lost', 'really'));
  expect(heard).toEqual(['really']);
});
