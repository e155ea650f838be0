import { dashboard } from './frame';
import { panel } from './panel';
import { maxBy, metric, quantile, rate, sumRate } from './promql';

const own = 'service=~"$service"';

export const runtime = dashboard({
  name: 'runtime',
  title: 'Node runtime',
  about: 'Event loop, garbage collection, memory and CPU of every process.',
  byService: true,
  rows: [
    {
      title: 'Event loop and CPU',
      panels: [
        panel({
          title: 'Event-loop delay, p99',
          unit: 's',
          warn: 0.2,
          about: 'How late timers fire; 20 ms is the resolution of the measurement.',
          runbook: 'EventLoopBlocked',
          queries: [
            [maxBy('service, pod', 'nodejs_eventloop_delay_seconds', `${own}, statistic="p99"`), '{{pod}}'],
          ],
        }),
        panel({
          title: 'Event-loop utilisation',
          unit: 'percentunit',
          max: 1,
          warn: 0.8,
          about: 'Share of time in which the event loop was busy. From 0.8 on latency rises steeply.',
          queries: [[maxBy('service, pod', 'nodejs_eventloop_utilization_ratio', own), '{{pod}}']],
        }),
        panel({
          title: 'CPU',
          unit: 'short',
          about: 'Cores in use, user and system.',
          queries: [[sumRate('service, pod', 'process_cpu_seconds_total', own), '{{pod}}']],
        }),
      ],
    },
    {
      title: 'Memory and garbage collection',
      panels: [
        panel({
          title: 'Resident memory',
          unit: 'bytes',
          about: 'What the kernel counts against the limit of the pod.',
          queries: [[maxBy('service, pod', 'nodejs_memory_bytes', `${own}, kind="rss"`), '{{pod}}']],
        }),
        panel({
          title: 'Heap used',
          unit: 'bytes',
          about: 'A floor that rises from day to day is a leak.',
          queries: [[maxBy('service, pod', 'nodejs_memory_bytes', `${own}, kind="heap_used"`), '{{pod}}']],
        }),
        panel({
          title: 'Buffers and external',
          unit: 'bytes',
          about: 'Memory outside the heap.',
          queries: [[maxBy('service, pod', 'nodejs_memory_bytes', `${own}, kind="external"`), '{{pod}}']],
        }),
        panel({
          title: 'Time in garbage collection',
          unit: 'percentunit',
          warn: 0.1,
          about: 'Share of time in which nothing else ran.',
          queries: [[`sum by (service, pod) (${rate('nodejs_gc_duration_seconds_sum', own)})`, '{{pod}}']],
        }),
        panel({
          title: 'Pauses, p99',
          unit: 's',
          about: 'By kind of collection.',
          queries: [[quantile(0.99, 'kind', 'nodejs_gc_duration_seconds', own), '{{kind}}']],
        }),
        panel({
          title: 'Uptime',
          unit: 's',
          about: 'Falls to 0 at every start.',
          runbook: 'RestartsOften',
          queries: [
            [
              `time() - max by (service, pod) (${metric('process_start_time_seconds', `job="bulkhead", ${own}`)})`,
              '{{pod}}',
            ],
          ],
        }),
      ],
    },
  ],
});
