import type { Database } from '@bulkhead/database/database';
import { createSlots } from '@bulkhead/durable/slots';
import { createWorker } from '@bulkhead/durable/worker';
import type { Clock } from '@bulkhead/resilience/clock';
import { type MessagingObserver, noSpan, type RunInSpan } from './observer';
import { createOutboxTable, type OutboxStats } from './outbox-table';
import { createPublishSpans } from './publish-spans';
import type { OutboxRow, Transport } from './transport';

export type { OutboxStats } from './outbox-table';

/** Points at which a test crashes a relay. */
export type RelayPoint = 'claimed' | 'published';

export interface RelayOptions {
  /** The database of the service whose outbox this is. */
  readonly database: Database;
  readonly transport: Pick<Transport, 'publish' | 'spanAttributes'>;
  readonly clock: Clock;
  readonly observer?: MessagingObserver;
  readonly runInSpan?: RunInSpan;
  /** Rows per claim. Default 500. */
  readonly batchSize?: number;
  /** Maximum number of batches in flight. Default 2. */
  readonly lanes?: number;
  /** Lease of a claimed row, ms; a crashed relay's rows become available after it. Default 30,000. */
  readonly leaseMs?: number;
  /** Polling interval of the outbox when nothing wakes the relay, ms. Default 500. */
  readonly sweepMs?: number;
  /** Number of failures of its own after which a row is parked. Default 10. */
  readonly maxAttempts?: number;
  /** Minimum and maximum delay after the broker or the database was unavailable, ms. Default 100 and 5,000. */
  readonly backoffMs?: { readonly min: number; readonly max: number };
  /** Uniform in [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number;
  /** Awaited at each point; tests end the process here. */
  readonly checkpoint?: (point: RelayPoint) => Promise<void>;
}

export interface Relay {
  /** Starts sending; the first sweep is immediate. */
  start(): void;
  /** Signals that rows were committed. Cheap; may be called often and before `start`. */
  wake(): void;
  /** Sends until nothing claimable is left, or for `deadlineMs`. @returns true if nothing is left */
  flush(deadlineMs: number): Promise<boolean>;
  /** Stops claiming and waits for the batches in flight. */
  stop(): Promise<void>;
  /** Current values, for metrics. */
  stats(): Promise<OutboxStats>;
}

/**
 * Sends the outbox's events at least once: a row is marked sent only after the transport confirmed it, and no
 * transaction is open while it is being sent. Several relays may share one outbox; a row belongs to one relay for the
 * duration of its lease.
 */
export function createRelay(options: RelayOptions): Relay {
  const { transport, clock, observer = {}, checkpoint } = options;
  const batchSize = options.batchSize ?? 500;
  const lanes = options.lanes ?? 2;
  const maxAttempts = options.maxAttempts ?? 10;
  const table = createOutboxTable(options.database);
  const publish = createPublishSpans(transport, options.runInSpan ?? noSpan);
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  const trouble = ({ error }: { readonly error?: unknown }) =>
    observer.trouble?.({ where: 'outbox relay', error });

  async function send(rows: readonly OutboxRow[]): Promise<void | 'unavailable'> {
    await checkpoint?.('claimed');
    const outcomes = await publish(rows);
    await checkpoint?.('published');
    const confirmed: string[] = [];
    const unavailable: string[] = [];
    const failed: { position: string; type: string; reason: string }[] = [];
    for (const [index, row] of rows.entries()) {
      const outcome = outcomes[index] ?? { kind: 'unavailable' };
      if (outcome.kind === 'confirmed') confirmed.push(row.position);
      else if (outcome.kind === 'unavailable') unavailable.push(row.position);
      else failed.push({ ...row, reason: outcome.reason });
      if (outcome.kind !== 'failed') observer.published?.({ type: row.type, outcome: outcome.kind });
    }
    await table.markSent(confirmed);
    await table.release(unavailable);
    for (const { type, reason, parked } of await table.markFailed(failed, maxAttempts)) {
      observer.published?.({ type, outcome: parked ? 'parked' : 'failed', reason });
    }
    if (unavailable.length > 0) return 'unavailable';
  }

  /** A batch is one unit of work: it is sent in one window and marked in one statement. */
  const worker = createWorker<readonly OutboxRow[]>({
    name: 'outbox-relay',
    slots: createSlots(() => lanes),
    batch: 1,
    async claim() {
      const rows = await table.claim(batchSize, options.leaseMs ?? 30_000);
      return rows.length === 0 ? [] : [rows];
    },
    mayBeMore: ([rows]) => rows?.length === batchSize,
    work: (rows) =>
      send(rows).catch((error: unknown) => {
        trouble({ error });
        return 'unavailable';
      }),
    pollMs: options.sweepMs ?? 500,
    backoffMs: options.backoffMs ?? { min: 100, max: 5_000 },
    clock,
    logger: { warn: trouble },
    ...(options.random && { random: options.random }),
  });

  return {
    start() {
      running ??= worker.run(stopping.signal);
    },
    wake: worker.wake,
    async flush(deadlineMs) {
      const until = clock.monotonic() + deadlineMs;
      worker.wake();
      while (clock.monotonic() < until && !stopping.signal.aborted) {
        await clock.sleep(10);
        if (worker.isIdle()) return (await table.stats()).unsent === 0;
      }
      return false;
    },
    async stop() {
      stopping.abort();
      await running;
    },
    stats: () => table.stats(),
  };
}
