import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestClass } from '../load/samples';
import type { Outcome } from '../run/run-experiment';
import { drawChart } from './chart';
import { htmlPage } from './html';
import { markdownPage } from './markdown';

/** Writes NAME.html, which needs nothing beside it, and NAME.md with NAME.svg. */
export async function writeReport(outcome: Outcome, folder: string): Promise<void> {
  const { experiment, observations } = outcome;
  const chart = drawChart(observations, shownKinds(outcome));
  const base = join(folder, experiment.name);
  await writeFile(`${base}.svg`, `${chart}\n`);
  await writeFile(`${base}.html`, htmlPage(outcome, chart));
  await writeFile(`${base}.md`, markdownPage(outcome));
}

function shownKinds({ experiment }: Outcome): RequestClass[] {
  const { rates, shows } = experiment;
  if (shows) return [...shows];
  return [...(rates.buy > 0 ? (['order'] as const) : []), ...(rates.browse > 0 ? (['browse'] as const) : [])];
}
