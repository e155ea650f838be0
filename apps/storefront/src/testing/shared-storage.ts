/** Storage shared by several tabs, each of which is notified of the others' changes. */
export function createSharedStorage(items: Readonly<Record<string, string>> = {}) {
  const stored = new Map(Object.entries(items));
  const tabs: { hear: (key: string | null) => void }[] = [];
  return {
    stored,
    openTab() {
      const tab = { hear: (_key: string | null): void => undefined };
      tabs.push(tab);
      const tellOthers = (key: string) => tabs.forEach((each) => each !== tab && each.hear(key));
      return {
        storage: {
          getItem: (key: string) => stored.get(key) ?? null,
          setItem(key: string, value: string) {
            stored.set(key, value);
            tellOthers(key);
          },
          removeItem(key: string) {
            stored.delete(key);
            tellOthers(key);
          },
        },
        onStorage: (listener: (key: string | null) => void) => {
          const before = tab.hear;
          tab.hear = (key) => (before(key), listener(key));
        },
      };
    },
  };
}

/** Web Locks with a single name: later requests wait. */
export function createOneLock() {
  let queue: Promise<unknown> = Promise.resolve();
  return {
    request<T>(_name: string, work: () => Promise<T>): Promise<T> {
      const turn = queue.then(work);
      queue = turn.catch(() => undefined);
      return turn;
    },
  };
}
