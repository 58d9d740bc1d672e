// Both engines' workers as one client: the load says whose engine it is, and everything after goes there. Never two models at once:
// the other worker is ended first, and its script with it.

import type { EngineError } from '../failures.ts';
import type { EngineClient, EngineKind } from './engine-client.ts';
import { forwarding } from './link.ts';

export function eitherEngine(clients: Record<EngineKind, EngineClient>): EngineClient {
  let current: EngineKind = 'yupana';
  const kinds = Object.keys(clients) as EngineKind[];

  const change = async (to: EngineKind): Promise<void> => {
    if (to === current) return;
    const from = clients[current];
    current = to;
    // Unloaded before it is ended: the lock on this browser's engine must be free for the other.
    await from.unload().catch(() => undefined);
    from.dispose();
  };

  return forwarding<EngineClient>(
    {
      // What the machine is like is the same for both, and ours is there already.
      probe: () => clients.yupana.probe(),
      async load(modelId, { engine = 'yupana', ...options } = {}) {
        await change(engine);
        return clients[current].load(modelId, options);
      },
      onLost(callback) {
        const stops = kinds.map((kind) =>
          clients[kind].onLost((error: EngineError) => {
            if (kind === current) callback(error);
          }),
        );
        return () => stops.forEach((stop) => stop());
      },
      dispose: () => kinds.forEach((kind) => clients[kind].dispose()),
    },
    (name, ...parameters) => {
      const calls = clients[current] as unknown as Record<string, (...all: unknown[]) => unknown>;
      return calls[name]!(...parameters);
    },
  );
}
