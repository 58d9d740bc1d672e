// Web Locks as far as they are used here, for Node: exclusive, ifAvailable, steal.

interface Waiting {
  grant: () => void;
}

export interface TestLocks extends LockManager {
  /** Lets go of a name as the death of its holder does. */
  drop(name: string): void;
}

export function webLocks(): TestLocks {
  const holders = new Map<string, { lost: (error: unknown) => void }>();
  const queues = new Map<string, Waiting[]>();

  const next = (name: string): void => {
    holders.delete(name);
    queues.get(name)?.shift()?.grant();
  };

  function request(name: string, ...rest: unknown[]): Promise<unknown> {
    const callback = rest.at(-1) as (lock: unknown) => unknown;
    const { ifAvailable, steal } = (rest.length > 1 ? rest[0] : {}) as LockOptions;
    return new Promise((resolve, reject) => {
      const grant = (): void => {
        const me = { lost: reject };
        holders.set(name, me);
        void Promise.resolve(callback({ name, mode: 'exclusive' }))
          .then(resolve, reject)
          .finally(() => {
            if (holders.get(name) === me) next(name);
          });
      };
      setTimeout(() => {
        const holder = holders.get(name);
        if (!holder) grant();
        else if (steal) {
          holder.lost(new DOMException('stolen', 'AbortError'));
          grant();
        } else if (ifAvailable) {
          void Promise.resolve(callback(null)).then(resolve, reject);
        } else queues.set(name, [...(queues.get(name) ?? []), { grant }]);
      }, 0);
    });
  }

  return {
    request: request as LockManager['request'],
    query: () => Promise.resolve({ held: [], pending: [] }),
    drop: next,
  };
}
