import { monitorEventLoopDelay, performance, PerformanceObserver } from 'node:perf_hooks';
import type { Metrics } from './metrics';

/**
 * Metrics of the Node.js process: event-loop delay, garbage collection, memory and CPU. Read at each scrape, except for
 * GC pauses.
 */
export function collectRuntimeMetrics(metrics: Metrics): { stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  metrics.gauge({
    name: 'nodejs_eventloop_delay_seconds',
    help: 'Event-loop delay since the last scrape.',
    labels: { statistic: ['p50', 'p99', 'max'] },
    collect(gauge) {
      gauge.set({ statistic: 'p50' }, seconds(delay.percentile(50)));
      gauge.set({ statistic: 'p99' }, seconds(delay.percentile(99)));
      gauge.set({ statistic: 'max' }, seconds(delay.max));
      delay.reset();
    },
  });

  const pauses = metrics.histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Garbage collection pauses by kind.',
    labels: { kind: ['major', 'minor', 'incremental', 'weakcb'] },
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5],
  });
  const collections = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
      pauses.observe({ kind: gcKinds.get(kind) ?? 'weakcb' }, entry.duration / 1_000);
    }
  });
  collections.observe({ entryTypes: ['gc'] });

  metrics.gauge({
    name: 'nodejs_memory_bytes',
    help: 'Memory of the process.',
    labels: { kind: ['rss', 'heap_used', 'heap_total', 'external', 'array_buffers'] },
    collect(gauge) {
      const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
      gauge.set({ kind: 'rss' }, rss);
      gauge.set({ kind: 'heap_used' }, heapUsed);
      gauge.set({ kind: 'heap_total' }, heapTotal);
      gauge.set({ kind: 'external' }, external);
      gauge.set({ kind: 'array_buffers' }, arrayBuffers);
    },
  });
  let told = { user: 0, system: 0 };
  metrics.counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time since the start.',
    labels: { mode: ['user', 'system'] },
    collect(counter) {
      const used = process.cpuUsage();
      counter.add({ mode: 'user' }, (used.user - told.user) / 1e6);
      counter.add({ mode: 'system' }, (used.system - told.system) / 1e6);
      told = used;
    },
  });
  let last = performance.eventLoopUtilization();
  metrics.gauge({
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'Share of the time since the last scrape in which the event loop was busy, 0 to 1.',
    collect(gauge) {
      const now = performance.eventLoopUtilization();
      gauge.set({}, performance.eventLoopUtilization(now, last).utilization);
      last = now;
    },
  });
  metrics
    .gauge({ name: 'process_start_time_seconds', help: 'Start of the process, Unix time.' })
    .set({}, Math.round(Date.now() / 1_000 - process.uptime()));

  return {
    stop() {
      delay.disable();
      collections.disconnect();
    },
  };
}

const gcKinds = new Map<number, 'major' | 'minor' | 'incremental' | 'weakcb'>([
  [1, 'minor'],
  [2, 'minor'],
  [4, 'major'],
  [8, 'incremental'],
  [16, 'weakcb'],
]);

/** Nanoseconds to seconds; an empty histogram has NaN and infinities, which a gauge must not expose. */
const seconds = (nanoseconds: number) => (Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds) / 1e9 : 0);
