import { cpus } from 'node:os';
import type { Verdict } from '../run/experiment';
import type { Outcome } from '../run/run-experiment';

/** How a verdict reads. */
export function wordOf({ holds, kind }: Verdict, timingIsVoid: boolean): 'holds' | 'fails' | 'void' {
  if (kind === 'timing' && timingIsVoid) return 'void';
  return holds ? 'holds' : 'fails';
}

/** The same in Markdown. */
export const marks = { holds: '✅', fails: '❌', void: '➖' } as const;

export const tidy = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Under what the figures were measured. */
export function conditions({ seconds, seed, startedAt, observations, experiment }: Outcome): string {
  const rates = Object.entries(experiment.rates)
    .map(([what, rate]) => `${rate} ${what}`)
    .join(', ');
  const late = Math.max(...observations.map(({ load }) => load.latenessP99Ms));
  const busy = Math.max(...observations.map(({ busyShare }) => busyShare));
  return (
    `${seconds} s of load, arrivals seeded with ${seed}: ${rates} a second. Everything, the load generator included, on one ` +
    `machine with ${cpus().length} cores, busy for up to ${Math.round(busy * 100)} % of the time. The generator was late by ${late.toFixed(1)} ms (p99). ` +
    `${startedAt.toISOString().slice(0, 10)}, Node.js ${process.versions.node}.`
  );
}
