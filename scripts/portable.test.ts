// The tiny servers that go along on a stick: the header table, this computer only, nothing but their two folders.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headerRules, headersFor } from '../src/wire/headers.ts';

const portable = path.join(import.meta.dirname, '..', 'public', 'portable');
const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);
const SERVERS = [
  { name: 'Node', command: process.execPath, script: 'yupana.mjs' },
  ...(python === undefined ? [] : [{ name: 'Python', command: python, script: 'yupana.py' }]),
];
if (python === undefined) console.log('skipped: the Python server, for there is no Python here');
console.log('skipped: the PowerShell server, for there is no Windows here');

interface Got {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** As it stands: no client tidies the path up on its way. */
const ask = (
  port: number,
  target: string,
  method = 'GET',
  host = `127.0.0.1:${port}`,
  more: Record<string, string> = {},
): Promise<Got> =>
  new Promise((resolve, reject) => {
    const headers = { host, ...more };
    const sent = request({ host: '127.0.0.1', port, path: target, method, headers }, (answer) => {
      let body = '';
      answer.on('data', (data: Buffer) => (body += String(data)));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    sent.on('error', reject);
    sent.end();
  });

describe.each(SERVERS)('the server for $name', ({ command, script }) => {
  let folder: string;
  let child: ChildProcess;
  let port: number;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'yupana-portable-'));
    cpSync(portable, folder, { recursive: true });
    for (const [file, text] of Object.entries({
      'app/index.html': '<p>app</p>',
      'app/headers.json': JSON.stringify(headerRules()),
      'app/assets/engine-worker-x.js': 'engine',
      'app/.hidden': 'hidden',
      'models/m/params_shard_0.bin': 'weights',
      'models/m/index.html': '<script src="x.js"></script>',
      'secret.txt': 'secret',
    })) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
    symlinkSync(os.tmpdir(), path.join(folder, 'app', 'out'));
    writeFileSync(path.join(os.tmpdir(), 'yupana-outside.txt'), 'outside');
    child = spawn(command, [path.join(folder, script), '0'], { stdio: 'pipe' });
    port = await new Promise<number>((resolve, reject) => {
      child.stdout?.on('data', (data: Buffer) => {
        const found = /127\.0\.0\.1:(\d+)/.exec(String(data))?.[1];
        if (found) resolve(Number(found));
      });
      child.stderr?.on('data', (data: Buffer) => reject(new Error(String(data))));
    });
  }, 30_000);
  afterAll(() => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('serves the app and the packs with the header table', async () => {
    for (const [target, body] of [
      ['/', '<p>app</p>'],
      ['/assets/engine-worker-x.js', 'engine'],
      ['/models/m/params_shard_0.bin', 'weights'],
    ] as const) {
      const got = await ask(port, target);
      expect(got.body, target).toBe(body);
      for (const [name, value] of Object.entries(headersFor(target)))
        expect(got.headers[name.toLowerCase()], `${name} of ${target}`).toBe(value);
    }
    expect((await ask(port, '/')).headers['content-type']).toMatch(/^text\/html/);
    expect((await ask(port, '/', 'HEAD')).body).toBe('');
  });

  it('gives nothing from outside its two folders', async () => {
    for (const target of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/models/../secret.txt',
      '/models/..%5c..%5csecret.txt',
      '/secret.txt',
      '/yupana.py',
      '/.hidden',
      '/out/yupana-outside.txt',
      '//etc/passwd',
      '/%00',
      '/%',
      '/assets',
      '/assets/',
      '/index%2ehtml',
      '/%69ndex.html',
      '/assets/%65ngine-worker-x.js',
      '/assets%2fengine-worker-x.js',
      '/assets//engine-worker-x.js',
    ]) {
      const { status, headers } = await ask(port, target);
      expect(status, target).toBe(404);
      expect(headers['content-security-policy'], target).toMatch(/^default-src 'none'/);
    }
  });

  it('serves a range or refuses it', async () => {
    const part = async (range: string) => {
      const { status, headers, body } = await ask(port, '/models/m/params_shard_0.bin', 'GET', undefined, {
        range,
      });
      return [status, headers['content-range'], body];
    };
    expect(await part('bytes=0-0')).toEqual([206, 'bytes 0-0/7', 'w']);
    expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/7', 'igh']);
    expect(await part('bytes=5-99')).toEqual([206, 'bytes 5-6/7', 'ts']);
    expect(await part('bytes=-2')).toEqual([206, 'bytes 5-6/7', 'ts']);
    for (const bad of ['bytes=7-', 'bytes=3-1', 'bytes=0-1,3-4', 'bytes=-', 'pages=1-2'])
      expect(await part(bad), bad).toEqual([416, 'bytes */7', '']);
  });

  it("never takes a pack's file for a page", async () => {
    const { headers, body } = await ask(port, '/models/m/index.html');
    expect(body).toBe('<script src="x.js"></script>');
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-security-policy']).toContain('sandbox');
  });

  it('answers to this computer by its own name alone, and changes nothing', async () => {
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1:1', 'localhost'])
      expect((await ask(port, '/', 'GET', host)).status, host).toBe(421);
    expect((await ask(port, '/', 'POST')).status).toBeGreaterThanOrEqual(400);
    const others = Object.values(os.networkInterfaces())
      .flat()
      .filter((face) => face && !face.internal && face.family === 'IPv4');
    for (const face of others) {
      const reached = await new Promise<boolean>((resolve) => {
        const sent = request({ host: face?.address, port, path: '/', timeout: 2000 }, () => resolve(true));
        sent.on('error', () => resolve(false));
        sent.on('timeout', () => sent.destroy());
        sent.end();
      });
      expect(reached, face?.address).toBe(false);
    }
  });
});
