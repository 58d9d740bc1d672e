// What drivers were seen to get wrong must not come back into any kernel's text: shuffles in loops, components of vectors written at
// places that are known at run time only, finite numbers told by comparison, a subgroup's size taken from the built-in value.

import { describe, expect, it } from 'vitest';
import type { Kernel } from '../kernel.ts';
import { attentionDecodeKernel, attentionPrefillKernel, mergeKernel, ropeAppendKernel } from './attention.ts';
import { WEIGHT_FORMATS } from './dequant.ts';
import { embedKernel } from './embed.ts';
import { gemmKernel, rmsNormKernel } from './gemm.ts';
import { gemvBatchKernel, gemvGateUpKernel, gemvKernel, gemvMergeKernel } from './gemv.ts';
import * as sample from './sample.ts';
import { hasProducts, VARIANTS } from './variants.ts';

const kernels: Kernel[] = [
  ...([16, 8] as const).flatMap((bits) => [
    attentionDecodeKernel(bits),
    attentionPrefillKernel(bits),
    ropeAppendKernel(bits),
  ]),
  mergeKernel,
  rmsNormKernel,
  sample.sampleBlocksKernel,
  sample.sampleGreedyKernel,
  sample.sampleBinsKernel,
  sample.samplePickKernel,
  sample.sampleAdjustKernel,
  sample.sampleLogprobsKernel,
  ...Object.values(WEIGHT_FORMATS).flatMap((format) => [
    embedKernel(format),
    gemmKernel(format, 'f32'),
    gemmKernel(format, 'f16'),
    ...Object.values(VARIANTS)
      .filter(({ math }) => hasProducts(format.scheme, math))
      .flatMap((variant) =>
        [gemvKernel, gemvGateUpKernel, gemvMergeKernel, gemvBatchKernel].map((of) => of(format, variant)),
      ),
  ]),
];

const uncommented = (code: string) => code.replaceAll(/\/\/.*/g, '');

/** The text between a brace and its partner. */
function block(code: string, open: number): string {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if (code[i] === '{') depth++;
    if (code[i] === '}' && --depth === 0) return code.slice(open, i + 1);
  }
  return code.slice(open);
}

function blocksAfter(code: string, head: RegExp): { name: string; body: string }[] {
  return [...code.matchAll(head)].map((match) => ({
    name: match[1] ?? '',
    body: block(code, code.indexOf('{', match.index)),
  }));
}

/** Loops from which a subgroup's exchange is reached, by way of functions too. */
export function loopsWithExchanges(text: string): string[] {
  const code = uncommented(text);
  const functions = blocksAfter(code, /\bfn (\w+)\s*\(/g);
  const reaching = new Set<string>();
  const reaches = (body: string) =>
    /\bsubgroup[A-Z]\w*\(/.test(body) || [...reaching].some((name) => new RegExp(`\\b${name}\\(`).test(body));
  for (let before = -1; before !== reaching.size;) {
    before = reaching.size;
    for (const { name, body } of functions) if (reaches(body)) reaching.add(name);
  }
  return blocksAfter(code, /\b(for|while|loop)\b/g)
    .map(({ body }) => body)
    .filter(reaches);
}

/** Vectors of which a component is written that is not known in advance. */
export function componentWrites(text: string): string[] {
  const code = uncommented(text);
  const vectors = new Set(
    [...code.matchAll(/\bvar (\w+)\s*(?::\s*|=\s*)vec[234]</g)].map(([, name]) => name!),
  );
  return [...code.matchAll(/\b(\w+)\[(?!\d+u?\])[^\]]*\]\s*[-+*|&]?=[^=]/g)]
    .map(([, name]) => name!)
    .filter((name) => vectors.has(name));
}

describe('kernels', () => {
  it('exchange nothing between lanes in a loop', () => {
    expect(kernels.filter(({ code }) => loopsWithExchanges(code).length > 0).map(({ name }) => name)).toEqual(
      [],
    );
    const hidden =
      'fn keep(v: f32) -> f32 { return subgroupShuffleXor(v, 1u); }\nfn main() { for (;;) { keep(1.0); } }';
    expect(loopsWithExchanges(hidden)).toHaveLength(1);
  });

  it('write no component of a vector by an index of run time', () => {
    expect(kernels.flatMap(({ name, code }) => componentWrites(code).map((v) => `${name}: ${v}`))).toEqual(
      [],
    );
    expect(componentWrites('var share = vec4<f32>(); share[s] = 1.0;')).toEqual(['share']);
    expect(componentWrites('var share: vec4<f32>; share[0u] = 1.0; let a = share[s] == 1.0;')).toEqual([]);
  });

  it('tell finite numbers by their bits, and subgroups by counting', () => {
    const odd = /abs\([^;]*<\s*3\.\d*e38|\bisNan\b|builtin\(subgroup_size\)/;
    expect(kernels.filter(({ code }) => odd.test(uncommented(code))).map(({ name }) => name)).toEqual([]);
  });
});
