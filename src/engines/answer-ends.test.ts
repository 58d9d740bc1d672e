// Answers of the starter model end where its template ends a turn, whatever its configs say: converted anew, and as stored by an
// earlier release.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { convertCheckpoint } from '../convert/convert.ts';
import { memorySource } from '../format/memory-source.ts';
import { SCHEMES } from '../format/schemes.ts';
import { createCpuEngine } from './cpu/engine.ts';

// Quick when alone; the suite shares two cores with browsers.
vi.setConfig({ testTimeout: 60_000 });

type Fields = Record<string, unknown>;
type Files = Record<string, Uint8Array<ArrayBuffer>>;

const BASE_MODEL_END = 4089;
const TURN_END = 4092;

const { cases } = JSON.parse(readFileSync('tests/golden/semilla/golden.json', 'utf8')) as {
  cases: { promptIds: number[]; greedyIds: number[]; cut?: unknown }[];
};
const [golden] = cases.filter(({ greedyIds, cut }) => !cut && greedyIds.length < 60);

function folder(path: string): Files {
  return Object.fromEntries(
    readdirSync(path).map((name) => [name, new Uint8Array(readFileSync(`${path}/${name}`))]),
  );
}

function edit(files: Files, path: string, change: (json: Fields) => Fields): void {
  const json = JSON.parse(new TextDecoder().decode(files[path])) as Fields;
  files[path] = new TextEncoder().encode(JSON.stringify(change(json)));
}

const withEnd = (json: Fields): Fields => ({ ...json, eos_token_id: BASE_MODEL_END });

/** The checkpoint, whose fine-tuning kept the base model's id. */
function checkpoint(): Files {
  const files = folder('tests/golden/semilla/hf');
  for (const path of ['config.json', 'generation_config.json']) edit(files, path, withEnd);
  return files;
}

async function convert(files: Files): Promise<Files> {
  const made: Files = {};
  const create = (path: string, bytes: number) => {
    const file = new Uint8Array(bytes);
    made[path] = file;
    let at = 0;
    return Promise.resolve({
      write(chunk: Uint8Array) {
        file.set(chunk, at);
        at += chunk.length;
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  };
  const options = { scheme: SCHEMES.q4f16_1, source: 'test', licence: 'Apache-2.0' };
  await convertCheckpoint(memorySource(files), { create }, options);
  return made;
}

/** The starter model as an earlier release converted that checkpoint. */
function stored(): Files {
  const files = folder('public/models/semilla-q4f16_1');
  edit(files, 'generation_config.json', withEnd);
  edit(files, 'mlc-chat-config.json', (json) => ({
    ...withEnd(json),
    conv_template: { ...(json['conv_template'] as Fields), stop_token_ids: [BASE_MODEL_END] },
  }));
  return files;
}

async function answer(files: Files) {
  if (!golden) throw new Error('no golden answer ends by itself');
  const engine = await createCpuEngine({ source: memorySource(files), modelId: 'test' });
  try {
    const result = await engine
      .createSession()
      .generate(golden.promptIds, { maxTokens: golden.greedyIds.length + 24 });
    return { ...result, stopTokens: engine.vocabulary().stopTokens };
  } finally {
    engine.dispose();
  }
}

it('a checkpoint with the id of its base model, converted', async () => {
  const files = await convert(checkpoint());
  const config = JSON.parse(new TextDecoder().decode(files['mlc-chat-config.json'])) as Fields;
  // For readers that know no template.
  expect(config['eos_token_id']).toEqual([BASE_MODEL_END, TURN_END]);
  const { tokenIds, finishReason, stopTokens } = await answer(files);
  expect(finishReason).toBe('stop');
  expect(tokenIds).toEqual(golden!.greedyIds);
  expect(stopTokens).toEqual([BASE_MODEL_END, TURN_END, 4094]);
});

it('the same, stored by an earlier release', async () => {
  const { tokenIds, finishReason } = await answer(stored());
  expect(finishReason).toBe('stop');
  expect(tokenIds).toEqual(golden!.greedyIds);
});

/** The stored model with another tokenizer: its end of turn is called so, and these fields stand in its config. */
function renamed(name: string, special: boolean, change: (json: Fields) => Fields): Files {
  const files = stored();
  edit(files, 'tokenizer.json', (json) => ({
    ...json,
    added_tokens: (json['added_tokens'] as Fields[]).map((token) =>
      token['id'] === TURN_END ? { ...token, content: name, special } : token,
    ),
  }));
  edit(files, 'tokenizer_config.json', (json) =>
    change({
      ...json,
      eos_token: '<|end_of_text|>',
      chat_template: String(json['chat_template']).replaceAll('<|eot_id|>', name),
    }),
  );
  return files;
}

const bare = (json: Fields): Fields => ({ ...json, chat_template: undefined });

it.each<[string, Files]>([
  ['the template', renamed('<fin>', true, (json) => json)],
  ['the template, by a token not marked special', renamed('<fin>', false, (json) => json)],
  [
    'eos_token as an object',
    renamed('<fin>', true, (json) => ({ ...bare(json), eos_token: { content: '<fin>' } })),
  ],
  ['the vocabulary', renamed('<|im_end|>', true, bare)],
  [
    'special_tokens_map.json',
    {
      ...renamed('<fin>', true, bare),
      'special_tokens_map.json': new TextEncoder().encode('{"eos_token":"<fin>"}'),
    },
  ],
])('an end that only %s names', async (_, files) => {
  const { tokenIds, finishReason } = await answer(files);
  expect({ finishReason, tokenIds }).toEqual({ finishReason: 'stop', tokenIds: golden!.greedyIds });
});

it('texts that end an answer by generation_config.json', async () => {
  const files = stored();
  edit(files, 'generation_config.json', (json) => ({ ...json, stop_strings: ['Bolivia'] }));
  const { text, finishReason } = await answer(files);
  expect(finishReason).toBe('stop');
  expect(text).not.toContain('Bolivia');
});
