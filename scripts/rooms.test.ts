import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { ROOMS, wrongArrow } from './rooms.mjs';

describe('import rules', () => {
  it.each([
    ['src/llama/forward.ts', '../format/schemes.ts', /llama may not import format/],
    ['src/engines/wgsl/engine.ts', '../../storage/shards.ts', /engines may not import storage/],
    ['src/app/shell/App.svelte', '../../gpu/device.ts', /app.shell may not import gpu/],
    ['src/app/shell/App.svelte', '@mlc-ai/web-llm', /is for engines/],
    ['src/threads/engine.ts', '../download/plan.ts', /may not import download/],
    ['src/app/main.ts', '../threads/engine.ts', /may not import threads/],
    ['src/format/x.ts', 'node:fs', /node: modules/],
    ['src/gpu/x.ts', 'svelte', /is for app/],
    ['src/elsewhere/x.ts', '../llama/config.ts', /not a room/],
    ['src/app/elsewhere/x.ts', '../text/format.ts', /unknown room app.elsewhere: not a room/],
    ['src/app/features/elsewhere/x.ts', '../../text/format.ts', /unknown room app.features.elsewhere/],
  ])('refuses %s -> %s', (file, target, why) => {
    expect(wrongArrow(file, target)).toMatch(why);
  });

  // One for each wall in the app.
  it.each([
    ['src/app/main.ts', './features/chat/chat.svelte.ts', 'app', 'app/features/chat'],
    ['src/app/text/x.ts', '../kit/faults.ts', 'app/text', 'app/kit'],
    ['src/app/kit/x.ts', '../features/models/models.svelte.ts', 'app/kit', 'app/features/models'],
    ['src/app/kit/X.svelte', '../shell/app.svelte.ts', 'app/kit', 'app/shell'],
    ['src/app/markdown/x.ts', '../features/chat/title.ts', 'app/markdown', 'app/features/chat'],
    [
      'src/app/features/documents/x.ts',
      '../chat/chat.svelte.ts',
      'app/features/documents',
      'app/features/chat',
    ],
    ['src/app/features/donate/X.svelte', '../chat/context.ts', 'app/features/donate', 'app/features/chat'],
    ['src/app/features/vault/X.svelte', '../chat/context.ts', 'app/features/vault', 'app/features/chat'],
    ['src/app/features/machine/x.ts', '../models/advice.ts', 'app/features/machine', 'app/features/models'],
    ['src/app/features/settings/x.ts', '../models/advice.ts', 'app/features/settings', 'app/features/models'],
    ['src/app/features/models/x.ts', '../chat/chat.svelte.ts', 'app/features/models', 'app/features/chat'],
    ['src/app/features/chat/x.ts', '../machine/preflight.ts', 'app/features/chat', 'app/features/machine'],
    ['src/app/features/chat/list/X.svelte', '../../../shell/late.ts', 'app/features/chat', 'app/shell'],
    ['src/app/shell/x.ts', '../main.ts', 'app/shell', 'app'],
  ])('refuses %s -> %s', (file, target, from, to) => {
    expect(wrongArrow(file, target)).toBe(`${from} may not import ${to}`);
  });

  it('gives every feature a wall to every other that it does not name', () => {
    const features = Object.keys(ROOMS).filter((room) => room.startsWith('app/features/'));
    expect(features.length).toBeGreaterThan(6);
    for (const from of features)
      for (const to of [...features, 'app/shell', 'app'])
        if (from !== to)
          expect(
            wrongArrow(`src/${from}/a.ts`, `${'../'.repeat(from.split('/').length)}${to}/b.ts`),
            `${from} -> ${to}`,
          ).toBe(
            (ROOMS as Record<string, string[]>)[from]?.includes(to) ? null : `${from} may not import ${to}`,
          );
  });

  it.each([
    ['src/llama/forward.ts', '../engine.ts'],
    ['src/convert/convert.ts', '../format/schemes.ts'],
    ['src/app/shell/App.svelte', '../../wire/engine-client.ts'],
    ['src/app/main.ts', '../threads/engine.ts?worker&url'],
    ['src/app/main.ts', './shell/App.svelte'],
    ['src/app/kit/x.ts', 'svelte'],
    ['src/app/features/chat/thread/Turn.svelte', '../../donate/FeedbackPanel.svelte'],
    ['src/app/features/machine/start-bench.ts', '../../../threads/engine-bench.ts?worker&url'],
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
