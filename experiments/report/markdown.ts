import type { Outcome } from '../run/run-experiment';
import { conditions, marks, tidy, wordOf } from './words';

export function markdownPage(outcome: Outcome): string {
  const { experiment, verdicts, timingIsVoid, observations } = outcome;
  const rows = verdicts.map(
    (verdict) =>
      `| ${marks[wordOf(verdict, timingIsVoid)]} | ${verdict.claim} | ${verdict.measured.replaceAll('|', '/')} |`,
  );
  const notes = observations.flatMap(({ kind, notes }) =>
    notes.map(({ at, text }) => `- ${kind}, ${(at / 1_000).toFixed(1)} s: ${text}`),
  );
  return `# ${experiment.title}

${tidy(experiment.story)}

- **Steady state.** ${tidy(experiment.steadyState)}
- **Hypothesis.** ${tidy(experiment.hypothesis)}
- **Fault.** ${tidy(experiment.fault)}

![Requests a second and time to the answer, before, during and after the fault](${experiment.name}.svg)

|     | must stay true | measured |
| --- | -------------- | -------- |
${rows.join('\n')}
${timingIsVoid ? '\nThe load generator was late by more than 10 ms: what was timed is void (➖).\n' : ''}
<details><summary>What was done, and under which conditions</summary>

${notes.join('\n')}

${conditions(outcome)}

Again: \`npm run experiment -- ${experiment.name} --seconds ${outcome.seconds} --seed ${outcome.seed}\`

</details>
`;
}
