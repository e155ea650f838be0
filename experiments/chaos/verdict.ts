import type { ChaosRun } from './run-chaos';

export interface Criterion {
  readonly name: string;
  readonly holds: boolean;
  readonly measured: string;
}

/** At most so many of the orders of a run without faults may be missing. */
const maxLost = 0.1;
/** How soon after the last blow nothing may be on its way any more; the fast timers all end within it. */
const settledWithinSeconds = 5;

/** What a chaos run has to show, next to one without faults under the same load. */
export function judgeRuns(calm: ChaosRun, chaos: ChaosRun): Criterion[] {
  // The runs may be of different lengths: orders a buyer, not orders.
  const usual = calm.confirmed / calm.buyers;
  const share = chaos.confirmed / chaos.buyers / usual;
  const failed = chaos.steps.filter(({ error }) => error !== undefined);
  return [
    {
      name: 'every planned blow was carried out',
      holds: chaos.steps.length > 0 && failed.length === 0,
      measured: `${chaos.steps.length - failed.length} of ${chaos.steps.length}`,
    },
    {
      name: `blows cost at most ${maxLost * 100} % of the orders`,
      holds: share >= 1 - maxLost,
      measured: `${chaos.confirmed} of ${chaos.buyers} buyers got what they wanted, ${calm.confirmed} of ${calm.buyers} without faults: ${((1 - share) * 100).toFixed(1)} % lost`,
    },
    {
      name: `all is settled ${settledWithinSeconds} s after the last blow`,
      holds: chaos.checks.quiescence.reached && chaos.settledAfterSeconds <= settledWithinSeconds,
      measured: `${chaos.settledAfterSeconds.toFixed(1)} s`,
    },
    ...invariantsOf('without faults', calm),
    ...invariantsOf('with faults', chaos),
  ];
}

const invariantsOf = (when: string, { checks }: ChaosRun): Criterion[] =>
  checks.invariants
    .filter(({ verdict }) => verdict !== 'skipped')
    .map(({ name, verdict, examined, offences }) => ({
      name: `${name}, ${when}`,
      holds: verdict === 'holds' && examined > 0,
      measured:
        offences.length === 0
          ? `${examined} looked at`
          : offences
              .slice(0, 5)
              .map(({ subject, problem }) => `${subject}: ${problem}`)
              .join('; '),
    }));
