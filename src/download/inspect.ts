// What a repository or a folder holds, found out by its small files and the headers of its weights: enough to say whether it can
// run, and what it costs, before anything large is fetched.

import { planLayout } from '../convert/layout.ts';
import { EngineError } from '../failures.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import type { Checkpoint } from '../format/checkpoint.ts';
import { refuseForeign } from '../format/foreign-files.ts';
import { ggufSplits, isGgufName, openGguf } from '../format/gguf-checkpoint.ts';
import { modelCosts } from '../format/costs.ts';
import { parseManifest } from '../format/manifest.ts';
import { MLC_CONFIG_FILE, readDirectoryClaims } from '../format/model-directory.ts';
import type { FoundModel } from '../format/model-source.ts';
import { schemeNamed } from '../format/schemes.ts';
import { weaker } from '../storage/ledger.ts';
import type { FileCheck } from '../format/model-status.ts';
import { readAddress } from './address.ts';
import type { Address } from './address.ts';
import { chooseGguf } from './gguf-choice.ts';
import type { Host } from './host.ts';
import { planDownload } from './plan.ts';
import { openRemote } from './remote.ts';
import type { Remote } from './remote.ts';
import { isMissing } from './whole.ts';

/** A checkpoint of more weights than this is converted to three bits: four would not fit any single machine's memory. */
const MANY_WEIGHTS = 20e9;

/**
 * Throws "address-invalid", "not-a-model" where nothing there is one, "access-needed", "access-refused", and what reading a
 * directory or a checkpoint throws: another architecture, scheme, shape or type of weights is refused here by name.
 */
export async function inspectModel(host: Host, text: string, signal?: AbortSignal): Promise<FoundModel> {
  const address = readAddress(text);
  let first: unknown;
  for (const base of address.bases) {
    try {
      return await inspectDirectory(host, address, base, signal);
    } catch (error) {
      const nothing = error instanceof EngineError && error.reason === 'not-a-model';
      if (first !== undefined) break;
      if (!nothing && !isMissing(error)) throw error;
      first = error;
    }
  }
  throw first;
}

async function inspectDirectory(
  host: Host,
  { name, file, tag }: Address,
  base: string,
  signal: AbortSignal | undefined,
): Promise<FoundModel> {
  const remote = await openRemote(host, { id: name, base }, signal);
  const has = async (file: string): Promise<boolean> => (await remote.size(file)) !== undefined;
  const { listing } = remote;
  const now = remote.listing?.name;
  const common = {
    // Under the name that it has now.
    name: now === undefined ? name : [now, ...name.split('/').slice(2)].join('/'),
    base: remote.base,
    revision: remote.revision,
    licence: listing?.licence ?? (await licenceOfCard(remote)),
    languages: listing?.languages ?? [],
    gated: listing?.gated ?? false,
  };
  const named = file !== undefined && isGgufName(file) ? file : undefined;
  const others = [...(listing?.files.keys() ?? [])];
  const asked = named !== undefined || tag !== undefined;
  if (!asked && (await has(MLC_CONFIG_FILE))) {
    const { config, scheme } = await readDirectoryClaims(remote);
    const { stored } = await planDownload(host, { id: name, base: remote.base }, signal);
    // Large files may come from another host than small ones: one byte tells which, and that it answers.
    const shard = stored.files.find(({ path }) => path.endsWith('.bin'));
    if (shard) await remote.probe(shard.path);
    const bytes = stored.files.reduce((sum, file) => sum + file.bytes, 0);
    const id = idOf(common.name, scheme.name);
    return {
      ...common,
      hosts: [...remote.hosts],
      check: stored.files.reduce<FileCheck>(
        (weakest, { path, check = 'sha256' }) => (path.endsWith('.bin') ? weaker(weakest, check) : weakest),
        'sha256',
      ),
      ...modelCosts(config),
      id,
      format: 'mlc',
      scheme: scheme.name,
      bytes,
      bytesOnDisk: bytes,
      licence: common.licence ?? licenceOfManifest(stored.manifest),
    };
  }
  // A checkpoint goes before the GGUF files beside it: one rounding less.
  const gguf =
    named ??
    (asked || !others.some((path) => path.endsWith('.safetensors')) ? chooseGguf(others, tag) : undefined);
  if (gguf !== undefined) {
    const opened = await openGguf(remote, gguf);
    const declared = opened.licence === '' ? null : opened.licence;
    return costsOf(opened, remote, { ...common, licence: common.licence ?? declared }, gguf);
  }
  if (!(await has('config.json'))) {
    await refuseForeign(remote);
    throw new EngineError('not-a-model', `${name}: neither ${MLC_CONFIG_FILE} nor config.json`, {
      file: 'config.json',
      model: name,
    });
  }
  const checkpoint = await openCheckpoint(remote);
  if (!(await has('tokenizer.json'))) {
    throw new EngineError('file-missing', `${name}: tokenizer.json is missing`, {
      file: 'tokenizer.json',
      model: name,
    });
  }
  return costsOf(checkpoint, remote, common);
}

/** What a model to convert costs. @param gguf the file that it comes in, where it is one */
async function costsOf(
  checkpoint: Checkpoint,
  remote: Remote,
  common: Pick<FoundModel, 'name' | 'base' | 'revision' | 'licence' | 'languages' | 'gated'>,
  gguf?: string,
): Promise<FoundModel> {
  const facts = modelCosts(checkpoint.config);
  const scheme = schemeNamed(facts.parameters > MANY_WEIGHTS ? 'q3f16_1' : 'q4f16_1', common.name);
  const { shards } = planLayout(checkpoint.tensors, scheme);
  let bytes = gguf === undefined ? ((await remote.measure('tokenizer.json'))?.bytes ?? 0) : 0;
  let bytesOnDisk = (await checkpoint.source.size('tokenizer.json')) ?? 0;
  let summed = true;
  const files = new Set([...checkpoint.parts.values()].map((part) => part.file));
  if (gguf !== undefined) for (const part of ggufSplits(gguf)) files.add(part);
  for (const file of files) {
    const found = await remote.measure(file);
    bytes += found?.bytes ?? 0;
    summed &&= found?.sha256 !== undefined;
  }
  for (const shard of shards) bytesOnDisk += shard.bytes;
  return {
    ...common,
    ...facts,
    hosts: [...remote.hosts],
    check: summed ? 'sha256' : 'size',
    id: idOf(
      gguf === undefined ? common.name : `${common.name}/${gguf.replace(/\.gguf$/i, '')}`,
      scheme.name,
    ),
    format: gguf === undefined ? 'safetensors' : 'gguf',
    ...(gguf !== undefined && { file: gguf, name: `${common.name}: ${gguf}` }),
    scheme: scheme.name,
    bytes,
    bytesOnDisk,
  };
}

/** Unlike any id of the catalog: those have no double dash. */
const idOf = (name: string, scheme: string): string =>
  `${name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .slice(0, 120)}--${scheme}`;

/** @param text of manifest.json, checked when it was planned; "" where the directory has none */
function licenceOfManifest(text: string): string | null {
  if (text === '') return null;
  const { licence } = parseManifest(JSON.parse(text));
  // What the converter writes where nobody told it.
  return licence === 'unknown' || licence === '' ? null : licence;
}

/** `license:` of a model card's front matter, where the host's listing does not tell it. */
async function licenceOfCard(remote: Remote): Promise<string | null> {
  const bytes = await remote.load('README.md');
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(new TextDecoder().decode(bytes?.subarray(0, 65_536)))?.[1];
  return /^license:\s*["']?([\w.+-]{1,60})/m.exec(front ?? '')?.[1] ?? null;
}
