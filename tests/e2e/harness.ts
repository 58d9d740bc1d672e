// A real browser with WebGPU on the built app. Every test has a profile of its own, so nothing is stored beforehand.

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { findBrowser } from '../../scripts/browser.mjs';
import { root } from '../../scripts/install.mjs';
import { serve } from '../../scripts/serve.mjs';
import { catchAll } from '../host/catch-all.ts';
import { PATIENCE } from './talk.ts';

/** Serves dist/ as `npm start` does, on a free port. */
export function serveApp(port = 0): Promise<{ url: string; close: () => Promise<void> }> {
  return serve({ dir: path.join(root, 'dist'), port, host: 'localhost' });
}

export interface Profile {
  context: BrowserContext;
  /** Ends the browser. @throws Error where anything was asked of a host that is not this machine. */
  close: () => Promise<void>;
}

export interface ProfileOptions {
  locale?: string;
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
  /** Keep or reopen a profile folder, to see what survives a restart of the browser. */
  folder?: string;
  webgpu?: boolean;
}

/** Starts the browser on a fresh profile, with WebGPU on SwiftShader. */
export async function openProfile(options: ProfileOptions = {}): Promise<Profile> {
  const folder = options.folder ?? (await mkdtemp(path.join(os.tmpdir(), 'yupana-profile-')));
  const executablePath = findBrowser();
  if (!executablePath) throw new Error('No browser: run npm test, which installs one.');
  const proxy = await catchAll();
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    headless: true,
    locale: options.locale ?? 'es-CL',
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.colorScheme ?? 'light',
    args: [
      '--no-first-run',
      `--proxy-server=${proxy.url}`,
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...(options.webgpu === false
        ? ['--disable-features=WebGPU', '--disable-gpu']
        : [
            '--enable-unsafe-webgpu',
            '--use-webgpu-adapter=swiftshader',
            // SwiftShader takes seconds a kernel to compile the clearing of workgroup memory otherwise.
            '--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension',
          ]),
    ],
  });
  context.setDefaultTimeout(PATIENCE);
  return {
    context,
    close: async () => {
      await context.close();
      await proxy.close();
      console.log(`requests: ${proxy.heard.length} left this machine`);
      if (proxy.heard.length > 0) throw new Error(`Left this machine: ${proxy.heard.join(', ')}`);
      if (!options.folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What went wrong on a page that no test asked for: uncaught errors and console errors. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return errors;
}
