import type { Verdict } from '../run/experiment';
import type { Outcome } from '../run/run-experiment';
import { subjectNames } from './chart';
import { escape } from './svg';
import { conditions, tidy, wordOf } from './words';

const style = `
  :root { color: #22303c; background: #f5f6f8; font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; }
  main { max-width: 1010px; margin: 32px auto; background: #fff; padding: 36px 48px 40px; border-radius: 14px; box-shadow: 0 1px 4px #0001; }
  h1 { font-size: 30px; line-height: 1.2; margin: 0 0 4px; }
  .story { font-size: 17px; max-width: 46em; }
  .overall { display: inline-block; padding: 2px 12px; border-radius: 99px; font-weight: 600; font-size: 14px; }
  .holds { background: #dcf2e7; color: #14603f; } .fails { background: #fbe0de; color: #8f1f18; } .void { background: #eceff2; color: #55616d; }
  dl { display: grid; grid-template-columns: 8.5em 1fr; gap: 6px 16px; margin: 22px 0; max-width: 54em; }
  dt { color: #6b7885; } dd { margin: 0; }
  svg { width: 100%; height: auto; margin: 8px 0; }
  table { border-collapse: collapse; width: 100%; margin: 12px 0 24px; }
  td, th { text-align: left; padding: 9px 12px 9px 0; border-top: 1px solid #e3e6ea; vertical-align: top; }
  th { color: #6b7885; font-weight: 400; border: 0; }
  td:first-child { width: 5em; }
  .tag { border-radius: 6px; padding: 1px 9px; font-size: 13px; font-weight: 600; }
  .measured { color: #3d4a56; }
  footer, .notes { color: #6b7885; font-size: 14px; }
  .notes { columns: 2; padding-left: 18px; }
  code { background: #eef0f3; border-radius: 5px; padding: 1px 6px; }`;

/** The report as one page that needs nothing beside it. */
export function htmlPage(outcome: Outcome, chart: string): string {
  const { experiment, verdicts, timingIsVoid, observations } = outcome;
  const words = verdicts.map((verdict) => wordOf(verdict, timingIsVoid));
  const overall = words.includes('fails') ? 'fails' : words.includes('void') ? 'void' : 'holds';
  const said = {
    holds: 'The hypothesis holds',
    fails: 'The hypothesis does not hold',
    void: 'What was timed is void: the generator was late',
  }[overall];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(experiment.title)} · Bulkhead experiment</title>
<style>${style}
</style>
<main>
<h1>${escape(experiment.title)}</h1>
<p><span class="overall ${overall}">${said}</span></p>
<p class="story">${escape(tidy(experiment.story))}</p>
<dl>
  <dt>Steady state</dt><dd>${escape(tidy(experiment.steadyState))}</dd>
  <dt>Hypothesis</dt><dd>${escape(tidy(experiment.hypothesis))}</dd>
  <dt>Fault</dt><dd>${escape(tidy(experiment.fault))}</dd>
</dl>
${chart}
<table>
<tr><th></th><th>must stay true</th><th>measured</th></tr>
${verdicts.map((verdict) => row(verdict, timingIsVoid)).join('\n')}
</table>
<ul class="notes">
${observations.flatMap(({ kind, notes }) => notes.map(({ at, text }) => `<li>${escape(subjectNames[kind] ?? kind)}, ${(at / 1_000).toFixed(1)} s: ${escape(text)}</li>`)).join('\n')}
</ul>
<footer>
<p>${escape(conditions(outcome))}</p>
<p>Again: <code>npm run experiment -- ${experiment.name} --seconds ${outcome.seconds} --seed ${outcome.seed}</code></p>
</footer>
</main>
</html>
`;
}

function row(verdict: Verdict, timingIsVoid: boolean): string {
  const word = wordOf(verdict, timingIsVoid);
  return `<tr><td><span class="tag ${word}">${word}</span></td><td>${escape(verdict.claim)}</td><td class="measured">${escape(verdict.measured)}</td></tr>`;
}
