import { type ServiceName, serviceNames } from '@bulkhead/contracts/services';
import type { NewFault } from '../shop/shop';
import { pick, seeded } from '../load/random';

/** Something bad that begins and ends by itself. */
export type Blow =
  /** SIGKILL to a service; it is started again at once, as a supervisor would. */
  | { readonly kind: 'kill'; readonly service: ServiceName }
  /** SIGSTOP: it neither works nor lets go of its connections. */
  | { readonly kind: 'freeze'; readonly service: ServiceName; readonly ms: number }
  | { readonly kind: 'kill-broker' }
  | { readonly kind: 'kill-database' }
  | { readonly kind: 'restart-database' }
  | { readonly kind: 'mail-down'; readonly ms: number }
  /** Through the admin port of a service. */
  | { readonly kind: 'fault'; readonly service: ServiceName; readonly fault: NewFault; readonly ms: number }
  /** The payment provider: share of calls that fail, or act and never answer; latency; webhooks twice and out of order. */
  | {
      readonly kind: 'provider';
      readonly errorShare: number;
      readonly timeoutShare: number;
      readonly latencyMs: number;
      readonly ms: number;
    };

export interface Step {
  /** Seconds from the start of the load. */
  readonly at: number;
  readonly blow: Blow;
}

/** No blow before and after these, in seconds: the shop warms up, and is seen to be well again. */
const quiet = { before: 5, after: 8 };

/**
 * What happens when, for a seed and a length: nothing else decides it. Every service, the broker and the database are
 * killed once, in random order at random times; half as many blows of other kinds come in between.
 */
export function planChaos(seed: number, seconds: number): Step[] {
  const random = seeded(seed);
  const kills: Blow[] = [
    ...serviceNames.map((service): Blow => ({ kind: 'kill', service })),
    { kind: 'kill-broker' },
    { kind: 'kill-database' },
  ];
  const others = Array.from({ length: Math.ceil(kills.length / 2) }, () => drawOther(random));
  const blows = shuffle([...kills, ...others], random);
  const every = (seconds - quiet.before - quiet.after) / blows.length;
  return blows.map((blow, index) => ({
    at: round(quiet.before + every * (index + random() * 0.5)),
    blow,
  }));
}

const withDatabase = serviceNames.filter((name) => name !== 'gateway');

function drawOther(random: () => number): Blow {
  const ms = 1_000 + Math.floor(random() * 2_000);
  const service = pick(withDatabase, random);
  const share = round(0.2 + random() * 0.6);
  const draws: readonly (() => Blow)[] = [
    () => ({ kind: 'freeze', service: pick(serviceNames, random), ms }),
    () => ({ kind: 'restart-database' }),
    () => ({ kind: 'mail-down', ms }),
    () => ({
      kind: 'provider',
      errorShare: round(random() * 0.5),
      timeoutShare: round(random() * 0.3),
      latencyMs: Math.floor(random() * 400),
      ms,
    }),
    () =>
      fault(service, 'database', {
        type: 'latency',
        latency: { distribution: 'uniform', minMs: 5, maxMs: 150 },
      }),
    () => fault(service, 'database', { type: 'reset' }),
    () => fault(service, 'database', { type: 'answer-lost' }),
    () => fault('order', 'peer', { type: 'answer-lost' }),
    () => fault('order', 'peer', { type: 'hang' }),
    () => fault('order', 'peer', { type: 'error', status: 503 }),
    () => fault('payment', 'provider', { type: 'answer-lost' }),
    () => fault('payment', 'provider', { type: 'hang' }),
    () => fault(service, 'broker', { type: 'answer-lost' }),
    () => fault(service, 'broker', { type: 'error' }),
    () => fault(service, 'consumer', { type: 'error' }),
    () => fault(service, 'process', { type: 'block', ms: 100, everyMs: 300 }),
  ];
  const fault = (at: ServiceName, kind: NewFault['target']['kind'], effect: NewFault['effect']): Blow => ({
    kind: 'fault',
    service: at,
    fault: { target: { kind, name: '*' }, effect, ...(kind === 'process' ? {} : { share }), durationMs: ms },
    ms,
  });
  return pick(draws, random)();
}

/** Fisher and Yates. */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
  }
  return shuffled;
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** As a line of the printed schedule. */
export function wordsOf({ at, blow }: Step): string {
  const { kind, ...rest } = blow;
  const details = Object.entries(rest).map(([name, value]) =>
    typeof value === 'object' ? JSON.stringify(value) : `${name} ${value}`,
  );
  return `${at.toFixed(1).padStart(6)} s  ${[kind, ...details].join(', ')}`;
}
