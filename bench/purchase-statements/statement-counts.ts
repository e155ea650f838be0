/** Executions of a statement, by `service statement`. BEGIN and COMMIT are statements, too. */
export type StatementCounts = ReadonlyMap<string, number>;

const counted = /^db_client_operation_duration_seconds_count\{([^}]*)\} (\d+)/;
const labelOf = (labels: string, name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';

/** Reads what every pool of the process has sent, Prisma's statements included, from its metrics. */
export async function readStatementCounts(adminOrigin: string): Promise<StatementCounts> {
  const response = await fetch(`${adminOrigin}/metrics`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`the metrics were answered with ${response.status}`);
  const counts = new Map<string, number>();
  for (const line of (await response.text()).split('\n')) {
    const [, labels, count] = counted.exec(line) ?? [];
    if (labels === undefined) continue;
    const key = `${labelOf(labels, 'service')} ${labelOf(labels, 'statement')}`;
    counts.set(key, (counts.get(key) ?? 0) + Number(count));
  }
  return counts;
}

/** What was added from one reading to another. */
export const difference = (before: StatementCounts, after: StatementCounts): Map<string, number> =>
  new Map(
    [...after].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const).filter(([, n]) => n > 0),
  );

/** Sums of counts by the service that sent them. */
export function byService(counts: StatementCounts): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [key, count] of counts) {
    const service = key.slice(0, key.indexOf(' '));
    sums.set(service, (sums.get(service) ?? 0) + count);
  }
  return sums;
}

export const sumOf = (counts: StatementCounts): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);
