import { averageCosts, type Costs, type Mix, type PartName, partNames } from './costs';
import type { Demand } from './population';

/** How it is run. Assumptions, too. */
export interface Operating {
  /** Part of a core that a pod may use at the peak; the rest is for a lost pod, a deploy and garbage collection. */
  readonly utilisation: number;
  readonly leastPods: number;
  /** Connections of each pod's pool. */
  readonly poolSize: number;
  readonly memoryPerPodMib: number;
  /** For how many days of history there is room. */
  readonly keptDays: number;
  /** The longest that a row lives which goes again by itself, in days. */
  readonly passingDays: number;
  /** How long a consumer may be away, in h, with its queue growing. */
  readonly outageHours: number;
  readonly bytesPerMessage: number;
}

export const operating: Operating = {
  utilisation: 0.6,
  leastPods: 2,
  poolSize: 10,
  memoryPerPodMib: 200,
  keptDays: 365,
  passingDays: 30,
  outageHours: 1,
  bytesPerMessage: 1_024,
};

export type ServicePart = Exclude<PartName, 'postgresql' | 'rabbitmq' | 'stand-ins' | 'generator'>;
const notPods: ReadonlySet<PartName> = new Set(['postgresql', 'rabbitmq', 'stand-ins', 'generator']);
export const serviceParts = partNames.filter((part): part is ServicePart => !notPods.has(part));
/** The gateway has no database. */
const withDatabase = serviceParts.filter((part) => part !== 'gateway');

export interface Plan {
  readonly demand: Demand;
  readonly pods: Readonly<Record<ServicePart, number>>;
  readonly memoryGib: number;
  /** To all databases together. */
  readonly connections: number;
  readonly databaseCores: number;
  readonly brokerCores: number;
  readonly statementsPerSecond: number;
  readonly eventsPerSecond: number;
  readonly deliveriesPerSecond: number;
  /** Messages and bytes that wait after the outage. */
  readonly backlog: { readonly messages: number; readonly gib: number };
  readonly databaseGib: number;
  readonly walMibPerSecond: number;
}

const gib = 1024 ** 3;

/**
 * pods = ⌈arrivals/s · CPU per arrival / utilisation⌉, at least two; connections = pods · pool;
 * cores of the database = arrivals/s · its CPU per arrival / utilisation;
 * size = arrivals/day · (bytes that stay · days of history + bytes that go again · their days).
 */
export function planFor(costs: Costs, mix: Mix, demand: Demand, run: Operating): Plan {
  const average = averageCosts(costs, mix);
  const cores = (part: PartName) => (demand.perSecond * average.cpuMs[part]) / 1_000;
  const pods = Object.fromEntries(
    serviceParts.map((part) => [
      part,
      Math.max(run.leastPods, Math.ceil(cores(part) / run.utilisation - 1e-9)),
    ]),
  ) as Record<ServicePart, number>;
  const podCount = Object.values(pods).reduce((all, count) => all + count, 0);
  const deliveriesPerSecond = demand.perSecond * average.deliveries;
  const arrivalsPerDay = demand.ordersPerDay / mix.purchase;
  const bytesPerArrival = average.keptBytes * run.keptDays + average.passingBytes * run.passingDays;
  const waiting = deliveriesPerSecond * run.outageHours * 3_600;
  return {
    demand,
    pods,
    memoryGib: (podCount * run.memoryPerPodMib) / 1_024,
    connections: withDatabase.reduce((all, part) => all + pods[part] * run.poolSize, 0),
    databaseCores: cores('postgresql') / run.utilisation,
    brokerCores: cores('rabbitmq') / run.utilisation,
    statementsPerSecond: demand.perSecond * average.statements,
    eventsPerSecond: demand.perSecond * average.events,
    deliveriesPerSecond,
    backlog: { messages: waiting, gib: (waiting * run.bytesPerMessage) / gib },
    databaseGib: (arrivalsPerDay * bytesPerArrival) / gib,
    walMibPerSecond: (demand.perSecond * average.walBytes) / 1024 ** 2,
  };
}
