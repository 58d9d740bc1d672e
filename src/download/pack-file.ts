// A stored model as one file (a tar), for browsers that cannot write into a folder. The bytes stay where they are: the file
// is a Blob of Blobs, cut into parts that fit FAT32.

import { EngineError } from '../failures.ts';
import { MANIFEST_FILE } from '../format/manifest.ts';
import { describePack, folderOf, PACK_FILE, PART_BYTES, partsOf } from '../format/pack.ts';
import type { PackFile, PackNote } from '../format/pack.ts';
import { TAR_END_BYTES, tarHeader, tarPadding } from '../format/tar.ts';
import { PIECE_BYTES, storedLength } from '../storage/bytes.ts';
import type { StoredBytes } from '../storage/bytes.ts';
import type { FileRecord } from '../storage/ledger.ts';
import type { ShardStore } from '../storage/shards.ts';
import { withModel } from './lock.ts';
import { packContent } from './pack-export.ts';
import type { ExportJob } from './pack-export.ts';
import { verifyModel } from './verify.ts';

/** A tar's names have 100 characters. */
const MAX_FOLDER = 60;

/** Hashes the model again, then gives it as files to save. Throws "model-not-stored", "hash-mismatch", "aborted". */
export const packFiles = (store: ShardStore, note: PackNote, job: ExportJob = {}): Promise<PackFile[]> =>
  withModel(note.id, async () => {
    await packContent(store, note);
    const status = await verifyModel(store, note.id, job);
    const bad = status.files.find(({ state }) => state !== 'verified');
    if (bad) {
      throw new EngineError('hash-mismatch', `${bad.path}: what is stored is not what was verified`, {
        file: bad.path,
      });
    }
    const tar = await tarOf(store, note);
    const parts = partsOf(`${folderOf(note.id)}.yupana`, tar.size, job.partBytes ?? PART_BYTES);
    return parts.map(({ path, offset, bytes }) => ({ name: path, blob: tar.slice(offset, offset + bytes) }));
  });

async function tarOf(store: ShardStore, note: PackNote): Promise<Blob> {
  const { files, manifest } = await packContent(store, note);
  const folder = folderOf(note.id).slice(0, MAX_FOLDER);
  const content: (Uint8Array<ArrayBuffer> | Blob)[] = [];
  const add = (path: string, bytes: number, blobs: readonly (Uint8Array<ArrayBuffer> | Blob)[]): void => {
    content.push(tarHeader(`${folder}/${path}`, bytes), ...blobs, new Uint8Array(tarPadding(bytes)));
  };
  const texts = [
    { path: PACK_FILE, text: describePack(note) },
    { path: MANIFEST_FILE, text: manifest },
  ];
  for (const { path, text } of texts) {
    const bytes = new TextEncoder().encode(text);
    add(path, bytes.length, [bytes]);
  }
  for (const file of files) add(file.path, file.bytes, await piecesOf(store, note.id, file));
  content.push(new Uint8Array(TAR_END_BYTES));
  return new Blob(content, { type: 'application/octet-stream' });
}

async function piecesOf(store: ShardStore, id: string, file: FileRecord): Promise<StoredBytes[]> {
  const pieces: StoredBytes[] = [];
  for (let index = 0; index * PIECE_BYTES < file.bytes; index++) {
    const piece = await store.piece(id, file.path, index);
    if (!piece || storedLength(piece) !== Math.min(PIECE_BYTES, file.bytes - index * PIECE_BYTES)) {
      throw new EngineError('hash-mismatch', `${file.path}: stored bytes are lost`, { file: file.path });
    }
    pieces.push(piece);
  }
  return pieces;
}
