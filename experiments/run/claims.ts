import type { RequestClass } from '../load/samples';
import { correct, timed, type Verdict } from './experiment';
import { ms, type Observation, percent, type Summary } from './observation';

/** Claims that several experiments make, in the same words. */

const nouns: Readonly<Record<RequestClass, string>> = {
  order: 'orders',
  browse: 'catalog requests',
  search: 'searches',
  'sign-in': 'sign-ins',
  account: 'looks at own orders',
};

/**
 * All that came were served. That none fails is true or false on any machine; one that is busy with something else turns
 * people away for that reason alone.
 */
export function allServed(observation: Observation, kind: RequestClass, summary: Summary): Verdict[] {
  const { count, failed, shedShare } = summary;
  return [
    correct(
      `${observation.kind}: nothing fails meanwhile (${nouns[kind]})`,
      failed === 0 && count > 0,
      `${count} ${nouns[kind]}, ${failed} failed`,
    ),
    timed(
      `${observation.kind}: nobody is turned away meanwhile (${nouns[kind]})`,
      shedShare === 0,
      `${percent(shedShare)} turned away, ${percent(observation.before(kind).shedShare)} before`,
    ),
  ];
}

/** Some may be turned away with 503, which says that nothing was done; none ends in an error or silence. */
export function noneFailed(observation: Observation, kind: RequestClass, summary: Summary): Verdict {
  const { count, failed, shedShare } = summary;
  return correct(
    `${observation.kind}: what cannot be served is turned away with 503, and nothing fails (${nouns[kind]})`,
    failed === 0 && count > 0,
    `${count} ${nouns[kind]}, ${failed} failed, ${percent(shedShare)} turned away`,
  );
}

/** Served as long as it takes, about as fast as before. */
export function asFast(
  observation: Observation,
  kind: RequestClass,
  factor: number,
  { before, during }: { readonly before: Summary; readonly during: Summary },
): Verdict {
  return timed(
    `${observation.kind}: ${nouns[kind]} take ≤ ${factor}× (p99)`,
    during.p99Ms <= factor * before.p99Ms,
    `${ms(during.p99Ms)} against ${ms(before.p99Ms)} without fault`,
  );
}

/** At the end everything is as it was. */
export function recovered(observation: Observation, kind: RequestClass, afterMs = 3_000): Verdict {
  const { faultEnds, loadEnds } = observation.phases;
  const summary = observation.in(Math.min(faultEnds + afterMs, loadEnds - 1_000), loadEnds, kind);
  return timed(
    `${observation.kind}: from ${afterMs / 1_000} s after the fault, at least 95 % are served again (${nouns[kind]})`,
    summary.servedShare >= 0.95,
    `${percent(summary.servedShare)} of ${summary.count} ${nouns[kind]}`,
  );
}
