import { createMetrics, type Metrics } from '@bulkhead/telemetry/metrics';
import type { Telemetry } from '@bulkhead/telemetry/telemetry';
import type { ActiveSpan, Tracing } from '@bulkhead/telemetry/trace';

const nothing = () => undefined;

/** The kit without telemetry: no metric is counted, no span made, no id passed on, nothing logged. */
export function silentTelemetry(): Telemetry {
  const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, flush: nothing };
  return {
    logger: { ...logger, child: () => silentTelemetry().logger },
    metrics: silentMetrics,
    tracing,
    shutdown: async () => undefined,
  };
}

const series = { add: nothing, set: nothing, observe: nothing };
const instrument = { ...series, series: () => series, declare: nothing };
const { registry } = createMetrics({ service: 'silent' });
const silentMetrics: Metrics = {
  counter: () => instrument,
  gauge: () => instrument,
  histogram: () => instrument,
  expose: async () => '',
  collect: async () => undefined,
  specs: () => [],
  registry,
};

const span: ActiveSpan = {
  context: { traceId: '0'.repeat(32), spanId: '0'.repeat(16), sampled: false },
  exemplar: nothing,
  setName: nothing,
  setAttribute: nothing,
  addEvent: nothing,
  recordError: nothing,
  setStatus: nothing,
};
const tracing: Tracing = {
  span: (_name, _options, work) => work(span),
  current: nothing,
  addEvent: nothing,
  record: nothing,
  inject: nothing,
  extract: nothing,
  toTraceparent: nothing,
  fromTraceparent: nothing,
};
