import type { Database } from '@bulkhead/database/database';
import type { Metrics } from '@bulkhead/telemetry/metrics';

const gauges = {
  name: 'search-gauges',
  text: `select active as generation, (shadow is not null)::int as rebuilding, failures
    from index_pointer, rebuild`,
};

/** What is measured of the index. The state of rebuilds is asked of the database at each scrape. */
export function createSearchMetrics(metrics: Metrics, database: Database) {
  const degraded = metrics.counter({
    name: 'search_degraded_total',
    help: 'Answers from the catalog list because the index was away.',
  });
  const rebuilding = metrics.gauge({
    name: 'search_rebuild_running',
    help: '1 while a new index is being built.',
  });
  const failures = metrics.gauge({
    name: 'search_rebuild_failures',
    help: 'Failures in a row of the last or running rebuild.',
  });
  metrics.gauge({
    name: 'search_index_generation',
    help: 'The index that is read; 0 before the first was built.',
    async collect(gauge) {
      const { rows } = await database.query<{ generation: number; rebuilding: number; failures: number }>(
        gauges,
      );
      const row = rows[0];
      if (!row) return;
      gauge.set({}, row.generation);
      rebuilding.set({}, row.rebuilding);
      failures.set({}, row.failures);
    },
  });
  return { degraded: () => degraded.add({}) };
}
