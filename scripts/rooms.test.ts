import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { wrongArrow } from './rooms.mjs';

describe('import rules', () => {
  it.each([
    ['src/llama/forward.ts', '../format/schemes.ts', /llama may not import format/],
    ['src/engines/wgsl/engine.ts', '../../storage/shards.ts', /engines may not import storage/],
    ['src/app/shell/App.svelte', '../../gpu/device.ts', /app may not import gpu/],
    ['src/app/shell/App.svelte', '@mlc-ai/web-llm', /is for engines/],
    ['src/threads/engine.ts', '../download/plan.ts', /may not import download/],
    ['src/app/main.ts', '../threads/engine.ts', /may not import threads/],
    ['src/format/x.ts', 'node:fs', /node: modules/],
    ['src/gpu/x.ts', 'svelte', /is for app/],
    ['src/elsewhere/x.ts', '../llama/config.ts', /not a room/],
  ])('refuses %s -> %s', (file, target, why) => {
    expect(wrongArrow(file, target)).toMatch(why);
  });

  it.each([
    ['src/llama/forward.ts', '../engine.ts'],
    ['src/convert/convert.ts', '../format/schemes.ts'],
    ['src/app/shell/App.svelte', '../../wire/engine-client.ts'],
    ['src/app/main.ts', '../threads/engine.ts?worker&url'],
    ['src/threads/engine.ts', '../engines/wgsl/engine.ts'],
    ['src/cli/convert.ts', 'node:fs/promises'],
    ['src/llama/forward.test.ts', '../format/schemes.ts'],
  ])('allows %s -> %s', (file, target) => {
    expect(wrongArrow(file, target)).toBeNull();
  });

  it('reaches .svelte files through ESLint', async () => {
    const eslint = new ESLint();
    const source = `<script lang="ts">\n  import { openDevice } from '../../gpu/device.ts';\n  openDevice;\n</script>\n`;
    const [result] = await eslint.lintText(source, { filePath: 'src/app/shell/App.svelte' });
    expect(result?.messages.map((m) => m.ruleId)).toContain('yupana/rooms');
  }, 60_000);
});
