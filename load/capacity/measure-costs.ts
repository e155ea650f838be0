import { cpus } from 'node:os';
import { arrivals, constant } from '../arrivals';
import { runOpenLoop, sleep } from '../open-loop';
import { type Costs, type OperationCosts, type OperationName, operationNames, partNames } from './costs';
import type { CounterReader } from './counters';
import { cpuBetween, type CpuTimes, readCpuTimes } from './cpu-time';
import type { Work } from './work';

/** Each kind alone, at a rate that two cores bear easily, long enough for a count in the hundreds. */
const plan: Readonly<Record<OperationName, { readonly rate: number; readonly seconds: number }>> = {
  'catalog list': { rate: 100, seconds: 6 },
  search: { rate: 60, seconds: 6 },
  'product page': { rate: 100, seconds: 6 },
  'sign-in': { rate: 12, seconds: 8 },
  purchase: { rate: 20, seconds: 15 },
};
const idleSeconds = 6;
/** Events, mails and the end of sagas belong to what caused them. */
const settleMs = 3_000;

export interface CostOptions {
  readonly shopPid: number;
  readonly counters: CounterReader;
  readonly work: Work;
  /** How many of a kind have been done so far. */
  readonly done: (kind: OperationName) => number;
  readonly onStep: (what: string) => void;
}

export async function measureCosts(options: CostOptions): Promise<Costs> {
  const { shopPid, onStep } = options;
  onStep('idle');
  const idleCores = await measureIdle(shopPid);
  const operations = {} as Record<OperationName, OperationCosts>;
  for (const kind of operationNames) {
    onStep(kind);
    operations[kind] = await measureOperation(kind, idleCores, options);
  }
  return { cores: cpus().length, node: process.versions.node, idleCores, operations };
}

const perPart = (value: (part: (typeof partNames)[number]) => number) =>
  Object.fromEntries(partNames.map((part) => [part, value(part)])) as Record<
    (typeof partNames)[number],
    number
  >;

async function measureIdle(shopPid: number): Promise<CpuTimes> {
  const before = readCpuTimes(shopPid);
  const startedAt = performance.now();
  await sleep(idleSeconds * 1_000);
  const wallMs = performance.now() - startedAt;
  const used = cpuBetween(before, readCpuTimes(shopPid));
  return perPart((part) => used[part] / wallMs);
}

async function measureOperation(
  kind: OperationName,
  idle: CpuTimes,
  { shopPid, counters, work, done }: CostOptions,
): Promise<OperationCosts> {
  const { rate, seconds } = plan[kind];
  const counted = await counters.read();
  const doneBefore = done(kind);
  const before = readCpuTimes(shopPid);
  const startedAt = performance.now();
  await runOpenLoop({
    arrivals: arrivals([constant(rate, seconds)]),
    maxUnderWay: 500,
    start: (dueAt, index) => work(kind, dueAt, index),
  });
  await sleep(settleMs);
  const wallMs = performance.now() - startedAt;
  const used = cpuBetween(before, readCpuTimes(shopPid));
  const after = await counters.read();
  const count = done(kind) - doneBefore;
  if (count < (rate * seconds) / 2)
    throw new Error(`only ${count} of ${rate * seconds} × ${kind} were answered`);
  // A read stores nothing; what databases do by themselves meanwhile must not count as negative.
  const each = (read: (of: typeof after) => number) => Math.max(0, (read(after) - read(counted)) / count);
  return {
    cpuMs: perPart((part) => Math.max(0, (used[part] - idle[part] * wallMs) / count)),
    statements: each(({ statements }) => statements),
    events: each(({ events }) => events),
    deliveries: each(({ deliveries }) => deliveries),
    storedBytes: each(({ storedBytes }) => storedBytes),
    walBytes: each(({ walBytes }) => walBytes),
  };
}
