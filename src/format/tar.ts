// A pack as one file, for browsers that cannot write into a folder: a plain tar (POSIX ustar), which any system unpacks.
// Headers only: the bytes between them are the caller's, so that a file of gigabytes is never in memory.

import { EngineError } from '../failures.ts';

export const TAR_BLOCK = 512;
/** Two blocks of zeros. */
export const TAR_END_BYTES = 2 * TAR_BLOCK;
const MAX_PATH = 100;

export interface TarEntry {
  path: string;
  bytes: number;
  kind: 'file' | 'folder';
}

/** Zeros after an entry's bytes, up to the next block. */
export const tarPadding = (bytes: number): number => (TAR_BLOCK - (bytes % TAR_BLOCK)) % TAR_BLOCK;

function put(block: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) block[at + i] = text.charCodeAt(i);
}

/** Sum of a header's bytes, its own field taken as spaces. */
const checksum = (block: Uint8Array): number =>
  block.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);

/** @param path ASCII, at most 100 characters. @param bytes less than 8 GiB (11 octal digits) */
export function tarHeader(path: string, bytes: number): Uint8Array<ArrayBuffer> {
  const within = (what: 'characters' | 'bytes', limit: number, actual: number): void => {
    if (actual <= limit) return;
    const details = { file: path, what, limit, actual };
    throw new EngineError('limit-exceeded', `${path}: ${actual} ${what}, more than ${limit}`, details);
  };
  within('characters', MAX_PATH, path.length);
  within('bytes', 8 ** 11 - 1, bytes);
  const block = new Uint8Array(TAR_BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  put(block, 0, path);
  put(block, 100, octal(0o644, 7)); // mode
  put(block, 108, octal(0, 7)); // owner
  put(block, 116, octal(0, 7)); // group
  put(block, 124, octal(bytes, 11));
  put(block, 136, octal(0, 11)); // time: the same model gives the same file
  put(block, 156, '0'); // a plain file
  put(block, 257, 'ustar\0' + '00');
  put(block, 148, `${checksum(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

const text = (block: Uint8Array, from: number, length: number): string => {
  const field = block.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
};

/**
 * One header. Undefined at the end (a block of zeros).
 * Throws "pack-invalid": no tar, links and devices, a path that leaves the folder.
 */
export function readTarHeader(block: Uint8Array): TarEntry | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const invalid = (why: string): EngineError => {
    const file = text(block, 0, 100).slice(0, 80);
    return new EngineError('pack-invalid', `${file}: ${why}`, { file, actual: why });
  };
  const told = parseInt(text(block, 148, 8).trim(), 8);
  if (block.length < TAR_BLOCK || told !== checksum(block)) throw invalid('not a pack, or damaged');
  const size = text(block, 124, 12).trim();
  if (!/^[0-7]{1,12}$/.test(size)) throw invalid('its size is no number');
  const type = text(block, 156, 1);
  const prefix = text(block, 257, 5) === 'ustar' ? text(block, 345, 155) : '';
  const path = (prefix === '' ? '' : `${prefix}/`) + text(block, 0, 100);
  if (type !== '0' && type !== '' && type !== '5') throw invalid('holds something that is no file');
  if (!isInsidePath(path.replace(/\/$/, ''))) throw invalid('its path leaves the folder');
  return { path: path.replace(/\/$/, ''), bytes: parseInt(size, 8), kind: type === '5' ? 'folder' : 'file' };
}

/** Relative, downwards only, no name that a file system reads specially. */
export function isInsidePath(path: string): boolean {
  const segments = path.split('/');
  return (
    path.length <= 512 &&
    segments.every((name) => name !== '' && name !== '.' && name !== '..' && !/[\\:\0]/.test(name))
  );
}
