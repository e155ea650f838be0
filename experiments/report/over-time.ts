import type { RequestClass, Sample } from '../load/samples';
import { summarise } from '../run/observation';

/** How many pods each service had, at a moment. */
export interface PodCount {
  /** Ms from the start of the load. */
  readonly at: number;
  readonly pods: Readonly<Record<string, number>>;
}

export interface OverTime {
  readonly samples: readonly Sample[];
  readonly counts: readonly PodCount[];
  /** A column of pods each. */
  readonly services: readonly string[];
  /** A column of requests a second and one of p99 each, under a name for the reader. */
  readonly kinds: Readonly<Partial<Record<RequestClass, string>>>;
  readonly lastedMs: number;
  /** What a row sums up, in ms; the last one may be shorter. */
  readonly everyMs?: number;
}

/**
 * A table in Markdown, a row for each stretch of time: pods when they were last counted in it, requests a second, and the
 * p99 of those that were served. A dash: nothing was counted, or nobody was served.
 */
export function overTimeTable({
  samples,
  counts,
  services,
  kinds,
  lastedMs,
  everyMs = 10_000,
}: OverTime): string {
  const shown = Object.entries(kinds) as [RequestClass, string][];
  const head = [
    'time',
    ...services.map((service) => `pods of ${service}`),
    ...shown.flatMap(([, name]) => [`${name} a second`, 'p99']),
  ];
  const rows: string[][] = [];
  for (let from = 0; from < lastedMs; from += everyMs) {
    const to = Math.min(from + everyMs, lastedMs);
    const counted = counts.findLast(({ at }) => at >= from && at < to);
    rows.push([
      `${Math.round(from / 1_000)}–${Math.round(to / 1_000)} s`,
      ...services.map((service) => String(counted?.pods[service] ?? '–')),
      ...shown.flatMap(([kind]) => {
        const { count, p99Ms } = summarise(samples, from, to, kind);
        const p99 = Number.isNaN(p99Ms) ? '–' : `${p99Ms.toFixed(0)} ms`;
        return [((count * 1_000) / (to - from)).toFixed(1), p99];
      }),
    ]);
  }
  return markdownTable([head, ...rows]);
}

/** With columns as wide as their widest cell, the first to the left and the others, which are figures, to the right. */
function markdownTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(4, ...rows.map((row) => row[column]!.length)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!);
  const lines = rows.map((row) => `| ${row.map(pad).join(' | ')} |`);
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [lines[0], `| ${rule.join(' | ')} |`, ...lines.slice(1)].join('\n');
}
