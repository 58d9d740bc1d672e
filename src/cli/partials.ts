// Files and folders that are being written, under names that say whose they are: gone when the process ends, and swept by a next
// run where a kill left them.

import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** `.model.yupana-4711` is process 4711's, on its way to become `model`. */
const PARTIAL = /^\..+\.yupana-(\d+)$/;

const open = new Set<string>();

/** The hidden name beside `target` under which this process writes it. */
export function partialOf(target: string): string {
  const partial = path.join(path.dirname(target), `.${path.basename(target)}.yupana-${process.pid}`);
  open.add(partial);
  return partial;
}

/** It has its name, or was removed. */
export function settled(partial: string): void {
  open.delete(partial);
}

/** Removes what this process has not finished. Nothing waits: it runs while a process ends. */
export function removePartials(): void {
  for (const partial of open) rmSync(partial, { recursive: true, force: true, maxRetries: 3 });
  open.clear();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's, and alive.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Removes from `folder` what ended processes left half-written. @returns the names removed */
export function sweepPartials(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // not there yet: nothing was left in it
  }
  const left = names.filter((name) => {
    const pid = Number(PARTIAL.exec(name)?.[1] ?? NaN);
    return Number.isInteger(pid) && pid !== process.pid && !isAlive(pid);
  });
  for (const name of left) rmSync(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  return left;
}
