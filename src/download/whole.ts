// Small files, read whole before anything large is asked for.

import { EngineError, failedBy } from '../failures.ts';
import { ask, persist } from './host.ts';
import type { Answer, Host } from './host.ts';

/** A whole answer, and what its host told with it. */
export interface Fetched extends Pick<Answer, 'url' | 'commit'> {
  bytes: Uint8Array<ArrayBuffer>;
}

/** Everything an answer brings. Throws "limit-exceeded" past `maxBytes`, and what `ask` throws. */
export async function fetchWhole(
  host: Host,
  url: string,
  file: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  return (await fetchAnswer(host, url, file, maxBytes, signal)).bytes;
}

/** The same, with where it came from. */
export function fetchAnswer(
  host: Host,
  url: string,
  file: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Fetched> {
  return persist(host, signal, async () => {
    const answer = await ask(host, url, file, undefined, signal);
    try {
      const bytes = await readWhole(answer, file, maxBytes);
      return { bytes, url: answer.url, commit: answer.commit };
    } finally {
      answer.close();
    }
  });
}

async function readWhole(answer: Answer, file: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await answer.read(); part; part = await answer.read()) {
    length += part.length;
    if (length > maxBytes) {
      throw new EngineError('limit-exceeded', `${file} is longer than ${maxBytes} bytes`, {
        file,
        what: 'bytes',
        limit: maxBytes,
      });
    }
    parts.push(part);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A portal that does not say it sends a page. Throws "captive-portal". */
export function refusePage(bytes: Uint8Array, file: string): void {
  if (!/^\s*</.test(new TextDecoder().decode(bytes.subarray(0, 200)))) return;
  throw new EngineError('captive-portal', `${file}: a web page came instead`, { file });
}

/** Whether the host says that there is no such file. */
export const isMissing = (error: unknown): boolean =>
  failedBy(error, 'http-status') && (error.details.status === 404 || error.details.status === 410);
