// A clone without Git LFS has notes in the place of its large files.

import { EngineError } from '../failures.ts';

const POINTER = 'version https://git-lfs.github.com/spec/';

/** Some 130 bytes of text. Throws "weights-foreign". */
export function refusePointer(bytes: Uint8Array, file: string): void {
  if (new TextDecoder().decode(bytes.subarray(0, POINTER.length)) !== POINTER) return;
  throw new EngineError('weights-foreign', `${file}: a Git LFS pointer stands in the file's place`, {
    file,
    kind: 'pointer',
  });
}
