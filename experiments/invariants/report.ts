import type { Checked, CheckReport } from './run-checks';

const maxShown = 10;
const marks = { holds: 'ok  ', broken: 'FAIL', skipped: 'skip' } as const;

/** The report as a person reads it; ends with the line that CI counts. */
export function asText({ quiescence, invariants }: CheckReport): string {
  const seconds = (quiescence.afterMs / 1000).toFixed(1);
  const rest = quiescence.reached
    ? `at rest after ${seconds} s`
    : `not at rest after ${seconds} s: ${quiescence.waitingFor.join('; ')}`;
  const broken =
    invariants.filter(({ verdict }) => verdict === 'broken').length + (quiescence.reached ? 0 : 1);
  const held = invariants.filter(({ verdict }) => verdict === 'holds').length + (quiescence.reached ? 1 : 0);
  return [
    `${quiescence.reached ? marks.holds : marks.broken} the shop is ${rest}`,
    ...invariants.map(lineOf),
    `${held} passed, ${broken} failed`,
  ].join('\n');
}

function lineOf({ name, sentence, verdict, examined, offences, reason }: Checked): string {
  const head = `${marks[verdict]} ${name.padEnd(28)} ${reason ?? `${examined} looked at`}`;
  if (verdict !== 'broken') return head;
  const shown = offences.slice(0, maxShown).map(({ subject, problem }) => `       ${subject}: ${problem}`);
  const more = offences.length > maxShown ? [`       … and ${offences.length - maxShown} more`] : [];
  return [head, `     ${sentence}`, ...shown, ...more].join('\n');
}
