import { averageCosts, type Costs, type Mix, type PartName, partNames, sum } from './costs';

export interface Saturation {
  /** Arrivals per second at which something is used up. */
  readonly perSecond: number;
  /** `machine` where all cores together are; else the one process that has no second core to go to. */
  readonly limit: 'machine' | PartName;
}

/** These use as many cores as there are; every other part is one process of Node.js, whose code runs on one. */
const manyCores: ReadonlySet<PartName> = new Set(['postgresql', 'rabbitmq']);

/**
 * The most that one machine with everything on it can answer:
 * min( (cores − idle) / Σ CPU per arrival, min over processes of (1 − idle) / CPU per arrival ).
 * @param cores of the machine that are there for it
 */
export function predictSaturation(costs: Costs, mix: Mix, cores: number): Saturation {
  const { cpuMs } = averageCosts(costs, mix);
  const all = sum(partNames.map((part) => cpuMs[part]));
  const idle = sum(partNames.map((part) => costs.idleCores[part]));
  let lowest: Saturation = { perSecond: ((cores - idle) * 1_000) / all, limit: 'machine' };
  for (const part of partNames) {
    if (manyCores.has(part) || cpuMs[part] === 0) continue;
    const perSecond = ((1 - costs.idleCores[part]) * 1_000) / cpuMs[part];
    if (perSecond < lowest.perSecond) lowest = { perSecond, limit: part };
  }
  return lowest;
}
