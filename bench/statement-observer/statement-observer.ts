import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createDatabaseMetrics } from '@bulkhead/telemetry/database-metrics';
import type { Telemetry } from '@bulkhead/telemetry/telemetry';
import type { RatioBench } from '../bench';
import { callsPerSecond } from '../callers';
import { startCollector } from '../collector';
import { compare, type Speed } from '../comparison';
import { productionTelemetry } from '../kit-service';
import { startPostgres } from '../postgres';

const connections = 10;

/** The cheapest statement there is, so that whatever is done around it shows most. */
const statement = { name: 'bench-cheapest', text: 'select $1::int as n', values: [1] };

export const statementObserver: RatioBench = {
  name: 'statement-observer',
  title: 'Telling of every statement: metrics of each, a span of each within a trace at 5 %',
  target: 0.85,
  async run({ pairs, seconds }) {
    const [postgres, collector] = await Promise.all([startPostgres(), startCollector()]);
    process.env['COLLECTOR_URL'] = collector.url;
    const telemetry = productionTelemetry('order');
    const { url } = await postgres.place('order');
    const observed = createDatabase({
      url,
      applicationName: 'observed',
      poolSize: connections,
      observer: createDatabaseMetrics(telemetry.metrics, {
        pool: () => undefined,
        trace: { tracing: telemetry.tracing, database: 'order' },
      }),
    });
    const silent = createDatabase({ url, applicationName: 'silent', poolSize: connections });
    try {
      const ratios = await compare({
        ours: { name: 'observed', measure: () => statements(observed, telemetry, seconds) },
        theirs: { name: 'silent', measure: () => statements(silent, telemetry, seconds) },
        pairs,
      });
      return {
        kind: 'ratio',
        ours: 'statements with metrics and spans',
        theirs: 'the same pool with no observer, in the same spans',
        unit: 'statements/s',
        ratios,
      };
    } finally {
      await Promise.all([observed.close(), silent.close(), telemetry.shutdown()]);
      await Promise.all([postgres.stop(), collector.stop()]);
    }
  },
};

/** Each in a span of its own, as in a request. */
const statements = (database: PooledDatabase, { tracing }: Telemetry, seconds: number): Promise<Speed> =>
  callsPerSecond(connections, seconds * 1_000, () =>
    tracing.span('bench', { kind: 'server', parent: null }, () => database.query(statement)),
  );
