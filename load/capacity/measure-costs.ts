import { cpus } from 'node:os';
import { arrivals, constant } from '../arrivals';
import { runOpenLoop, sleep } from '../open-loop';
import {
  type Costs,
  type Mix,
  type OperationCosts,
  type OperationName,
  operationNames,
  type PartName,
  partNames,
} from './costs';
import type { CounterReader } from './counters';
import { cpuBetween, type CpuTimes, readCpuTimes } from './cpu-time';
import { measureSaturation } from './measure-saturation';
import type { Work } from './work';

/** First, as many as a few visitors get: to learn the machine's rate, and so that code has been compiled. */
const trial = { visitors: 4, seconds: 5 };
/** Part of that rate at which it is measured: a shop that is overloaded retries and defers, which is not the usual cost. */
const share = 0.5;
const wantedCount = 400;
const shortestSeconds = 8;
const longestSeconds = 20;
const idleSeconds = 10;
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

const perPart = (value: (part: PartName) => number) =>
  Object.fromEntries(partNames.map((part) => [part, value(part)])) as Record<PartName, number>;

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
  const mix = Object.fromEntries(operationNames.map((name) => [name, name === kind ? 1 : 0])) as Mix;
  const most = await measureSaturation({ shopPid, work, mix, done, ...trial });
  const rate = share * most.perSecond;
  const seconds = Math.min(longestSeconds, Math.max(shortestSeconds, wantedCount / rate));
  await sleep(settleMs);
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
    throw new Error(`only ${count} of ${Math.round(rate * seconds)} × ${kind} were answered`);
  // A read stores nothing; what databases do by themselves meanwhile must not count as negative.
  const each = (read: (of: typeof after) => number) => Math.max(0, (read(after) - read(counted)) / count);
  // What a part does by itself comes in bursts: only what is more than all of that is the operation's. The rest, small as
  // it is, would become pods when it is multiplied by the rate of a million people.
  const beyondIdle = (part: PartName) => {
    const idleMs = idle[part] * wallMs;
    const ms = used[part] - idleMs;
    return ms > idleMs ? ms / count : 0;
  };
  return {
    cpuMs: perPart(beyondIdle),
    statements: each(({ statements }) => statements),
    events: each(({ events }) => events),
    deliveries: each(({ deliveries }) => deliveries),
    keptBytes: each(({ keptBytes }) => keptBytes),
    passingBytes: each(({ passingBytes }) => passingBytes),
    walBytes: each(({ walBytes }) => walBytes),
  };
}
