import { cpus } from 'node:os';
import { type Mix, type OperationName, operationNames, type PartName, partNames, sum } from './costs';
import { cpuBetween, readBusyTime, readCpuTimes } from './cpu-time';
import { createTurns, type Work } from './work';

export interface MeasuredSaturation {
  /** Operations that succeeded per second. */
  readonly perSecond: number;
  /** Of those, by kind: what was shed is not in it. */
  readonly mix: Mix;
  /** Cores that were there for the shop: all, less what else runs on this machine. */
  readonly cores: number;
  /** Cores that the shop and the generator used. */
  readonly used: number;
  /** CPU time of an average operation, by part, in ms, with what the part would have used in any case. */
  readonly cpuMs: Readonly<Record<PartName, number>>;
}

export interface SaturationOptions {
  readonly shopPid: number;
  readonly work: Work;
  readonly mix: Mix;
  readonly done: (kind: OperationName) => number;
  /** Visitors who begin anew as soon as they have been served: enough to use all there is, few enough to be let in. */
  readonly visitors: number;
  readonly seconds: number;
}

/** Throughput of a closed loop: it sends as much as is answered. Says nothing of latency. */
export async function measureSaturation(options: SaturationOptions): Promise<MeasuredSaturation> {
  const { shopPid, work, mix, done, visitors, seconds } = options;
  const turn = createTurns(mix);
  const counts = () => operationNames.map((name) => done(name));
  const before = { done: counts(), cpu: readCpuTimes(shopPid), busy: readBusyTime(), at: performance.now() };
  const until = before.at + seconds * 1_000;
  let index = 0;
  const visitor = async () => {
    while (performance.now() < until) await work(turn(), performance.now(), index++);
  };
  const visits = Array.from({ length: visitors }, visitor);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const wallMs = performance.now() - before.at;
  const usedBy = cpuBetween(before.cpu, readCpuTimes(shopPid));
  const busyMs = readBusyTime() - before.busy;
  const succeeded = counts().map((count, kind) => count - before.done[kind]!);
  await Promise.all(visits);

  const usedMs = sum(partNames.map((part) => usedBy[part]));
  const all = sum(succeeded);
  return {
    perSecond: (all / wallMs) * 1_000,
    mix: Object.fromEntries(operationNames.map((name, kind) => [name, succeeded[kind]! / all])) as Mix,
    cores: cpus().length - Math.max(0, busyMs - usedMs) / wallMs,
    used: usedMs / wallMs,
    cpuMs: Object.fromEntries(partNames.map((part) => [part, usedBy[part] / all])) as Record<
      PartName,
      number
    >,
  };
}
