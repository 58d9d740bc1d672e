// The texts for other servers, tried with the servers themselves where they are installed.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headerRules, headersFor } from '../src/wire/headers.ts';
import { hostFiles } from './host-files.mjs';

const FILES = {
  'index.html': '<!doctype html>',
  'sw.js': '//',
  'manifest.webmanifest': '{}',
  'assets/index-x1.js': '//',
  'assets/engine-worker-x1.js': '//',
  'assets/download-worker-x1.js': '//',
  'assets/pdf-thread-worker-x1.js': '//',
  'models/m/params_shard_0.bin': '0123456789',
  'models/m/evil.html': '<p>',
};
const texts = hostFiles(headerRules(), Object.keys(FILES));
const has = (name: string) => spawnSync(name, [name === 'caddy' ? 'version' : '-v']).status === 0;

let home: string;
beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'yupana-hosts-'));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(path.dirname(path.join(home, 'dist', name)), { recursive: true });
    writeFileSync(path.join(home, 'dist', name), text);
  }
  for (const [name, text] of Object.entries(texts)) writeFileSync(path.join(home, name), text);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const SERVERS = [
  {
    name: 'nginx',
    start(port: number) {
      const conf = path.join(home, 'main.conf');
      const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `${kind}_temp_path ${home}/${kind};`)
        .join(' ');
      writeFileSync(
        conf,
        `daemon off; master_process off; pid ${home}/nginx.pid; error_log ${home}/error.log;\nevents {}\n` +
          `http { access_log off; ${temp} server { listen 127.0.0.1:${port}; root ${home}/dist; include ${home}/nginx.conf; } }\n`,
      );
      return spawn('nginx', ['-e', `${home}/error.log`, '-c', conf], { stdio: 'ignore' });
    },
  },
  {
    name: 'caddy',
    start(port: number) {
      const conf = path.join(home, 'Site');
      writeFileSync(
        conf,
        `{\n\tadmin off\n\tauto_https off\n}\nhttp://127.0.0.1:${port} {\n\troot * ${home}/dist\n\timport ${home}/Caddyfile\n}\n`,
      );
      return spawn('caddy', ['run', '--config', conf, '--adapter', 'caddyfile'], {
        stdio: 'ignore',
        env: { ...process.env, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
      });
    },
  },
];
for (const { name } of SERVERS) if (!has(name)) console.log(`skipped: ${name} is not installed here`);

describe.each(SERVERS.filter(({ name }) => has(name)))('$name', ({ start }) => {
  let child: ReturnType<typeof spawn>;
  let base: string;
  beforeAll(async () => {
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    child = start(port);
    const up = async (): Promise<boolean> =>
      fetch(base).then(
        () => true,
        () => false,
      );
    while (!(await up())) {
      if (child.exitCode !== null) throw new Error('the server did not start');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }, 30_000);
  afterAll(() => child.kill());

  it.each(['/', ...Object.keys(FILES).map((name) => `/${name}`)])(
    '%s has the rule of the table',
    async (name) => {
      const response = await fetch(base + name);
      expect(response.status).toBe(200);
      for (const [header, value] of Object.entries(headersFor(name)))
        expect(response.headers.get(header), header).toBe(value);
    },
  );

  it('another spelling of a name gets the rule of the file, or nothing', async () => {
    for (const [spelt, name] of [
      ['/assets/%65ngine-worker-x1.js', '/assets/engine-worker-x1.js'],
      ['/index%2ehtml', '/index.html'],
      ['/assets%2fengine-worker-x1.js', '/assets/engine-worker-x1.js'],
    ] as const) {
      const response = await fetch(base + spelt, { redirect: 'manual' });
      if (response.status !== 200) continue;
      expect(response.headers.get('content-security-policy'), spelt).toBe(
        headersFor(name)['Content-Security-Policy'],
      );
    }
  });

  it('what is not there has a policy too', async () => {
    const response = await fetch(`${base}/nothing.html`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
  });
});

it('no two rules of _headers meet, and each file has its own', () => {
  const names = texts['_headers']!.split('\n').filter((line) => line.startsWith('/'));
  expect(names.sort()).toEqual(['/', ...Object.keys(FILES).map((name) => `/${name}`)].sort());
  expect(names.join()).not.toContain('*');
});

it('Apache gets the most particular rule last', () => {
  const order = [...texts['htaccess']!.matchAll(/m#(.*)#">/g)].map((found) => found[1]);
  expect(order).toEqual([...headerRules()].reverse().map(({ pattern }) => (pattern === '' ? '.*' : pattern)));
});
