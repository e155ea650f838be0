import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawChart } from '../../../experiments/report/chart';
import type { Note, Summary } from '../../../experiments/run/observation';
import { readEnvironment } from './environment';
import type { PeopleReport } from './people';

const { reports } = readEnvironment();

export const say = (line: string) => void process.stderr.write(`${line}\n`);
export const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** What happened when, also said as it happens. @param now ms since the load began */
export function takeNotes(now: () => number) {
  const notes: Note[] = [];
  const note = (text: string) => {
    notes.push({ at: now(), text });
    say(`${(now() / 1_000).toFixed(0)} s: ${text}`);
  };
  return { notes, note };
}

/** A line for each time. */
export function sayHow(times: Readonly<Record<string, Summary>>): void {
  for (const [when, { count, servedShare, shedShare, failed, p99Ms }] of Object.entries(times))
    say(
      `${when}: ${count} requests, served ${percent(servedShare)}, asked to come again ${percent(shedShare)}, ` +
        `failed ${failed}, p99 ${p99Ms.toFixed(0)} ms`,
    );
}

/** Draws every second of the load where reports are wanted. */
export function plot(
  name: string,
  { samples, lastedMs }: PeopleReport,
  {
    notes,
    ...fault
  }: { readonly faultBegins: number; readonly faultEnds: number; readonly notes: readonly Note[] },
): void {
  if (!reports) return;
  mkdirSync(reports, { recursive: true });
  const observation = {
    kind: 'cluster' as const,
    load: { samples },
    notes,
    phases: { ...fault, loadEnds: lastedMs },
  };
  writeFileSync(join(reports, `${name}.svg`), drawChart([observation], ['order', 'browse']));
}
