// The page's way to tell the download's worker which addresses a person confirmed: a port made when the worker is, which no other
// code of the page gets to hold. What it is made with is taken when this file is first run, before anything else could put
// functions of its own in their place and take the port from them.

const { apply, getOwnPropertyDescriptor } = Reflect;
const Channel = MessageChannel;
/** Where a channel's ports are accessors, as in browsers, those; elsewhere they are properties of its own. */
const portOf = (name: 'port1' | 'port2'): ((channel: MessageChannel) => MessagePort) => {
  const accessor = getOwnPropertyDescriptor(Channel.prototype, name)?.get;
  return (channel) => (accessor ? (apply(accessor, channel, []) as MessagePort) : channel[name]);
};
const [own, other] = [portOf('port1'), portOf('port2')];
const say = MessagePort.prototype.postMessage;
const RealWorker = (globalThis as { Worker?: typeof Worker }).Worker;

const hand = RealWorker?.prototype.postMessage;

/** Over the port; each holds all that was confirmed so far where the worker is new. */
export interface Confirmed {
  bases: readonly string[];
  /** Counts confirmations: the worker answers "heard" once it has this one. */
  count: number;
}

/** The first message of all to the worker; the port goes along. */
export const PORT_MESSAGE = { type: 'confirmations' } as const;

export interface Confirmations {
  /** Gives a new worker its port, and what was confirmed before it was born. */
  attach(worker: Worker): Worker;
  confirm(bases: readonly string[]): void;
  /** How many there were. */
  count(): number;
}

export function createConfirmations(): Confirmations {
  const all: string[] = [];
  let count = 0;
  let port: MessagePort | undefined;
  return {
    attach(worker) {
      const channel = new Channel();
      port = own(channel);
      const given = other(channel);
      if (hand && RealWorker && worker instanceof RealWorker) apply(hand, worker, [PORT_MESSAGE, [given]]);
      else worker.postMessage(PORT_MESSAGE, [given]);
      apply(say, port, [{ bases: [...all], count } satisfies Confirmed]);
      return worker;
    },
    confirm(bases) {
      count++;
      for (const base of bases) all[all.length] = base;
      if (port) apply(say, port, [{ bases: [...bases], count } satisfies Confirmed]);
    },
    count: () => count,
  };
}
