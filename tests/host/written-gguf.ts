import { folderSource } from '../../src/cli/folder-source.ts';
import { planGguf } from '../../src/convert/gguf.ts';
import type { GgufScheme } from '../../src/convert/gguf.ts';

/** The GGUF file that the converter writes of a checkpoint's folder. Throws where it is not as long as was planned. */
export async function writtenGguf(checkpoint: string, scheme: GgufScheme, name: string): Promise<Uint8Array> {
  const plan = await planGguf(folderSource(checkpoint), { scheme, name, licence: 'apache-2.0' });
  const file = new Uint8Array(plan.bytes);
  let at = 0;
  await plan.write({
    write(chunk) {
      file.set(chunk, at);
      at += chunk.length;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
  if (at !== plan.bytes) throw new Error(`${at} bytes written of ${plan.bytes} planned`);
  return file;
}
