import { breaksOf } from './breaks';
import { averageCosts, type Costs, type Mix, operationNames, type PartName, partNames, sum } from './costs';
import type { MeasuredSaturation } from './measure-saturation';
import { type Operating, type Plan, planFor, serviceParts } from './plan';
import { concurrent, daily, type Habits, mixOf } from './population';
import type { Saturation } from './saturation';

/** Prediction and measurement of one machine. */
export interface Check {
  readonly predicted: Saturation;
  readonly measured: MeasuredSaturation;
  /** measured / predicted − 1. */
  readonly off: number;
  readonly within: number;
}

const number = (value: number, digits = 0) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const rough = (value: number) => number(value, value < 10 ? 2 : value < 100 ? 1 : 0);
const kib = (bytes: number) => `${number(bytes / 1_024, 1)} KiB`;
const percent = (share: number) => `${number(share * 100, 1)} %`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

function costsTable({ operations, idleCores }: Costs): string {
  const shown = partNames.filter((part) => part !== 'generator' && part !== 'stand-ins');
  const all = (of: Record<string, number>) => sum(shown.map((part) => of[part]!));
  return table(
    ['CPU, ms', ...operationNames, 'idle, cores'],
    [
      ...shown.map((part) => [
        part,
        ...operationNames.map((name) => number(operations[name].cpuMs[part], 2)),
        number(idleCores[part], 3),
      ]),
      [
        '**all**',
        ...operationNames.map((name) => number(all(operations[name].cpuMs), 2)),
        number(all(idleCores), 3),
      ],
    ],
  );
}

const countsTable = ({ operations }: Costs): string =>
  table(
    ['per operation', ...operationNames],
    [
      ['SQL statements', ...operationNames.map((name) => number(operations[name].statements, 1))],
      ['events sent', ...operationNames.map((name) => number(operations[name].events, 1))],
      ['deliveries handled', ...operationNames.map((name) => number(operations[name].deliveries, 1))],
      ['stored for good', ...operationNames.map((name) => kib(operations[name].keptBytes))],
      ['stored for a month at most', ...operationNames.map((name) => kib(operations[name].passingBytes))],
      ['write-ahead log', ...operationNames.map((name) => kib(operations[name].walBytes))],
    ],
  );

const checkTable = ({ predicted, measured, off, within }: Check): string =>
  table(
    ['this machine, everything on it', ''],
    [
      ['predicted', `${number(predicted.perSecond)} operations/s, limited by ${predicted.limit}`],
      ['measured', `${number(measured.perSecond)} operations/s`],
      ['off by', `${percent(off)} (allowed: ±${percent(within)})`],
      ['cores there for it', `${number(measured.cores, 2)}, of which it used ${number(measured.used, 2)}`],
      ...operationNames.map((name) => [`of these, ${name}`, percent(measured.mix[name])]),
    ],
  );

/** Tells of which part a wrong prediction comes. */
function differencesTable(costs: Costs, { measured }: Check): string {
  const predicted = averageCosts(costs, measured.mix).cpuMs;
  const idleMs = (part: PartName) => (costs.idleCores[part] * 1_000) / measured.perSecond;
  const used = (part: PartName) => measured.cpuMs[part] - idleMs(part);
  const row = (name: string, before: number, then: number) => [name, number(before, 2), number(then, 2)];
  return table(
    ['CPU ms of an average operation', 'predicted', 'when as much came as was answered'],
    [
      ...partNames.map((part) => row(part, predicted[part], used(part))),
      row('**all**', sum(partNames.map((part) => predicted[part])), sum(partNames.map(used))),
    ],
  );
}

const plansTable = (plans: readonly Plan[]): string =>
  table(
    ['at the peak', ...plans.map(({ demand }) => demand.title)],
    [
      ['requests of people/s', ...plans.map(({ demand }) => number(demand.perSecond))],
      ['orders/s', ...plans.map(({ demand }) => rough(demand.ordersPerSecond))],
      ['orders/day', ...plans.map(({ demand }) => number(demand.ordersPerDay))],
      ...serviceParts.map((part) => [`pods of ${part}`, ...plans.map(({ pods }) => number(pods[part]))]),
      ['memory of pods, GiB', ...plans.map(({ memoryGib }) => number(memoryGib, 1))],
      ['database connections', ...plans.map(({ connections }) => number(connections))],
      ['database cores', ...plans.map(({ databaseCores }) => rough(databaseCores))],
      ['SQL statements/s', ...plans.map(({ statementsPerSecond }) => number(statementsPerSecond))],
      ['broker cores', ...plans.map(({ brokerCores }) => rough(brokerCores))],
      ['events/s', ...plans.map(({ eventsPerSecond }) => rough(eventsPerSecond))],
      ['deliveries/s', ...plans.map(({ deliveriesPerSecond }) => rough(deliveriesPerSecond))],
      [
        'queued after an hour without consumers',
        ...plans.map(({ backlog }) => `${number(backlog.messages)} (${number(backlog.gib, 2)} GiB)`),
      ],
      ['database after a year, GiB', ...plans.map(({ databaseGib }) => number(databaseGib))],
      ['write-ahead log, MiB/s', ...plans.map(({ walMibPerSecond }) => rough(walMibPerSecond))],
    ],
  );

const breaksTable = (plan: Plan): string =>
  table(
    ['part', 'ends at', 'needed', 'breaks at', 'then'],
    breaksOf(plan).map(({ part, unit, most, source, needed, used, then }) => [
      part,
      `${number(most)} ${unit} (${source})`,
      rough(needed),
      used >= 1 ? '**this load**' : `${rough(1 / used)} × this load`,
      then,
    ]),
  );

export interface Figures {
  readonly costs: Costs;
  /** Absent where only the model was asked. */
  readonly check?: Check;
  readonly users: { readonly daily: number; readonly concurrent: number };
  readonly habits: Habits;
  readonly operating: Operating;
}

/** Markdown of all that is computed; the words around it are in docs/capacity.md. */
export function asMarkdown({ costs, check, users, habits, operating }: Figures): string {
  const mix: Mix = mixOf(habits);
  const plans = [daily(users.daily, habits), concurrent(users.concurrent, habits)].map((demand) =>
    planFor(costs, mix, demand, operating),
  );
  const each = averageCosts(costs, mix);
  return [
    `Measured on ${costs.cores} cores, Node.js ${costs.node}.`,
    '### What one operation costs',
    costsTable(costs),
    countsTable(costs),
    `An average request of the mix below costs ${number(sum(serviceParts.map((part) => each.cpuMs[part])), 2)} ms of CPU in services and ${number(each.cpuMs.postgresql, 2)} ms in PostgreSQL.`,
    ...(check ? ['### Prediction and measurement', checkTable(check), differencesTable(costs, check)] : []),
    '### What that many people need',
    plansTable(plans),
    ...plans.flatMap((plan) => [`### What breaks next with ${plan.demand.title}`, breaksTable(plan)]),
  ].join('\n\n');
}
