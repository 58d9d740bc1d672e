// A proxy that answers nothing and remembers everything: what a browser asks of any host but this machine arrives here.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What Chromium and Edge ask of their makers by themselves, whatever page is open. By name: a font from such a house is no exception. */
const BROWSERS_OWN = new Set([
  'accounts.google.com',
  'android.clients.google.com',
  'clients2.google.com',
  'clientservices.googleapis.com',
  'config.edge.skype.com',
  'content-autofill.googleapis.com',
  'edge.microsoft.com',
  'msedge.api.cdp.microsoft.com',
  'mtalk.google.com',
  'optimizationguide-pa.googleapis.com',
  'redirector.gvt1.com',
  'safebrowsing.googleapis.com',
  'safebrowsingohttpgateway.googleapis.com',
  'update.googleapis.com',
]);

/** Of an address, or of a CONNECT's host and port. */
const hostOf = (address: string): string => /^(?:\w+:\/\/)?([^/:]*)/.exec(address)?.[1] ?? '';

export interface CatchAll {
  /** For the browser's --proxy-server; addresses of this machine go past it, as browsers have it. */
  url: string;
  /** Method and address of each request, in order, but for the browser's own; only host and port of what is encrypted. */
  heard: string[];
  close: () => Promise<void>;
}

export async function catchAll(): Promise<CatchAll> {
  const heard: string[] = [];
  const note = (method = '', address = ''): void => {
    if (!BROWSERS_OWN.has(hostOf(address))) heard.push(`${method} ${address}`);
  };
  const server = createServer((request, response) => {
    note(request.method, request.url);
    response.writeHead(502).end();
  });
  server.on('connect', (request, socket) => {
    note('CONNECT', request.url);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
