import { databaseNow } from '@bulkhead/database/prisma';
import { createSlots } from '@bulkhead/durable/slots';
import { createWorker } from '@bulkhead/durable/worker';
import type { Clock } from '@bulkhead/resilience/clock';
import { PeerProblem } from '@bulkhead/service/errors';
import type { Ids } from '@bulkhead/service/ids';
import { type Job, workerJob } from '@bulkhead/service/runtime/jobs';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { SearchDatabase } from '../database';
import { writeGeneration, writeStock } from '../index/write.sql';
import type { ListingPage } from './listing';
import { advance, begin, claim, fail } from './rebuild.sql';

/** Pages per run; then the rebuild is released, so that a run is bounded. */
const pagesPerPiece = 100;
const longestPauseMs = 60_000;
const maxFailures = 10;
/** An index that could not be built at all is retried after this, ms. */
const firstBuildPauseMs = 60_000;

export interface RebuildDependencies {
  readonly database: SearchDatabase;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly logger: Logger;
  /** @throws when the catalog cannot be read now */
  readonly readPage: (after: string | undefined) => Promise<ListingPage>;
  readonly leaseMs: number;
  readonly retryMs: number;
  readonly everyMs: number;
}

const owned = (owner: string, generation: number) => ({ state: 'running', owner, generation });
const released = { owner: null, leasedUntil: null };

interface ClaimedRebuild {
  readonly owner: string;
  readonly generation: number;
  /** The last product written, if any. */
  readonly after: string | null;
}

export interface Rebuild {
  /** Starts a rebuild, unless one is running. */
  begin(): Promise<void>;
  readonly job: Job;
}

/**
 * Rebuilds the index from the catalog's listing, page by page, beside the live one, then swaps. One replica at a time
 * works on it, under a lease; each page is committed with its end position, so that another replica continues there
 * after a crash. Starts automatically if there is no index yet.
 */
export function createRebuild(dependencies: RebuildDependencies): Rebuild {
  const { database, ids, clock, logger, everyMs } = dependencies;
  const worker = createWorker<ClaimedRebuild>({
    name: 'rebuild-index',
    slots: createSlots(() => 1),
    async claim() {
      await database.query({ ...begin, values: [true, firstBuildPauseMs] });
      const values = [ids.next(), dependencies.leaseMs];
      return (await database.query<ClaimedRebuild>({ ...claim, values })).rows;
    },
    async work(rebuild, signal) {
      const { owner, generation } = rebuild;
      try {
        const finished = await build(dependencies, rebuild, signal);
        if (finished) logger.info({ operation: 'rebuild', version: generation }, 'index was rebuilt');
        // The next run continues it.
        else await database.prisma.rebuild.updateMany({ where: owned(owner, generation), data: released });
      } catch (error) {
        logger.warn({ operation: 'rebuild', version: generation, error }, 'index rebuild is paused');
        await pause(dependencies, rebuild, error);
      }
    },
    pollMs: everyMs,
    clock,
    logger,
  });
  return {
    async begin() {
      await database.query({ ...begin, values: [false, 0] });
      worker.wake();
    },
    job: workerJob('rebuild-index', worker, everyMs),
  };
}

/** @returns whether this owner finished it; false when it was stopped, has done its share, or lost the lease */
async function build(
  { database, readPage, leaseMs }: RebuildDependencies,
  { owner, generation, after: from }: ClaimedRebuild,
  signal: AbortSignal,
): Promise<boolean> {
  let after = from;
  for (let page = 0; page < pagesPerPiece && !signal.aborted; page++) {
    const { entries, stock, nextAfter } = await readPage(after ?? undefined);
    const last = entries.at(-1)?.product_id ?? after;
    const owns = await database.transaction(async (tx) => {
      const { rowCount } = await tx.query({
        ...advance,
        values: [owner, generation, leaseMs, last, entries.length],
      });
      if (rowCount === 0) return false;
      await tx.query({ ...writeGeneration, values: [JSON.stringify(entries), generation] });
      await tx.query({ ...writeStock, values: [JSON.stringify(stock)] });
      if (nextAfter !== null) return true;
      await tx.prisma.rebuild.updateMany({
        where: owned(owner, generation),
        data: { state: 'idle', finishedAt: databaseNow, ...released },
      });
      // Readers see the new generation from here on, and its shadow is gone.
      await tx.prisma.indexPointer.updateMany({
        where: { shadow: generation },
        data: { active: generation, shadow: null },
      });
      return true;
    });
    if (!owns) return false;
    if (nextAfter === null) return true;
    after = last;
  }
  return false;
}

async function pause(
  { database, retryMs }: RebuildDependencies,
  { owner, generation }: ClaimedRebuild,
  error: unknown,
): Promise<void> {
  await database.transaction(async (tx) => {
    const { rows } = await tx.query<{ given_up: boolean }>({
      ...fail,
      values: [owner, generation, describe(error), retryMs, longestPauseMs, maxFailures],
    });
    if (rows[0]?.given_up)
      await tx.prisma.indexPointer.updateMany({ where: { shadow: generation }, data: { shadow: null } });
  });
}

/** For admins: the kind of failure, without internals. */
const describe = (error: unknown): string => {
  if (error instanceof PeerProblem) return `${error.peer} answered ${error.status}`;
  return error instanceof Error && error.name !== 'Error' ? error.name : 'the catalog could not be read';
};
