// How far a long command is, on stderr.

export interface Progress {
  /** Bytes. */
  done: number;
  total: number;
  tensor: string;
}

/** A line that overwrites itself on a terminal; every tenth part on anything else. */
export function progressLine(): (progress: Progress) => void {
  const terminal = process.stderr.isTTY;
  let shown = -1;
  return ({ done, total, tensor }) => {
    const step = Math.floor((done / total) * (terminal ? 1000 : 10));
    if (step === shown) return;
    shown = step;
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
    const line = `${((100 * done) / total).toFixed(1)} %  ${megabytes(done)} of ${megabytes(total)} MB  ${tensor}`;
    process.stderr.write(terminal ? `\r\x1b[K${line}${done === total ? '\n' : ''}` : `${line}\n`);
  };
}
