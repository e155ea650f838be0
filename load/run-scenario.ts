import { arrivals, secondsOf } from './arrivals';
import { findProducts } from './catalog';
import { createMeasurements, type Measurements } from './measurements';
import { type OpenLoopResult, runOpenLoop } from './open-loop';
import { registerPeople } from './people';
import type { Scenario } from './scenarios/scenario';
import { createShop } from './shop';

export interface ScenarioOptions {
  readonly scenario: Scenario;
  readonly origin: string;
  readonly rate?: number | undefined;
  readonly seconds?: number | undefined;
  readonly signal?: AbortSignal;
  /** Called when the preparation is over and the first arrival is due. */
  readonly onBegin?: () => void;
}

export interface ScenarioResult {
  readonly scenario: Scenario;
  /** Arrivals per second at the peak. */
  readonly rate: number;
  readonly seconds: number;
  readonly measurements: Measurements;
  readonly loop: OpenLoopResult;
  /** What the scenario's own check found wrong. */
  readonly problems: readonly string[];
}

/** The limit of the gateway for a user is 20 requests/s; a purchase takes up to a handful. */
const purchasesPerSecondAndPerson = 2;
const people = { least: 5, most: 300 };
const maxUnderWay = 5_000;

/** Prepares a scenario, runs it and waits until every journey has ended. @throws Error where it cannot begin */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const { scenario, origin, signal } = options;
  const rate = options.rate ?? scenario.defaults.rate;
  const stages = scenario.stages(rate, options.seconds ?? scenario.defaults.seconds);
  const seconds = secondsOf(stages);

  const preparing = createShop(origin, createMeasurements(seconds));
  try {
    const products = await findProducts(preparing);
    const wanted = Math.ceil((rate * scenario.buyers) / purchasesPerSecondAndPerson);
    const buyers =
      scenario.buyers === 0
        ? []
        : await registerPeople(preparing, Math.min(Math.max(wanted, people.least), people.most));
    const measurements = createMeasurements(seconds);
    const shop = createShop(origin, measurements);
    try {
      const run = await scenario.begin({ shop, measurements, products, people: buyers });
      options.onBegin?.();
      const loop = await runOpenLoop({
        arrivals: arrivals(stages),
        maxUnderWay,
        start: run.journey,
        ...(signal && { signal }),
      });
      const problems = (await run.check?.(shop)) ?? [];
      return { scenario, rate, seconds, measurements, loop, problems };
    } finally {
      await shop.close();
    }
  } finally {
    await preparing.close();
  }
}
