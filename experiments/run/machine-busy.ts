import { cpus } from 'node:os';

export interface BusyTimes {
  readonly busyMs: number;
  readonly allMs: number;
}

/** CPU time of all cores since the machine started, in ms. */
export function readBusyTimes(): BusyTimes {
  let busyMs = 0;
  let idleMs = 0;
  for (const { times } of cpus()) {
    busyMs += times.user + times.nice + times.sys + times.irq;
    idleMs += times.idle;
  }
  return { busyMs, allMs: busyMs + idleMs };
}

/** Which part of it was used in between, 0 to 1: near 1, what was timed says more of the machine than of the shop. */
export const busyBetween = (before: BusyTimes, after: BusyTimes): number =>
  (after.busyMs - before.busyMs) / (after.allMs - before.allMs);
