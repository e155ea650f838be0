import { difference, readStatementCounts, type StatementCounts } from './statement-counts';

const idleMs = 8_000;
const lookEveryMs = 1_000;
const restsWithinMs = 60_000;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Counts the statements that each of some orders causes, until its mail is sent and its webhooks are in.
 * @param admin the admin port of the one process, in which nothing is done now
 */
export async function createStatementMeter(admin: string) {
  const ofReading = await statementsOfReading(admin);
  const idle = await idleRates(admin);
  return async <T>(place: () => Promise<readonly T[]>) => {
    const before = await readStatementCounts(admin);
    const startedAt = performance.now();
    const made = await place();
    const after = await readAtRest(admin, idle);
    const found = difference(before, after);
    for (const key of ofReading) found.delete(key);
    return { counts: perOrder(found, idle, performance.now() - startedAt, made.length), made };
  };
}

/** What reading the metrics asks the databases itself. */
async function statementsOfReading(admin: string): Promise<Set<string>> {
  const found: Set<string>[] = [];
  for (let before = await readStatementCounts(admin); found.length < 4;) {
    const after = await readStatementCounts(admin);
    found.push(new Set(difference(before, after).keys()));
    before = after;
  }
  const [first = new Set<string>(), ...others] = found;
  return new Set([...first].filter((key) => others.every((keys) => keys.has(key))));
}

/** Executions in a second of what runs without any order: sweeps, watches. They are not an order's. */
async function idleRates(admin: string): Promise<StatementCounts> {
  await sleep(idleMs / 2);
  const before = await readStatementCounts(admin);
  await sleep(idleMs);
  const found = difference(before, await readStatementCounts(admin));
  return new Map([...found].map(([key, count]) => [key, (count / idleMs) * 1_000]));
}

/** @throws Error when orders still cause statements after a minute */
async function readAtRest(admin: string, idle: StatementCounts): Promise<StatementCounts> {
  const until = performance.now() + restsWithinMs;
  let before = await readStatementCounts(admin);
  for (;;) {
    await sleep(lookEveryMs);
    const after = await readStatementCounts(admin);
    const caused = [...difference(before, after).keys()].filter((key) => !idle.has(key));
    if (caused.length === 0) return after;
    if (performance.now() > until) throw new Error(`no rest yet: ${caused.join(', ')}`);
    before = after;
  }
}

const perOrder = (found: StatementCounts, idle: StatementCounts, ms: number, orders: number) =>
  new Map(
    [...found].map(([key, count]) => [
      key,
      Math.max(0, count - ((idle.get(key) ?? 0) * ms) / 1_000) / orders,
    ]),
  );
