import { Agent } from 'undici';
import { createAsking } from '../load/asking';
import type { Customer } from '../load/customers';
import { type Journey, journeys } from '../load/journeys';
import { seeded } from '../load/random';
import type { Sample } from '../load/samples';
import type { Recent } from './recent';

/** People a second, as long as nobody asks for more. */
export const rates = { browse: 4, search: 1, buy: 3 } as const;
/** After which a person gives up, in ms. Bounds how many wait at once. */
const patienceMs = 20_000;
/** Nobody comes to a shop at which so many wait already: what the machine cannot take would only measure the machine. */
const maxWaiting = 400;

/** A shop that people come to. */
export interface Visited {
  readonly origin: string;
  readonly customers: () => readonly Customer[];
  readonly products: readonly string[];
  readonly recent: Recent;
}

export interface LiveLoad {
  /** How many times as many people come. */
  setFactor(factor: number): void;
  /** Nobody comes while it is paused. */
  setPaused(paused: boolean): void;
  stop(): Promise<void>;
}

/** The same people come to every shop at the same moments, whether or not it keeps up, until it is stopped. */
export function startLiveLoad(shops: readonly Visited[], seed: number): LiveLoad {
  const startedAt = performance.now();
  const now = () => performance.now() - startedAt;
  const agents = shops.map(() => new Agent({ connections: null, pipelining: 1, keepAliveTimeout: 10_000 }));
  const timers = new Map<string, NodeJS.Timeout>();
  let factor = 1;
  let paused = true;
  let number = 0;

  const send = (journey: Journey) => {
    const visit = (number += 1);
    for (const [index, { origin, customers, products, recent }] of shops.entries()) {
      if (recent.waiting() >= maxWaiting) continue;
      const ask = createAsking({
        origin,
        dispatcher: agents[index]!,
        patienceMs,
        now,
        onSample: (sample: Sample) => recent.add(sample),
      })(now());
      // The same choices in each shop.
      const random = seeded(seed * 1_000_003 + visit);
      const plan = { origin, seed, seconds: 0, rates, customers: customers(), products };
      void journey((kind, path, init) => recent.during(kind, () => ask(kind, path, init)), {
        plan,
        random,
        hot: false,
      });
    }
  };
  for (const [index, [name, rate]] of Object.entries(rates).entries()) {
    const random = seeded(seed * 1_000 + index);
    const next = () => {
      // Exponential gaps: people come independently of one another.
      const gapMs = (-Math.log(1 - random()) / (rate * factor)) * 1_000;
      timers.set(
        name,
        setTimeout(() => {
          if (!paused) send(journeys[name as keyof typeof rates]);
          next();
        }, gapMs),
      );
    };
    next();
  }
  return {
    setFactor: (value) => void (factor = value),
    setPaused: (value) => void (paused = value),
    async stop() {
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(agents.map((agent) => agent.destroy()));
    },
  };
}
