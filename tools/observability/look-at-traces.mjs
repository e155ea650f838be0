/** What must be true of the traces that a Collector kept, in the mode that docs/kubernetes.md describes. */
import { servicesOfAnOrder } from './orders.mjs';
import { traceOfClient, tracesOfExemplars, tracesOfLogs } from './kept-traces.mjs';

const missing = (ids, traces) => [...ids].filter((id) => !traces.has(id));

/**
 * @param {{ traces: Map<string, object[]>, orders: { slow: string, failed: string, fast: string[] }, metrics: string,
 *   log: string }} seen
 *   `metrics` of all services together, and what they logged; both from before the last trace was judged
 * @returns {[string, boolean | string][]} what was looked at, with true or what is wrong
 */
export const lookAtTraces = ({ traces, orders, metrics, log }) => {
  const slow = traceOfClient(traces, orders.slow) ?? [];
  const failed = traceOfClient(traces, orders.failed) ?? [];
  const fast = orders.fast.map((id) => traceOfClient(traces, id));
  const kept = fast.filter(Boolean).length;
  const services = [...new Set(slow.map(({ service }) => service))].sort();
  const lasted = Math.max(...slow.map(({ end }) => end)) - Math.min(...slow.map(({ start }) => start));
  const exemplars = tracesOfExemplars(metrics);
  const lines = tracesOfLogs(log);
  const nowhere = { exemplars: missing(exemplars, traces), lines: missing(lines, traces) };
  return [
    [
      'the trace of one order has every service in it',
      services.join() === servicesOfAnOrder.join() || `it has ${services}`,
    ],
    ['the trace of a slow order is kept', lasted >= 600 || `it lasted ${lasted} ms`],
    [
      'the trace of an order that met an error is kept',
      failed.some((span) => span.failed) || `${failed.length} spans`,
    ],
    [
      'of fast orders that met none, most traces are dropped',
      kept < orders.fast.length / 2 || `${kept} of ${orders.fast.length} are kept`,
    ],
    [
      'every exemplar leads to a trace',
      (exemplars.size > 0 && nowhere.exemplars.length === 0) ||
        `${nowhere.exemplars.length} of ${exemplars.size} lead nowhere`,
    ],
    [
      'every line of the log that leads to a trace leads to one',
      (lines.size > 0 && nowhere.lines.length === 0) ||
        `${nowhere.lines.length} of ${lines.size} lead nowhere`,
    ],
  ];
};
