import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openModelDirectory } from '../format/model-directory.ts';
import * as convert from './convert.ts';
import { folderSource } from './folder-source.ts';
import { runCommand } from './run.ts';

vi.setConfig({ testTimeout: 30_000 });

const CHECKPOINT = 'tests/golden/mha-untied-tail/hf';
const main = (argv: string[]) => runCommand('convert', convert, argv);

let folder: string;
let printed: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'yupana-convert-'));
  printed = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const out = () => path.join(folder, 'model');
/** Nothing but the given names may be left in the temporary folder. */
const left = () => readdirSync(folder).sort();

function copyCheckpoint(change: (files: Record<string, Buffer>) => void): string {
  const files: Record<string, Buffer> = {};
  for (const name of readdirSync(CHECKPOINT)) files[name] = readFileSync(path.join(CHECKPOINT, name));
  change(files);
  const copy = path.join(folder, 'checkpoint');
  mkdirSync(copy);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(copy, name), bytes);
  return copy;
}

describe('convert', () => {
  it('writes a whole directory, and says how far it is', async () => {
    expect(await main([CHECKPOINT, out()])).toBe(0);
    expect(left()).toEqual(['model']);
    const directory = await openModelDirectory(folderSource(out()));
    expect(directory.scheme.name).toBe('q4f16_1');
    const manifest = JSON.parse(readFileSync(path.join(out(), 'manifest.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(manifest).toMatchObject({ scheme: 'q4f16_1', source: 'hf', licence: 'unknown' });
    expect(printed).toContain('100.0 %');
    expect(printed).toContain('no tokenizer.json');
  });

  it('takes scheme, source and licence, the licence from the card where it is not given', async () => {
    const card = '---\nlanguage: es\nlicense: llama3.2\n---\n# A model\n';
    const checkpoint = copyCheckpoint((files) => (files['README.md'] = Buffer.from(card)));
    expect(await main([checkpoint, out(), '--scheme', 'q3f16_1', '--source', 'owner/name @ 1234'])).toBe(0);
    const manifest = JSON.parse(readFileSync(path.join(out(), 'manifest.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(manifest).toMatchObject({ scheme: 'q3f16_1', source: 'owner/name @ 1234', licence: 'llama3.2' });
  });

  it('writes into an empty directory, and not into one with files', async () => {
    mkdirSync(out());
    expect(await main([CHECKPOINT, out()])).toBe(0);
    const before = readdirSync(out());
    printed = '';
    expect(await main([CHECKPOINT, out()])).toBe(1);
    expect(printed).toContain('is not empty');
    expect(readdirSync(out())).toEqual(before);
  });

  it.each([[], [CHECKPOINT], [CHECKPOINT, 'a', 'b'], [CHECKPOINT, 'a', '--nonsense']])(
    'says how it is used: %j',
    async (...argv) => {
      expect(await main(argv)).toBe(2);
      expect(printed).toMatch(/^convert: .+ \(convert --help shows the usage\)\n$/);
    },
  );
});

describe('convert of a GGUF file', () => {
  it('makes the model that its checkpoint becomes', async () => {
    const file = path.join(folder, 'model.gguf');
    expect(await main(['--format', 'gguf', CHECKPOINT, file, '--scheme', 'F16', '--licence', 'mit'])).toBe(0);
    expect(await main([file, out()])).toBe(0);
    expect(await main([CHECKPOINT, `${out()}2`])).toBe(0);
    const bytes = (dir: string): string[] =>
      readdirSync(dir)
        .filter((name) => name.startsWith('params'))
        .map((name) => readFileSync(path.join(dir, name)).toString('base64'));
    expect(bytes(out())).toEqual(bytes(`${out()}2`));
    const manifest = JSON.parse(readFileSync(path.join(out(), 'manifest.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({ scheme: 'q4f16_1', source: 'hf', licence: 'mit' });
  });

  it('says what is wrong with one, and leaves nothing behind', async () => {
    const file = path.join(folder, 'model.gguf');
    writeFileSync(file, 'no model');
    expect(await main([file, out()])).toBe(1);
    expect(printed).toContain('model.gguf: does not begin with "GGUF" [gguf-invalid]');
    expect(await main([path.join(folder, 'other.gguf'), out()])).toBe(1);
    expect(printed).toContain('other.gguf is missing');
    expect(await main(['--format', 'gguf', file, out()])).toBe(2);
    expect(left()).toEqual(['model.gguf']);
  });
});

describe('convert refuses, and leaves nothing behind:', () => {
  const tensors = 'model.safetensors';
  it.each<[string, RegExp, (files: Record<string, Buffer>) => void]>([
    [
      'a truncated file',
      /tensor-bounds|ends at/,
      (files) => (files[tensors] = files[tensors]!.subarray(0, 500_000)),
    ],
    ['an absurd header', /header of/, (files) => files[tensors]!.writeBigUInt64LE(2n ** 60n)],
    ['a folder that is no checkpoint', /no config\.json/, (files) => delete files['config.json']],
    ['a checkpoint without weights', /model\.safetensors is missing/, (files) => delete files[tensors]],
    [
      'another architecture',
      /model_type "qwen2" is not supported/,
      (files) => (files['config.json'] = Buffer.from('{"model_type":"qwen2"}')),
    ],
    [
      'a tokenizer of another model',
      /has ids to/,
      (files) => {
        files['tokenizer.json'] = readFileSync('tests/golden/semilla/hf/tokenizer.json');
      },
    ],
    [
      'a template that loops',
      /chat template works/,
      (files) => {
        files['tokenizer.json'] = readFileSync('tests/golden/tokenizers/metaspace.json');
        files['chat_template.jinja'] = Buffer.from(
          '{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}',
        );
      },
    ],
    [
      'weights that are not finite, in mid-conversion',
      /not finite/,
      (files) => files[tensors]!.subarray(-2000).fill(0x7f),
    ],
  ])('%s', async (_, message, change) => {
    const checkpoint = copyCheckpoint(change);
    expect(await main([checkpoint, out()])).toBe(1);
    expect(printed).toMatch(message);
    expect(left()).toEqual(['checkpoint']);
    expect(existsSync(out())).toBe(false);
  });

  it('a scheme it does not know', async () => {
    expect(await main([CHECKPOINT, out(), '--scheme', 'q2f16_1'])).toBe(2);
    expect(printed).toContain('--scheme q2f16_1: expected q4f16_1 or');
    expect(left()).toEqual([]);
  });

  it('writes one GGUF file, overwrites nothing, and leaves nothing behind where it is refused', async () => {
    const file = path.join(folder, 'model.gguf');
    expect(await main(['--format', 'gguf', CHECKPOINT, file])).toBe(0);
    expect(readFileSync(file).subarray(0, 4).toString()).toBe('GGUF');
    expect(left()).toEqual(['model.gguf']);
    expect(await main(['--format', 'gguf', CHECKPOINT, file])).toBe(1);
    expect(printed).toContain('is there already');
    expect(await main(['--format', 'gguf', CHECKPOINT, `${file}2`, '--scheme', 'q4f16_1'])).toBe(2);
    expect(printed).toContain('F16, Q8_0, Q4_0');
    expect(await main(['--format', 'zip', CHECKPOINT, `${file}2`])).toBe(2);
    expect(left()).toEqual(['model.gguf']);
  });
});
