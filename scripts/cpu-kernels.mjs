// Compiles the CPU engine's kernels (AssemblyScript) into a module of base64: the engine's worker may fetch nothing, so the
// bytes travel in its script. Run by hand when a kernel changes: node scripts/cpu-kernels.mjs. A test compares the result.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';
import { root } from './install.mjs';

const SOURCE = 'src/engines/cpu/kernels/main.ts';
const TARGET = 'src/engines/cpu/kernels-wasm.ts';

/** @param {string[]} memory options on the memory @returns {Promise<Uint8Array>} */
export async function compile(memory) {
  /** @type {Uint8Array | undefined} */
  let wasm;
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory'];
  const { error, stderr } = await asc.main(
    [
      SOURCE,
      ...options,
      ...[
        '--baseDir',
        root,
        '--maximumMemory',
        '65536',
        '--enable',
        'simd',
        '--disableWarning',
        '112',
        '-o',
        'kernels.wasm',
      ],
      ...memory,
    ],
    {
      writeFile: (_name, content) => {
        if (typeof content !== 'string') wasm = content;
      },
    },
  );
  const words = stderr.toString();
  if (error || !wasm || words) throw new Error(`${SOURCE}: ${words || String(error)}`);
  return wasm;
}

/** The generated module's text and the size of the wasm in bytes. */
export async function buildKernels() {
  const wasm = await compile([]);
  // With shared memory (threads) the module differs in one byte, the flag of the memory it imports.
  const shared = await compile(['--sharedMemory', '--enable', 'threads']);
  const differing = [...wasm.keys()].filter((at) => wasm[at] !== shared[at]);
  const [flagAt] = differing;
  if (wasm.length !== shared.length || differing.length !== 1 || flagAt === undefined || shared[flagAt] !== 3)
    throw new Error(`${SOURCE}: the module for shared memory differs in more than the memory's flag`);
  const text = `// Written by scripts/cpu-kernels.mjs from kernels/*.ts: not to be changed by hand.

/** ${wasm.length} bytes of WebAssembly. */
export const KERNELS_BASE64 =
  '${Buffer.from(wasm).toString('base64')}';

/** Where the module says what memory it imports: 1 has a maximum, 3 is shared too. */
export const MEMORY_FLAG_AT = ${flagAt};
`;
  return { text, bytes: wasm.length };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { text, bytes } = await buildKernels();
  writeFileSync(path.join(root, TARGET), text);
  console.log(`${TARGET}: ${bytes} bytes of wasm`);
}
