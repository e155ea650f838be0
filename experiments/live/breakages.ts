import type { NewFault, Shop } from '../shop/shop';
import type { LiveLoad } from './live-load';

export const breakageNames = [
  'payment-slow',
  'notification-down',
  'bug-crashes',
  'broker-killed',
  'overload',
] as const;
export type BreakageName = (typeof breakageNames)[number];

export interface Subjects {
  readonly monolith: Shop;
  readonly services: Shop;
  readonly load: LiveLoad;
}

/** One thing that goes wrong, named after its experiment. */
export interface Breakage {
  readonly button: string;
  /** What is done to both shops, for the page. */
  readonly done: string;
  /** After which it is repaired by itself, in ms. */
  readonly lastsMs: number;
  inject(subjects: Subjects): Promise<void>;
  repair(subjects: Subjects): Promise<void>;
}

/** After which a process that has ended is started again, in ms: long enough to be seen. */
export const restartAfterMs = 6_000;
/** What the catalog can show at most while twice as many come; as many as usual need less. */
const productMs = 160;
const productsPerSecond = Math.floor(1_000 / productMs);
const tryAgainMs = 2_000;

const bothShops = ({ monolith, services }: Subjects) => [monolith, services];

export const breakages: Readonly<Record<BreakageName, Breakage>> = {
  'payment-slow': {
    button: 'Payment takes 10 s',
    done: 'The payment provider takes 10 s for every response.',
    lastsMs: 30_000,
    async inject(subjects) {
      for (const { provider } of bothShops(subjects)) await provider.control({ latency: { ms: 10_000 } });
    },
    async repair(subjects) {
      for (const { provider } of bothShops(subjects)) await provider.control({});
    },
  },
  'notification-down': {
    button: 'Kill notification',
    done: `The process that sends the mails is killed, and started again after ${restartAfterMs / 1_000} s. In a monolith it is the process that does everything.`,
    lastsMs: 25_000,
    async inject(subjects) {
      for (const shop of bothShops(subjects)) shop.signal('notification', 'SIGKILL');
    },
    repair: (subjects) => startAgain(subjects, 'notification'),
  },
  'bug-crashes': {
    button: 'One search crashes',
    done: `The next search ends the process in which it runs; it is started again after ${restartAfterMs / 1_000} s.`,
    lastsMs: 25_000,
    async inject(subjects) {
      const crash: NewFault = {
        target: { kind: 'route', name: 'searchProducts' },
        effect: { type: 'crash' },
        durationMs: 20_000,
      };
      for (const shop of bothShops(subjects)) await shop.setFaults('search', [crash]);
    },
    async repair(subjects) {
      await startAgain(subjects, 'search');
      for (const shop of bothShops(subjects)) await shop.setFaults('search', []);
    },
  },
  'broker-killed': {
    button: 'Broker gone',
    done: 'RabbitMQ is killed. The monolith has no broker that could go.',
    lastsMs: 25_000,
    inject: ({ services }) => services.killBroker(),
    repair: ({ services }) => services.startBroker(),
  },
  overload: {
    button: 'Twice the people',
    done: `Twice as many people come, and the catalog can show ${productsPerSecond} products a second.`,
    lastsMs: 30_000,
    async inject(subjects) {
      const capacity: NewFault = {
        target: { kind: 'route', name: 'getProduct' },
        effect: { type: 'queue', places: 1, ms: productMs },
      };
      for (const shop of bothShops(subjects)) await shop.setFaults('product', [capacity]);
      subjects.load.setFactor(2);
    },
    async repair(subjects) {
      subjects.load.setFactor(1);
      for (const shop of bothShops(subjects)) await shop.setFaults('product', []);
    },
  },
};

/** Without waiting for its supervisor. One that is being started while it is hurt once more ends; the next one does not. */
async function startAgain(subjects: Subjects, service: 'notification' | 'search') {
  await Promise.all(bothShops(subjects).map((shop) => shop.start(service).catch(() => shop.start(service))));
}

export interface Handle {
  /** What is broken now, and for how long still, in ms. */
  state(): { readonly broken: BreakageName | undefined; readonly leftMs: number; readonly busy: boolean };
  /** Repairs what is broken, and then breaks this. Resolves once it is done. */
  break(name: BreakageName): Promise<void>;
  repair(): Promise<void>;
}

/** One thing is broken at a time, each for a bounded time. What is asked for meanwhile waits for its turn. */
export function createHandle(subjects: Subjects): Handle {
  let broken: BreakageName | undefined;
  let endsAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let underway = 0;
  let turn: Promise<void> = Promise.resolve();

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    underway += 1;
    const done = turn.then(work).finally(() => (underway -= 1));
    turn = done.catch(() => undefined);
    return done;
  };
  const repairNow = async () => {
    clearTimeout(timer);
    if (broken === undefined) return;
    await breakages[broken].repair(subjects);
    broken = undefined;
  };
  const repair = () => inTurn(repairNow);
  const repairLater = (ms: number): void => {
    timer = setTimeout(() => void repair().catch(() => repairLater(tryAgainMs)), ms).unref();
  };
  return {
    state: () => ({ broken, leftMs: broken ? Math.max(0, endsAt - Date.now()) : 0, busy: underway > 0 }),
    break: (name) =>
      inTurn(async () => {
        await repairNow();
        const { lastsMs, inject } = breakages[name];
        // It is broken from here on, even where only a part of it succeeds: repairing puts back everything.
        broken = name;
        endsAt = Date.now() + lastsMs;
        repairLater(lastsMs);
        await inject(subjects);
      }),
    repair,
  };
}
