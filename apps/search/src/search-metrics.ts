import type { Metrics } from '@bulkhead/telemetry/metrics';
import type { SearchDatabase } from './database';

/** Metrics of the index. The state of rebuilds is read from the database at each scrape. */
export function createSearchMetrics(metrics: Metrics, { prisma }: SearchDatabase) {
  const degraded = metrics.counter({
    name: 'search_degraded_total',
    help: 'Responses from the catalog list because the index was unavailable.',
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
      const pointer = await prisma.indexPointer.findUnique({ where: { id: 1 } });
      const rebuild = await prisma.rebuild.findUnique({ where: { id: 1 } });
      if (!pointer || !rebuild) return;
      gauge.set({}, pointer.active);
      rebuilding.set({}, pointer.shadow === null ? 0 : 1);
      failures.set({}, rebuild.failures);
    },
  });
  return { degraded: () => degraded.add({}) };
}
