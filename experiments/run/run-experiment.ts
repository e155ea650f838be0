import { plentifulProducts, registerCustomers } from '../load/customers';
import type { LoadPlan } from '../load/plan';
import { runLoad } from '../load/run-load';
import type { Shop, ShopKind } from '../shop/shop';
import type { ShopPool } from '../shop/shop-pool';
import type { Experiment, Observed, Run, Verdict } from './experiment';
import type { Phases } from './phases';
import { correct } from './experiment';
import { type Note, observe, type Observation } from './observation';
import { busyBetween, readBusyTimes } from './machine-busy';
import { settle } from './settle';

export interface RunOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Only this subject instead of all that the experiment compares. */
  readonly only?: ShopKind;
  /** Whether a run whose generator was late is made once more. */
  readonly repeatLate: boolean;
  readonly shops: ShopPool;
  readonly say: (line: string) => void;
}

export interface Outcome {
  readonly experiment: Experiment;
  readonly observations: readonly Observation[];
  readonly verdicts: readonly Verdict[];
  /** The generator was late somewhere: what was timed says nothing. */
  readonly timingIsVoid: boolean;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly seed: number;
}

const customers = 24;
const products = 40;
const warmUpSeconds = 8;
const usualShares = { before: 0.3, during: 0.4 };
const latestMs = 10;
const timeShift = 100;

export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<Outcome> {
  const startedAt = new Date();
  const observations: Observation[] = [];
  for (const kind of subjectsOf(experiment, options)) {
    options.say(`  ${kind}: starting`);
    let observation = await observeOnce(experiment, kind, options);
    if (options.repeatLate && isLate(observation)) {
      options.say(
        `  ${kind}: the generator was ${observation.load.latenessP99Ms.toFixed(1)} ms late (p99), once more`,
      );
      const second = await observeOnce(experiment, kind, options);
      if (second.load.latenessP99Ms < observation.load.latenessP99Ms) observation = second;
    }
    observations.push(observation);
  }
  const observed = {
    ...Object.fromEntries(observations.map((each) => [each.kind, each])),
    of(kind: ShopKind) {
      const found =
        observations.find((each) => each.kind === kind) ??
        observations.find((each) => each.kind !== 'naive-monolith');
      if (!found) throw new Error(`${kind} was not observed`);
      return found;
    },
  } as Observed;
  return {
    experiment,
    observations,
    verdicts: [
      ...experiment.judge(observed),
      ...observations.filter(({ kind }) => kind !== 'naive-monolith').flatMap(ofOrders),
    ],
    timingIsVoid: observations.some(isLate),
    startedAt,
    seconds: secondsOf(experiment, options),
    seed: options.seed,
  };
}

const secondsOf = ({ atLeast = 0 }: Experiment, { seconds }: RunOptions) => Math.max(seconds, atLeast);

function subjectsOf({ subjects = ['services'] }: Experiment, { only }: RunOptions): readonly ShopKind[] {
  return only ? [only] : subjects;
}

const isLate = ({ load }: Observation): boolean => load.latenessP99Ms > latestMs;

/** What must be true of orders after every experiment. */
function ofOrders({ kind, settlement }: Observation): Verdict[] {
  const { acknowledged, lost, unfinished, states } = settlement;
  const ends = Object.entries(states)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
  const { quiescence, invariants } = settlement.invariants;
  const broken = invariants.filter(({ verdict }) => verdict === 'broken');
  const held = invariants.filter(({ verdict }) => verdict === 'holds');
  return [
    correct(
      `${kind}: every order that was acknowledged exists, and has come to one end`,
      lost === 0 && unfinished === 0 && acknowledged > 0,
      `${acknowledged} acknowledged: ${ends}${lost > 0 ? `; ${lost} lost` : ''}`,
    ),
    correct(
      `${kind}: everything comes to rest, and all invariants hold`,
      quiescence.reached && broken.length === 0,
      broken.length > 0
        ? broken.map(({ name, offences }) => `${name}: ${offences[0]?.problem ?? ''}`).join('; ')
        : quiescence.reached
          ? `${held.length} invariants hold, ${(quiescence.afterMs / 1_000).toFixed(1)} s after the orders had ended`
          : `still waiting for ${quiescence.waitingFor.join(', ')}`,
    ),
  ];
}

async function observeOnce(
  experiment: Experiment,
  kind: ShopKind,
  options: RunOptions,
): Promise<Observation> {
  const shop = await options.shops.take(kind, experiment.shop ?? {});
  let sound = false;
  try {
    const plan: LoadPlan = {
      origin: shop.origin,
      seed: options.seed,
      seconds: secondsOf(experiment, options),
      rates: experiment.rates,
      customers: await registerCustomers(shop.origin, customers),
      products: await plentifulProducts(shop.origin, products),
      ...experiment.load,
    };
    await experiment.prepare?.(shop);
    options.say(`  ${kind}: up, warming up`);
    await runLoad({ ...plan, seed: options.seed + 1, seconds: warmUpSeconds });
    const observation = await observeUnderLoad(experiment, shop, plan, options);
    sound = observation.settlement.unfinished === 0;
    return observation;
  } finally {
    await options.shops.giveBack(shop, sound);
  }
}

async function observeUnderLoad(
  experiment: Experiment,
  shop: Shop,
  plan: LoadPlan,
  { say }: RunOptions,
): Promise<Observation> {
  const shares = experiment.shares ?? usualShares;
  const phases: Phases = {
    faultBegins: plan.seconds * 1_000 * shares.before,
    faultEnds: plan.seconds * 1_000 * (shares.before + shares.during),
    loadEnds: plan.seconds * 1_000,
  };
  say(`  ${shop.kind}: ${plan.seconds} s of load`);
  const startedAt = performance.now() + timeShift;
  const now = () => performance.now() - startedAt;
  const sleepUntil = (at: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, at - now())));
  const notes: Note[] = [];
  const measures: Record<string, number> = {};
  const explained: string[] = [];
  const faultMs = phases.faultEnds - phases.faultBegins;
  const run: Run = {
    shop,
    phases,
    faultMs,
    until: (part) => sleepUntil(phases.faultBegins + part * faultMs),
    note: (text) => {
      notes.push({ at: now(), text });
      say(`  ${shop.kind}: ${text}`);
    },
    measure: (name, value) => void (measures[name] = value),
    explain: (ids) => void explained.push(...ids),
  };
  const { surge } = experiment;
  const busyBefore = readBusyTimes();
  const loading = runLoad(
    surge ? { ...plan, surge: { ...surge, from: phases.faultBegins, to: phases.faultEnds } } : plan,
  );
  const injecting = sleepUntil(phases.faultBegins).then(() => experiment.inject(run));
  const [load] = await Promise.all([loading, injecting]);
  const busyShare = busyBetween(busyBefore, readBusyTimes());
  // Nothing is claimed of the naive one's orders.
  const withinMs = shop.kind === 'naive-monolith' ? 0 : (experiment.settlesWithin ?? 30) * 1_000;
  const settlement = await settle(shop, load.orders, { withinMs, explained });
  return observe({ kind: shop.kind, phases, load, notes, settlement, measures, busyShare });
}
