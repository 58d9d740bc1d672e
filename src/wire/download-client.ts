// The page's hand on the download's worker.

import type { ModelSource } from '../format/model-source.ts';
import type { Remote } from './calls.ts';
import type { DownloadCalls } from './download-protocol.ts';
import { createConfirmations } from './confirmations.ts';
import { createLink, forwarding } from './link.ts';

/** What the worker answers to; a limit and tokens are told again to a worker born later. */
export interface DownloadClient extends Omit<Remote<DownloadCalls>, 'heard'> {
  /** A person saw these addresses (absolute, or relative to the page) and asked for them: the worker may go there from now on. */
  confirm(bases: readonly string[]): void;
  /** Ends the worker; committed bytes stay. Any call afterwards starts a new one. */
  dispose(): void;
}

// Relative to the page, not to the worker's script.
const absolute = (address: string): string => new URL(address, globalThis.location.href).href;
const resolved = ({ mirrors, roots, ...source }: ModelSource): ModelSource => ({
  ...source,
  base: absolute(source.base),
  ...(mirrors && { mirrors: mirrors.map(absolute) }),
  ...(roots && { roots: roots.map(absolute) }),
});

/** @param spawn `() => new Worker(policy.createScriptURL(url), {type: 'module'})` with Vite's `?worker&url` */
export function createDownloadClient(spawn: () => Worker): DownloadClient {
  let speed: number | null = null;
  const tokens = new Map<string, string>();
  const confirmations = createConfirmations();
  const { call, calls, dispose } = createLink<DownloadCalls>(() => confirmations.attach(spawn()), {
    onBorn(tell) {
      if (speed !== null) tell('limit', speed);
      for (const [origin, token] of tokens) tell('token', { origin, token });
    },
  });
  /** What was confirmed comes another way: it is there before what needs it is asked. */
  const onceHeard = <T>(ask: () => Promise<T>): Promise<T> =>
    confirmations.count() > 0 ? calls.heard(confirmations.count()).then(ask) : ask();
  return forwarding<DownloadClient>(
    {
      confirm: (bases) => confirmations.confirm(bases.map(absolute)),
      look: (address, job) => onceHeard(() => calls.look(address, job)),
      mirror: (root, job) => onceHeard(() => calls.mirror(root, job)),
      download: (source, job) => onceHeard(() => calls.download(resolved(source), job)),
      repair: (source, job) => onceHeard(() => calls.repair(resolved(source), job)),
      // Plain copies: state proxies of a UI framework cannot be posted.
      inspectLocal: ({ files, pins }) => calls.inspectLocal({ files: [...files], pins: { ...pins } }),
      importLocal: ({ model, files }, job) =>
        calls.importLocal({ model: { ...model, missing: [...model.missing] }, files: [...files] }, job),
      async limit(bytesPerSecond) {
        speed = bytesPerSecond;
        await calls.limit(bytesPerSecond);
      },
      async token({ origin, token }) {
        if (token === null) tokens.delete(origin);
        else tokens.set(origin, token);
        await calls.token({ origin, token });
      },
      dispose,
    },
    call,
  );
}
