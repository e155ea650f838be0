import { AsyncLocalStorage } from 'node:async_hooks';

/** Whoever acts: an incarnation of a process. Once it has died nothing of it goes on. */
export interface Life {
  readonly isDead: boolean;
  die(): void;
}

/** How an act goes. Of a call, what the network does is the caller's to carry out. */
export type Fate = 'fine' | 'crash-before' | 'crash-after' | 'fails-before' | 'fails-after';

/** A statement, a transaction or a call that is about to be made, and waits for its turn. */
export interface Act {
  readonly life: Life;
  readonly what: string;
  readonly kind: 'data' | 'call';
  /** Makes it, and lets everything it sets off come to its own next act. */
  release(fate: Fate): Promise<void>;
}

const never = new Promise<never>(() => undefined);

/**
 * Holds every act of every process and makes one at a time, so that a history is nothing but the order in which they are
 * made. Transactions are made as a whole: within them PostgreSQL's locks decide, which is not what is explored.
 */
export function createStage(unavailable: () => Error) {
  const waiting = new Set<Act>();
  const withinTransaction = new AsyncLocalStorage<boolean>();

  function act<T>(life: Life, kind: Act['kind'], what: string, effect: () => Promise<T>): Promise<T> {
    if (life.isDead) return never;
    if (withinTransaction.getStore()) return effect();
    return new Promise<T>((resolve, reject) => {
      const perform = async (fate: Fate) => {
        if (life.isDead) return;
        if (fate === 'crash-before') return life.die();
        if (fate === 'fails-before') return reject(unavailable());
        const settle = await withinTransaction.run(kind === 'data', effect).then(
          (value) => () => resolve(value),
          (error: unknown) => () => reject(error instanceof Error ? error : new Error(String(error))),
        );
        if (fate === 'crash-after') return life.die();
        if (fate === 'fails-after') return reject(unavailable());
        if (!life.isDead) settle();
      };
      const parked: Act = {
        life,
        kind,
        what,
        async release(fate) {
          waiting.delete(parked);
          await perform(fate);
          await settled();
        },
      };
      waiting.add(parked);
    });
  }

  return {
    act,
    /** What goes on after a commit does so outside of its transaction. */
    outside: <T>(work: () => T): T => withinTransaction.exit(work),
    /** Acts that wait, oldest first. */
    waiting(): Act[] {
      for (const each of waiting) if (each.life.isDead) waiting.delete(each);
      return [...waiting];
    },
    /** Starts something, and lets it come to its first act. */
    async start(work: () => void): Promise<void> {
      work();
      await settled();
    },
  };
}

export type Stage = ReturnType<typeof createStage>;

/** Batchers wait a turn for company, and hand over in another; nothing else takes a turn without an act. */
const turns = 3;

async function settled(): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
