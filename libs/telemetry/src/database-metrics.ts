import { capped, type HistogramSeries, type Metrics } from './metrics';
import type { Tracing } from './trace';

/** Observes a pool; compatible with the observer of `libs/database`. */
export interface DatabaseMetrics {
  acquired(waitMs: number, error?: unknown): void;
  finished(statement: string | undefined, durationMs: number, error?: unknown): void;
  retried(): void;
}

export interface PoolState {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
  readonly max: number;
}

export interface DatabaseMetricsOptions {
  /** Read at each scrape; undefined while there is no pool. */
  readonly pool: () => PoolState | undefined;
  /** Creates a span for each statement within a trace: with its name, never its text or values. */
  readonly trace?: { readonly tracing: Tracing; readonly database: string } | undefined;
}

/** Maximum number of distinct statement names. */
const maxStatements = 150;
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 10];

export function createDatabaseMetrics(
  metrics: Metrics,
  { pool, trace }: DatabaseMetricsOptions,
): DatabaseMetrics {
  const durations = metrics.histogram({
    name: 'db_client_operation_duration_seconds',
    help: 'Duration of statements by the name they are prepared under.',
    labels: { statement: capped(maxStatements), outcome: ['ok', 'error'] },
    buckets,
  });
  const waits = metrics.histogram({
    name: 'db_client_connection_wait_seconds',
    help: 'Wait for a connection of the pool.',
    labels: { outcome: ['ok', 'error'] },
    buckets,
  });
  waits.declare({ outcome: 'ok' });
  waits.declare({ outcome: 'error' });
  const retries = metrics.counter({
    name: 'db_client_transaction_retries_total',
    help: 'Transactions repeated after a conflict.',
  });
  metrics.gauge({
    name: 'db_client_connections',
    help: 'Connections of the pool; `max` is their limit.',
    labels: { state: ['used', 'idle', 'max'] },
    collect(gauge) {
      const state = pool();
      if (!state) return;
      gauge.set({ state: 'used' }, state.total - state.idle);
      gauge.set({ state: 'idle' }, state.idle);
      gauge.set({ state: 'max' }, state.max);
    },
  });
  metrics.gauge({
    name: 'db_client_connections_waiting',
    help: 'Callers that wait for a connection.',
    collect(gauge) {
      gauge.set({}, pool()?.waiting ?? 0);
    },
  });
  const outcome = (error: unknown) => (error === undefined ? 'ok' : 'error');
  const waitedFor = { ok: waits.series({ outcome: 'ok' }), error: waits.series({ outcome: 'error' }) };
  const series = new Map<string, { readonly ok: HistogramSeries; readonly error: HistogramSeries }>();
  const seriesOf = (statement: string) => {
    const found = {
      ok: durations.series({ statement, outcome: 'ok' }),
      error: durations.series({ statement, outcome: 'error' }),
    };
    // Statements beyond the maximum share one series, which is looked up each time.
    if (series.size < maxStatements) series.set(statement, found);
    return found;
  };
  return {
    acquired: (waitMs, error) => waitedFor[outcome(error)].observe(waitMs / 1_000),
    finished(statement = 'unnamed', durationMs, error) {
      (series.get(statement) ?? seriesOf(statement))[outcome(error)].observe(durationMs / 1_000);
      if (trace) recordStatement(trace, statement, durationMs, error);
    },
    retried: () => retries.add({}),
  };
}

const system = 'postgresql';

/** A span according to OpenTelemetry's conventions for database clients (stable since 1.33). */
function recordStatement(
  { tracing, database }: { readonly tracing: Tracing; readonly database: string },
  statement: string | undefined,
  durationMs: number,
  error: unknown,
): void {
  const sqlState = error === undefined ? undefined : (error as { code?: unknown }).code;
  const isOperation = statement !== undefined && statement === statement.toUpperCase();
  tracing.record(statement ?? system, {
    kind: 'client',
    durationMs,
    failed: error !== undefined,
    attributes: {
      'db.system.name': system,
      'db.namespace': database,
      'db.operation.name': isOperation ? statement : undefined,
      'db.query.summary': statement,
      'db.response.status_code': typeof sqlState === 'string' ? sqlState : undefined,
      'error.type':
        error === undefined ? undefined : typeof sqlState === 'string' ? sqlState : (error as Error).name,
    },
  });
}
