import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestClass } from '../../../experiments/load/samples';
import { drawChart } from '../../../experiments/report/chart';
import { overTimeTable, type PodCount } from '../../../experiments/report/over-time';
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
  kinds: readonly RequestClass[] = ['order', 'browse'],
): void {
  if (!reports) return;
  mkdirSync(reports, { recursive: true });
  const observation = {
    kind: 'cluster' as const,
    load: { samples },
    notes,
    phases: { ...fault, loadEnds: lastedMs },
  };
  writeFileSync(join(reports, `${name}.svg`), drawChart([observation], kinds));
}

/** Says pods, rates and p99 of every ten seconds, and writes them as a page where reports are wanted. */
export function tabulate(
  name: string,
  { samples, lastedMs }: PeopleReport,
  { counts, services }: { readonly counts: readonly PodCount[]; readonly services: readonly string[] },
  { title, notes }: { readonly title: string; readonly notes: readonly Note[] },
): void {
  const kinds = { browse: 'looks', search: 'searches', order: 'orders' };
  const table = overTimeTable({ samples, counts, services, kinds, lastedMs });
  say(table);
  if (!reports) return;
  const page = [
    `# ${title}`,
    `Seen on ${new Date().toISOString().slice(0, 10)} by \`npm run test:nodes\` ([how](../cluster-tests.md#several-nodes)).`,
    `![Requests a second and response times of each second](${name}.svg)`,
    table,
    notes.map(({ at, text }) => `- ${(at / 1_000).toFixed(0)} s: ${text}`).join('\n'),
  ];
  writeFileSync(join(reports, `${name}.md`), `${page.join('\n\n')}\n`);
}
