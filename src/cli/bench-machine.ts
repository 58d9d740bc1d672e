// Where a measurement was taken, in general terms, and what JavaScript held while it was.

import os from 'node:os';

export interface Machine {
  runtime: string;
  system: string;
  cores: number;
  memoryGigabytes: number;
  /** Day of the measurement, UTC: 2026-01-31. */
  date: string;
  /** Processes that wanted to run in the minute before, others' work included: above 0 the figures are not of an idle machine. */
  loadBefore: number;
}

export function describeMachine(): Machine {
  return {
    runtime: `Node ${process.versions.node}`,
    system: `${process.platform} ${process.arch}`,
    cores: os.cpus().length,
    memoryGigabytes: Math.round(os.totalmem() / 1e9),
    date: new Date().toISOString().slice(0, 10),
    loadBefore: Math.round((os.loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** Processor seconds that this process has used, of all its threads. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Bytes of JavaScript's heap and of ArrayBuffers, what is not yet collected included. */
export function heapBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Watches the heap until told to stop, which answers with the most it saw above the start. */
export function watchHeap(): () => number {
  const start = heapBytes();
  let most = start;
  const look = () => (most = Math.max(most, heapBytes()));
  const timer = setInterval(look, 10);
  return () => {
    clearInterval(timer);
    look();
    return most - start;
  };
}
